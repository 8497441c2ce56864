import type { EventStore, Position } from '../ports.js';
import { fromInstant, type WallClock } from '../time.js';

/** How far a position is behind the log: in events, and in seconds since the oldest event not yet seen happened. */
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
