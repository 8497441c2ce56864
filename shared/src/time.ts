/** Time is injected: deciders and projections get it as data, everything else from a Clock. */

/** An ISO 8601 instant in UTC with milliseconds. */
export type Instant = string;

export interface Clock {
  /** The time of day, in milliseconds since the epoch. It jumps when the system's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary start, never going back or jumping. For measuring spans of time. */
  monotonic(): number;
  /** Calls once, `ms` from now; returns a function that cancels it. */
  after(ms: number, call: () => void): () => void;
}

/** A clock for code that needs only the time of day. */
export type WallClock = Pick<Clock, 'now'>;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function toInstant(epochMs: number): Instant {
  return new Date(epochMs).toISOString();
}

export function fromInstant(instant: Instant): number {
  return Date.parse(instant);
}

/** `instant` moved by `ms`. */
export function plus(instant: Instant, ms: number): Instant {
  return toInstant(fromInstant(instant) + ms);
}

/** The UTC calendar day of an instant, "2026-04-29". */
export function utcDay(instant: Instant): string {
  return instant.slice(0, 10);
}
