/** How long a feed has given no sign of life, seen from the store alone: whoever serves its documents may run none himself. */
import type { Clock } from '../time.js';
import { LEASE_MS, type Checkpoint } from './lease.js';

interface Seen extends Pick<Checkpoint, 'token' | 'beat' | 'position'> {
  /** When it was first seen so, by the looker's own monotonic clock. */
  readonly since: number;
}

/** Answers, at each look, for how many milliseconds a checkpoint has stood still. A living feed beats even with nothing to do. */
export function createSilence(clock: Pick<Clock, 'monotonic'>): (checkpoint: Checkpoint) => number {
  const known = new Map<string, Seen>();
  return ({ _id: feed, token, beat, position }) => {
    const now = clock.monotonic();
    const before = known.get(feed);
    if (before?.token === token && before.beat === beat && before.position === position) return now - before.since;
    known.set(feed, { token, beat, position, since: now });
    return 0;
  };
}

/** Its lease could be taken over by now, and nobody does. */
export function isSilent(ms: number): boolean {
  return ms >= LEASE_MS;
}
