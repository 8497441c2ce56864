/**
 * How long a rebuild still takes: each phase by what a unit of it costs, of late in this rebuild and in the one before. Pure.
 */

/** So many units in so much time. */
export interface Cost {
  readonly units: number;
  readonly ms: number;
}

export const NO_COST: Cost = { units: 0, ms: 0 };

/** `fold`: events, read and folded. `store`: documents of windows, written. `compare`: documents, compared at the gate. */
export interface Phases<T> {
  readonly fold: T;
  readonly store: T;
  readonly compare: T;
}

export interface Phase {
  readonly done: number;
  /** About how many units are left. */
  readonly left: number;
  /** What stretches of what was done did cost, of late: the more they vary, the wider the band. */
  readonly late: readonly Cost[];
  /** Milliseconds that a unit took in the rebuild before; null where nothing tells. */
  readonly before: number | null;
}

export interface Estimate {
  readonly secondsLeft: number;
  /** The band of its error. */
  readonly secondsLeftFrom: number;
  readonly secondsLeftTo: number;
}

/** How many times as long as an event takes to fold, where no rebuild was before: measured on files. */
const USUAL = { store: 1.5, compare: 6 };
/** The rebuild before counts like so much of the whole phase. */
const WEIGHT_OF_BEFORE = 1 / 10;
/** The least error, to either side. */
const LEAST_ERROR = 0.2;
/** By how many times a unit may cost more or less than before, or than is usual, until some were seen. */
const SPREAD_OF_BEFORE = 1.5;
const SPREAD_OF_USUAL = 2;
const MAX_SAMPLES = 32;
/** The cost of late is that of so much of what was done, at most and at least: less may be chance. */
const LATE = 1 / 3;
const LEAST_PART = 1 / 8;
/** So many stretches are compared for the band: single batches vary too much. */
const STRETCHES = 4;

/**
 * Null where units are left and nothing tells what they cost. A machine that folds twice as fast as before is held to store and compare
 * twice as fast, too.
 */
export function estimateOf({ fold, store, compare }: Phases<Phase>): Estimate | null {
  const each = costOf(fold, fold.before)?.each ?? null;
  const faster = each !== null && fold.before !== null ? each / fold.before : 1;
  const known = ({ before }: Phase, usual: number) => (before === null ? each && each * usual : before * faster);
  const costs = [
    { left: fold.left, cost: costOf(fold, fold.before) },
    { left: store.left, cost: costOf(store, known(store, USUAL.store)) },
    { left: compare.left, cost: costOf(compare, known(compare, USUAL.compare)) },
  ];
  let [expected, from, to] = [0, 0, 0];
  for (const { left, cost } of costs) {
    if (left <= 0) continue;
    if (!cost) return null;
    expected += left * cost.each;
    from += left * cost.least;
    to += left * cost.most;
  }
  return {
    secondsLeft: expected / 1_000,
    secondsLeftFrom: Math.min(from, expected * (1 - LEAST_ERROR)) / 1_000,
    secondsLeftTo: Math.max(to, expected * (1 + LEAST_ERROR)) / 1_000,
  };
}

/** Milliseconds of a unit: those of late, leaning on what is known from elsewhere. */
function costOf({ done, left, late, before }: Phase, known: number | null) {
  const seen = sumOf(late) ?? NO_COST;
  if (known === null || (before === null && seen.units > 0)) {
    const each = eachOf(seen);
    return each === null ? null : { each, ...bandOf(each, late) };
  }
  const weight = (done + left) * WEIGHT_OF_BEFORE;
  const each = weight > 0 ? (seen.ms + weight * known) / (seen.units + weight) : known;
  const spread = before === null ? SPREAD_OF_USUAL : SPREAD_OF_BEFORE;
  return { each, ...(seen.units > 0 ? bandOf(each, late) : { least: each / spread, most: each * spread }) };
}

function bandOf(each: number, late: readonly Cost[]) {
  const costs = late.flatMap((one) => eachOf(one) ?? []);
  return { least: Math.min(each, ...costs), most: Math.max(each, ...costs) };
}

/** Adds one, and beyond 32 of them leaves out every second, so that they always cover all that was done. */
export function withSample(samples: readonly Cost[], next: Cost): readonly Cost[] {
  const all = [...samples, next];
  return all.length <= MAX_SAMPLES ? all : all.filter((_, index) => index % 2 === 0 || index === all.length - 1);
}

/**
 * The last third of what was done, or as much of it as is left, in stretches: the first batches of a process are slow. Samples are sums
 * since the beginning.
 */
export function lateOf(samples: readonly Cost[], left = Infinity): readonly Cost[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return [];
  const done = last.units - first.units;
  const from = last.units - Math.min(done * LATE, Math.max(left, done * LEAST_PART));
  const found = samples.findIndex(({ units }) => units >= from);
  const late = samples.slice(Math.max(0, Math.min(found, samples.length - 2)));
  const steps = Math.max(1, Math.ceil((late.length - 1) / STRETCHES));
  return Array.from({ length: STRETCHES }, (_, n) => late.slice(n * steps, (n + 1) * steps + 1)).flatMap((stretch) => {
    const [begin, end] = [stretch[0], stretch.at(-1)];
    return begin && end ? [{ units: end.units - begin.units, ms: end.ms - begin.ms }] : [];
  });
}

export function plus(one: Cost, other: Cost): Cost {
  return { units: one.units + other.units, ms: one.ms + other.ms };
}

/** Null where no time was measured. */
export function sumOf(costs: readonly Cost[]): Cost | null {
  const units = costs.reduce((sum, one) => sum + one.units, 0);
  const ms = costs.reduce((sum, one) => sum + one.ms, 0);
  return units > 0 && ms > 0 ? { units, ms } : null;
}

/** Milliseconds of a unit; null where no time was measured. */
export function eachOf({ units, ms }: Cost): number | null {
  return units > 0 && ms > 0 ? ms / units : null;
}
