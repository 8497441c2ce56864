import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { history } from '@creator-dashboards/shared/testing/given';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { aliasOf, consumerOf, moveAlias } from '../src/generations.js';
import { dropGeneration } from '../src/kept.js';
import { createProjector, type Projector, type ProjectorOptions } from '../src/projector.js';
import { rebuildsUnderWay } from '../src/rebuild/plan.js';
import { openRebuild } from '../src/rebuild/run.js';
import {
  creatorUserId,
  delivered,
  idOf,
  messageId,
  sent,
  upgraded,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { feedOf, openStores, type TestStores } from './stores.js';
import { letter, toyViews } from './toy-views.js';

describe('A projector', () => {
  let stores: TestStores;
  const running: Projector[] = [];
  const clock = { ...systemClock, now: () => 1_000_000 };
  beforeEach(() => (stores = openStores()));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((projector) => projector.stop()));
    await stores.close();
  });
  function projectorOf(options: Partial<ProjectorOptions> = {}): Projector {
    const projector = createProjector({
      ...stores,
      stores: undefined,
      clock,
      views: toyViews,
      owner: 'one',
      ...options,
    });
    running.push(projector);
    return projector;
  }
  const serve = async (generation: string) =>
    moveAlias(stores.reads, 'letter', await aliasOf(stores.reads, 'letter'), { generation, position: 0n });
  const letterFeeds = (projector: Projector) =>
    projector.feeds.map(({ name }) => name).filter((name) => name.startsWith('letter.'));

  it('serves every view from its first start on, even of an empty log', async () => {
    await projectorOf().catchUp();
    for (const view of Object.keys(toyViews))
      expect(await aliasOf(stores.reads, view)).to.deep.equal({
        _id: view,
        position: 0n,
        earlier: [],
        generation: 'v1',
        previous: null,
        plan: null,
        fence: 0,
      });
  });

  it('keeps every view up to date with the log', async () => {
    const projector = projectorOf();
    stores.events.add(history([upgraded, sent(), delivered()]));
    await projector.catchUp();
    expect(await stores.reads.get(collectionOf('mailbox', 'v1'), creatorUserId)).to.include({
      delivered: 1,
      position: 30n,
    });
    expect(await stores.reads.get(collectionOf('letter', 'v1'), messageId)).to.include({ arrived: true });
    for (const status of await projector.status()) {
      expect(status).to.include({ generation: 'v1', position: 30n, lagEvents: 0, parkedKeys: 0, owner: 'one' });
      expect(status.feed).to.deep.equal({ name: `${status.view}.v1`, role: 'active', error: null });
    }
    expect(await projector.ready()).to.have.property('ready', true);
  });

  it('asks of the log only where it ends to say whether it is ready', async () => {
    stores.events.add(history([upgraded, sent(), delivered()]));
    const asked: string[] = [];
    const events = new Proxy(stores.events, {
      get: (log, name, receiver) => (asked.push(String(name)), Reflect.get(log, name, receiver) as unknown),
    });
    const projector = projectorOf({ events });
    await projector.catchUp();
    asked.length = 0;
    expect(await projector.ready()).to.have.property('ready', true);
    expect(asked).to.deep.equal(['head']);
  });

  it('stands by while another projector is active', async () => {
    stores.events.add(history([upgraded]));
    await projectorOf().catchUp();
    const second = projectorOf({ owner: 'two' });
    await second.catchUp();
    const [status] = await second.status();
    expect(status).to.include({ owner: 'one' }).and.to.have.nested.property('feed.role', 'standby');
    expect(await second.ready()).to.have.property('ready', true);
  });

  it('rebuilds a view that older code serves, and writes nothing into the old documents', async () => {
    stores.events.add(history([upgraded, sent(), delivered()]));
    await serve('v0');
    await feedOf(stores, consumerOf({ ...letter, handlers: {} }, 'v0')).catchUp(); // it had no letters yet
    const views = { ...toyViews, letter: { ...letter, changes: ['+document'] } };
    const projector = projectorOf({ views });
    await projector.catchUp();
    await projector.catchUp();
    expect(letterFeeds(projector)).to.deep.equal([]);
    expect(await stores.reads.count(collectionOf('letter', 'v0'))).to.equal(0);
    const [plan, ...others] = await rebuildsUnderWay(stores.reads);
    expect(others).to.deep.equal([]);
    expect(plan).to.include({ _id: 'letter.v1' });
    expect(await stores.queue.get('rebuild-letter.v1')).to.include({ state: 'waiting' });

    const run = await openRebuild({ ...stores, clock, views, owner: 'worker' }, 'letter.v1');
    while ((await run?.step())?.next === 'now');
    await run?.release();
    await projector.catchUp();
    expect(letterFeeds(projector)).to.deep.equal(['letter.v1']);
    expect(await aliasOf(stores.reads, 'letter')).to.include({ generation: 'v1', previous: 'v0' });
  });

  it('continues to feed its own generation after newer code has taken over', async () => {
    await projectorOf().catchUp();
    await serve('v2');
    const projector = projectorOf({ owner: 'two', isDead: () => true });
    stores.events.add(history([sent(), delivered()]));
    await projector.catchUp();
    expect(letterFeeds(projector)).to.deep.equal(['letter.v1']);
    expect(await stores.reads.get(collectionOf('letter', 'v1'), messageId)).to.include({ arrived: true });
    await serve('v3');
    await projector.catchUp();
    expect(letterFeeds(projector), 'as the oldest of three releases').to.deep.equal(['letter.v1']);
    await dropGeneration(stores.reads, 'letter', 'v1');
    await projector.catchUp();
    expect(letterFeeds(projector)).to.deep.equal([]);
  });

  it('runs until it is stopped, then releases its leases', async () => {
    let seen = () => {};
    const batch = () => new Promise<void>((resolve) => (seen = resolve));
    const projector = projectorOf({ onBatch: (feed) => void (feed === 'letter.v1' && seen()) });
    await projector.start();
    const first = batch();
    stores.events.add(history([sent()]));
    await first;
    const second = batch();
    stores.events.add(history([delivered(), sent(idOf(1))], { after: 10n }));
    await second;
    await projector.stop();
    expect(await stores.reads.get(collectionOf('letter', 'v1'), messageId)).to.include({ arrived: true });
    for (const view of Object.keys(toyViews))
      expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, `${view}.v1`)).to.include({ owner: '' });
  });

  it('reports an error in one alias, and follows the others', async () => {
    await serve('latest');
    const projector = projectorOf();
    expect(await projector.catchUp().catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    expect(projector.feeds).to.have.length(1);
  });

  it('reports and stops a view that cannot continue, and keeps the others going', async () => {
    const keyless = history([sent()]).map((event) => ({ ...event, metadata: { ...event.metadata, keys: {} } }));
    stores.events.add([...keyless, ...history([upgraded], { after: 10n })]);
    const projector = projectorOf();
    for (const feed of projector.feeds) await feed.catchUp();
    await projector.catchUp().catch(() => undefined);
    for (const feed of projector.feeds) await feed.catchUp().catch(() => undefined);
    const statuses = new Map((await projector.status()).map((status) => [status.view, status]));
    expect(statuses.get('letter')?.feed).to.include({ role: 'stopped' });
    expect(statuses.get('mailbox')).to.include({ position: 20n });
    expect(await projector.ready()).to.have.property('ready', false);
  });
});
