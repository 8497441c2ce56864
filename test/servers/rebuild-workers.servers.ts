/**
 * A rebuild that two projectors share by jobs of BullMQ, each in a process of its own, on the Redis that QUEUE_URL names. One of them
 * is killed: the other finishes, and the documents are those of a rebuild by one worker.
 */
import { aliasOf } from '@creator-dashboards/projector/generations';
import { BY_ITSELF } from '@creator-dashboards/projector/rebuild/acts';
import { REBUILDS, type Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { planRebuild } from '@creator-dashboards/projector/rebuild/planner';
import { enqueueRebuild } from '@creator-dashboards/projector/rebuild/queue';
import { runRebuild } from '@creator-dashboards/projector/rebuild/run';
import { SHARES } from '@creator-dashboards/projector/rebuild/share';
import type { Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { creatorIdOf, CreatorUserId, derivedId, FanId, messageIdOf } from '@creator-dashboards/shared/ids';
import { connect, type Stores } from '@creator-dashboards/shared/process/connect';
import { readEnvironment, type Env } from '@creator-dashboards/shared/process/environment';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { history, onStream } from '@creator-dashboards/shared/testing/given';
import { freePort } from '@creator-dashboards/shared/testing/free-port';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { url } from '../../shared/test/servers/redis-place.js';
import { createLauncher, type Child, type Launcher } from '../support/child.js';
import { onServers, type OpenedStores } from '../support/store-modes.js';

const views = withFingerprints(registry);
const view = views.creatorDashboard;
const CREATORS = 24;
const MESSAGES = 120;
/** Enough shares that neither projector is ever without one; slow enough that all their workers are at it before it is done. */
const SHARES_OF_ALL = 16;
const EVENTS_A_SECOND = 8;

/** Messages that arrive, at each creator in turn. */
const story = history(
  Array.from({ length: MESSAGES }, (_, n) => {
    const creatorUserId = CreatorUserId(derivedId('creator', String(n % CREATORS)));
    const messageId = messageIdOf(`message ${n}`, creatorUserId);
    const keys = { messageId, fanId: FanId(derivedId('fan')), creatorId: creatorIdOf(creatorUserId), creatorUserId };
    const data = { paid: true, statusAfter: 'ESCROWED' as const, deliveredAt: '2026-04-29T20:00:00.000Z' };
    return onStream(`message-${messageId}`, keys)('MessageDelivered', { ...data, expiresAt: data.deliveredAt });
  }),
);

function defineTests(): void {
  describe('A rebuild that two projectors share by jobs of BullMQ', () => {
    let launcher: Launcher;
    let folder: string;
    let opened: OpenedStores;
    let env: Env;
    let stores: Stores;
    before(async () => {
      launcher = await createLauncher({ entry: 'projector/src/main.ts', readyWords: '"ready"' });
    });
    after(() => launcher.close());
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'rebuild-workers-'));
      opened = await onServers.open();
      env = { ...opened.env, DATA_DIR: folder, NODE_ENV: 'test', REBUILD_WORKERS: '2' };
      stores = await connect(readEnvironment(env));
      for (const { stream, id, type, data, metadata } of story)
        await stores.events.append(stream, 'no_stream', [{ id, type, data, metadata }]);
    });
    let projectors: Child[] = [];
    afterEach(async () => {
      for (const projector of projectors) projector.kill('SIGKILL');
      await Promise.all(projectors.map(({ ended }) => ended));
      projectors = [];
      await stores.close();
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const launch = async () => {
      const projector = launcher.launch({ ...env, PORT: String(await freePort()) });
      projectors.push(projector);
      return projector;
    };
    async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
      for (;;) {
        const found = await find();
        if (found !== undefined) return found;
        await wait(50);
      }
    }
    const planNow = (id: string) => stores.reads.get<Rebuild>(REBUILDS, id);
    const done = (id: string) =>
      until(async () => {
        const plan = await planNow(id);
        if (plan?.state === 'FAILED' || plan?.state === 'HELD') throw new Error(`${plan.state}: ${plan.error}`);
        return plan?.state === 'DONE' ? plan : undefined;
      });
    const documentsOf = (generation: string) =>
      stores.reads.find<FoldedDocument>(collectionOf(view.name, generation), { limit: 1_000 });
    /** The projector whose worker process has this name. */
    const projectorOf = (owner: string): number => {
      try {
        return Number(execFileSync('ps', ['-o', 'ppid=', '-p', owner.split(':')[1] ?? ''], { encoding: 'utf8' }));
      } catch {
        return 0; // it has ended
      }
    };

    async function rebuiltByOne(): Promise<string> {
      const plan = await planRebuild({ ...stores, clock: systemClock }, view);
      const ports = { ...stores, clock: systemClock, views, owner: 'one' };
      const ended = plan && (await runRebuild(ports, plan._id, new AbortController().signal));
      if (ended?.state !== 'DONE') throw new Error(`a rebuild by one has ended as ${ended?.state}: ${ended?.error}`);
      return ended.generation;
    }

    for (const [which, isKilled] of [
      ['helps', (claimer: number, helper: number) => helper !== claimer],
      ['has claimed it', (claimer: number, other: number) => other === claimer],
    ] as const)
      it(`is finished by one when the other, which ${which}, is killed, and makes what one worker makes`, async () => {
        await Promise.all([await launch(), await launch()].map(({ ready }) => ready));
        await until(async () => (await aliasOf(stores.reads, view.name)) ?? undefined);
        const what = { ...stores, clock: systemClock, rebuildWorkers: SHARES_OF_ALL };
        const plan = await planRebuild(what, view, BY_ITSELF, { rate: EVENTS_A_SECOND });
        if (!plan) throw new Error('nothing was planned');
        await enqueueRebuild(stores.queue, plan);

        const claimer = await until(async () => {
          const [now, shares] = [await planNow(plan._id), await stores.reads.find<Checkpoint>(SHARES, { limit: 100 })];
          if (now?.state !== 'RUNNING') throw new Error(`it was ${now?.state} before both projectors worked on it`);
          const atWork = shares.filter(({ owner, share }) => owner !== '' && (share?.seen ?? 0) > 0);
          const working = new Set(atWork.map(({ owner }) => projectorOf(owner)).filter((pid) => pid > 0));
          return now.owner !== '' && working.size === 2 ? projectorOf(now.owner) : undefined;
        });
        expect(projectors.map(({ pid }) => pid)).to.include(claimer);
        for (const { pid, kill } of projectors) if (isKilled(claimer, pid)) kill('SIGKILL');

        const { work } = await done(plan._id);
        expect(work.mostWorkers).to.be.at.least(2);
        expect(await aliasOf(stores.reads, view.name)).to.include({ generation: plan.generation });
        const documents = await documentsOf(plan.generation);
        expect(documents).to.have.length(CREATORS);
        for (const document of documents) expect(document).to.include({ totalMessages: MESSAGES / CREATORS });
        expect(await documentsOf(await rebuiltByOne())).to.deep.equal(documents);
      });
  });
}

if (url) defineTests();
else console.log('skipped: a rebuild shared by jobs of BullMQ: QUEUE_URL names no Redis');
