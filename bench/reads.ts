/**
 * An authenticated dashboard GET beside servers that do less for the same bytes: bare node:http, and Express with a body that is
 * there already. Many users with many tokens, asked for by another process.
 */
import express from 'express';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { readEnvironment, type Environment } from '@creator-dashboards/shared/process/environment';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { startLoad, type Load, type LoadProcess } from './load.js';
import { dashboardsOf } from './dashboards.js';
import { fillLog } from './made-log.js';
import { compare, withCpu, type Measured } from './pairs.js';

const PATH = '/api/v1/creators/dashboard';
const USERS = 250;
const TOKENS_OF_A_USER = 4;
const CONNECTIONS = 32;
const RUN_MS = 1_500;
const WARM_UP_MS = 3_000;

/** False where one of the ratios is under its floor. */
export async function benchReads(): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-reads-'));
  const environment = readEnvironment({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const stores = await connect(environment);
  const load = startLoad();
  try {
    const userIds = await fillLog(stores.events, 5_000, USERS);
    const projector = createProjector({ ...stores, clock: systemClock, views, owner: 'bench' });
    await projector.start();
    await projector.catchUp();
    const results = await measureReads(environment, stores, userIds, load);
    await projector.stop();
    return results.every(Boolean);
  } finally {
    load.stop();
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

async function measureReads(
  environment: Environment,
  stores: Stores,
  userIds: readonly string[],
  load: LoadProcess,
): Promise<boolean[]> {
  const callers = callersOf(environment, userIds);
  const dashboards = await listening(dashboardsOf(environment, stores));
  const throughExpress = await listening(dashboardsOf(environment, stores, { noLane: true }));
  const answers = await Promise.all(callers.map((headers) => fetch(`${dashboards.url}${PATH}`, { headers })));
  const bodies = new Map<string | undefined, Buffer>();
  for (const [index, answer] of answers.entries())
    bodies.set(callers[index]?.authorization, Buffer.from(await answer.arrayBuffer()));
  const current = callers.map((headers, index) => ({
    ...headers,
    'if-none-match': answers[index]?.headers.get('etag') ?? '',
  }));
  const bare = await listening(bareHttp(bodies));
  const fixed = await listening(fixedExpress(bodies));

  const asked = { path: PATH, callers, status: 200, connections: CONNECTIONS, ms: RUN_MS };
  const on =
    (server: { port: number }, how: Partial<Load> = {}) =>
    () =>
      measured(load, { ...asked, port: server.port, ...how });
  const unchanged = { callers: current, status: 304 };
  try {
    for (const server of [dashboards, throughExpress, bare, fixed]) await on(server, { ms: WARM_UP_MS })();
    return [
      await compare({
        ...{ name: 'reads    dashboard GET against bare node:http', floor: 0.5, goal: 0.85 },
        ...{ base: on(bare), ours: on(dashboards) },
      }),
      await compare({
        ...{ name: 'reads    304 of the dashboard against bare node:http', floor: 0.7, goal: 0.95 },
        ...{ base: on(bare, unchanged), ours: on(dashboards, unchanged) },
      }),
      await compare({
        ...{
          name: 'reads    dashboard GET through Express against Express with a fixed body',
          floor: 0.45,
          goal: 0.75,
        },
        ...{ base: on(fixed), ours: on(throughExpress) },
      }),
    ];
  } finally {
    for (const server of [dashboards, throughExpress, bare, fixed]) server.close();
  }
}

/** One for each token. A token differs from the others of its user by its lifetime. */
function callersOf(environment: Environment, userIds: readonly string[]): { readonly authorization: string }[] {
  return Array.from({ length: TOKENS_OF_A_USER }, (_, n) => 3_600 + n).flatMap((seconds) =>
    userIds.map((userId) => ({
      authorization: `Bearer ${signToken(environment, { userId, role: 'USER' }, systemClock, seconds)}`,
    })),
  );
}

type Bodies = ReadonlyMap<string | undefined, Buffer>;
const TYPE = 'application/json; charset=utf-8';

function bareHttp(bodies: Bodies): RequestListener {
  return ({ headers }, response) => {
    if (headers['if-none-match'] !== undefined) return void response.writeHead(304).end();
    const body = bodies.get(headers.authorization);
    response.writeHead(200, { 'Content-Type': TYPE, 'Content-Length': body?.length ?? 0 }).end(body);
  };
}

function fixedExpress(bodies: Bodies): RequestListener {
  const app = express().disable('etag').disable('x-powered-by');
  app.get(PATH, (request, response) => {
    response.type(TYPE).send(bodies.get(request.headers.authorization));
  });
  return app;
}

async function listening(listener: RequestListener): Promise<{ port: number; url: string; close(): void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function measured(load: LoadProcess, asked: Load): Promise<Measured> {
  const { result, cpuUs } = await withCpu(() => load.run(asked));
  return { perSecond: result.answers / result.seconds, cpuUs: cpuUs / result.answers, digest: result.digest };
}
