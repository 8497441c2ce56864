/**
 * Releases side by side: of each a projector that runs and a query service, on the same stores. Messages come all the while, and every
 * answer is whole, from one generation, and never behind the one before.
 */
import { aliasOf } from '@creator-dashboards/projector/generations';
import { createProjector } from '@creator-dashboards/projector/projector';
import { newestRebuilds } from '@creator-dashboards/projector/rebuild/plan';
import { planRollback } from '@creator-dashboards/projector/rebuild/planner';
import { enqueueRebuild } from '@creator-dashboards/projector/rebuild/queue';
import { openJobQueue } from '@creator-dashboards/shared/adapters/sqlite/job-queue';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import {
  creatorUserId,
  delivered,
  idOf,
  sent,
  strangerId,
  upgraded,
  user,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { openReader } from '../support/checked-reader.js';
import { release, VIEW } from '../support/releases.js';

/** A second dashboard, which no message moves: how far it is, the checkpoint alone says. */
const stranger = user(strangerId)('UserAvatarChanged', { userId: strangerId, avatarUrl: null });

/** The only generation that each release builds. */
const generationOf = (n: number) => `v${release(n)[VIEW].version}`;

describe('Releases at work on the same stores', () => {
  let folder: string;
  let installation: ReturnType<typeof openInstallation>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'releases-'));
    installation = openInstallation(folder);
  });
  afterEach(async () => {
    await installation.close();
    rmSync(folder, { recursive: true });
  });

  it('are three in one rolling deploy: each answers every read from its own generation or from one that it keeps', async () => {
    const { start, until, answers, alias } = installation;
    const first = await start(0);
    await until(async () => (await alias())?.generation === generationOf(0));
    const second = await start(1);
    await until(async () => (await alias())?.generation === generationOf(1));
    await until(async () => isDeepStrictEqual(await answers(), [0, 1]));
    await start(2);
    await until(async () => (await alias())?.generation === generationOf(2));
    await until(async () => isDeepStrictEqual(await answers(), [0, 1, 2]));
    for (let rounds = 0; rounds < 50; rounds += 1) expect(await answers(), `round ${rounds}`).to.deep.equal([0, 1, 2]);
    expect(await alias()).to.deep.include({ previous: generationOf(1), earlier: [generationOf(0)] });
    await first.stop();
    for (let rounds = 0; rounds < 20; rounds += 1) expect(await answers()).to.deep.equal([1, 2]);
    await second.stop();
    for (let rounds = 0; rounds < 20; rounds += 1) expect(await answers()).to.deep.equal([2]);
  });

  it('are rolled back by the older one, started again on newer data, without a gap; the newer one does not undo it', async () => {
    const { start, until, answers, alias, rollBack, newestPlan } = installation;
    const before = await start(0);
    await until(async () => (await alias())?.generation === generationOf(0));
    const newer = await start(1);
    await until(async () => (await alias())?.generation === generationOf(1));
    await before.stop();
    await until(async () => isDeepStrictEqual(await answers(), [1]));
    for (let rounds = 0; rounds < 20; rounds += 1) expect(await answers()).to.deep.equal([1]);

    await start(0);
    for (let rounds = 0; rounds < 20; rounds += 1) expect(await answers(), 'each its own').to.deep.equal([1, 0]);
    const back = await rollBack(0);
    await until(async () => (await alias())?.generation === generationOf(0));
    await until(async () => isDeepStrictEqual(await answers(), [0, 0])); // The newer one shows it by the code that it keeps.
    await newer.stop();
    await start(1);
    for (let rounds = 0; rounds < 50; rounds += 1) expect(await answers()).to.deep.equal([0, 0]);
    expect(await newestPlan()).to.include({ _id: back, state: 'DONE' });
    expect(await alias()).to.include({ generation: generationOf(0), previous: generationOf(1) });
  });
});

function openInstallation(folder: string) {
  const events = logOf(history([upgraded, stranger, sent(idOf(1)), delivered(idOf(1))]));
  const reads = openReadStore(join(folder, 'views.db'));
  const ended = new Set<string>();
  const running: { readonly answer: () => Promise<number>; readonly stop: () => Promise<void> }[] = [];
  let messages = 1;

  /** A message comes, and every query service answers: what it has, and once more after that message. */
  async function answers(): Promise<number[]> {
    const id = idOf((messages += 1));
    events.add(history([sent(id), delivered(id)], { after: await events.head() }));
    const told: number[] = [];
    for (const { answer } of running) told.push(await answer());
    await turn();
    return told;
  }

  return {
    answers,
    alias: () => aliasOf(reads, VIEW),
    newestPlan: async () => (await newestRebuilds(reads, [VIEW])).get(VIEW),
    /** Starts a process of release n; it is asked from the moment on at which it has something to show. */
    async start(n: number) {
      const owner = `release ${n}, start ${running.length + ended.size}`;
      const own = {
        reads: openReadStore(join(folder, 'views.db')),
        queue: openJobQueue(join(folder, 'views.db'), { pollMs: 5 }),
      };
      const isDead = (other: string) => ended.has(other.split(':')[0] ?? '');
      const ports = { ...own, events, clock: systemClock, owner, isDead, stores: undefined, reconcileMs: 100 };
      const projector = createProjector({ ...ports, views: { [VIEW]: release(n)[VIEW] } });
      await projector.start((error) => {
        throw error;
      });
      const reader = openReader({ ...ports }, release(n), owner);
      const one = {
        async answer() {
          const head = await events.head();
          const told: number[] = [];
          for (const key of [creatorUserId, strangerId])
            told.push(await reader.read(key), await reader.read(key, head), await reader.read(key));
          return Math.max(...told);
        },
        async stop() {
          running.splice(running.indexOf(one), 1);
          await projector.stop();
          ended.add(owner);
          await own.queue.close();
          await own.reads.close();
        },
      };
      await reader.ready(creatorUserId);
      running.push(one);
      return one;
    },
    async until(holds: () => Promise<boolean>): Promise<void> {
      while (!(await holds())) await answers();
    },
    /** As the command line of release n does. Returns the plan. */
    async rollBack(n: number): Promise<string> {
      const plan = await planRollback({ reads, events, clock: systemClock }, release(n)[VIEW]);
      if (!plan) throw new Error('nothing to go back to');
      const queue = openJobQueue(join(folder, 'views.db'));
      await enqueueRebuild(queue, plan);
      await queue.close();
      return plan._id;
    },
    async close() {
      for (const { stop } of [...running]) await stop();
      await reads.close();
    },
  };
}
