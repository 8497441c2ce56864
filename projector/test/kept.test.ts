import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { history } from '@creator-dashboards/shared/testing/given';
import { creatorUserId, delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { ALIASES, collectionOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { dropGeneration, generationsOf, keepGenerations } from '../src/kept.js';
import { aliasOf, consumerOf, moveAlias } from '../src/generations.js';
import { planRebuild, planRollback } from '../src/rebuild/planner.js';
import { openRebuild } from '../src/rebuild/run.js';
import { enqueueRebuild, workOnRebuilds } from '../src/rebuild/queue.js';
import { feedOf, openStores, planned, type TestStores } from './stores.js';
import { answeredElsewhere, mailbox, toyViews } from './toy-views.js';

const VIEW = mailbox.name;
const clock = { ...systemClock, now: () => 1_000_000 };

describe('The generations of a view', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), delivered(), answeredElsewhere]));
    await moveAlias(stores.reads, VIEW, null, { generation: 'v1', position: 0n });
    await feedOf(stores, consumerOf(mailbox, 'v1')).catchUp();
  });
  afterEach(() => stores.close());

  /** Rebuilds on the queue until the job is done. */
  async function rebuild(keep?: number): Promise<void> {
    const plan = planned(await planRebuild({ ...stores, clock }, mailbox));
    await enqueueRebuild(stores.queue, plan);
    let stop = async () => {};
    await new Promise<void>((resolve) => {
      const afterwards = async () => resolve();
      const ports = { ...stores, stores: undefined, clock, views: toyViews, owner: 'worker' };
      stop = workOnRebuilds({ ...ports, keepGenerations: keep, afterwards });
    });
    await stop();
  }
  const roles = async () => (await generationsOf(stores.reads, VIEW)).map(({ generation, role }) => [generation, role]);

  it('are listed with their role, size and position, the newest first', async () => {
    await rebuild(9);
    await rebuild(9);
    const [newest] = await generationsOf(stores.reads, VIEW);
    expect(newest).to.deep.equal({
      ...{ view: VIEW, generation: 'v1-3', role: 'served', documents: 2, position: 30n, owner: '' },
    });
    expect(await roles()).to.deep.equal([
      ['v1-3', 'served'],
      ['v1-2', 'previous'],
      ['v1', 'left over'],
    ]);
    await planRebuild({ ...stores, clock }, mailbox);
    await stores.reads.declare(collectionOf(VIEW, 'v1-4'), []);
    expect((await roles())[0]).to.deep.equal(['v1-4', 'building']);
  });

  it('are dropped beyond two by the switch: only the served one and the one before it stay', async () => {
    await rebuild();
    expect(await roles()).to.deep.equal([
      ['v1-2', 'served'],
      ['v1', 'previous'],
    ]);
    await rebuild();
    expect(await roles()).to.deep.equal([
      ['v1-3', 'served'],
      ['v1-2', 'previous'],
    ]);
  });

  it('are kept as many as asked for, but never fewer than the served one and the one before', async () => {
    for (let n = 0; n < 3; n += 1) await rebuild(9);
    expect(await keepGenerations(stores.reads, mailbox, 3)).to.deep.equal(['v1']);
    expect(await keepGenerations(stores.reads, mailbox, 1)).to.deep.equal(['v1-2']);
    expect(await keepGenerations(stores.reads, mailbox, 1)).to.deep.equal([]);
    expect((await roles()).map(([generation]) => generation)).to.deep.equal(['v1-4', 'v1-3']);
  });

  it('are not dropped while an older release feeds them, whose code is not here', async () => {
    await rebuild(9);
    await rebuild(9);
    const older = feedOf(stores, consumerOf(mailbox, 'v1'));
    await older.catchUp();
    const newer = { ...mailbox, version: 2 };
    expect(await keepGenerations(stores.reads, newer, 2)).to.deep.equal([]);
    await older.release();
    expect(await keepGenerations(stores.reads, newer, 2)).to.deep.equal(['v1']);
  });

  it('are not dropped when they are served by now: everything stays as it was', async () => {
    await rebuild(9);
    const before = await stores.reads.get<Checkpoint>(CHECKPOINTS, 'mailbox.v1-2');
    expect(await dropGeneration(stores.reads, VIEW, 'v1-2')).to.equal(false);
    expect(await stores.reads.get(CHECKPOINTS, 'mailbox.v1-2')).to.include({ position: 30n, eventId: before?.eventId });
    expect(await stores.reads.count(collectionOf(VIEW, 'v1-2'))).to.equal(2);
  });

  it('are fed and shown no more for having been served, once they are dropped', async () => {
    await rebuild(9);
    await rebuild(9);
    expect(await aliasOf(stores.reads, VIEW)).to.deep.include({ previous: 'v1-2', earlier: ['v1'] });
    await dropGeneration(stores.reads, VIEW, 'v1');
    await dropGeneration(stores.reads, VIEW, 'v1-2');
    expect(await aliasOf(stores.reads, VIEW)).to.deep.include({ generation: 'v1-3', previous: null, earlier: [] });
  });

  it('are not served by a rollback that had caught up when another operator dropped them', async () => {
    await rebuild(9);
    const { _id } = planned(await planRollback({ ...stores, clock }, mailbox));
    let dropped = false;
    /** The drop comes between the look at the alias and the switch. */
    const reads: typeof stores.reads = {
      ...stores.reads,
      async write(collection, writes) {
        const isSwitch = collection === ALIASES && !dropped;
        if (isSwitch) dropped = await dropGeneration(stores.reads, VIEW, 'v1');
        return stores.reads.write(collection, writes);
      },
    };
    const run = planned(
      await openRebuild({ ...stores, reads, clock, views: toyViews, owner: 'x', isDead: () => true }, _id),
    );
    const documents: number[] = [];
    for (let next = 'now'; next !== 'ended';) {
      ({ next } = await run.step());
      if ((await aliasOf(stores.reads, VIEW))?.generation === 'v1')
        documents.push(await stores.reads.count(collectionOf(VIEW, 'v1')));
    }
    await run.release();
    expect([dropped, ...documents], 'it is built from nothing before it is served').to.deep.equal([true, 2]);
  });

  it('fence off their feed when they are dropped, and are built from nothing by whoever feeds them again', async () => {
    const before = feedOf(stores, consumerOf(mailbox, 'v1'));
    await before.catchUp();
    const token = (await stores.reads.get<Checkpoint>(CHECKPOINTS, 'mailbox.v1'))?.token ?? 0;
    await moveAlias(stores.reads, VIEW, await aliasOf(stores.reads, VIEW), { generation: 'v2', position: 0n });
    await dropGeneration(stores.reads, VIEW, 'v1');
    expect(await stores.reads.get(CHECKPOINTS, 'mailbox.v1')).to.include({ position: 0n, token: token + 1, owner: '' });
    expect(await stores.reads.count(collectionOf(VIEW, 'v1'))).to.equal(0);
    await feedOf(stores, consumerOf(mailbox, 'v1')).catchUp();
    expect(await stores.reads.get(collectionOf(VIEW, 'v1'), creatorUserId)).to.include({ delivered: 1 });
  });
});
