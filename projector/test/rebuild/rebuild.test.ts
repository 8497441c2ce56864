import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { digestOf } from '@creator-dashboards/shared/fold';
import type { StoreConfig } from '@creator-dashboards/shared/process/connect';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { history } from '@creator-dashboards/shared/testing/given';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { ALIASES, collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { join } from 'node:path';
import { aliasOf, moveAlias } from '../../src/generations.js';
import { createProjector, type Projector } from '../../src/projector.js';
import {
  enqueueRebuild,
  planRebuild,
  planRollback,
  REBUILDS,
  updateRebuild,
  type Rebuild,
} from '../../src/rebuild/plan.js';
import { workOnRebuilds } from '../../src/rebuild/job.js';
import { openRebuild, type RebuildPorts, type RebuildRun } from '../../src/rebuild/run.js';
import {
  completed,
  creatorUserId,
  delivered,
  idOf,
  replied,
  sent,
  upgraded,
} from '@creator-dashboards/shared/testing/fixtures/cast';
import { allIn, openStores, type TestStores } from '../stores.js';

const VIEW = 'creatorDashboard';
const story = [
  upgraded,
  ...Array.from({ length: 20 }, (_, n) => [
    sent(idOf(n)),
    delivered(idOf(n)),
    replied(idOf(n)),
    completed(idOf(n)),
  ]).flat(),
];

describe('a rebuild', () => {
  let stores: TestStores;
  let projector: Projector;
  const clock = { now: () => 1_000_000 };
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history(story));
    projector = createProjector({ ...stores, clock, owner: 'projector' });
    await projector.catchUp();
  });
  afterEach(async () => {
    await projector.stop();
    await stores.close();
  });

  const plan = () => planRebuild({ ...stores, clock }, VIEW, 1);
  const planNow = (id: string) => stores.reads.get<Rebuild>(REBUILDS, id);
  const served = async () => (await aliasOf(stores.reads, VIEW))?.generation;
  const digest = async (generation: string) => digestOf(await allIn(stores.reads, collectionOf(VIEW, generation)));
  const open = async (id: string, overrides: Partial<RebuildPorts> = {}): Promise<RebuildRun> => {
    const run = await openRebuild(
      { ...stores, clock, owner: 'worker', isDead: () => true, batch: 10, ...overrides },
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

  describe('its plan', () => {
    it('is made once while it is open, by however many', async () => {
      const plans = await Promise.all([plan(), plan(), plan()]);
      expect(new Set(plans.map(({ _id }) => _id))).to.deep.equal(new Set(['creatorDashboard.v1-2']));
      expect(await stores.reads.count(REBUILDS)).to.equal(1);
    });
    it('takes the next generation after one that is finished, whatever became of it', async () => {
      await updateRebuild(stores.reads, await plan(), { state: 'CANCELLED' });
      expect(await plan()).to.include({ generation: 'v1-3', state: 'RUNNING' });
    });
    it('begins a new version with its plain name', async () => {
      expect(await planRebuild({ ...stores, clock }, VIEW, 2)).to.include({ generation: 'v2' });
    });
  });

  it('serves the old generation until the new one has caught up; both are equal', async () => {
    const before = await digest('v1');
    const { _id } = await plan();
    const seen = await toTheEnd(await open(_id));
    expect(new Set(seen)).to.deep.equal(new Set(['v1']));
    expect(seen.length).to.be.greaterThan(8);
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2', previous: 'v1' });
    expect(await planNow(_id)).to.include({ state: 'DONE', position: 810n, head: '810' });
    expect(await digest('v1-2')).to.equal(before);
    expect(await digest('v1')).to.equal(before);
  });

  it('lets the projector feed the new generation from then on', async () => {
    await toTheEnd(await open((await plan())._id));
    stores.events.add(history([sent(idOf(90)), delivered(idOf(90))], { after: 810n }));
    await projector.catchUp();
    const dashboard = (generation: string) => stores.reads.get(collectionOf(VIEW, generation), creatorUserId);
    expect(await dashboard('v1-2')).to.include({ totalMessages: 21 });
    expect(await dashboard('v1')).to.include({ totalMessages: 20 });
    expect(projector.feeds.map(({ name }) => name))
      .to.include('creatorDashboard.v1-2')
      .and.not.include('creatorDashboard.v1');
    expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, 'creatorDashboard.v1')).to.include({ owner: '' });
  });

  it('goes on where a killed worker stopped', async () => {
    const { _id } = await plan();
    const killed = await open(_id);
    await killed.step();
    await killed.step();
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

  it('waits for the lease of a worker that may still live, and lets a superseded one change nothing', async () => {
    const { _id } = await plan();
    const first = await open(_id);
    await first.step();
    const second = await open(_id, { owner: 'second', isDead: () => false });
    expect(await second.step()).to.include({ next: 'later' });
    expect(await first.step()).to.include({ next: 'ended' });
    expect(await planNow(_id)).to.include({ token: 2, state: 'RUNNING', position: 100n });
  });

  it('does not take over while it is behind what is served', async () => {
    const { _id } = await plan();
    const short = logOf(stores.events.all.slice(0, 40));
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
    await moveAlias(stores.reads, VIEW, await aliasOf(stores.reads, VIEW), { generation: 'v1-2', position: 810n });
    await toTheEnd(await open(_id));
    expect(await planNow(_id)).to.include({ state: 'DONE' });
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1-2', previous: 'v1' });
  });

  it('ends when it is cancelled', async () => {
    const { _id } = await plan();
    const run = await open(_id);
    await run.step();
    await updateRebuild(stores.reads, (await planNow(_id)) as Rebuild, { state: 'CANCELLED' });
    expect(await run.step()).to.include({ next: 'ended' });
    expect(await served()).to.equal('v1');
  });

  it('fails, and leaves the alias, when an event cannot even be parked', async () => {
    const keyless = history([delivered(idOf(91))], { after: 810n }).map((event): RecordedEvent => ({
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

  it('fails where newer code has taken over, and leaves other versions to their own code', async () => {
    const { _id } = await plan();
    await moveAlias(stores.reads, VIEW, await aliasOf(stores.reads, VIEW), { generation: 'v2', position: 1n });
    await toTheEnd(await open(_id));
    expect(await planNow(_id)).to.include({ state: 'FAILED', error: 'v2, of a newer version, is served already' });
    const newer = await planRebuild({ ...stores, clock }, VIEW, 2);
    expect(await openRebuild({ ...stores, clock, owner: 'x' }, newer._id)).to.equal(null);
  });

  it('can be taken back: the generation of before catches up and is served again', async () => {
    expect(await planRollback({ ...stores, clock }, VIEW, 1)).to.equal(null);
    await toTheEnd(await open((await plan())._id));
    stores.events.add(history([sent(idOf(90)), delivered(idOf(90))], { after: 810n }));
    await projector.catchUp();
    expect(await planRollback({ ...stores, clock }, VIEW, 2)).to.equal(null); // not with code of another version
    const back = await planRollback({ ...stores, clock }, VIEW, 1);
    expect(back).to.include({ _id: 'creatorDashboard.v1', state: 'RUNNING' });
    await toTheEnd(await open('creatorDashboard.v1'));
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1', previous: 'v1-2', position: 830n });
    expect(await digest('v1')).to.equal(await digest('v1-2'));
    await planRollback({ ...stores, clock }, VIEW, 1);
    await toTheEnd(await open('creatorDashboard.v1-2'));
    expect(await served()).to.equal('v1-2');
  });

  it('moves the alias by compare-and-set', async () => {
    const [first, second] = [await aliasOf(stores.reads, VIEW), await aliasOf(stores.reads, VIEW)];
    expect(await moveAlias(stores.reads, VIEW, first, { generation: 'v1-2', position: 5n })).to.equal(true);
    expect(await moveAlias(stores.reads, VIEW, second, { generation: 'v1-3', position: 5n })).to.equal(false);
    expect(await moveAlias(stores.reads, VIEW, null, { generation: 'v1', position: 0n })).to.equal(false);
    expect(await stores.reads.get(ALIASES, VIEW)).to.deep.include({ generation: 'v1-2', previous: 'v1' });
  });

  it('is a job on the queue', async () => {
    const { _id } = await plan();
    expect(await enqueueRebuild(stores.queue, { _id })).to.equal(true);
    expect(await enqueueRebuild(stores.queue, { _id })).to.equal(false);
    let stop = async () => {};
    await new Promise<void>((resolve) => {
      stop = workOnRebuilds({
        ...stores,
        stores: undefined,
        clock,
        owner: 'worker',
        afterwards: async () => resolve(),
      });
    });
    await stop();
    expect(await served()).to.equal('v1-2');
    expect(await stores.queue.get(`rebuild-${_id}`)).to.deep.include({
      state: 'completed',
      progress: { position: '810', head: '810', state: 'DONE' },
    });
    expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(VIEW, 'v1-2'))).to.include({ owner: '' });
  });
});

describe('a rebuild in a thread', () => {
  it('has connections of its own, and serves what it built', async function () {
    this.timeout(20_000);
    const stores = openStores();
    const config: StoreConfig = {
      dataDir: stores.folder,
      eventStoreUrl: 'sqlite:',
      readStoreUrl: 'sqlite:',
      queueUrl: 'sqlite:',
      keyStoreUrl: 'sqlite:',
      masterKey: 'x'.repeat(32),
    };
    const events = openEventStore(join(stores.folder, 'events.db'));
    for (const { stream, id, type, data, metadata, revision } of history(story))
      await events.append(stream, revision === 0n ? 'no_stream' : revision - 1n, [{ id, type, data, metadata }]);
    await events.close();
    const ports = { ...stores, clock: { now: () => 1_000_000 } };
    const { _id } = await planRebuild(ports, VIEW, 1);
    await enqueueRebuild(stores.queue, { _id });
    let stop = async () => {};
    await new Promise<void>((resolve) => {
      stop = workOnRebuilds({ ...ports, stores: config, owner: 'worker', afterwards: async () => resolve() });
    });
    await stop();
    expect(await stores.reads.get<Rebuild>(REBUILDS, _id)).to.include({ state: 'DONE', position: 81n });
    expect(await aliasOf(stores.reads, VIEW)).to.include({ generation: 'v1', position: 81n });
    expect(await stores.reads.get(collectionOf(VIEW, 'v1'), creatorUserId)).to.include({ totalMessages: 20 });
    await stores.close();
  });
});
