/** How long a replay will still take, from what it took so far. Pure. */

/** So many events in so much time, since the beginning. */
export interface Sample {
  readonly events: number;
  readonly ms: number;
}

export interface Estimate {
  readonly eventsPerSecond: number;
  readonly secondsLeft: number;
  /** The band of its error: as long as at the fastest and slowest rate of late, and at least a tenth to either side. */
  readonly secondsLeftFrom: number;
  readonly secondsLeftTo: number;
}

const MAX_SAMPLES = 32;
const LEAST_ERROR = 0.1;
/** The rate is that of so much of what was done at least: less may be chance. */
const LEAST_PART = 1 / 8;
/** The rates of so many stretches are compared for the band: single batches vary too much. */
const STRETCHES = 4;

/** Adds one, and beyond 32 of them leaves out every second, so that they always cover the whole replay. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const all = [...samples, next];
  return all.length <= MAX_SAMPLES ? all : all.filter((_, index) => index % 2 === 0 || index === all.length - 1);
}

/**
 * By the rate of the later half of what was done, or of as many events as are left: the first batches of a process are slow, it
 * becomes faster still, and documents that are read again are slower than new ones. `msBeyond` is what follows the last event. Null where nothing was done yet.
 */
export function estimateOf(samples: readonly Sample[], left: number, msBeyond = 0): Estimate | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return null;
  const done = last.events - first.events;
  const from = last.events - Math.min(done / 2, Math.max(left, done * LEAST_PART));
  const found = samples.findIndex(({ events }) => events >= from);
  const late = samples.slice(Math.min(found, samples.length - 2));
  const rate = rateOf(late);
  if (rate === null) return null;
  const rates = stretchesOf(late).flatMap((stretch) => rateOf(stretch) ?? []);
  const [slowest, fastest] = [Math.min(rate, ...rates), Math.max(rate, ...rates)];
  const beyond = msBeyond / 1_000;
  const secondsLeft = left / rate + beyond;
  return {
    eventsPerSecond: rate,
    secondsLeft,
    secondsLeftFrom: Math.min(left / fastest + beyond, secondsLeft * (1 - LEAST_ERROR)),
    secondsLeftTo: Math.max(left / slowest + beyond, secondsLeft * (1 + LEAST_ERROR)),
  };
}

/** Events a second between the first and the last; null where there are none. */
function rateOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.events <= first.events || last.ms <= first.ms) return null;
  return ((last.events - first.events) / (last.ms - first.ms)) * 1_000;
}

function stretchesOf(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const steps = Math.max(1, Math.ceil((samples.length - 1) / STRETCHES));
  return Array.from({ length: STRETCHES }, (_, n) => samples.slice(n * steps, (n + 1) * steps + 1));
}
