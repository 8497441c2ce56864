/** What a read costs when two query processes share the reads of one installation, beside one that answers all of them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProjector } from '@creator-dashboards/projector/projector';
import { connect } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { callersOf, DASHBOARD } from './dashboards.js';
import { startLoad } from './load.js';
import { fillLog } from './made-log.js';
import { compare, type Measured } from './pairs.js';

const USERS = 250;
const RUN_MS = 1_500;
const PROGRAM = fileURLToPath(new URL('query-process.ts', import.meta.url));

interface QueryProcess {
  readonly child: ChildProcess;
  readonly port: number;
}

/** False where two cost more than they may. */
export async function benchProcesses(): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-processes-'));
  const environment = readEnvironment({ DATA_DIR: place });
  const stores = await connect(environment);
  const load = startLoad();
  const started: QueryProcess[] = [];
  try {
    const userIds = await fillLog(stores.events, 5_000, USERS);
    const projector = createProjector({ ...stores, clock: systemClock, views, owner: 'bench' });
    await projector.start();
    await projector.catchUp();
    for (let n = 0; n < 2; n += 1) started.push(await startQueries(place));
    const callers = callersOf(environment, userIds, 4);
    const reading = (processes: readonly QueryProcess[]) => async (): Promise<Measured> => {
      const ports = processes.map(({ port }) => port);
      const before = await spentBy(processes);
      const asked = { ports, path: DASHBOARD, callers, status: 200, connections: 32, ms: RUN_MS };
      const { answers, seconds, digest } = await load.run(asked);
      return { perSecond: answers / seconds, cpuUs: ((await spentBy(processes)) - before) / answers, digest };
    };
    await reading(started)();
    const holds = await compare({
      ...{ name: 'CPU per read, two query processes against one', by: 'cpu', floor: 1.15, goal: 1 },
      ...{ base: reading(started.slice(0, 1)), ours: reading(started) },
    });
    await projector.stop();
    return holds;
  } finally {
    load.stop();
    for (const { child } of started) child.disconnect();
    await Promise.all(started.map(({ child }) => once(child, 'exit')));
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

async function startQueries(folder: string): Promise<QueryProcess> {
  const child = fork(PROGRAM, [folder]);
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

/** Microseconds. */
async function spentBy(processes: readonly QueryProcess[]): Promise<number> {
  const told = processes.map(async ({ child }) => {
    child.send('cpu');
    const [spent] = (await once(child, 'message')) as [number];
    return spent;
  });
  return (await Promise.all(told)).reduce((sum, one) => sum + one, 0);
}
