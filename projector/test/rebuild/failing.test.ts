/** What is told of a rebuild that fails, by whom, and until when. */
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { history } from '@creator-dashboards/shared/testing/given';
import { delivered, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createProjector, type Projector, type ProjectorOptions } from '../../src/projector.js';
import { observeRebuilds } from '../../src/rebuild/metrics.js';
import { noteBreak, REBUILDS, updateRebuild, type Rebuild } from '../../src/rebuild/plan.js';
import { cancelRebuild, planRebuild } from '../../src/rebuild/planner.js';
import { runRebuild } from '../../src/rebuild/run.js';
import { openStores, planned, type TestStores } from '../stores.js';
import { mailbox, toyViews } from '../toy-views.js';

const noon = '2026-04-29T12:00:00.000Z';
const REASON = 'the disk is full';

describe('A rebuild that fails', () => {
  let stores: TestStores;
  let projector: Projector;
  const clock = { ...systemClock, now: () => Date.parse(noon) };
  const newer = { ...mailbox, version: 2 };
  const projectorOf = (options: Partial<ProjectorOptions> = {}) =>
    createProjector({ ...stores, stores: undefined, clock, views: toyViews, owner: 'one', ...options });
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history([sent(), delivered()]));
    projector = projectorOf();
    await projector.catchUp();
  });
  afterEach(async () => {
    await projector.stop();
    await stores.close();
  });
  const planNow = (id: string) => stores.reads.get<Rebuild>(REBUILDS, id);
  const fail = async (view = mailbox) => {
    const plan = planned(await planRebuild({ ...stores, clock }, view));
    return planned(await updateRebuild(stores.reads, plan, { state: 'FAILED', error: REASON, finishedAt: noon }));
  };
  const rebuildIn = async (of: Projector) => (await of.status()).find(({ view }) => view === 'mailbox')?.rebuild;
  const checkIn = async (of: Projector) => (await of.ready()).checks.mailbox;

  it('has failed when it breaks off three times at the same position, and is tried again before', async () => {
    const { _id } = planned(await planRebuild({ ...stores, clock }, mailbox));
    const state = async () => (await planNow(_id))?.state;
    await noteBreak(stores.reads, _id, REASON, noon);
    await noteBreak(stores.reads, _id, REASON, noon);
    await updateRebuild(stores.reads, planned(await planNow(_id)), { position: 10n });
    await noteBreak(stores.reads, _id, REASON, noon);
    await noteBreak(stores.reads, _id, REASON, noon);
    expect(await state()).to.equal('RUNNING');
    await noteBreak(stores.reads, _id, REASON, noon);
    expect(await planNow(_id)).to.include({ state: 'FAILED', error: REASON, finishedAt: noon });
  });

  it('is not one whose store is away for a while', async () => {
    const { _id } = planned(await planRebuild({ ...stores, clock }, mailbox));
    let away = 2;
    const events = {
      ...stores.events,
      readAll: (options: Parameters<typeof stores.events.readAll>[0]) => {
        if ((away -= 1) >= 0) return Promise.reject(new StoreUnavailable('the event store', 'is away'));
        return stores.events.readAll(options);
      },
    };
    const soon = { ...clock, after: (_ms: number, then: () => void) => clock.after(0, then) };
    const ports = { ...stores, events, clock: soon, views: toyViews, owner: 'worker' };
    const plan = await runRebuild(ports, _id, new AbortController().signal);
    expect([away < 0, plan?.state]).to.deep.equal([true, 'DONE']);
  });

  it('is told by status and /readyz of every projector until an operator acts, and keeps serving what is served', async () => {
    await fail();
    const another = projectorOf({ owner: 'two' });
    await another.catchUp();
    for (const one of [projector, another]) {
      expect(await rebuildIn(one)).to.include({ generation: 'v1-2', state: 'FAILED', error: REASON });
      expect(await checkIn(one)).to.deep.include({ rebuild: { generation: 'v1-2', state: 'FAILED', error: REASON } });
      expect((await one.ready()).ready).to.equal(true); // This code feeds what is served.
    }
    await cancelRebuild({ ...stores, clock }, mailbox);
    expect(await rebuildIn(another)).to.equal(null);
    expect(await checkIn(another)).not.to.have.property('rebuild');
    await another.stop();
  });

  it('makes a projector unready whose code needs it', async () => {
    await fail(newer);
    const after = projectorOf({ owner: 'after', views: { ...toyViews, mailbox: newer } });
    expect((await after.ready()).ready).to.equal(false);
  });

  it('is an error in the log of each process, once, with the reason', async () => {
    const lines: string[] = [];
    const log = createLog({ logLevel: 'error' }, 'projector', { write: (line: string) => void lines.push(line) });
    const { _id } = await fail();
    for (let start = 1; start <= 2; start += 1) {
      const one = projectorOf({ log, owner: `start ${start}` });
      await one.start();
      await one.stop();
      expect(lines).to.have.length(start);
      expect(JSON.parse(lines.at(-1) ?? '')).to.include({ level: 'error', rebuild: _id, reason: REASON });
    }
  });

  it('is measured while it is under way: events, documents, rate, time that is left', async () => {
    const metrics = createMetrics({ processMetrics: false });
    observeRebuilds({ metrics, reads: stores.reads, clock, views: toyViews });
    const plan = planned(await planRebuild({ ...stores, clock }, mailbox));
    const folded = [
      { units: 0, ms: 0 },
      { units: 100, ms: 50_000 },
    ];
    await updateRebuild(stores.reads, plan, {
      work: { ...plan.work, events: 100, left: 300, documents: 7, ms: 50_000, folded },
    });
    const text = await metrics.registry.metrics();
    for (const line of [
      'rebuild_progress{view="mailbox"} 0.25',
      'rebuild_events{view="mailbox"} 100',
      'rebuild_documents{view="mailbox"} 7',
      'rebuild_events_per_second{view="mailbox"} 2',
      'rebuild_seconds_left{view="mailbox",bound="estimate"} 150',
      'rebuild_seconds_left{view="mailbox",bound="from"} 120',
      'rebuild_seconds_left{view="mailbox",bound="to"} 180',
    ])
      expect(text).to.include(line);
    await cancelRebuild({ ...stores, clock }, mailbox);
    expect(await metrics.registry.metrics()).not.to.include('bound=');
  });

  it('is measured from the store: state, progress, seconds, failures', async () => {
    const metrics = createMetrics({ processMetrics: false });
    observeRebuilds({ metrics, reads: stores.reads, clock, views: toyViews });
    const plan = await fail();
    await updateRebuild(stores.reads, plan, {
      position: 5n,
      head: '20',
      startedAt: '2026-04-29T11:59:15.000Z',
    });
    const text = await metrics.registry.metrics();
    for (const line of [
      'rebuild_state{view="mailbox",state="FAILED"} 1',
      'rebuild_progress{view="mailbox"} 0.25',
      'rebuild_seconds{view="mailbox"} 45',
      'rebuild_failures{view="mailbox"} 1',
      'rebuild_failures{view="letter"} 0',
    ])
      expect(text).to.include(line);
    await cancelRebuild({ ...stores, clock }, mailbox);
    expect(await metrics.registry.metrics()).not.to.include('state="FAILED"');
  });
});
