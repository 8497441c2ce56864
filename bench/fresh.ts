/**
 * How soon a reader sees an acknowledged append, at 100 appends a second: who asks with Read-After, and who is pushed what changes. Of the
 * process that feeds the views, and of another one on the same stores. And what a process that serves views costs when nothing happens.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { encode } from '@creator-dashboards/shared/events/index';
import { signToken } from '@creator-dashboards/shared/http/auth';
import { creatorIdOf, newId } from '@creator-dashboards/shared/ids';
import type { Position } from '@creator-dashboards/shared/ports';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { readEnvironment, type Environment } from '@creator-dashboards/shared/process/environment';
import { metadata } from '@creator-dashboards/shared/testing/events';
import { systemClock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';
import { wait } from '@creator-dashboards/shared/waiting';
import { dashboardsOf } from './dashboards.js';
import { fillLog } from './made-log.js';
import { holds, quantile, short } from './figures.js';
import { withCpu } from './pairs.js';

const USERS = 250;
const APPENDS = 500;
const EVERY_MS = 10;
const IDLE_MS = 3_000;

/** `clients`: how many live streams are open. False where a reader of the feeding process waits longer than it may. */
export async function benchFresh(clients = 1_000): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-fresh-'));
  const environment = readEnvironment({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const [feeding, serving] = [await connect(environment), await connect(environment)];
  try {
    const userIds = await fillLog(feeding.events, 2_000, USERS);
    const projector = createProjector({ ...feeding, clock: systemClock, views, owner: 'bench' });
    await projector.start();
    await projector.catchUp();
    const isSoon = await measure('the same process', environment, feeding, feeding, userIds, clients);
    await measure('another process', environment, feeding, serving, userIds, clients);
    await projector.stop();
    return isSoon;
  } finally {
    await serving.close();
    await feeding.close();
    rmSync(place, { recursive: true });
  }
}

async function measure(
  name: string,
  environment: Environment,
  feeding: Stores,
  serving: Stores,
  userIds: readonly string[],
  clients: number,
): Promise<boolean> {
  const server = await dashboardsOf(environment, serving);
  const url = `http://127.0.0.1:${server.port}/api/v1`;
  const agent = new Agent({ keepAlive: true });
  const bearer = (userId: string) => `Bearer ${signToken(environment, { userId, role: 'USER' }, systemClock)}`;
  const acknowledged = new Map<string, number>();
  const [visible, pushed]: [number[], number[]] = [[], []];
  /** Answers without what they were to wait for, after a second of it. */
  let stale = 0;

  const read = (userId: string, after: Position) =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: bearer(userId), 'read-after': after.toString() };
      get(`${url}/creators/dashboard`, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`a dashboard answers ${response.statusCode}`));
        if (response.headers['x-stale']) stale += 1;
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  const listen = (userId: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: bearer(userId), accept: 'text/event-stream' };
      get(`${url}/live?views=creatorDashboard`, { headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`live answers ${response.statusCode}`));
        response.setEncoding('utf8').on('data', (text: string) => {
          resolve();
          const began = acknowledged.get(/^id: W\/"[^.]*\.(\d+)-/m.exec(text)?.[1] ?? '');
          if (began !== undefined) pushed.push(performance.now() - began);
        });
        response.on('error', () => undefined);
      }).once('error', () => undefined);
    });

  const idle = await withCpu(() => wait(systemClock, IDLE_MS));
  for (let n = 0; n < clients; n += 1) await listen(userIds[n % USERS] ?? '');
  const watched = await withCpu(() => wait(systemClock, IDLE_MS));
  const reads: Promise<void>[] = [];
  const busy = await withCpu(async () => {
    const began = performance.now();
    for (let n = 0; n < APPENDS; n += 1) {
      await wait(systemClock, Math.max(0, began + n * EVERY_MS - performance.now()));
      const userId = userIds[n % USERS] ?? '';
      const position = await appendTo(feeding, userId);
      const at = performance.now();
      acknowledged.set(position.toString(), at);
      reads.push(read(userId, position).then(() => void visible.push(performance.now() - at)));
    }
    await Promise.all(reads);
    await wait(systemClock, 200);
  });
  agent.destroy();
  server.close();

  const share = (cpuUs: number) => `${short((cpuUs / 1_000 / IDLE_MS) * 100)} %`;
  const isFeeding = feeding === serving;
  const figure = (what: string, values: readonly number[], at: number, [most, goal]: Bounds) =>
    holds({
      name: `Append acknowledged at 100/s, ${what} in ${name}, p${at * 100}`,
      ...{ value: quantile(values, at), most: isFeeding ? most : Infinity, unit: 'ms' },
      ...(isFeeding && { goal }),
    });
  console.log(
    `in ${name}: idle ${share(idle.cpuUs)} of a core, with ${clients} streams open ${share(watched.cpuUs)}, ` +
      `CPU per append, read and push ${short(busy.cpuUs / APPENDS)} us, ${pushed.length} frames, ${stale} stale`,
  );
  return [
    figure('visible', visible, 0.5, [5, 1]),
    figure('visible', visible, 0.99, [25, 5]),
    figure(`pushed to ${clients} live clients`, pushed, 0.99, [250, 50]),
  ].every(Boolean);
}

/** The most, and what is wanted. */
type Bounds = readonly [number, number];

const revisions = new Map<string, number>();
async function appendTo({ events }: Pick<Stores, 'events'>, userId: string): Promise<Position> {
  const stream = `creatorWallet-${userId}`;
  const revision = revisions.get(stream) ?? (await events.readStream(stream)).length - 1;
  const { schemaVersion: _, ...rest } = metadata({ keys: { userId, creatorId: creatorIdOf(userId) } });
  const event = { type: revision % 2 ? ('WalletUnfrozen' as const) : ('WalletFrozen' as const), data: {} };
  const result = await events.append(stream, BigInt(revision), [encode(event, newId(), rest)]);
  if (!result.ok) throw new Error('the append met a conflict');
  revisions.set(stream, revision + 1);
  return result.position;
}
