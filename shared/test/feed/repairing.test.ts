import { expect } from 'chai';
import { join } from 'node:path';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { createFeed, type FeedOptions } from '../../src/feed.js';
import { CHECKPOINTS } from '../../src/feed/lease.js';
import { askForRepair, repairsIn, repairWith } from '../../src/feed/repairs.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { rejection } from '../../testing/contract.js';
import { metadata, newEvent } from '../../testing/events.js';
import { history, onStream } from '../../testing/given.js';
import { logOf, type GrowingLog } from '../../testing/log.js';
import { createManualTime, type ManualTime } from '../../testing/manual-time.js';
import { temporaryFolder } from '../adapters/temporary-file.js';
import { trails, type Trail } from './trails.js';

const noted = (position: number, userId: string, broken = false): RecordedEvent => ({
  ...newEvent({ type: 'Noted', data: { broken }, metadata: metadata({ keys: { userId } }) }),
  stream: `thing-${userId}`,
  revision: 0n,
  position: BigInt(position),
});

describe('A feed whose documents are to be repaired', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let reads: ReadStore;
  let log: GrowingLog;
  let time: ManualTime;
  beforeEach(async () => {
    folder = temporaryFolder();
    reads = openReadStore(join(folder.path, 'views.db'));
    time = createManualTime();
    log = logOf([noted(1, 'ada'), noted(2, 'bob'), noted(3, 'ada'), noted(4, 'bob')]);
  });
  afterEach(async () => {
    await reads.close();
    folder.remove();
  });

  const feedOf = (options: Partial<FeedOptions> = {}) =>
    createFeed({
      consumer: trails,
      events: log,
      reads,
      clock: time,
      owner: 'one',
      repairs: repairsIn(reads),
      ...options,
    });
  const takingOver = { owner: 'two', isDead: () => true };
  const stored = (key: string) => reads.get<Trail>('trails', key);
  const by = { actor: 'cli', by: null, reason: null };
  const asked = { request: 'it', view: 'trails', generation: 'v1', kind: 'document', ...by };
  const ask = (...keys: string[]) => askForRepair({ reads, clock: time }, { id: 'it', feed: 'trails.v1', keys, asked });
  async function damage(key: string, change: Partial<Trail> = { trail: 'nonsense' }): Promise<void> {
    const document = await stored(key);
    if (!document) throw new Error(`${key} has no document`);
    const expected = { position: document.position };
    expect(await reads.write('trails', [{ document: { ...document, ...change }, expected }])).to.include(key);
  }
  async function repaired(feed = feedOf()): Promise<void> {
    await feed.catchUp();
    while (await feed.repair());
  }

  it('makes a damaged document anew, and no other', async () => {
    const feed = feedOf();
    await feed.catchUp();
    await damage('ada');
    await damage('bob');
    await ask('ada');
    await repaired(feed);
    expect(await stored('ada')).to.deep.equal({ _id: 'ada', position: 3n, trail: ' 1 3', repairs: 1 });
    expect(await stored('bob')).to.include({ trail: 'nonsense' });
    expect(await repairWith(reads, 'it')).to.deep.include({
      state: 'DONE',
      position: 4n,
      owner: 'one',
      result: { events: 4, milliseconds: 0, repaired: 1, unchanged: 0, withoutEvents: [] },
    });
  });

  it('also where the damage says it was later than the log', async () => {
    const feed = feedOf();
    await feed.catchUp();
    await damage('ada', { position: 99n });
    await ask('ada');
    await repaired(feed);
    log.add([noted(5, 'ada')]);
    await feed.catchUp();
    expect(await stored('ada')).to.deep.equal({ _id: 'ada', position: 5n, trail: ' 1 3 5', repairs: 1 });
  });

  it('makes a document that is missing', async () => {
    const feed = feedOf();
    await feed.catchUp();
    await damage('ada', { doomed: 1 } as Partial<Trail>);
    await reads.deleteUpTo('trails', { field: 'doomed', atMost: 1 }, 1);
    await ask('ada');
    await repaired(feed);
    expect(await stored('ada')).to.deep.equal({ _id: 'ada', position: 3n, trail: ' 1 3' });
  });

  it('leaves what is right as it is, and names a key without events', async () => {
    const feed = feedOf();
    await feed.catchUp();
    await ask('ada', 'eve');
    await repaired(feed);
    expect(await stored('ada')).to.deep.equal({ _id: 'ada', position: 3n, trail: ' 1 3' });
    expect((await repairWith(reads, 'it'))?.result).to.deep.include({
      repaired: 0,
      unchanged: 1,
      withoutEvents: ['eve'],
    });
  });

  it('parks a key again at the event that parked it, and unparks one that was parked for nothing', async () => {
    log.add([noted(5, 'ada', true), noted(6, 'ada'), noted(7, 'bob')]);
    const feed = feedOf();
    await feed.catchUp();
    await damage('ada');
    await damage('bob', { parked: true, parkedFrom: '4', trail: ' 2', position: 2n });
    await ask('ada', 'bob');
    await repaired(feed);
    expect(await stored('ada')).to.include({ position: 3n, trail: ' 1 3', parked: true, parkedFrom: '5' });
    expect(await stored('bob')).to.deep.equal({ _id: 'bob', position: 7n, trail: ' 2 4 7', repairs: 1 });
    expect(await feed.status()).to.include({ parkedKeys: 1 });
  });

  it('leaves out what is discarded, also where that is said after the event was read', async () => {
    const poison = noted(5, 'ada', true);
    log.add([poison, noted(6, 'ada'), ...[7, 8, 9].map((position) => noted(position, 'bob'))]);
    const feed = feedOf({ batch: 1 });
    await feed.catchUp();
    await damage('ada');
    await ask('ada');
    for (let times = 0; times < 2; times += 1) expect(await feed.repair()).to.equal(true); // up to 8
    const discard = onStream('parkedDiscards-trails', {})('ParkedEventDiscarded', {
      ...{ consumer: 'trails', eventId: poison.id, eventType: poison.type, key: 'ada' },
      ...{ position: '5', by: null },
    });
    log.add(history([discard], { after: 9n }));
    await repaired(feed);
    expect(await stored('ada')).to.deep.equal({ _id: 'ada', position: 6n, trail: ' 1 3 6', repairs: 1 });
  });

  it('applies what arrives meanwhile before and after, once', async () => {
    const feed = feedOf({ batch: 1 });
    await feed.catchUp();
    await damage('ada');
    await ask('ada');
    log.add([noted(5, 'ada'), noted(6, 'ada')]);
    let isMore = true;
    for (let position = 7; isMore; position += 1) {
      if (position <= 20) log.add([noted(position, 'ada')]);
      await feed.step();
      isMore = await feed.repair();
    }
    await feed.catchUp();
    const until = log.all.at(-1)?.position ?? 0n;
    const positions = ['1', '3', ...Array.from({ length: Number(until) - 4 }, (_, i) => String(i + 5))];
    expect(await stored('ada')).to.include({ trail: ` ${positions.join(' ')}`, repairs: 1 });
  });

  it('is not undone by a runner that read the damaged document before, and writes after', async () => {
    await feedOf().catchUp();
    await damage('ada');
    await ask('ada');
    log.add([noted(5, 'ada')]);
    // The slow one has read the damaged document for event 5, when the other takes over and repairs it.
    const slow: ReadStore = {
      ...reads,
      async write(collection, writes) {
        if (collection === 'trails') await repaired(feedOf({ ...takingOver, events: logOf(log.all.slice(0, 4)) }));
        return reads.write(collection, writes);
      },
    };
    await feedOf({ reads: slow, isDead: () => true }).step();
    expect(await repairWith(reads, 'it')).to.include({ state: 'DONE', owner: 'two' });
    await repaired(feedOf({ owner: 'three', isDead: () => true }));
    expect(await stored('ada')).to.include({ position: 5n, trail: ' 1 3 5' });
  });

  it('is not done by a runner that was superseded while it read, so that no later event is lost', async () => {
    const feed = feedOf();
    await feed.catchUp();
    await damage('ada');
    await ask('ada');
    const superseded: ReadStore = {
      ...reads,
      async getMany(collection, keys) {
        if (collection === CHECKPOINTS) return reads.getMany(collection, keys);
        log.add([noted(5, 'ada')]);
        await createFeed({ consumer: trails, events: log, reads, clock: time, ...takingOver }).catchUp();
        return reads.getMany(collection, keys);
      },
    };
    const one = feedOf({ reads: superseded, isDead: () => true, events: logOf(log.all) });
    await one.step();
    expect(await rejection(one.repair())).to.have.property('message', 'trails.v1: another feed has taken over');
    await repaired(feedOf({ owner: 'three', isDead: () => true }));
    expect(await stored('ada')).to.include({ position: 5n, trail: ' 1 3 5' });
  });

  it('begins again where another process stopped half-way', async () => {
    const first = feedOf({ batch: 1 });
    await first.catchUp();
    log.add([noted(5, 'bob'), noted(6, 'bob'), noted(7, 'ada')]);
    await first.catchUp();
    await damage('ada');
    await ask('ada');
    expect(await first.repair()).to.equal(true); // four pages of seven
    expect(await stored('ada')).to.include({ trail: 'nonsense' });
    await repaired(feedOf({ ...takingOver }));
    expect(await stored('ada')).to.include({ position: 7n, trail: ' 1 3 7' });
    expect(await repairWith(reads, 'it')).to.include({ state: 'DONE', owner: 'two' });
  });

  it('is found by one look of all feeds of a process, and by one of its own behind many others', async () => {
    const askOf = (feed: string, id: string) =>
      askForRepair({ reads, clock: time }, { id, feed, keys: ['ada'], asked });
    await askOf('one', 'a');
    await askOf('two', 'b');
    let looks = 0;
    const next = repairsIn({ find: (collection, query) => ((looks += 1), reads.find(collection, query)) });
    const found = async () =>
      (await Promise.all(['one', 'two', 'three'].map(next))).map((repair) => repair?._id ?? null);
    expect([await found(), looks]).to.deep.equal([['a', 'b', null], 1]);
    for (let n = 10; n < 40; n += 1) await askOf('one', `a${n}`);
    expect([await found(), looks]).to.deep.equal([['a', 'b', null], 1 + 3]);
  });

  it('does it while it runs', async () => {
    const feed = feedOf();
    const stopping = new AbortController();
    const running = feed.run(stopping.signal);
    await time.advance(10);
    await damage('ada');
    await ask('ada');
    for (let turns = 0; turns < 100 && (await repairWith(reads, 'it'))?.state !== 'DONE'; turns += 1)
      await time.advance(1_000);
    stopping.abort();
    await running;
    expect(await stored('ada')).to.include({ trail: ' 1 3' });
  });
});
