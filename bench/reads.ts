/** An authenticated dashboard GET through Express, against a bare node:http server that sends the same bytes. */
import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { createHeads } from '@creator-dashboards/query-service/audit/heads';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { createQueryService } from '@creator-dashboards/query-service/create-service';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { connect } from '@creator-dashboards/shared/process/connect';
import { createApp } from '@creator-dashboards/shared/http';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import autocannon from 'autocannon';
import { views } from '@creator-dashboards/shared/views/registry';
import { fillLog } from './made-log.js';

/** Both are measured in turn, so that other load on the machine affects both. */
const ROUNDS = 5;
const SECONDS = 2;
const WARM_UP_SECONDS = 3;
const TARGET = 0.15;

export async function benchReads(): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'bench-reads-'));
  const environment = readEnvironment({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const stores = await connect(environment);
  try {
    const [userId = ''] = await fillLog(stores.events, 5_000, 100);
    const projector = createProjector({ ...stores, clock: systemClock, views, owner: 'bench' });
    await projector.start();
    await projector.catchUp();
    const queries = createQueryService({
      ...stores,
      access: unrecorded,
      sealer: createSealer({ ...stores, clock: systemClock }),
      clock: systemClock,
      views,
      heads: createHeads({ ...stores, index: stores.audit, keys: headKeys([]), clock: systemClock }),
    });
    const app = createApp({
      environment,
      routes: queries.routes,
      killSwitches: () => Promise.resolve(false),
      counters: stores.counters,
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics({ processMetrics: false }),
      ready: () => queries.ready(),
    });
    const headers = { authorization: `Bearer ${signToken(environment, { userId, role: 'USER' }, systemClock)}` };
    const body = await once(app, headers);
    const bare: RequestListener = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body);
    await perSecond(app, headers, WARM_UP_SECONDS);
    const rounds: { base: number; ours: number; ratio: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const base = await perSecond(bare, headers, SECONDS);
      const ours = await perSecond(app, headers, SECONDS);
      rounds.push({ base, ours, ratio: ours / base });
    }
    const { base, ours, ratio } = rounds.sort((a, b) => a.ratio - b.ratio)[
      Math.floor(ROUNDS / 2)
    ] as (typeof rounds)[0];
    console.log(
      `reads    bare node:http ${base.toFixed(0)}/s   dashboard through Express ${ours.toFixed(0)}/s   ` +
        `ratio ${ratio.toFixed(2)} (median of ${ROUNDS} pairs, target ${TARGET})`,
    );
    await projector.stop();
  } finally {
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

const PATH = '/api/v1/creators/dashboard';

async function listening<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function once(listener: RequestListener, headers: Record<string, string>): Promise<string> {
  return listening(listener, async (url) => {
    const response = await fetch(url, { headers });
    if (response.status !== 200) throw new Error(`the dashboard answers ${response.status}`);
    return response.text();
  });
}

function perSecond(listener: RequestListener, headers: Record<string, string>, duration: number): Promise<number> {
  return listening(listener, async (url) => {
    const load = { url, headers, connections: 32 }; // client and server share one core, in both runs alike
    const result = await autocannon({ ...load, duration });
    if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refusals, ${result.errors} errors`);
    return result.requests.average;
  });
}
