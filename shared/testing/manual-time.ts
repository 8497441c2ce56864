import { setImmediate as turn } from 'node:timers/promises';

/** Time that passes only when a test says so, for whatever takes a clock, a monotonic clock and a schedule. */
export interface ManualTime {
  now(): number;
  monotonic(): number;
  schedule(call: () => void, ms: number): () => void;
  /** Lets time pass; calls what comes due, in order, and lets each call's consequences settle before the next. */
  advance(ms: number): Promise<void>;
}

/** Turns of the event loop in which everything that waits for nothing but promises and immediates has settled. */
const TURNS_TO_SETTLE = 20;

export function createManualTime(start = 0): ManualTime {
  let elapsed = 0;
  const calls = new Set<{ readonly at: number; readonly call: () => void }>();

  async function settle(): Promise<void> {
    for (let i = 0; i < TURNS_TO_SETTLE; i++) await turn();
  }

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    schedule(call, ms) {
      const entry = { at: elapsed + ms, call };
      calls.add(entry);
      return () => void calls.delete(entry);
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (;;) {
        const [next] = [...calls].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        calls.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.call();
        await settle();
      }
      elapsed = until;
    },
  };
}
