/** Keeps a replay below a rate, so that it leaves the stores to others. */
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';

export interface Throttle {
  /** Resolves when the next batch may be read, or when aborted. */
  ready(signal?: AbortSignal): Promise<void>;
  /** So many events were read since `ready`, while so many workers together keep the rate. */
  read(events: number, workers?: number): void;
}

/** `rate` is in events a second, null for no bound. Time that was not used is not made up for. */
export function createThrottle(clock: Pick<Clock, 'monotonic' | 'after'>, rate: number | null): Throttle {
  let next = clock.monotonic();
  return {
    async ready(signal) {
      const now = clock.monotonic();
      if (next > now) await wait(clock, next - now, signal);
      next = Math.max(next, now);
    },
    read(events, workers = 1) {
      if (rate !== null) next += (events / rate) * Math.max(1, workers) * SECOND;
    },
  };
}

/** Events per batch at a rate: no more than a second's, so that a pause is heard soon. */
export function batchAt(rate: number | null, most: number): number {
  return rate === null ? most : Math.max(1, Math.min(most, Math.floor(rate)));
}
