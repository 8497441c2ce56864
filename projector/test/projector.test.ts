import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { history } from '@creator-dashboards/shared/testing/given';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { aliasOf, generationOf, generationToFeed, moveAlias, serialOf, versionOf } from '../src/generations.js';
import { createProjector, type Projector, type ProjectorOptions } from '../src/projector.js';
import { viewNames } from '@creator-dashboards/shared/views/registry';
import { openRebuilds } from '../src/rebuild/plan.js';
import { openRebuild } from '../src/rebuild/run.js';
import {
  creatorUserId,
  delivered,
  idOf,
  messageId,
  sent,
  upgraded,
} from '@creator-dashboards/shared/testing/fixtures/cast';
import { openStores, type TestStores } from './stores.js';

describe('the projector', () => {
  let stores: TestStores;
  const running: Projector[] = [];
  const clock = { now: () => 1_000_000 };
  beforeEach(() => (stores = openStores()));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((projector) => projector.stop()));
    await stores.close();
  });
  function projectorOf(options: Partial<ProjectorOptions> = {}): Projector {
    const projector = createProjector({ ...stores, stores: undefined, clock, owner: 'one', ...options });
    running.push(projector);
    return projector;
  }
  const serve = async (generation: string) =>
    moveAlias(stores.reads, 'message', await aliasOf(stores.reads, 'message'), { generation, position: 0n });
  const messageFeeds = (projector: Projector) =>
    projector.feeds.map(({ name }) => name).filter((name) => name.startsWith('message.'));

  it('serves every view from its first start on, also of an empty log', async () => {
    await projectorOf().catchUp();
    for (const view of viewNames)
      expect(await aliasOf(stores.reads, view)).to.deep.equal({
        _id: view,
        position: 0n,
        generation: 'v1',
        previous: null,
      });
  });

  it('keeps every view up with the log', async () => {
    const projector = projectorOf();
    stores.events.add(history([upgraded, sent(), delivered()]));
    await projector.catchUp();
    expect(await stores.reads.get(collectionOf('creatorDashboard', 'v1'), creatorUserId)).to.include({
      totalMessages: 1,
      position: 30n,
    });
    expect(await stores.reads.get(collectionOf('message', 'v1'), messageId)).to.include({ status: 'ESCROWED' });
    for (const status of await projector.status()) {
      expect(status).to.include({ generation: 'v1', position: 30n, lagEvents: 0, parkedKeys: 0, owner: 'one' });
      expect(status.feed).to.deep.equal({ name: `${status.view}.v1`, role: 'active', error: null });
    }
    expect(await projector.ready()).to.have.property('ready', true);
  });

  it('stands by where another projector is at work', async () => {
    stores.events.add(history([upgraded]));
    await projectorOf().catchUp();
    const second = projectorOf({ owner: 'two' });
    await second.catchUp();
    const [status] = await second.status();
    expect(status).to.include({ owner: 'one' }).and.to.have.nested.property('feed.role', 'standby');
    expect(await second.ready()).to.have.property('ready', true);
  });

  it('builds a view that older code serves by a rebuild, and never writes into the old documents', async () => {
    stores.events.add(history([upgraded, sent(), delivered()]));
    await serve('v0');
    const projector = projectorOf();
    await projector.catchUp();
    await projector.catchUp();
    expect(messageFeeds(projector)).to.deep.equal([]);
    expect(await stores.reads.count(collectionOf('message', 'v0'))).to.equal(0);
    const [plan, ...others] = await openRebuilds(stores.reads);
    expect(others).to.deep.equal([]);
    expect(plan).to.include({ _id: 'message.v1' });
    expect(await stores.queue.get('rebuild-message.v1')).to.include({ state: 'waiting' });

    const run = await openRebuild({ ...stores, clock, owner: 'worker' }, 'message.v1');
    while ((await run?.step())?.next === 'now');
    await run?.release();
    await projector.catchUp();
    expect(messageFeeds(projector)).to.deep.equal(['message.v1']);
    expect(await aliasOf(stores.reads, 'message')).to.include({ generation: 'v1', previous: 'v0' });
  });

  it('goes on feeding its own generation after newer code has taken over', async () => {
    await projectorOf().catchUp();
    await serve('v2');
    const projector = projectorOf({ owner: 'two', isDead: () => true });
    stores.events.add(history([sent(), delivered()]));
    await projector.catchUp();
    expect(messageFeeds(projector)).to.deep.equal(['message.v1']);
    expect(await stores.reads.get(collectionOf('message', 'v1'), messageId)).to.include({ status: 'ESCROWED' });
    await serve('v3');
    await projector.catchUp();
    expect(messageFeeds(projector)).to.deep.equal([]);
  });

  it('runs until it is stopped, rebuilds on request, and gives its leases back', async () => {
    let seen = () => {};
    const batch = () => new Promise<void>((resolve) => (seen = resolve));
    const projector = projectorOf({ onBatch: (feed) => void (feed === 'message.v1' && seen()) });
    await projector.start();
    const first = batch();
    stores.events.add(history([sent()]));
    await first;
    const second = batch();
    stores.events.add(history([delivered(), sent(idOf(1))], { after: 10n }));
    await second;
    await projector.stop();
    expect(await stores.reads.get(collectionOf('message', 'v1'), messageId)).to.include({ status: 'ESCROWED' });
    for (const view of viewNames)
      expect(await stores.reads.get<Checkpoint>(CHECKPOINTS, `${view}.v1`)).to.include({ owner: '' });
  });

  it('says what is wrong with one alias, and follows the others', async () => {
    await serve('latest');
    const projector = projectorOf();
    expect(await projector.catchUp().catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    expect(projector.feeds).to.have.length(viewNames.length - 1);
  });

  it('stops a view that cannot go on, says so, and keeps the others going', async () => {
    const keyless = history([sent()]).map((event) => ({ ...event, metadata: { ...event.metadata, keys: {} } }));
    stores.events.add([...keyless, ...history([upgraded], { after: 10n })]);
    const projector = projectorOf();
    for (const feed of projector.feeds) await feed.catchUp();
    await projector.catchUp().catch(() => undefined);
    for (const feed of projector.feeds) await feed.catchUp().catch(() => undefined);
    const statuses = new Map((await projector.status()).map((status) => [status.view, status]));
    expect(statuses.get('message')?.feed).to.include({ role: 'stopped' });
    expect(statuses.get('creatorDashboard')).to.include({ position: 20n });
    expect(await projector.ready()).to.have.property('ready', false);
  });
});

describe('generations', () => {
  it('are named by version and build', () => {
    expect([generationOf(3), generationOf(3, 2)]).to.deep.equal(['v3', 'v3-2']);
    expect([versionOf('v12'), versionOf('v3-2'), serialOf('v12'), serialOf('v3-2')]).to.deep.equal([12, 3, 1, 2]);
    expect(() => versionOf('latest')).to.throw(RangeError);
  });
  it('are fed by code of their version only', () => {
    const alias = (generation: string, previous: string | null) => ({
      _id: 'message',
      position: 0n,
      generation,
      previous,
    });
    expect(generationToFeed(alias('v1-2', 'v1'), 1)).to.equal('v1-2');
    expect(generationToFeed(alias('v2', 'v1-2'), 1)).to.equal('v1-2');
    expect(generationToFeed(alias('v1', null), 2)).to.equal(null);
    expect(generationToFeed(alias('v3', 'v2'), 1)).to.equal(null);
  });
});
