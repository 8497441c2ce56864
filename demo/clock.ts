import { systemClock, type Clock } from '@creator-dashboards/shared/time';

/** The real clock, except while the demonstration's story is told: that happens in the weeks before today. */
export interface StoryClock extends Clock {
  /** Puts the clock `ms` before now. */
  goBack(ms: number): void;
  /** Moves it on, at most to now. */
  pass(ms: number): void;
  /** From here on it is the real clock. */
  arrive(): void;
}

export function createStoryClock(real: Clock = systemClock): StoryClock {
  let behind = 0;
  return {
    now: () => real.now() - behind,
    goBack(ms) {
      behind = ms;
    },
    pass(ms) {
      behind = Math.max(0, behind - ms);
    },
    arrive() {
      behind = 0;
    },
  };
}
