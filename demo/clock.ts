import { systemClock, type Clock } from '@creator-dashboards/shared/time';

/** The real clock, except that its time of day is another while the demonstration's story is told: that happens in the weeks before today. */
export interface StoryClock extends Clock {
  /** Puts the clock to a time in the past, in milliseconds since the epoch. */
  goTo(time: number): void;
  /** Moves it on, at most to now. */
  pass(ms: number): void;
  /** From here on it is the real clock. */
  arrive(): void;
}

export function createStoryClock(real: Clock = systemClock): StoryClock {
  let behind = 0;
  return {
    ...real,
    now: () => real.now() - behind,
    goTo(time) {
      behind = Math.max(0, real.now() - time);
    },
    pass(ms) {
      behind = Math.max(0, behind - ms);
    },
    arrive() {
      behind = 0;
    },
  };
}
