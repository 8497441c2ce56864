/**
 * An authenticated dashboard GET beside servers that do less for the same bytes: bare node:http, and Express with a body that is
 * there already; and beside one that asks tables for each request. Many users with many tokens, asked for by another process.
 */
import express from 'express';
import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { VIEWS_FILE } from '@creator-dashboards/shared/process/embedded';
import { readEnvironment, type Environment } from '@creator-dashboards/shared/process/environment';
import { systemClock } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, type Alias } from '@creator-dashboards/shared/views/alias';
import type { CreatorDashboardDocument } from '@creator-dashboards/shared/views/creator-dashboard/document';
import { views } from '@creator-dashboards/shared/views/registry';
import { callersOf, DASHBOARD, dashboardsOf, listening, type Listening } from './dashboards.js';
import { startLoad, type Caller, type Load, type LoadProcess } from './load.js';
import { fillLog } from './made-log.js';
import { compare, withCpu, type Measured } from './pairs.js';
import { sixQueries, tablesIn, type Tables } from './six-queries.js';

const USERS = 250;
const TOKENS_OF_A_USER = 4;
const CONNECTIONS = 32;
const RUN_MS = 1_000;

/** Servers that answer the dashboard of the same callers with the same bytes. */
export interface Served {
  readonly environment: Environment;
  /** What the dashboards are presented from. */
  readonly documents: readonly CreatorDashboardDocument[];
  readonly load: LoadProcess;
  readonly callers: readonly Caller[];
  /** The callers, each with the ETag of what it would get. */
  readonly current: readonly Caller[];
  readonly dashboards: Listening;
  readonly throughExpress: Listening;
  readonly bare: Listening;
  readonly fixed: Listening;
  readonly tables: Listening;
}

/** Measures the answers of one of these servers, or of another one that answers the same. */
export function readsOf({ load, callers }: Pick<Served, 'load' | 'callers'>) {
  const asked = { path: DASHBOARD, callers, status: 200, connections: CONNECTIONS, ms: RUN_MS };
  return ({ port }: Listening, how: Partial<Load> = {}) =>
    () =>
      measured(load, { ...asked, ...how, ports: [port] });
}

/** For a server's first requests. */
export const WARM_UP = { ms: 2_500 };

/** False where one of the ratios is under its floor. */
export function benchReads(): Promise<boolean> {
  return withServed(async ({ load, callers, current, dashboards, throughExpress, bare, fixed, tables }) => {
    const on = readsOf({ load, callers });
    const unchanged = { callers: current, status: 304 };
    for (const server of [dashboards, throughExpress, bare, fixed, tables]) await on(server, WARM_UP)();
    const results = [
      await compare({
        ...{ name: 'Dashboard GET, against bare node:http with the same body', floor: 0.5, goal: 0.85 },
        ...{ base: on(bare), ours: on(dashboards) },
      }),
      await compare({
        ...{ name: '304 of the dashboard, against bare node:http', floor: 0.7, goal: 0.95 },
        ...{ base: on(bare, unchanged), ours: on(dashboards, unchanged) },
      }),
      await compare({
        ...{ name: 'Dashboard GET through Express, against Express with a fixed body', floor: 0.45, goal: 0.75 },
        ...{ base: on(fixed), ours: on(throughExpress) },
      }),
      await compare({
        ...{
          name: 'Dashboard GET, against six queries, Express and passport on the same SQLite file',
          floor: 5,
          goal: 9,
        },
        ...{ base: on(tables), ours: on(dashboards) },
      }),
    ];
    return results.every(Boolean);
  });
}

/** Does `work` while all of them listen. */
export async function withServed<T>(work: (served: Served) => Promise<T>): Promise<T> {
  const place = mkdtempSync(join(tmpdir(), 'bench-reads-'));
  const environment = readEnvironment({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const stores = await connect(environment);
  const load = startLoad();
  try {
    const userIds = await fillLog(stores.events, 5_000, USERS);
    const projector = createProjector({ ...stores, clock: systemClock, views, owner: 'bench' });
    await projector.start();
    await projector.catchUp();
    const documents = await documentsOf(stores, userIds);
    const tables = tablesIn(join(place, VIEWS_FILE));
    try {
      return await serving({ environment, documents, load }, stores, tables, work);
    } finally {
      await projector.stop();
      await tables.close();
    }
  } finally {
    load.stop();
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

async function serving<T>(
  given: Pick<Served, 'environment' | 'documents' | 'load'>,
  stores: Stores,
  tables: Tables,
  work: (served: Served) => Promise<T>,
): Promise<T> {
  const { environment, documents } = given;
  const userIds = documents.map(({ _id }) => _id);
  const callers = callersOf(environment, userIds, TOKENS_OF_A_USER);
  const dashboards = await dashboardsOf(environment, stores);
  const answers = await Promise.all(
    callers.map(({ headers }) => fetch(`http://127.0.0.1:${dashboards.port}${DASHBOARD}`, { headers })),
  );
  const bodies = new Map<string | undefined, string>();
  for (const [index, answer] of answers.entries())
    bodies.set(callers[index]?.headers['authorization'], await answer.text());
  const servers = {
    dashboards,
    throughExpress: await dashboardsOf(environment, stores, { noLane: true }),
    bare: await listening(bareHttp(bodies)),
    fixed: await listening(fixedExpress(bodies)),
    tables: await listening(await sixQueries(environment, tables, documents)),
  };
  const current = callers.map(({ headers }, index) => ({
    headers: { ...headers, 'if-none-match': answers[index]?.headers.get('etag') ?? '' },
  }));
  try {
    return await work({ ...given, ...servers, callers, current });
  } finally {
    for (const server of Object.values(servers)) server.close();
  }
}

async function documentsOf({ reads }: Stores, userIds: readonly string[]): Promise<CreatorDashboardDocument[]> {
  const alias = await reads.get<Alias>(ALIASES, 'creatorDashboard');
  const collection = collectionOf('creatorDashboard', alias?.generation ?? '');
  return [...(await reads.getMany<CreatorDashboardDocument>(collection, userIds)).values()];
}

type Bodies = ReadonlyMap<string | undefined, string>;
const TYPE = 'application/json; charset=utf-8';

function bareHttp(bodies: Bodies): RequestListener {
  return ({ headers }, response) => {
    if (headers['if-none-match'] !== undefined) return void response.writeHead(304).end();
    const body = bodies.get(headers.authorization) ?? '';
    response.writeHead(200, { 'Content-Type': TYPE, 'Content-Length': Buffer.byteLength(body) }).end(body);
  };
}

function fixedExpress(bodies: Bodies): RequestListener {
  const app = express().disable('etag').disable('x-powered-by');
  app.get(DASHBOARD, (request, response) => {
    response.type(TYPE).send(bodies.get(request.headers.authorization));
  });
  return app;
}

async function measured(load: LoadProcess, asked: Load): Promise<Measured> {
  const { result, cpuUs } = await withCpu(() => load.run(asked));
  return { perSecond: result.answers / result.seconds, cpuUs: cpuUs / result.answers, digest: result.digest };
}
