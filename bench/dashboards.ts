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
import { signToken } from '@creator-dashboards/shared/http/auth';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller } from './load.js';

export const DASHBOARD = '/api/v1/creators/dashboard';

/** Close it before the stores. */
export function dashboardsOf(
  environment: Environment,
  stores: Stores,
  how: Pick<AppOptions, 'noLane'> = {},
): Promise<Listening> {
  const queries = createQueryService({
    ...stores,
    access: unrecorded,
    sealer: createSealer({ ...stores, clock: systemClock }),
    clock: systemClock,
    views,
    heads: createHeads({ ...stores, index: stores.audit, keys: headKeys([]), clock: systemClock }),
  });
  const app = createApp({
    ...queries,
    ...how,
    environment,
    counters: stores.counters,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics({ processMetrics: false }),
  });
  return listening(app, queries.stop);
}

/** One caller for each token. A token differs from the others of its user by its lifetime. */
export function callersOf(environment: Environment, userIds: readonly string[], tokensOfAUser: number): Caller[] {
  return Array.from({ length: tokensOfAUser }, (_, n) => 3_600 + n).flatMap((seconds) =>
    userIds.map((userId) => ({
      headers: { authorization: `Bearer ${signToken(environment, { userId, role: 'USER' }, systemClock, seconds)}` },
    })),
  );
}

export interface Listening {
  readonly port: number;
  close(): void;
}

/** `stop` ends what works for the listener. */
export async function listening(listener: RequestListener, stop: () => void = () => undefined): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close() {
      stop();
      server.closeAllConnections();
      server.close();
    },
  };
}
