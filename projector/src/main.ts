/** The projector as a process of its own. It answers probes and Prometheus, and nothing else. */
import { loadConfig } from '@creator-dashboards/shared/process/environment';
import { connect } from '@creator-dashboards/shared/process/connect';
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { createApp } from '@creator-dashboards/shared/http';
import { listen } from '@creator-dashboards/shared/http/listen';
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { isDeadOwner, ownerName } from '@creator-dashboards/shared/process/process-name';
import { runProcess } from '@creator-dashboards/shared/process/run';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { createProjector, type Projector } from './projector.js';

const log = createLog({ logLevel: 'info' }, 'projector');

await runProcess({
  log,
  async start(lifecycle) {
    const config = loadConfig(undefined, { PORT: '3002' });
    log.level = config.logLevel;
    const stores = await connect(config, { onTrouble: (error) => log.warn({ err: error }, 'a store is in trouble') });
    lifecycle.onClose('stores', () => stores.close());
    const metrics = createMetrics();
    const feedStatuses = () => Promise.all(projector.feeds.map((feed) => feed.status()));
    const projector: Projector = createProjector({
      ...stores,
      clock: systemClock,
      views,
      owner: ownerName(),
      isDead: isDeadOwner,
      log,
      stores: config,
      onBatch: observeFeeds(metrics, feedStatuses),
    });
    lifecycle.onDrain('projector', () => projector.stop());
    await projector.start((error) => lifecycle.fatal(error));
    const app = createApp({
      config,
      routes: [],
      killSwitches: () => Promise.resolve(false),
      counters: stores.counters,
      clock: systemClock,
      log,
      metrics,
      title: 'Creator dashboards: projector',
      async ready() {
        const { ready, checks } = await projector.ready();
        return { ready: ready && lifecycle.isReady(), checks };
      },
    });
    const { port } = await listen(lifecycle, app, config);
    log.info({ port }, 'listening');
  },
});
