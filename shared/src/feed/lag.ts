import type { EventStore, Position, RecordedEvent } from '../ports.js';
import { fromInstant, SECOND, type WallClock } from '../time.js';
import { occurredAt } from './occurred-at.js';

/** Progress of catching up with the head of the log as of the first call. */
export interface CatchingUp {
  /** Whether that head was reached. */
  readonly done: boolean;
  /** 0 to 1, by position. */
  readonly progress: number;
}

/** Remembers the head at the first call, so that catching up ends even while the log grows. */
export function catchingUp(): (reached: Position, head: Position) => CatchingUp {
  let goal: Position | undefined;
  let done = false;
  return (reached, head) => {
    goal ??= head;
    done ||= reached >= goal;
    return { done, progress: done ? 1 : partOf(reached, goal) };
  };
}

/** The share of the log up to `end` that a position has covered, 0 to 1. By position, so only an estimate of the share of events. */
export function partOf(position: Position, end: Position): number {
  return end === 0n || position >= end ? 1 : Number(position) / Number(end);
}

/** Among so many unseen events one is looked for whose time can be read. */
const LOOKED_AT = 100;

/** How far a position is behind the log: in events, and in seconds since the time of the oldest unseen event that can be read. */
export async function lagOf(
  events: EventStore,
  clock: WallClock,
  position: Position,
): Promise<{ position: Position; lagEvents: number; lagSeconds: number }> {
  let next = await events.readAll({ after: position, limit: 1, recent: true });
  if (next.length === 0) return { position, lagEvents: 0, lagSeconds: 0 };
  if (next.every((event) => occurredAt(event) === undefined))
    next = await events.readAll({ after: position, limit: LOOKED_AT, recent: true });
  return { position, lagEvents: await events.countAfter(position), lagSeconds: secondsSince(next, clock) };
}

/** How long ago the first of these events happened whose time can be read; 0 where there is none. */
export function secondsSince(events: readonly RecordedEvent[], clock: WallClock): number {
  const first = events.map(occurredAt).find((at) => at !== undefined);
  return first === undefined ? 0 : Math.max(0, (clock.now() - fromInstant(first)) / SECOND);
}
