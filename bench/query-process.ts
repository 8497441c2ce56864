/** A query process of `processes.ts`, on the stores in a folder: says its port, and what it has spent when asked. */
import { connect } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { dashboardsOf } from './dashboards.js';

const [, , folder = ''] = process.argv;
const environment = readEnvironment({ DATA_DIR: folder, RATE_LIMIT_FACTOR: '100000' });
const stores = await connect(environment);
const server = await dashboardsOf(environment, stores);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.on('disconnect', () => {
  server.close();
  void stores.close().then(() => process.exit());
});
process.send?.(server.port);
