/** Two subjects measured in turn, A B B A, so that whatever else the machine does affects both alike. */
import { quantile, short, tell } from './figures.js';

export interface Measured {
  /** Operations a second. */
  readonly perSecond: number;
  /** Processor time per operation, in microseconds; NaN where it is not known. */
  readonly cpuUs: number;
  /** Equal digests: equal work. */
  readonly digest: string;
}

export interface Compared {
  /** The same in every run, or its row in the table is never replaced: what was measured is told in `beside`. */
  readonly name: string;
  /** What else was measured. */
  readonly beside?: string;
  /** The ratio that is demanded, and the one that is wanted. */
  readonly floor: number;
  readonly goal: number;
  /**
   * Of what: rates, `ours` to `base`, at least the floor; or the time or the processor time of one operation, at most the floor.
   */
  readonly by?: 'rate' | 'time' | 'cpu';
  readonly base: () => Promise<Measured>;
  readonly ours: () => Promise<Measured>;
  /** A pair is two measurements. */
  readonly pairs?: number;
}

const PAIRS = 8;
interface Pair {
  readonly base: Measured;
  readonly ours: Measured;
}

/**
 * Tells the ratio of `ours` to `base`; false where three quarters of the pairs are on the wrong side of the floor. Throws where both
 * did different work.
 */
export async function compare(compared: Compared): Promise<boolean> {
  const { name, floor, goal, by = 'rate', pairs = PAIRS, beside } = compared;
  const found = await inTurns(compared, pairs);
  const ratios = found.map(ratioBy[by]);
  const isMost = by !== 'rate';
  const isCosted = found.every(({ base, ours }) => base.cpuUs > 0 && ours.cpuUs > 0);
  const median = (pick: (pair: Pair) => number) => quantile(found.map(pick), 0.5);
  const cpu = `by processor time ${short(median(({ base, ours }) => (isMost ? ours.cpuUs / base.cpuUs : base.cpuUs / ours.cpuUs)))}`;
  return tell({
    ...{ name, unit: 'x', floor, goal, isMost },
    value: quantile(ratios, 0.5),
    range: [Math.min(...ratios), Math.max(...ratios)],
    holds: isMost ? quantile(ratios, 0.25) <= floor : quantile(ratios, 0.75) >= floor,
    beside:
      (beside ? `${beside}, ` : '') +
      `${short(median(({ ours }) => ours.perSecond))}/s of ${short(median(({ base }) => base.perSecond))}/s, ` +
      (isCosted
        ? `CPU ${short(median(({ ours }) => ours.cpuUs))} of ${short(median(({ base }) => base.cpuUs))} us, `
        : '') +
      `${by === 'cpu' || !isCosted ? '' : `${cpu}, `}${pairs} pairs`,
  });
}

const ratioBy = {
  rate: ({ base, ours }: Pair) => ours.perSecond / base.perSecond,
  time: ({ base, ours }: Pair) => base.perSecond / ours.perSecond,
  cpu: ({ base, ours }: Pair) => ours.cpuUs / base.cpuUs,
};

async function inTurns({ name, base, ours }: Compared, pairs: number): Promise<Pair[]> {
  const found: Pair[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const isBaseFirst = pair % 2 === 0;
    const first = await (isBaseFirst ? base : ours)();
    const second = await (isBaseFirst ? ours : base)();
    if (first.digest !== second.digest) throw new Error(`${name}: the two did different work`);
    found.push(isBaseFirst ? { base: first, ours: second } : { base: second, ours: first });
  }
  return found;
}

/** Runs `work` with the CPU time that this process spends meanwhile, in microseconds. */
export async function withCpu<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpuUs: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuUs: user + system };
}

/** Does something `count` times a run, at the rate and the cost of one. */
export async function measured(
  work: () => Promise<{ readonly count: number; readonly digest: string }>,
): Promise<Measured> {
  const began = performance.now();
  const { result, cpuUs } = await withCpu(work);
  const { count, digest } = result;
  return { perSecond: (count * 1_000) / (performance.now() - began), cpuUs: cpuUs / count, digest };
}
