/** How long the event loop's thread is held at a time. */
import { existsSync, readFileSync } from 'node:fs';

/** What a turn of the loop costs in the worst case, in milliseconds: of the processor, which other processes cannot lengthen, and by the clock, which they can. */
export interface Turns {
  readonly count: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Processor time of this thread alone, in milliseconds: without what collects garbage and compiles beside it. */
function spent(): number {
  if (existsSync(OF_THREAD)) return Number(readFileSync(OF_THREAD, 'utf8').split(' ')[0]) / 1_000_000;
  const { user, system } = process.cpuUsage(); // of all threads, where the system does not tell
  return (user + system) / 1_000;
}
const OF_THREAD = '/proc/thread-self/schedstat';

/** The longest of the turns that the loop takes while `work` is under way. */
export async function turnsOf(work: () => Promise<unknown>): Promise<Turns> {
  let [count, cpuMs, wallMs] = [0, 0, 0];
  let [cpu, wall] = [spent(), performance.now()];
  const end = () => {
    const [cpuNow, wallNow] = [spent(), performance.now()];
    [cpuMs, wallMs] = [Math.max(cpuMs, cpuNow - cpu), Math.max(wallMs, wallNow - wall)];
    [cpu, wall] = [cpuNow, wallNow];
    count += 1;
  };
  const turn = () => {
    end();
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await work();
  end(); // of work that never waits for the loop, this is the only turn
  clearImmediate(next);
  return { count, cpuMs, wallMs };
}
