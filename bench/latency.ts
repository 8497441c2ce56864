/** How long a read takes the more of them there are, beside the same bytes from bare node:http and from six queries: docs/latency.svg. */
import { writeFileSync } from 'node:fs';
import { DASHBOARD, type Listening } from './dashboards.js';
import { short } from './figures.js';
import { drawn, type Line } from './latency-picture.js';
import type { Load, LoadResult } from './load.js';
import { withServed } from './reads.js';
import { machine } from './table.js';

const FILE = new URL('../docs/latency.svg', import.meta.url);
/** Requests a second; each is half as much again as the one before. */
const RATES = Array.from({ length: 14 }, (_, n) => Math.round(200 * 1.5 ** n));
/** Of each rate so many runs, of which the one with the least median counts: other work on the machine only ever adds. */
const RUNS = 3;
const RUN_MS = 700;
const CONNECTIONS = 64;
/** A server that takes longer than this is at its limit: it is asked for no more. */
const LIMIT_MS = 100;

export function benchLatency(): Promise<void> {
  return withServed(async ({ load, callers, dashboards, bare, tables }) => {
    const lines: Line[] = [];
    const some = callers.slice(0, 100);
    const asked = { path: DASHBOARD, callers: some, status: 200, connections: CONNECTIONS };
    async function best(how: Pick<Load, 'ports' | 'perSecond'>): Promise<LoadResult> {
      const results: LoadResult[] = [];
      for (let run = 0; run < RUNS; run += 1) results.push(await load.run({ ...asked, ...how, ms: RUN_MS }));
      return results.reduce((least, result) => (result.p50 < least.p50 ? result : least));
    }
    async function follow(name: string, { port }: Listening): Promise<void> {
      await load.run({ ...asked, ports: [port], ms: 2 * RUN_MS });
      const points: Line['points'][number][] = [];
      for (const perSecond of RATES) {
        const { answers, seconds, p50, p99 } = await best({ ports: [port], perSecond });
        points.push({ perSecond: answers / seconds, p50, p99 });
        console.log(`${name}   ${short(answers / seconds)}/s   p50 ${short(p50)} ms   p99 ${short(p99)} ms`);
        if (p50 > LIMIT_MS) break;
      }
      lines.push({ name, points });
    }
    await follow('bare node:http', bare);
    await follow('dashboard', dashboards);
    await follow('six queries', tables);
    writeFileSync(FILE, drawn(lines, machine()));
  });
}
