/** How long a read takes while commands run at half of their limit in the same process, beside the same reads while nothing else happens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystem } from '../system.js';
import { serve, testFoundation } from '../test/support/in-process.js';
import { pricesOf } from './commands.js';
import { DASHBOARD } from './dashboards.js';
import { startLoad } from './load.js';
import { compare, type Measured } from './pairs.js';
import { visitorsOf, type Creator } from './visitors.js';

const CREATORS = 20;
const READS_A_SECOND = 200;
const RUN_MS = 2_000;
/** Enough of them that every connection has work. */
const WRITERS = 16;

/** False where reads take longer than they may. */
export async function benchReadsWhileWriting(): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-writing-'));
  const foundation = await testFoundation({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const system = createSystem(foundation);
  await system.start((error) => console.error(error));
  const { port, close } = await serve(system, foundation);
  const load = startLoad();
  try {
    const visitors = visitorsOf(`http://127.0.0.1:${port}`, foundation.environment);
    const creators: Creator[] = [];
    for (let n = 0; n < CREATORS; n += 1) creators.push(await visitors.creator());
    const commands = { ...pricesOf(creators), connections: WRITERS, ports: [port], ms: RUN_MS };
    const limit = await load.run(commands);
    const perSecond = limit.answers / limit.seconds / 2;
    const read = async (): Promise<Measured> => {
      const callers = creators.map(({ authorization }) => ({ headers: { authorization } }));
      const reads = { callers, path: DASHBOARD, ports: [port], status: 200, connections: 8, perSecond: READS_A_SECOND };
      // As a rate, so that times compare as those of other figures do. Commands change what is read.
      const { p50 } = await load.run({ ...reads, ms: RUN_MS, isVarying: true });
      return { perSecond: 1_000 / p50, cpuUs: NaN, digest: '' };
    };
    await read();
    return await compare({
      name: 'Read p50 while commands run at half of their limit, against idle',
      beside: `${perSecond.toFixed(0)} commands a second`,
      ...{ by: 'time', floor: 2.5, goal: 1.5, pairs: 7, base: read },
      ours: async () => (await Promise.all([read(), load.run({ ...commands, perSecond, ms: RUN_MS })]))[0],
    });
  } finally {
    load.stop();
    await close();
    await system.stop();
    await foundation.stores.close();
    rmSync(place, { recursive: true });
  }
}
