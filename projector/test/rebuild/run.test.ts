import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { digestOf } from '@creator-dashboards/shared/fold';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { history } from '@creator-dashboards/shared/testing/given';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { aliasOf, moveAlias, nameNewestPlan } from '../../src/generations.js';
import { createProjector, type Projector } from '../../src/projector.js';
import { REBUILDS, updateRebuild, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild, planRollback } from '../../src/rebuild/planner.js';
import { progressOf } from '../../src/rebuild/work.js';
import { openRebuild, type RebuildPorts, type RebuildRun } from '../../src/rebuild/run.js';
import { creatorUserId, delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { allIn, openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews, withBrokenArrivals } from '../toy-views.js';

const VIEW = mailbox.name;
const story = Array.from({ length: 20 }, (_, n) => [sent(idOf(n)), delivered(idOf(n)), replied(idOf(n))]).flat();

describe('A rebuild', () => {
  let stores: TestStores;
  let projector: Projector;
  const clock = { ...systemClock, now: () => 1_000_000 };
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history(story));
    projector = createProjector({ ...stores, clock, views: toyViews, owner: 'projector' });
    await projector.catchUp();
  });
  afterEach(async () => {
    await projector.stop();
    await stores.close();
  });

  const plan = async () => planned(await planRebuild({ ...stores, clock }, mailbox));
  const planNow = (id: string) => stores.reads.get<Rebuild>(REBUILDS, id);
  const served = async () => (await aliasOf(stores.reads, VIEW))?.generation;
  const digest = async (generation: string) => digestOf(await allIn(stores.reads, collectionOf(VIEW, generation)));
  const open = async (id: string, overrides: Partial<RebuildPorts> = {}): Promise<RebuildRun> => {
    const run = await openRebuild(
      { ...stores, clock, views: toyViews, owner: 'worker', isDead: () => true, batch: 10, ...overrides },
      id,
    );
    if (!run) throw new Error('nothing to rebuild');
    return run;
  };
  /** Steps to the end; answers what was served before each step. */
  async function toTheEnd(run: RebuildRun): Promise<(string | undefined)[]> {
    const seen: (string | undefined)[] = [];
    for (let next = 'now'; next === 'now';) {
      seen.push(await served());
      ({ next } = await run.step());
    }
    await run.release();
    return seen;
  }

  it('serves the old generation until the new one has caught up, and both are equal', async () => {
    const before = await digest('v1');
    const { _id } = await plan();
    const seen = await toTheEnd(await open(_id));
    expect(new Set(seen)).to.deep.equal(new Set(['v1']));
    expect(seen.length).to.be.greaterThan(6);
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2', previous: 'v1' });
    expect(await planNow(_id)).to.include({ state: 'DONE', position: 600n, head: '600' });
    expect(await digest('v1-2')).to.equal(before);
    expect(await digest('v1')).to.equal(before);
  });

  it('lets the projector feed the new generation from the takeover on, and the one before it too', async () => {
    await toTheEnd(await open((await plan())._id));
    stores.events.add(history([sent(idOf(90)), delivered(idOf(90))], { after: 600n }));
    await projector.catchUp();
    const box = (generation: string) => stores.reads.get(collectionOf(VIEW, generation), creatorUserId);
    expect(await box('v1-2')).to.include({ delivered: 21 });
    expect(await box('v1'), 'a rollback finds it up to date').to.include({ delivered: 21 });
    expect(projector.feeds.map(({ name }) => name)).to.include.members(['mailbox.v1-2', 'mailbox.v1']);
    expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, 'mailbox.v1')).to.include({ owner: 'projector' });
  });

  it('reports events done and left, documents and time as it goes, over all its workers', async () => {
    let now = 0;
    const events = {
      ...stores.events,
      readAll: (options: Parameters<typeof stores.events.readAll>[0]) => {
        now += 2_000;
        return stores.events.readAll(options);
      },
    };
    const ticking = { events, clock: { ...clock, monotonic: () => now } };
    const { _id, work } = await plan();
    expect(work).to.deep.include({ events: 0, left: null });
    for (let batches = 1; batches <= 2; batches += 1) {
      const run = await open(_id, ticking);
      await run.step();
      await run.release();
      now += 60_000; // Nobody works.
      expect((await planNow(_id))?.work).to.deep.include({
        events: 10 * batches,
        left: 60 - 10 * batches,
        ms: 2_000 * batches,
      });
    }
    // 40 events of 0.2 s, and one document, to write like one and a half of them and to compare like six.
    expect(progressOf((await planNow(_id)) as Rebuild)).to.include({
      part: 4 / (4 + 9.5),
      eventsPerSecond: 5,
      secondsLeft: 9.5,
    });
    await toTheEnd(await open(_id, ticking));
    expect((await planNow(_id))?.work).to.include({ events: 60, left: 0, documents: 1 });
  });

  it('tells how long the comparison still takes, and what the next one may take by what this one took', async () => {
    let now = 0;
    const ticking = { ...clock, monotonic: () => now };
    const slow: TestStores['reads'] = {
      ...stores.reads,
      find: (collection, options) => {
        if (collection === collectionOf(VIEW, 'v1')) now += 3_000;
        return stores.reads.find(collection, options);
      },
    };
    const { _id } = await plan();
    await toTheEnd(await open(_id, { reads: slow, clock: ticking }));
    expect((await planNow(_id))?.work).to.deep.include({ toCompare: 0, compare: { units: 1, ms: 3_000 } });
    expect((await plan()).work.before).to.deep.include({ compare: 3_000 });
  });

  it('continues where a worker stopped', async () => {
    const { _id } = await plan();
    const stopped = await open(_id);
    await stopped.step();
    await stopped.step();
    await stopped.release();
    const readFrom: bigint[] = [];
    const events = {
      ...stores.events,
      readAll: (options: Parameters<typeof stores.events.readAll>[0]) => {
        readFrom.push(options.after);
        return stores.events.readAll(options);
      },
    };
    await toTheEnd(await open(_id, { events, owner: 'next worker' }));
    expect(readFrom[0]).to.equal(200n);
    expect(await planNow(_id)).to.include({ state: 'DONE', token: 2 });
    expect(await digest('v1-2')).to.equal(await digest('v1'));
  });

  it('waits for the lease of a worker that may still be alive, and a superseded worker changes nothing', async () => {
    const { _id } = await plan();
    const first = await open(_id);
    await first.step();
    const second = await open(_id, { owner: 'second', isDead: () => false });
    expect(await second.step()).to.include({ next: 'later' });
    expect(await first.step()).to.include({ next: 'ended' });
    expect(await planNow(_id)).to.include({ token: 2, state: 'RUNNING', position: 100n });
  });

  it('does not take over while it is behind what is served', async () => {
    const short = logOf(stores.events.all.slice(0, 40));
    const { _id } = planned(await planRebuild({ ...stores, events: short, clock }, mailbox));
    const run = await open(_id, { events: short, batch: 100 });
    await run.step();
    expect(await run.step()).to.include({ next: 'later' });
    expect(await served()).to.equal('v1');
    expect(await planNow(_id)).to.include({ state: 'CAUGHT_UP' });
    short.add(stores.events.all.slice(40));
    await toTheEnd(run);
    expect(await served()).to.equal('v1-2');
  });

  it('finishes after a crash between the alias and the plan', async () => {
    const { _id } = await plan();
    const run = await open(_id, { batch: 1_000 });
    await run.step();
    await run.release();
    await moveAlias(stores.reads, VIEW, await aliasOf(stores.reads, VIEW), { generation: 'v1-2', position: 600n });
    await toTheEnd(await open(_id));
    expect(await planNow(_id)).to.include({ state: 'DONE' });
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2', previous: 'v1' });
  });

  it('moves nothing when it is not the newest plan of its view, as one that an older release left over', async () => {
    const { _id } = await plan();
    const run = await open(_id);
    await nameNewestPlan(stores.reads, VIEW, 'mailbox.v2');
    await toTheEnd(run);
    expect(await planNow(_id)).to.include({ state: 'SUPERSEDED', error: 'mailbox.v2 is newer' });
    expect(await served()).to.equal('v1');
  });

  it('is held where it parked a key that is not parked in what is served', async () => {
    const broken = logOf(withBrokenArrivals(stores.events.all));
    const { _id } = await plan();
    await toTheEnd(await open(_id, { events: broken }));
    expect(await planNow(_id)).to.include({
      state: 'HELD',
      error: '1 of 1 documents could not be compared; 1 keys are parked in v1-2 that are not in v1',
    });
    expect(await served()).to.equal('v1');
  });

  it('ends when it is cancelled while it waits for the lease of another', async () => {
    const { _id } = await plan();
    await (await open(_id)).step();
    const second = await open(_id, { owner: 'second', isDead: () => false });
    expect(await second.step()).to.include({ next: 'later' });
    await cancelRebuild({ ...stores, clock }, mailbox);
    expect(await second.step()).to.include({ next: 'ended' });
    expect(await planNow(_id)).to.include({ state: 'CANCELLED', owner: 'second' });
  });

  it('ends when it is cancelled', async () => {
    const { _id } = await plan();
    const run = await open(_id);
    await run.step();
    await updateRebuild(stores.reads, (await planNow(_id)) as Rebuild, { state: 'CANCELLED' });
    expect(await run.step()).to.include({ next: 'ended' });
    expect(await served()).to.equal('v1');
  });

  it('fails, and leaves the alias alone, when an event cannot even be parked', async () => {
    const keyless = history([delivered(idOf(91))], { after: 600n }).map((event): RecordedEvent => ({
      ...event,
      metadata: { ...event.metadata, keys: {} },
    }));
    stores.events.add(keyless);
    const { _id } = await plan();
    await toTheEnd(await open(_id));
    expect(await planNow(_id))
      .to.include({ state: 'FAILED' })
      .and.to.have.property('error')
      .that.includes('no routing key');
    expect(await served()).to.equal('v1');
  });

  it('ends when newer code has taken over, and is left to code of its own version', async () => {
    const { _id } = await plan();
    await moveAlias(stores.reads, VIEW, await aliasOf(stores.reads, VIEW), { generation: 'v2', position: 1n });
    await toTheEnd(await open(_id));
    expect(await planNow(_id)).to.include({ state: 'SUPERSEDED', error: 'v2, of a newer version, is served already' });
    const newer = planned(await planRebuild({ ...stores, clock }, { ...mailbox, version: 2 }));
    expect(await openRebuild({ ...stores, clock, views: toyViews, owner: 'x' }, newer._id)).to.equal(null);
  });

  it('is rolled back at once where code of before feeds the previous generation all along', async () => {
    await moveAlias(stores.reads, VIEW, await aliasOf(stores.reads, VIEW), { generation: 'v2', position: 600n });
    await projector.catchUp(); // It holds the lease of v1, which it goes on feeding.
    const { _id } = planned(await planRollback({ ...stores, clock }, mailbox));
    await toTheEnd(await open(_id, { isDead: () => false }));
    expect(await planNow(_id)).to.include({ _id: 'mailbox.v1', state: 'DONE' });
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1', previous: 'v2', position: 600n });
  });

  it('can be rolled back: the previous generation catches up and is served again', async () => {
    expect(await planRollback({ ...stores, clock }, mailbox)).to.equal(null);
    await toTheEnd(await open((await plan())._id));
    stores.events.add(history([sent(idOf(90)), delivered(idOf(90))], { after: 600n }));
    await projector.catchUp();
    expect(await planRollback({ ...stores, clock }, { ...mailbox, version: 2 })).to.equal(null); // Not with code of another version.
    const back = await planRollback({ ...stores, clock }, mailbox);
    expect(back).to.include({ _id: 'mailbox.v1', state: 'RUNNING' });
    await toTheEnd(await open('mailbox.v1'));
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1', previous: 'v1-2', position: 620n });
    expect(await digest('v1')).to.equal(await digest('v1-2'));
    await planRollback({ ...stores, clock }, mailbox);
    await toTheEnd(await open('mailbox.v1-2'));
    expect(await served()).to.equal('v1-2');
  });
});
