/** The projector as a process of its own. Besides probes and metrics it serves what admins ask and decide about projections. */
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { observeMissingKeys } from '@creator-dashboards/shared/missing-keys';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { runService } from '@creator-dashboards/shared/process/service';
import { createSealer } from '@creator-dashboards/shared/seal';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { observeCode } from './code-metric.js';
import { observeRebuilds } from './rebuild/metrics.js';
import { createProjector, type Projector } from './projector.js';
import { projectionActRoutes } from './routes/acts.js';
import { accountsIn } from './routes/accounts.js';
import { projectionRoutes } from './routes/projections.js';

const views = withFingerprints(registry);

await runService({
  name: 'projector',
  title: 'Creator dashboards: projector',
  defaults: { PORT: '3002' },
  make(foundation) {
    const { environment, stores, metrics, clock, log } = foundation;
    const { rebuildWorkers } = environment;
    const sealer = createSealer({ ...stores, clock, onMissing: observeMissingKeys(metrics, log) });
    const feedStatuses = () => Promise.all(projector.feeds.map((feed) => feed.status()));
    const onBatch = observeFeeds(metrics, feedStatuses);
    const projector: Projector = createProjector({
      ...foundation,
      ...stores,
      views,
      stores: environment,
      keepGenerations: environment.keepGenerations,
      rebuildWorkers,
      rebuildOnChange: environment.rebuildOnChange,
      feedPreviousMs: environment.feedPreviousMs,
      onBatch,
    });
    observeCode({ metrics, reads: stores.reads, views });
    observeRebuilds({ metrics, reads: stores.reads, clock, views });
    return {
      ...projector,
      routes: [
        ...projectionRoutes({ ...foundation, ...stores, sealer, views, lags: projector.lags }),
        ...projectionActRoutes({ ...foundation, ...stores, sealer, views, rebuildWorkers }),
      ],
      accounts: accountsIn(stores.reads),
      killSwitches: () => Promise.resolve(false),
      stopsWhileDraining: true,
    };
  },
});
