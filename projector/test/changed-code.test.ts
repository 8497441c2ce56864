import { foldAll } from '@creator-dashboards/shared/fold';
import { creatorUserId, delivered, idOf, replied, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { history } from '@creator-dashboards/shared/testing/given';
import { DAY, HOUR, systemClock } from '@creator-dashboards/shared/time';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { collectionOf, frozenSince } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { aliasOf } from '../src/generations.js';
import { createProjector, type Projector, type ProjectorOptions } from '../src/projector.js';
import { newestRebuilds, REBUILDS, resumeHeld, type Rebuild } from '../src/rebuild/plan.js';
import { planRebuild, planRollback } from '../src/rebuild/planner.js';
import { openRebuild } from '../src/rebuild/run.js';
import { allIn, openStores, planned, type TestStores } from './stores.js';
import { mailbox, type MailboxDocument } from './toy-views.js';

const first: View<MailboxDocument> = { ...mailbox, fingerprints: { fold: 'first', shape: 'one' } };
/** An answer counts twice; the declared version has stayed. */
const second: View<MailboxDocument> = {
  ...first,
  fingerprints: { fold: 'second', shape: 'one' },
  changes: ['answered'],
  handlers: { ...mailbox.handlers, MessageReplied: (box) => ({ ...box, answered: box.answered + 2 }) },
};

describe('A projector whose code has changed a view', () => {
  let stores: TestStores;
  let now = 1_000_000;
  const running: Projector[] = [];
  const clock = { ...systemClock, now: () => now };
  beforeEach(async () => {
    now = 1_000_000;
    stores = openStores();
    stores.events.add(history([sent(), delivered(), replied()]));
    await projectorOf(first).catchUp();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((projector) => projector.stop()));
    await stores.close();
  });

  function projectorOf(view: View, options: Partial<ProjectorOptions> = {}): Projector {
    const projector = createProjector({
      ...{ ...stores, stores: undefined, clock, views: { mailbox: view }, owner: `${running.length}` },
      ...options,
    });
    running.push(projector);
    return projector;
  }
  const feedsOf = (projector: Projector) => projector.feeds.map(({ name }) => name).sort();
  const box = (generation: string) => stores.reads.get(collectionOf('mailbox', generation), creatorUserId);
  const newest = async () => (await newestRebuilds(stores.reads, ['mailbox'])).get('mailbox');
  const more = () => {
    stores.events.add(history([sent(idOf(2)), delivered(idOf(2))], { after: 30n }));
  };
  async function work(view: View, { _id }: Pick<Rebuild, '_id'>): Promise<Rebuild | null> {
    const run = await openRebuild({ ...stores, clock, views: { mailbox: view }, owner: 'worker' }, _id);
    while ((await run?.step())?.next === 'now');
    await run?.release();
    return stores.reads.get<Rebuild>(REBUILDS, _id);
  }

  it('never writes into what other code built, and says so', async () => {
    const changed = projectorOf(second, { rebuildOnChange: 'manual', isDead: () => true });
    more();
    await changed.catchUp();
    expect(feedsOf(changed)).to.deep.equal([]);
    expect(await box('v1')).to.include({ delivered: 1, answered: 1, position: 30n });
    expect(await newest(), 'it waits for an operator').to.equal(undefined);
    const [status] = await changed.status();
    expect(status).to.include({ generation: 'v1', builtBy: 'other code' });
    expect((await changed.ready()).checks).to.have.nested.property('mailbox.builtBy', 'other code');
  });

  it('builds it anew beside the served one, which the code of before feeds on, and serves it', async () => {
    const changed = projectorOf(second);
    await changed.catchUp();
    const plan = planned((await newest()) ?? null);
    expect(plan).to.include({ generation: 'v1-2', state: 'RUNNING', hold: false });
    expect(await work(first, plan), 'other code leaves the plan alone').to.include({ token: 0 });
    expect(await work(second, plan)).to.include({ state: 'DONE' });
    more();
    const [before] = running;
    await before?.catchUp();
    await changed.catchUp();
    expect(before && feedsOf(before)).to.deep.equal(['mailbox.v1']);
    expect(feedsOf(changed)).to.deep.equal(['mailbox.v1-2']);
    for (const [generation, view] of [
      ['v1', first],
      ['v1-2', second],
    ] as const)
      expect(await allIn(stores.reads, collectionOf('mailbox', generation)), generation).to.deep.equal([
        ...foldAll(view, stores.events.all).values(),
      ]);
  });

  it('prepares it and holds it before the switch, where that is wanted, and feeds it until the switch', async () => {
    const changed = projectorOf(second, { rebuildOnChange: 'hold' });
    await changed.catchUp();
    const held = planned(await work(second, planned((await newest()) ?? null)));
    expect(held).to.include({ state: 'HELD' });
    expect(held.error).to.contain('left to an operator');
    more();
    await changed.catchUp();
    expect(feedsOf(changed)).to.deep.equal(['mailbox.v1-2']);
    expect(await box('v1-2')).to.include({ delivered: 2, answered: 2, position: 50n });
    planned(await resumeHeld(stores.reads, held));
    await changed.catchUp();
    await running[0]?.catchUp();
    expect(await work(second, held)).to.include({ state: 'DONE', hold: false });
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v1-2', previous: 'v1' });
  });

  it('says of what nobody feeds any more since when it lacks what happened, until somebody has fed it to the end', async () => {
    const [before] = running;
    await before?.stop();
    const changed = projectorOf(second, { rebuildOnChange: 'manual' });
    const since = async () => frozenSince(planned(await aliasOf(stores.reads, 'mailbox')), await reached());
    const reached = async () => planned(await stores.reads.get<Checkpoint>(CHECKPOINTS, 'mailbox.v1')).position;
    more();
    const [missing] = await stores.events.readAll({ after: 30n, limit: 1 });
    await changed.catchUp();
    expect(await since()).to.equal(planned(missing ?? null).metadata.occurredAt);
    expect((await changed.status())[0]).to.include({ frozenSince: await since(), owner: '' });
    await projectorOf(first).catchUp();
    await changed.catchUp();
    expect([await reached(), await since()]).to.deep.equal([50n, null]);
  });

  it('says nothing of the kind while somebody feeds it, and says so no more once it is fed again, though nothing happens', async () => {
    const alias = async () => planned(await aliasOf(stores.reads, 'mailbox'));
    const changed = projectorOf(second, { rebuildOnChange: 'manual' });
    await changed.catchUp();
    expect((await alias()).frozen ?? null).to.equal(null);
    await running[0]?.stop();
    await changed.catchUp();
    expect((await alias()).frozen).to.include({ asOf: '1970-01-01T00:16:40.000Z', until: '30' });
    await projectorOf(first).catchUp();
    await changed.catchUp();
    expect((await alias()).frozen).to.equal(null);
  });

  it('rebuilds nothing as an older release that is started again', async () => {
    await work(second, planned(await planRebuild({ ...stores, clock }, second)));
    await projectorOf(second).catchUp();
    const older = projectorOf(first, { isDead: () => true });
    await older.catchUp();
    expect(feedsOf(older)).to.deep.equal(['mailbox.v1']);
    expect(await newest()).to.include({ generation: 'v1-2', state: 'DONE' });
  });

  it('feeds what was served before by the code kept of it, for 24 hours after the switch', async () => {
    const raised: View = { ...second, version: 2, kept: first };
    await work(raised, planned(await planRebuild({ ...stores, clock }, raised)));
    const changed = projectorOf(raised, { isDead: () => true });
    await changed.catchUp();
    expect(feedsOf(changed)).to.deep.equal(['mailbox.v1', 'mailbox.v2']);
    now += DAY - HOUR;
    await changed.catchUp();
    expect(feedsOf(changed)).to.deep.equal(['mailbox.v1', 'mailbox.v2']);
    now += HOUR;
    await changed.catchUp();
    expect(feedsOf(changed)).to.deep.equal(['mailbox.v2']);
  });

  it('goes back to what was served before a raised version at once, while the kept code feeds it', async () => {
    const raised: View = { ...second, version: 2, kept: first };
    await work(raised, planned(await planRebuild({ ...stores, clock }, raised)));
    more();
    const changed = projectorOf(raised, { isDead: () => true });
    await changed.catchUp();
    const back = planned(await planRollback({ ...stores, clock }, raised));
    expect(await work(raised, back)).to.include({ state: 'DONE' });
    expect(await aliasOf(stores.reads, 'mailbox')).to.include({ generation: 'v1', previous: 'v2' });
    expect(await box('v1')).to.include({ delivered: 2, answered: 1, position: 50n });
    await changed.catchUp();
    expect(feedsOf(changed)).to.deep.equal(['mailbox.v1', 'mailbox.v2']);
    await projectorOf(raised, { isDead: () => true }).catchUp();
    expect(await newest(), 'what an operator has rolled back from is not planned again').to.include({ _id: back._id });
  });
});
