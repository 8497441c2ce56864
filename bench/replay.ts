/** One replay in the setting of a service: the queue, the worker, and a process that serves reads meanwhile. */
import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isUnderWay, REBUILDS, type Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { planRebuild } from '@creator-dashboards/projector/rebuild/planner';
import { planRepair, repairable } from '@creator-dashboards/projector/rebuild/repair';
import { enqueueRebuild, workOnRebuilds } from '@creator-dashboards/projector/rebuild/queue';
import { progressOf } from '@creator-dashboards/projector/rebuild/work';
import { createProjector } from '@creator-dashboards/projector/projector';
import { createHeads } from '@creator-dashboards/query-service/audit/heads';
import { headKeys } from '@creator-dashboards/query-service/audit/signing';
import { createQueryService } from '@creator-dashboards/query-service/create-service';
import { createApp } from '@creator-dashboards/shared/http';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { derivedId } from '@creator-dashboards/shared/ids';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { processName } from '@creator-dashboards/shared/process/process-name';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';

const views = withFingerprints(registry);
const LOOK_MS = 20;
const PACE_MS = 5;
const IDLE_MS = 4_000;
const READERS = 100;
const PATH = '/api/v1/creators/dashboard';

type Environment = ReturnType<typeof readEnvironment>;

export interface ReplayFigures {
  /** How long the worker was at it, with the comparison where something is served. */
  readonly ms: number;
  /** Peak of its memory; 0 where it is not a process of its own. */
  readonly workerMb: number;
  /** By how much the process that started it grew. */
  readonly servingMb: number;
  /** Relative error of the remaining time that was told when so many percent of the whole time had passed. */
  readonly errors: Readonly<Record<number, number>>;
}

/** p50 in milliseconds. */
export interface ReadFigures {
  readonly idle: number;
  readonly busy: number;
}

/** The first build of the view on the log in `folder`, by so many workers; earlier builds are deleted. */
export async function replayOnce(folder: string, workers = 1): Promise<ReplayFigures> {
  forget(folder);
  const environment = environmentOf(folder, workers);
  const stores = await connect(environment);
  try {
    return await replay(stores, environment);
  } finally {
    await stores.close();
  }
}

/** Another build of the view, beside the one that is served, which tells its costs; then the two are compared. */
export async function replayAgain(folder: string): Promise<ReplayFigures> {
  const environment = environmentOf(folder);
  const stores = await connect(environment);
  try {
    return await replay(stores, environment);
  } finally {
    await stores.close();
  }
}

/** Milliseconds until one document of the served view is made anew from the whole log, by who feeds it. */
export async function repairOnce(folder: string): Promise<{ ms: number }> {
  forget(folder);
  const environment = environmentOf(folder);
  const stores = await connect(environment);
  const only = { creatorDashboard: views.creatorDashboard };
  const projector = createProjector({ ...stores, clock: systemClock, views: only, owner: processName() });
  try {
    await projector.catchUp();
    const what = await repairable(stores.reads, views.creatorDashboard);
    const began = performance.now();
    await planRepair({ ...stores, clock: systemClock }, what, [derivedId('bench', '0')]);
    for (const feed of projector.feeds) while (await feed.repair());
    return { ms: performance.now() - began };
  } finally {
    await projector.stop();
    await stores.close();
  }
}

