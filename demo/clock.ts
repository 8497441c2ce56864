import { systemClock, type Clock } from '@creator-dashboards/shared/time';

/** The real clock, except that its time of day is in the past while the demonstration data is created: that plays in the weeks before today. */
export interface StoryClock extends Clock {
  /** Sets the clock to a time in the past, in milliseconds since the epoch. */
  goTo(time: number): void;
  /** Advances it, at most to now. */
  pass(ms: number): void;
  /** Makes it the real clock from now on. */
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
