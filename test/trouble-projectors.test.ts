/**
 * Faults of projectors in server mode, on fakes at wire level: one dies between its documents and its checkpoint, two
 * believe that they are active, MongoDB is down. Whatever happens, the views equal a plain fold of the log.
 */
import { consumerOf, generationOf } from '@creator-dashboards/projector/generations';
import { createProjector } from '@creator-dashboards/projector/projector';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { views as registry } from '@creator-dashboards/shared/views/registry';
import { createFeed, type BatchCounts } from '@creator-dashboards/shared/feed';
import { concerns } from '@creator-dashboards/shared/fold';
import { CHECKPOINTS, LEASE_MS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { fromInstant, systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { expectFolded } from './support/documents.js';
import { readLog } from './support/invariants.js';
import { answered, creatorWithDms, fanWith, type Creator, type Person } from './support/people.js';
import { openRunning, startFakes, type Fakes, type Running } from './support/running.js';
import { BEGINNING, openSystem, type TestSystem } from './support/system.js';

const views = withFingerprints(registry);
const { name: VIEW, version } = views.creatorDashboard;
const FEED = feedNameOf(VIEW, generationOf(version));
const DOCUMENTS = collectionOf(VIEW, generationOf(version));

describe('Projectors with faults', function () {
  let fakes: Fakes;
  let system: TestSystem;
  let creator: Creator;
  let fan: Person;
  let questions: number;
  /** A system whose own projector has nothing to do. */
  async function openFixtures(more = {}): Promise<void> {
    system = await openSystem({ mode: fakes.mode(more) });
    await system.projector.stop();
    creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
    fan = await fanWith(system, 'finn', '500.00');
    questions = 0;
  }
  beforeEach(async () => {
    fakes = await startFakes();
  });
  afterEach(async () => {
    await system.close();
    await fakes.close();
  });

  async function converse(): Promise<void> {
    questions += 1;
    await answered(fan, creator, 'PER_MESSAGE', `question ${questions}`);
  }
  const dashboard = () => system.stores.reads.get<Checkpoint>(DOCUMENTS, creator.userId);
  const checkpoint = () => system.stores.reads.get<Checkpoint>(CHECKPOINTS, FEED);
  /** The documents equal a plain fold, and each conversation counts once. */
  async function expectRight(): Promise<void> {
    await system.commands.catchUp();
    await expectFolded(system.stores, await readLog(system.stores.events));
    expect(await dashboard()).to.include({ totalMessages: questions });
  }

  describe('when one dies after writing documents and before writing the checkpoint', () => {
    beforeEach(() => openFixtures());

    const projectorOf = (owner: string, onBatch: (feed: string, counts: BatchCounts) => void = () => undefined) => {
      const { stores, clock } = system;
      return createProjector({
        ...stores,
        stores: undefined,
        clock,
        views,
        owner,
        onBatch,
        isDead: (other) => other === 'dies',
      });
    };

    /** Resolves when the documents of the dashboards are written, and holds the next update of the checkpoint. */
    async function holdCheckpoint() {
      const { commands, misbehave } = fakes.documents;
      for (;;) {
        const hold = misbehave.hold('update', 'before');
        await hold.reached(1);
        const updated = commands.filter(({ name }) => name === 'update').map(({ collection }) => collection);
        if (updated.at(-2) === DOCUMENTS && updated.at(-1) === CHECKPOINTS) return hold;
        hold.release();
      }
    }

    it('count nothing twice', async () => {
      await converse();
      const dying = projectorOf('dies');
      await dying.catchUp();
      const before = await checkpoint();
      await converse();
      await converse();
      const death = rejection(dying.catchUp());
      const hold = await holdCheckpoint();
      fakes.documents.misbehave.breakNext('before', 'update');
      hold.release();
      expect(await death).to.be.instanceOf(StoreUnavailable);
      expect(await checkpoint()).to.include({ position: before?.position, owner: 'dies' });
      expect(await dashboard()).to.include({ totalMessages: 3 });

      const batches: BatchCounts[] = [];
      const next = projectorOf('next', (feed, counts) => void (feed === FEED && batches.push(counts)));
      await next.catchUp();
      await expectRight();
      expect(await checkpoint()).to.include({ position: await system.head(), owner: 'next' });
      expect(batches).to.have.length(1);
      expect(batches[0]).to.include({ applied: 0, parked: 0 }).and.property('duplicate').greaterThan(0);
      await converse();
      await next.catchUp();
      await expectRight();
      await Promise.all([dying.stop(), next.stop()]);
    });
  });

  describe('when two believe that they are active', () => {
    let elapsed: number;
    beforeEach(async () => {
      await openFixtures();
      elapsed = 0;
    });

    /** A projector whose lease is measured by `monotonic`. */
    function feedsOf(owner: string, reads: ReadStore, monotonic: () => number) {
      const { stores } = system;
      const clock = { ...system.clock, monotonic };
      const feeds = Object.values(views).map((view) => {
        const consumer = consumerOf(view, generationOf(view.version));
        return createFeed({ consumer, events: stores.events, reads, clock, owner });
      });
      return {
        async step(): Promise<number> {
          let seen = 0;
          for (const feed of feeds) seen += await feed.step();
          return seen;
        },
        role: async () => (await feeds.find(({ name }) => name === FEED)?.status())?.role,
      };
    }

    /** The read store, whose next write of the dashboard to this collection waits. */
    function pausing(collection: string) {
      let pause = (): void => undefined;
      let resume = (): void => undefined;
      const paused = new Promise<void>((resolve) => (pause = resolve));
      const resumed = new Promise<void>((resolve) => (resume = resolve));
      let armed = false;
      const mine = new Set([FEED, creator.userId]);
      const { reads } = system.stores;
      const slow: ReadStore = {
        ...reads,
        async write(name, writes) {
          if (armed && name === collection && writes.some(({ document: { _id } }) => mine.has(_id))) {
            armed = false;
            pause();
            await resumed;
          }
          return reads.write(name, writes);
        },
      };
      return { reads: slow, arm: () => void (armed = true), paused, resume: () => resume() };
    }

    for (const [what, collection] of [
      ['its documents', DOCUMENTS],
      ['its checkpoint', CHECKPOINTS],
    ] as const)
      for (const itsClock of ['went on', 'stood still'] as const)
        for (const when of ['after', 'before'] as const)
          it(`lose nothing when one that paused before it wrote ${what}, and whose clock ${itsClock}, resumes ${when} the other continued`, async () => {
            const [first, second] = [pausing(collection), pausing(collection)];
            const one = feedsOf('one', first.reads, () => (itsClock === 'went on' ? elapsed : 0));
            const two = feedsOf('two', second.reads, () => elapsed);
            await converse();
            await one.step();
            expect(await two.step()).to.equal(0);
            await converse();
            first.arm();
            const stepOfOne = one.step();
            await first.paused;
            elapsed += LEASE_MS;
            if (when === 'before') second.arm();
            const stepOfTwo = two.step();
            if (when === 'before') await second.paused;
            else expect(await stepOfTwo).to.be.greaterThan(0);
            if (when === 'after') await converse();
            if (when === 'after') await two.step();
            first.resume();
            await stepOfOne;
            second.resume();
            await stepOfTwo;

            await converse();
            for (const each of [one, two, one]) while ((await each.step()) > 0);
            expect([await one.role(), await two.role()]).to.deep.equal(['standby', 'active']);
            expect(await checkpoint()).to.include({ owner: 'two', position: await system.head() });
            await expectRight();
          });
  });

  describe('when commands come from another process', () => {
    let running: Running;
    beforeEach(async () => {
      // Its MongoDB is going to be down. By a later clock what is sent would expire before it can be answered.
      const clock = { ...systemClock, now: () => fromInstant(BEGINNING) };
      running = await openRunning(fakes.env, { answerMs: 3_000, clock });
      await running.start();
      await openFixtures({ READ_STORE_URL: 'sqlite:' }); // It needs nothing of what is going to be down.
      await running.settled();
    });
    afterEach(() => running.close());

    const feed = async () => (await running.statuses()).find(({ name }) => name === FEED);
    async function lag(): Promise<number> {
      const { text } = await running.page('/metrics');
      expect(text).to.include('feed_status_known 1');
      return Number(new RegExp(`^feed_lag_events\\{feed="${FEED}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
    }
    async function expectCaughtUp(): Promise<void> {
      await running.settled();
      while ((await lag()) > 0); // it is worked out once a second at most
      await expectFolded(running.stores, await readLog(system.stores.events));
      expect(running.fatal).to.deep.equal([]);
    }

    it('report their lag while MongoDB is down, and project everything when it is back', async () => {
      while ((await lag()) > 0);
      const known = await system.head();
      await fakes.documents.stop();
      let before = 0;
      for (let round = 0; round < 3; round += 1) {
        await converse();
        let behind = await lag();
        while (behind <= before) behind = await lag();
        before = behind;
      }
      const news = await readLog(system.stores.events, known);
      const taken = news.findIndex((event) => concerns(registry.creatorDashboard, event)); // it may pass over what it does not take
      expect(before).to.be.within(news.length - taken, news.length);
      while ((await feed())?.error === null) expect((await running.page('/livez')).status).to.equal(200);
      expect(await feed())
        .to.include({ role: 'active' })
        .and.property('error')
        .match(/MongoDB/);
      while ((await running.page('/readyz')).status !== 503);
      await fakes.documents.start();
      await expectCaughtUp();
    });

    it('continue when their subscription falls silent without an error', async () => {
      fakes.events.misbehave.muteSubscriptions('open');
      await converse();
      await expectCaughtUp();
      await converse();
      await expectCaughtUp();
    });
  });
});
