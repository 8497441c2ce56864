/** What a read costs of a creator with a long history, beside one with a short one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { connect } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { callersOf, DASHBOARD, dashboardsOf } from './dashboards.js';
import { startLoad } from './load.js';
import { EVENTS_OF_A_MESSAGE, fillLog } from './made-log.js';
import { compare, withCpu, type Measured } from './pairs.js';

const FEW = 15;
const RUN_MS = 1_000;
/** Only what a dashboard is read with. */
const { creatorDashboard, config, account } = views;

/** False where it costs more than it may. `messages`: of the long history. */
export async function benchSizes(messages = 200_000): Promise<boolean> {
  const load = startLoad();
  const [short, long] = [await creatorWith(FEW), await creatorWith(messages)];
  const reading = (creator: Creator) => async (): Promise<Measured> => {
    const { port, callers } = creator;
    const asked = { ports: [port], path: DASHBOARD, callers, status: 200, connections: 32, ms: RUN_MS };
    const { result, cpuUs } = await withCpu(() => load.run(asked));
    return { perSecond: result.answers / result.seconds, cpuUs: cpuUs / result.answers, digest: '' };
  };
  try {
    for (const creator of [short, long]) await reading(creator)();
    return await compare({
      ...{ name: `Read of a creator with ${messages} messages, time against one with ${FEW}`, by: 'time' },
      ...{ floor: 1.5, goal: 1.1, base: reading(short), ours: reading(long) },
    });
  } finally {
    load.stop();
    for (const creator of [short, long]) await creator.close();
  }
}

type Creator = Awaited<ReturnType<typeof creatorWith>>;

async function creatorWith(messages: number) {
  const place = mkdtempSync(join(tmpdir(), 'bench-sizes-'));
  const environment = readEnvironment({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const stores = await connect(environment);
  const userIds = await fillLog(stores.events, messages * EVENTS_OF_A_MESSAGE, 1);
  const served = { creatorDashboard, config, account };
  const projector = createProjector({ ...stores, clock: systemClock, views: served, owner: 'bench' });
  await projector.catchUp();
  const { port, close } = await dashboardsOf(environment, stores);
  return {
    port,
    callers: callersOf(environment, userIds, 8),
    async close() {
      close();
      await projector.stop();
      await stores.close();
      rmSync(place, { recursive: true });
    },
  };
}
