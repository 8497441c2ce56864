import type { EventStore, Position } from '../ports.js';
import { fromInstant, type WallClock } from '../time.js';

/** How far whoever catches up has come on its way to where the log ended when it was first asked. */
export interface CatchingUp {
  /** Whether it has been there once. */
  readonly done: boolean;
  /** 0 to 1, by position. */
  readonly progress: number;
}

/** Remembers where the log ended at the first call, so that a log that never stands still is caught up with, too. */
export function catchingUp(): (reached: Position, head: Position) => CatchingUp {
  let goal: Position | undefined;
  let done = false;
  return (reached, head) => {
    goal ??= head;
    done ||= reached >= goal;
    return { done, progress: done ? 1 : partOf(reached, goal) };
  };
}

/** How much of the log up to `end` lies behind a position, 0 to 1. Positions are no counts of events: it is a measure, not a count. */
export function partOf(position: Position, end: Position): number {
  return end === 0n || position >= end ? 1 : Number(position) / Number(end);
}

/** How far a position is behind the log: in events, and in seconds since the time of the oldest unseen event. */
export async function lagOf(
  events: EventStore,
  clock: WallClock,
  position: Position,
): Promise<{ position: Position; lagEvents: number; lagSeconds: number }> {
  const [next] = await events.readAll({ after: position, limit: 1 });
  if (!next) return { position, lagEvents: 0, lagSeconds: 0 };
  const age = clock.now() - fromInstant(next.metadata.occurredAt);
  return { position, lagEvents: await events.countAfter(position), lagSeconds: Math.max(0, age / 1_000) };
}
