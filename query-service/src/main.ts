/** The query service as a process of its own. */
import { runService } from '@creator-dashboards/shared/process/service';
import { createSealer } from '@creator-dashboards/shared/seal';
import { views } from '@creator-dashboards/shared/views/registry';
import { createQueryService } from './create-service.js';

await runService({
  name: 'query-service',
  title: 'Creator dashboards: query service',
  defaults: { PORT: '3000' },
  make: ({ stores, clock }) =>
    createQueryService({ ...stores, sealer: createSealer(stores.keys, clock), clock, views }),
});
