/** Opens the data of a process that is gone, as its next start would, and holds it against all laws. */
import { loadConfig } from '@creator-dashboards/shared/process/environment';
import { connect } from '@creator-dashboards/shared/process/connect';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { systemClock } from '@creator-dashboards/shared/time';
import { createSystem } from '../../system.js';
import { expectKept, expectLaws, readLog } from './laws.js';
import type { Asked } from './ledger.js';

/** Every follow-up and every view is brought to the head first. Answers the log. */
export async function expectLawful(dataDir: string, asked: readonly Asked[]): Promise<RecordedEvent[]> {
  const config = loadConfig({ NODE_ENV: 'test', DATA_DIR: dataDir });
  const stores = await connect(config);
  try {
    const system = createSystem({
      config,
      stores,
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics({ processMetrics: false }),
      publicUrl: 'http://localhost:3000',
    });
    await system.catchUp();
    await system.catchUp(); // what the policies did last
    const log = await readLog(stores.events);
    expectKept(asked, log);
    await expectLaws(stores, log);
    await system.stop();
    return log;
  } finally {
    await stores.close();
  }
}
