import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../src/time.js';

/** Time that passes only when a test says so. */
export interface ManualTime extends Clock {
  /**
   * Lets time pass: calls what becomes due, moment by moment, and lets the consequences of each moment settle before
   * the next.
   */
  advance(ms: number): Promise<void>;
  /** How many calls are still to come. */
  pending(): number;
}

/** Turns of the event loop in a row with nothing to do. */
const QUIET_TURNS = 3;

/**
 * Waits until nothing is left that runs by itself: promises and immediates. It does not wait for threads, sockets or
 * the system's timers.
 */
export async function settled(): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
    await turn();
    if (process.getActiveResourcesInfo().includes('Immediate')) quiet = 0;
  }
}

export function createManualTime(start = 0): ManualTime {
  let elapsed = 0;
  const calls = new Set<{ readonly at: number; readonly call: () => void }>();
  const soonest = () => [...calls].reduce((least, { at }) => Math.min(least, at), Infinity);

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(ms, call) {
      const entry = { at: elapsed + Math.max(0, ms), call };
      calls.add(entry);
      return () => void calls.delete(entry);
    },
    pending: () => calls.size,
    async advance(ms) {
      const until = elapsed + ms;
      await settled();
      for (let next = soonest(); next <= until; next = soonest()) {
        elapsed = next;
        // One of them may cancel another.
        for (const entry of [...calls]) if (entry.at === next && calls.delete(entry)) entry.call();
        await settled();
      }
      elapsed = until;
    },
  };
}

/** A clock for one process: while it is frozen none of its calls happens; thawed, the missed ones happen at once. */
export function freezable(clock: Clock): { clock: Clock; freeze(): void; thaw(): void } {
  let frozen = false;
  const missed: (() => void)[] = [];
  return {
    clock: { ...clock, after: (ms, call) => clock.after(ms, () => (frozen ? void missed.push(call) : call())) },
    freeze: () => void (frozen = true),
    thaw() {
      frozen = false;
      for (const call of missed.splice(0)) call();
    },
  };
}
