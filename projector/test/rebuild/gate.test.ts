import { history, onStream } from '@creator-dashboards/shared/testing/given';
import {
  creatorUserId,
  delivered,
  idOf,
  replied,
  sent,
  strangerId,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { newestReport, reportOf, storeReport } from '../../src/compare/reports.js';
import { aliasOf } from '../../src/generations.js';
import { createProjector, type Projector } from '../../src/projector.js';
import { REBUILDS, resumeHeld, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild } from '../../src/rebuild/planner.js';
import { openRebuild } from '../../src/rebuild/run.js';
import { openStores, planned, type TestStores } from '../stores.js';
import {
  answeredElsewhere,
  letter,
  mailbox,
  toyViews,
  withBrokenArrivals,
  type MailboxDocument,
} from '../toy-views.js';

/** A planted mistake: an answer counts twice. */
const wrong: View<MailboxDocument> = {
  ...mailbox,
  handlers: { ...mailbox.handlers, MessageReplied: (box) => ({ ...box, answered: box.answered + 2 }) },
};
const raised: View<MailboxDocument> = { ...wrong, version: 2, kept: mailbox };

describe('The gate before a switch', () => {
  let stores: TestStores;
  let projector: Projector;
  const clock = { ...systemClock, now: () => 1_000_000 };
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), answeredElsewhere, delivered(), replied()]));
    projector = createProjector({ ...stores, clock, views: toyViews, owner: 'projector' });
    await projector.catchUp();
  });
  afterEach(async () => {
    await projector.stop();
    await stores.close();
  });

  const planNow = async (id: string) => planned(await stores.reads.get<Rebuild>(REBUILDS, id));
  const served = async () => (await aliasOf(stores.reads, 'mailbox'))?.generation;
  async function run(view: View<MailboxDocument>, id: string, reads = stores.reads): Promise<Rebuild> {
    const opened = await openRebuild(
      { ...stores, reads, clock, views: { letter, mailbox: view }, owner: 'worker', isDead: () => true },
      id,
    );
    if (!opened) throw new Error('nothing to rebuild');
    while ((await opened.step()).next === 'now');
    await opened.release();
    return planNow(id);
  }
  const rebuild = async (view: View<MailboxDocument>) =>
    run(view, planned(await planRebuild({ ...stores, clock }, view))._id);
  const reportFor = async ({ report }: Rebuild) => planned(await reportOf(stores.reads, 'mailbox', report ?? ''));

  it('lets through what equals the served documents, and keeps the report', async () => {
    const done = await rebuild(mailbox);
    expect(done).to.include({ state: 'DONE', report: 'mailbox-1' });
    expect(await reportFor(done)).to.include({
      compared: 2,
      differing: 0,
      at: '1970-01-01T00:16:40.000Z',
      position: 40n,
    });
  });
  it('holds a rebuild with a wrong mapping, and names the path, how many documents, and examples', async () => {
    const held = await rebuild(wrong);
    expect(held).to.include({
      state: 'HELD',
      error: 'fields differ that were not announced: answered (2 documents)',
      finishedAt: null,
    });
    expect(await served()).to.equal('v1');
    const report = await reportFor(held);
    expect(report).to.include({ compared: 2, differing: 2, notCompared: 0, newlyParked: 0, morePaths: 0 });
    expect(report.paths).to.have.length(1);
    expect(report.paths[0]?.examples).to.have.deep.members([
      { key: creatorUserId, path: 'answered', a: '1', b: '2' },
      { key: strangerId, path: 'answered', a: '1', b: '2' },
    ]);
  });
  it('lets through what the raised version announced, and only that', async () => {
    expect(await rebuild({ ...raised, changes: ['delivered'] })).to.include({ state: 'HELD' });
    await cancelRebuild({ ...stores, clock }, raised);
    expect(await rebuild({ ...raised, changes: ['answered'] })).to.include({ state: 'DONE' });
    expect(await served()).to.equal('v2-2');
  });
  it('takes no announcement of a version for a rebuild of the same version', async () => {
    expect(await rebuild({ ...wrong, changes: ['answered'] })).to.include({ state: 'HELD' });
  });
  it('lets a held rebuild through when an operator accepts its report', async () => {
    const held = await rebuild(wrong);
    planned(await resumeHeld(stores.reads, held, { accepted: held.report }));
    expect(await run(wrong, held._id)).to.include({ state: 'DONE', error: null });
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v1-2', previous: 'v1' });
  });
  it('lets a held rebuild through when an operator expects the path', async () => {
    const held = await rebuild(wrong);
    planned(await resumeHeld(stores.reads, held, { expect: ['answered'] }));
    expect(await run(wrong, held._id)).to.include({ state: 'DONE' });
  });
  it('asks again after an operator let a rebuild go, and holds it where something else differs', async () => {
    const held = await rebuild(wrong);
    const collection = collectionOf('mailbox', 'v1-2');
    const box = planned(await stores.reads.get<MailboxDocument>(collection, strangerId));
    const document = { ...box, delivered: 77 };
    await stores.reads.write(collection, [{ document, expected: { position: box.position } }]);
    planned(await resumeHeld(stores.reads, held, { accepted: held.report }));
    expect(await run(wrong, held._id)).to.include({
      state: 'HELD',
      error: 'fields differ that were not announced: delivered (1 documents)',
      report: 'mailbox-2',
    });
    expect(await served()).to.equal('v1');
  });
  it('has a held candidate fed on while it waits, and no more once it was cancelled', async () => {
    await rebuild(wrong);
    stores.events.add(history([sent(idOf(3)), delivered(idOf(3))], { after: 40n }));
    const other = createProjector({
      ...stores,
      clock,
      views: { letter, mailbox: wrong },
      owner: 'other',
      isDead: () => true,
    });
    try {
      await other.catchUp();
      const box = (generation: string) => stores.reads.get(collectionOf('mailbox', generation), creatorUserId);
      expect(await box('v1-2')).to.include({ delivered: 2, answered: 2, position: 60n });
      expect(await box('v1')).to.include({ delivered: 2, position: 60n });
      expect((await other.ready()).checks).to.have.nested.property('mailbox.rebuild.state', 'HELD');
      await cancelRebuild({ ...stores, clock }, mailbox);
      await other.catchUp();
      expect(other.feeds.map(({ name }) => name).sort()).to.deep.equal(['letter.v1', 'mailbox.v1']);
    } finally {
      await other.stop();
    }
  });
  it('lets through a key that goes on without a discarded event while the documents are compared', async () => {
    const [poison] = withBrokenArrivals(history([delivered(idOf(2))], { after: 40n }));
    if (!poison) throw new Error('a history of one event is empty');
    stores.events.add([poison]);
    await projector.catchUp();
    const { id: eventId, type: eventType } = poison;
    const data = { consumer: 'mailbox', eventId, eventType, key: creatorUserId, position: '50', by: null };
    const count: TestStores['reads']['count'] = async (collection, where) => {
      if (collection === collectionOf('mailbox', 'v1') && (await stores.events.head()) === 50n) {
        const discarded = onStream('parkedDiscards-mailbox', {})('ParkedEventDiscarded', data);
        stores.events.add(history([discarded], { after: 50n }));
        await projector.catchUp();
        for (const feed of projector.feeds) await feed.retryParked();
      }
      return stores.reads.count(collection, where);
    };
    const { _id } = planned(await planRebuild({ ...stores, clock }, mailbox));
    const ended = await run(mailbox, _id, { ...stores.reads, count });
    expect(ended).to.include({ state: 'DONE', error: null });
    expect(await reportFor(ended)).to.deep.include({
      compared: 2,
      newlyParked: 0,
      b: { generation: 'v1-2', fingerprints: { fold: 'v1', shape: null }, position: '60', documents: 2, parked: 0 },
    });
  });
  it('is asked again by the worker that comes after one that died between the comparison and the switch', async () => {
    const { _id } = planned(await planRebuild({ ...stores, clock }, mailbox));
    const ports = { ...stores, clock, views: toyViews, isDead: () => true };
    const dying = planned(await openRebuild({ ...ports, owner: 'dying' }, _id));
    for (let steps = 0; steps < 10 && (await planNow(_id)).report === null; steps += 1) await dying.step();
    expect(await planNow(_id)).to.include({ state: 'CAUGHT_UP', report: 'mailbox-1' });
    expect(await served()).to.equal('v1');
    expect(await run(mailbox, _id)).to.include({ state: 'DONE', report: 'mailbox-2' });
    expect(await dying.step()).to.include({ next: 'ended' });
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v1-2', previous: 'v1' });
  });
  it('compares while events come: the candidate is fed on, and nothing differs because of them', async () => {
    const { _id } = planned(await planRebuild({ ...stores, clock }, mailbox));
    let after = 40n;
    let compared = 0;
    /** Each time the gate reads served documents, a message comes and the served generation takes it. */
    const find: TestStores['reads']['find'] = async (collection, query) => {
      if (collection === collectionOf('mailbox', 'v1') && !query.where) {
        const id = idOf(50 + Number(after));
        stores.events.add(history([sent(id), delivered(id)], { after }));
        after += 20n;
        compared += 1;
        await projector.catchUp();
      }
      return stores.reads.find(collection, query);
    };
    const reads = { ...stores.reads, find };
    const opened = planned(
      await openRebuild({ ...stores, reads, clock, views: toyViews, owner: 'worker', isDead: () => true }, _id),
    );
    while ((await opened.step()).next !== 'ended');
    await opened.release();
    expect(compared).to.equal(1);
    const done = await planNow(_id);
    expect(done).to.include({ state: 'DONE', position: 60n });
    expect(await reportFor(done)).to.include({ compared: 2, differing: 0, notCompared: 0 });
    expect(await stores.reads.get(collectionOf('mailbox', 'v1-2'), creatorUserId)).to.include({ delivered: 2 });
  });
  it('keeps the newest twenty reports of a view', async () => {
    await rebuild(mailbox);
    const { _id, serial, at, refusals, position, ...comparison } = planned(await newestReport(stores.reads, 'mailbox'));
    expect([_id, serial, position]).to.deep.equal(['mailbox-1', 1, 40n]);
    for (let n = 0; n < 22; n += 1) await storeReport(stores.reads, comparison, { at, refusals });
    expect((await newestReport(stores.reads, 'mailbox'))?._id).to.equal('mailbox-23');
    expect(await reportOf(stores.reads, 'mailbox', 'mailbox-3')).to.equal(null);
    expect(await reportOf(stores.reads, 'mailbox', 'mailbox-4')).to.include({ serial: 4 });
  });
});
