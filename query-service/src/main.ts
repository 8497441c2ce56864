/** The query service as a process of its own. */
import { observeMissingKeys } from '@creator-dashboards/shared/missing-keys';
import { runService } from '@creator-dashboards/shared/process/service';
import { createSealer } from '@creator-dashboards/shared/seal';
import { views } from '@creator-dashboards/shared/views/registry';
import { observeIndexer } from './audit/index-metric.js';
import { openAudit } from './audit/open.js';
import { observeViews } from './view-metrics.js';
import { createQueryService } from './create-service.js';

await runService({
  name: 'query-service',
  title: 'Creator dashboards: query service',
  defaults: { PORT: '3000' },
  make(foundation) {
    const { stores, access, clock, log, metrics } = foundation;
    const sealer = createSealer({ ...stores, clock, onMissing: observeMissingKeys(metrics, log) });
    observeViews(metrics, { reads: stores.reads, clock, views });
    const { heads, indexer } = openAudit(foundation);
    const onIndexStopped = observeIndexer(foundation);
    const queries = createQueryService({ ...stores, access, sealer, clock, views, heads });
    return {
      ...queries,
      async start() {
        indexer.start(onIndexStopped);
      },
      async stop() {
        queries.stop();
        await indexer.stop();
      },
    };
  },
});
