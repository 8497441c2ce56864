/** The query service as a process of its own. */
import { loadConfig } from '@creator-dashboards/shared/process/environment';
import { connect } from '@creator-dashboards/shared/process/connect';
import { createApp } from '@creator-dashboards/shared/http';
import { listen } from '@creator-dashboards/shared/http/listen';
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { runProcess } from '@creator-dashboards/shared/process/run';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { createQueryService } from './create-service.js';

const log = createLog({ logLevel: 'info' }, 'query-service');

await runProcess({
  log,
  async start(lifecycle) {
    const config = loadConfig(undefined, { PORT: '3000' });
    log.level = config.logLevel;
    const stores = await connect(config, { onTrouble: (error) => log.warn({ err: error }, 'a store is in trouble') });
    lifecycle.onClose('stores', () => stores.close());
    const service = createQueryService({
      events: stores.events,
      reads: stores.reads,
      sealer: createSealer(stores.keys, systemClock),
      clock: systemClock,
      views,
    });
    const app = createApp({
      config,
      routes: service.routes,
      killSwitches: (name) => service.killSwitches(name),
      counters: stores.counters,
      clock: systemClock,
      log,
      onFatal: (error) => lifecycle.fatal(error),
      metrics: createMetrics(),
      title: 'Creator dashboards: query service',
      async ready() {
        const { ready, checks } = await service.ready();
        return { ready: ready && lifecycle.isReady(), checks };
      },
    });
    const { port } = await listen(lifecycle, app, config);
    log.info({ port }, 'listening');
  },
});
