/**
 * Redis goes down, and comes back empty: commands and reads continue without it, what only it could count is refused,
 * limits are counted by each process, and no rebuild is forgotten. The other stores are fakes; Redis is one of the
 * test's own.
 */
import { aliasOf, moveAlias } from '@creator-dashboards/projector/generations';
import { createProjector, type Projector } from '@creator-dashboards/projector/projector';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { REBUILDS, type Rebuild } from '@creator-dashboards/projector/rebuild/plan';
import { planRebuild } from '@creator-dashboards/projector/rebuild/planner';
import { enqueueRebuild } from '@creator-dashboards/projector/rebuild/queue';
import { StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'supertest';
import { createRedis, hasRedis } from '../../shared/test/servers/own-redis.js';
import { expectFolded } from '../support/documents.js';
import { expectInvariants, readLog } from '../support/invariants.js';
import { answered, creatorWithDms, fanWith, read, register, reply, send, setDms } from '../support/people.js';
import { startFakes, type Fakes } from '../support/running.js';
import { openSystem, type TestSystem } from '../support/system.js';

const CLICKS_A_MINUTE = 60;
const RECONCILE_MS = 50;

function defineTests(): void {
  describe('The system without Redis', () => {
    let redis: Awaited<ReturnType<typeof createRedis>>;
    let fakes: Fakes;
    let system: TestSystem;
    let others: { close(): Promise<void> }[];
    const openProcess = () => openSystem({ rateLimits: 'real', mode: fakes.mode({ QUEUE_URL: redis.url }) });
    beforeEach(async () => {
      others = [];
      [redis, fakes] = await Promise.all([createRedis(), startFakes()]);
      await redis.start();
      system = await openProcess();
    });
    afterEach(async () => {
      for (const other of others) await other.close();
      await system.close();
      await Promise.all([redis.remove(), fakes.close()]);
    });
    const recorded = (type: string) => fakes.events.log.filter((event) => event.type === type).length;
    /** Asks until it is no longer a 503: the connection to Redis comes back by itself, a little later than Redis. */
    async function untilServed(ask: () => Promise<Response>): Promise<Response> {
      for (;;) {
        const answer = await ask();
        if (answer.status !== 503) return answer;
        await wait(20);
      }
    }
    async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
      for (let looks = 0; looks < 400; looks += 1) {
        if (await holds()) return;
        await wait(20);
      }
      throw new Error(`never happened: ${what}`);
    }
    async function expectInvariantsHold(): Promise<void> {
      await system.catchUp();
      await system.catchUp(); // What the policies did last.
      await expectInvariants(system.stores, await readLog(system.stores.events));
    }

    it('accepts paid messages, other commands and reads', async () => {
      const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
      const fan = await fanWith(system, 'finn', '100.00');
      await answered(fan, creator, 'PER_MESSAGE', 'with Redis');
      await redis.kill();
      await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 20, dmActive: true });
      const messageId = await send(fan, creator, 'PER_MESSAGE', 'without Redis');
      const position = await reply(creator, messageId);
      const dashboard = await read(creator, '/creators/dashboard', position);
      expect(dashboard).to.include({ totalMessages: 2, dmPrice: '20.00' });
      expect(await read(fan, `/messages/${messageId}`, position)).to.include({ priceSnapshot: '20.00' });
      await expectInvariantsHold();
    });

    it('refuses free messages, and accepts them when Redis is back', async () => {
      const creator = await creatorWithDms(system, 'mia', 'FREE');
      const fan = await register(system, 'finn');
      const body = { creatorId: creator.creatorId, dmType: 'FREE', content: 'for free' };
      const ask = async () => fan.post('/messages', body, { 'Idempotency-Key': 'free' });
      await redis.kill();
      const refused = await ask();
      expect(refused.status).to.equal(503);
      expect(refused.body.error.i18nKey).to.equal('message.send.error.free_unavailable');
      expect(recorded('MessageSent')).to.equal(0);
      await redis.start();
      const sent = await untilServed(ask);
      expect(sent.status, JSON.stringify(sent.body)).to.equal(201);
      expect((await ask()).body).to.deep.equal(sent.body);
      expect(recorded('MessageSent')).to.equal(1);
      await expectInvariantsHold();
    });

    it('counts limits in each process', async () => {
      const creator = await creatorWithDms(system, 'mia', 'FREE');
      const link = await creator.post(`/creators/${creator.creatorId}/links`, {
        title: 'A',
        url: 'https://example.org',
      });
      await system.catchUp();
      const other = await openProcess();
      others.push(other);
      await redis.kill();
      const click = async ({ anybody }: TestSystem) =>
        anybody.post(`/bio/links/${(link.body as { data: { id: string } }).data.id}/click`);
      for (let clicks = 0; clicks < CLICKS_A_MINUTE; clicks += 1) expect((await click(system)).status).to.equal(200);
      const refused = await click(system);
      expect([refused.status, refused.body.error.i18nKey]).to.deep.equal([429, 'common.rate_limited']);
      expect(Number(refused.headers['retry-after'])).to.be.within(1, 60);
      expect((await click(other)).status).to.equal(200);
    });

    describe('and with a rebuild', () => {
      const views = withFingerprints(registry);
      const view = views.creatorDashboard;
      const projectorOf = (owner: string): Projector => {
        const { stores, clock } = system;
        return createProjector({ ...stores, stores: undefined, clock, views, owner, reconcileMs: RECONCILE_MS });
      };
      async function ask(): Promise<Rebuild> {
        const plan = await planRebuild({ ...system.stores, clock: system.clock }, view);
        if (plan === null) throw new Error('nothing was planned');
        return plan;
      }
      const planned = ({ _id }: Rebuild) => system.stores.reads.get<Rebuild>(REBUILDS, _id);
      async function expectDone(plan: Rebuild, projector: Projector): Promise<void> {
        await until('the rebuild is done', async () => (await planned(plan))?.state === 'DONE');
        expect((await aliasOf(system.stores.reads, view.name))?.generation).to.equal(plan.generation);
        await projector.catchUp();
        await system.commands.catchUp();
        await expectFolded(system.stores, await readLog(system.stores.events));
      }
      const projected = (id: string, content: object) =>
        until('projected', async () => {
          const { body } = await system.as(id).get('/creators/dashboard');
          return Object.entries(content).every(([name, value]) => body.data?.[name] === value);
        });
      beforeEach(() => system.projector.stop());

      it('queues a new rebuild while the views continue, and runs it when Redis has come back empty', async () => {
        const projector = projectorOf('one');
        others.push({ close: () => projector.stop() });
        await projector.start();
        const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
        await redis.kill();
        const plan = await ask();
        expect(await rejection(enqueueRebuild(system.stores.queue, plan))).to.be.instanceOf(StoreUnavailable);
        await setDms(creator, { dmType: 'PER_MESSAGE', dmPrice: 30, dmActive: true });
        await projected(creator.userId, { dmPrice: '30.00' });
        expect(await planned(plan)).to.include({ state: 'RUNNING', token: 0 });
        await redis.start();
        await expectDone(plan, projector);
      });

      it('finishes a rebuild whose job was lost with Redis', async () => {
        const projector = projectorOf('one');
        others.push({ close: () => projector.stop() });
        await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
        const plan = await ask();
        expect(await enqueueRebuild(system.stores.queue, plan)).to.equal(true);
        await redis.kill();
        await redis.start();
        await until(
          'Redis is empty',
          async () => (await system.stores.queue.list('rebuild').catch(() => [1])).length === 0,
        );
        await projector.start();
        await expectDone(plan, projector);
      });

      it('starts a projector although a rebuild is open', async () => {
        const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
        await redis.kill();
        const plan = await ask();
        const projector = projectorOf('one');
        others.push({ close: () => projector.stop() });
        await projector.start();
        await projected(creator.userId, { dmPrice: '10.00' });
        await redis.start();
        await expectDone(plan, projector);
      });

      it('starts a projector although its newer code needs a rebuild', async () => {
        const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
        const { reads } = system.stores;
        await moveAlias(reads, 'message', await aliasOf(reads, 'message'), { generation: 'v0', position: 0n });
        await redis.kill();
        const projector = projectorOf('one');
        others.push({ close: () => projector.stop() });
        await projector.start();
        await projected(creator.userId, { dmPrice: '10.00' });
        await redis.start();
        await until('built', async () => (await aliasOf(reads, 'message'))?.previous === 'v0');
      });
    });
  });
}

if (hasRedis()) defineTests();
else console.log('skipped: there is no redis-server');