async function replay(stores: Stores, environment: Environment): Promise<ReplayFigures> {
  const before = process.memoryUsage.rss();
  let [servingMb, workerMb] = [0, 0];
  const told: Told[] = [];
  const { rebuildWorkers } = environment;
  const plan = await planRebuild({ ...stores, clock: systemClock, rebuildWorkers }, views.creatorDashboard);
  if (!plan) throw new Error('nothing to rebuild');
  await enqueueRebuild(stores.queue, plan);
  const ports = { ...stores, clock: systemClock, views, owner: processName(), stores: environment };
  const stop = workOnRebuilds({ ...ports, rebuildWorkers });
  for (;;) {
    const now = await stores.reads.get<Rebuild>(REBUILDS, plan._id);
    servingMb = Math.max(servingMb, toMb(process.memoryUsage.rss() - before));
    workerMb = Math.max(workerMb, peakOfChildrenMb());
    if (!now || now.state === 'FAILED') throw new Error(`the rebuild failed: ${now?.error}`);
    const { secondsLeft } = progressOf(now);
    if (secondsLeft !== null) told.push({ at: now.work.ms, secondsLeft });
    if (!isUnderWay(now)) {
      await stop();
      return { ms: now.work.ms, workerMb, servingMb, errors: errorsOf(told, now.work.ms) };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

interface Told {
  /** Milliseconds since the work began. */
  readonly at: number;
  readonly secondsLeft: number;
}

function errorsOf(told: readonly Told[], end: number): ReplayFigures['errors'] {
  return Object.fromEntries(
    [10, 50, 90].flatMap((percent) => {
      const last = told.filter(({ at }) => at <= (end * percent) / 100).at(-1);
      const left = last && (end - last.at) / 1_000;
      return left ? [[percent, Math.abs(last.secondsLeft - left) / left]] : [];
    }),
  );
}

/** Reads through Express while nothing else happens, and during another replay of the view that is served. */
export async function idleAndBusyReads(folder: string): Promise<ReadFigures> {
  const environment = environmentOf(folder);
  const stores = await connect(environment);
  const projector = createProjector({ ...stores, clock: systemClock, views, owner: processName() });
  try {
    await projector.catchUp();
    const tokens = Array.from({ length: READERS }, (_, n) =>
      signToken(environment, { userId: derivedId('bench', String(n)), role: 'USER' }, systemClock),
    );
    return await listening(appOf(stores, environment), tokens, async (read) => {
      await p50(read, wait(1_000));
      const idle = await p50(read, wait(IDLE_MS));
      const busy = await p50(read, replay(stores, environment));
      return { idle, busy };
    });
  } finally {
    await projector.stop();
    await stores.close();
  }
}

function appOf(stores: Stores, environment: Environment): RequestListener {
  const sealer = createSealer({ ...stores, clock: systemClock });
  const heads = createHeads({ ...stores, index: stores.audit, keys: headKeys([]), clock: systemClock });
  const queries = createQueryService({
    ...stores,
    access: unrecorded,
    sealer,
    clock: systemClock,
    views,
    heads,
  });
  return createApp({
    environment,
    routes: queries.routes,
    killSwitches: () => Promise.resolve(false),
    counters: stores.counters,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics({ processMetrics: false }),
    ready: () => queries.ready(),
  });
}

async function listening<T>(
  app: RequestListener,
  tokens: readonly string[],
  work: (read: (n: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
  const agent = new Agent({ keepAlive: true });
  const read = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: `Bearer ${tokens[n % tokens.length]}` };
      get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`the dashboard answers ${response.statusCode}`));
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  try {
    return await work(read);
  } finally {
    agent.destroy();
    server.close();
  }
}

/** The median time of reads, one after the other with pauses, until `work` has ended. */
async function p50(read: (n: number) => Promise<void>, work: Promise<unknown>): Promise<number> {
  let ended = false;
  const end = work.finally(() => (ended = true));
  const times: number[] = [];
  while (!ended) {
    const began = performance.now();
    await read(times.length);
    times.push(performance.now() - began);
    await wait(PACE_MS);
  }
  await end;
  return times.sort((a, b) => a - b)[times.length >> 1] ?? NaN;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Deletes what is built. */
function forget(folder: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `views.db${end}`), { force: true });
}

function environmentOf(folder: string, workers = 1): Environment {
  return readEnvironment({ DATA_DIR: folder, RATE_LIMIT_FACTOR: '100000', REBUILD_WORKERS: String(workers) });
}

/** The largest of the child processes that run Node, each at its peak so far. Only Linux tells; 0 elsewhere. */
function peakOfChildrenMb(): number {
  try {
    const peaks = readdirSync('/proc/self/task')
      .flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' '))
      .filter((id) => id !== '' && readlinkSync(`/proc/${id}/exe`) === process.execPath)
      .map((id) => readFileSync(`/proc/${id}/status`, 'utf8'))
      .map((status) => Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    return Math.round(Math.max(0, ...peaks) / 1_024);
  } catch {
    return 0;
  }
}

function toMb(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
