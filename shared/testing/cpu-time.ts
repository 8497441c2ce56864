/** What work costs, in time of the processor: other processes add nothing to it, as they do to the time of a clock. */

const TRIES = 40;
/** What `ordinary` takes at best where a limit is meant as it is written. */
const ORDINARY_MS = 1;

/** The least time in ms of some tries of `work`: all threads of this process count. No further try after one within `enoughMs`. */
export async function leastCpuMs(work: () => unknown, enoughMs = 0): Promise<number> {
  let least = Infinity;
  for (let tries = 0; tries < TRIES && least > enoughMs; tries += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

/** A limit in ms, longer by as much as this machine is slower than an ordinary one. */
export async function onThisMachine(limitMs: number): Promise<number> {
  return limitMs * Math.max(1, (await leastCpuMs(ordinary)) / ORDINARY_MS);
}

/** What programs do: make records, write them as text, read them again. */
function ordinary(): number {
  const things = Array.from({ length: 2_000 }, (_, n) => ({ n, text: `thing ${n}`, list: [n, n + 1] }));
  return (JSON.parse(JSON.stringify(things)) as typeof things).reduce((sum, { text }) => sum + text.length, 0);
}
