/** The dashboards of a query service on these stores, as clients call them. */
import { createHeads } from '@creator-dashboards/query-service/audit/heads';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { createQueryService } from '@creator-dashboards/query-service/create-service';
import { createApp, type AppOptions } from '@creator-dashboards/shared/http';
import type { Stores } from '@creator-dashboards/shared/process/connect';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { createSealer } from '@creator-dashboards/shared/seal';
import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import type { RequestListener } from 'node:http';

export function dashboardsOf(
  environment: Environment,
  stores: Stores,
  how: Pick<AppOptions, 'noLane'> = {},
): RequestListener {
  const queries = createQueryService({
    ...stores,
    access: unrecorded,
    sealer: createSealer({ ...stores, clock: systemClock }),
    clock: systemClock,
    views,
    heads: createHeads({ ...stores, index: stores.audit, keys: headKeys([]), clock: systemClock }),
  });
  return createApp({
    ...queries,
    ...how,
    environment,
    counters: stores.counters,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics({ processMetrics: false }),
  });
}
