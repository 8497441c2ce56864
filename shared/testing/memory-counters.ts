import type { Counters } from '../src/ports.js';
import type { WallClock } from '../src/time.js';

/** Counters with fixed windows, in memory. */
export function memoryCounters(clock: WallClock): Pick<Counters, 'hit' | 'undoHit'> {
  const windows = new Map<string, { count: number; endsAt: number }>();
  return {
    async hit(key, windowMs) {
      const open = windows.get(key);
      const window = open && clock.now() < open.endsAt ? open : { count: 0, endsAt: clock.now() + windowMs };
      window.count += 1;
      windows.set(key, window);
      return { count: window.count, resetsInMs: window.endsAt - clock.now() };
    },
    async undoHit() {},
  };
}
