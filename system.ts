/**
 * The whole system as one service: all three services on the same stores, in one process. `start.ts` runs it; tests of the whole
 * system step it by hand.
 */
import { openCommandService } from '@creator-dashboards/command-service/command-service';
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { observeCode } from '@creator-dashboards/projector/code-metric';
import { createProjector, type Projector } from '@creator-dashboards/projector/projector';
import { observeRebuilds } from '@creator-dashboards/projector/rebuild/metrics';
import { projectionActRoutes } from '@creator-dashboards/projector/routes/acts';
import { projectionRoutes } from '@creator-dashboards/projector/routes/projections';
import { observeIndexer } from '@creator-dashboards/query-service/audit/index-metric';
import { openAudit } from '@creator-dashboards/query-service/audit/open';
import { observeViews } from '@creator-dashboards/query-service/view-metrics';
import { createQueryService, type QueryServiceOptions } from '@creator-dashboards/query-service/create-service';
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import type { Foundation, Service } from '@creator-dashboards/shared/process/service';
import { views as registry } from '@creator-dashboards/shared/views/registry';

/** Read options: how a read waits, and when it looks at what is new. For tests, which step the projections. */
export type SystemOptions = Foundation & Pick<QueryServiceOptions, 'pause' | 'looksAlways'>;

export interface System extends Required<Omit<Service, 'started' | 'stopsWhileDraining'>> {
  readonly commands: RunningCommandService;
  readonly projector: Projector;
  /** Steps look-ups, policies, views and the audit's index to the head of the log. */
  catchUp(): Promise<void>;
}

export function createSystem(options: SystemOptions): System {
  const { environment, stores, clock, metrics } = options;
  const { rebuildWorkers } = environment;
  const views = withFingerprints(registry);
  const onBatch = observeFeeds(metrics, async () => [
    ...(await commands.status()),
    ...(await Promise.all(projector.feeds.map((feed) => feed.status()))),
  ]);
  const commands: RunningCommandService = openCommandService(options, onBatch);
  const projector: Projector = createProjector({
    ...options,
    ...stores,
    views,
    stores: environment,
    keepGenerations: environment.keepGenerations,
    rebuildWorkers,
    rebuildOnChange: environment.rebuildOnChange,
    feedPreviousMs: environment.feedPreviousMs,
    onBatch,
  });
  observeRebuilds({ metrics, reads: stores.reads, clock, views });
  observeCode({ metrics, reads: stores.reads, views });
  observeViews(metrics, { reads: stores.reads, clock, views });
  const { heads, indexer } = openAudit(options);
  const onIndexStopped = observeIndexer(options);
  const queries = createQueryService({ ...options, ...stores, sealer: commands.service.sealer, views, heads });

  return {
    commands,
    projector,
    routes: [
      ...commands.routes,
      ...queries.routes,
      ...projectionRoutes({ ...options, ...stores, sealer: commands.service.sealer, views, lags: projector.lags }),
      ...projectionActRoutes({ ...options, ...stores, sealer: commands.service.sealer, views, rebuildWorkers }),
    ],
    pages: [...commands.pages, ...queries.pages],
    site: queries.site,
    killSwitches: commands.killSwitches,
    accounts: { ...commands.accounts, ...queries.accounts },
    async ready() {
      const states = await Promise.all([commands.ready(), projector.ready(), queries.ready()]);
      const checks = { commands: states[0].checks, projector: states[1].checks, queries: states[2].checks };
      // The mean: they catch up one after the other, and the least would stand still for most of the time.
      const progress = states.reduce((sum, state) => sum + (state.progress ?? 1), 0) / states.length;
      return { ready: states.every(({ ready }) => ready), progress, checks };
    },
    async start(onFatal) {
      await commands.start(onFatal);
      await projector.start(onFatal);
      indexer.start(onIndexStopped);
    },
    async catchUp() {
      await commands.catchUp();
      await projector.catchUp();
      await indexer.catchUp();
    },
    async stop() {
      queries.stop();
      await Promise.all([commands.stop(), projector.stop(), indexer.stop()]);
    },
  };
}
