/** Two subjects measured in turn, A B B A, so that whatever else the machine does affects both alike. */

export interface Measured {
  /** Operations a second. */
  readonly perSecond: number;
  /** CPU time of this process per operation, in microseconds. */
  readonly cpuUs: number;
  /** Equal digests: equal work. */
  readonly digest: string;
}

export interface Compared {
  readonly name: string;
  /** The ratio of rates that is demanded, and the one that is wanted. */
  readonly floor: number;
  readonly goal: number;
  readonly base: () => Promise<Measured>;
  readonly ours: () => Promise<Measured>;
  /** A pair is two measurements. */
  readonly pairs?: number;
}

const PAIRS = 8;

/** Prints the ratio of `ours` to `base`; false where its upper quartile is under the floor. Throws where both did different work. */
export async function compare({ name, floor, goal, base, ours, pairs = PAIRS }: Compared): Promise<boolean> {
  const found: { readonly base: Measured; readonly ours: Measured }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const isBaseFirst = pair % 2 === 0;
    const first = await (isBaseFirst ? base : ours)();
    const second = await (isBaseFirst ? ours : base)();
    if (first.digest !== second.digest) throw new Error(`${name}: the two did different work`);
    found.push(isBaseFirst ? { base: first, ours: second } : { base: second, ours: first });
  }
  const ratios = found.map((pair) => pair.ours.perSecond / pair.base.perSecond);
  const cpu = found.map((pair) => pair.base.cpuUs / pair.ours.cpuUs);
  const of = (pick: (pair: (typeof found)[0]) => number) => quantile(found.map(pick), 0.5).toFixed(0);
  console.log(
    `${name}\n    ratio ${shown(ratios)}   by CPU time ${shown(cpu)}   floor ${floor.toFixed(2)}   goal ${goal.toFixed(2)}\n` +
      `    ${of((pair) => pair.ours.perSecond)}/s of ${of((pair) => pair.base.perSecond)}/s   ` +
      `CPU ${of((pair) => pair.ours.cpuUs)} of ${of((pair) => pair.base.cpuUs)} us   ${pairs} pairs`,
  );
  const holds = quantile(ratios, 0.75) >= floor;
  if (!holds) console.log(`    under its floor: upper quartile ${quantile(ratios, 0.75).toFixed(2)}`);
  return holds;
}

/** The median, with the least and the greatest. */
function shown(ratios: readonly number[]): string {
  return `${quantile(ratios, 0.5).toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

/** Runs `work` with the CPU time that this process spends meanwhile, in microseconds. */
export async function withCpu<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpuUs: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuUs: user + system };
}
