/** How long a feed has sent no heartbeat, as seen in the store: a process that serves its documents may run no feed itself. */
import type { Clock } from '../time.js';
import { LEASE_MS, type Checkpoint } from './lease.js';

interface Seen extends Pick<Checkpoint, 'token' | 'beat' | 'position'> {
  /** When this state was first seen, by the observer's own monotonic clock. */
  readonly since: number;
}

/** Returns, at each call, for how many milliseconds a checkpoint's record has not changed. A living feed beats even when idle. */
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

/** Whether its lease could be taken over by now, but no process does. */
export function isSilent(ms: number): boolean {
  return ms >= LEASE_MS;
}
