/** Feeds that run on a real log, which wakes them only for what they take. */
import { expect } from 'chai';
import { join } from 'node:path';
import { openEventStore } from '../../src/adapters/sqlite/event-store.js';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { createFeed, type BatchCounts, type FeedOptions } from '../../src/feed.js';
import type { Consumer } from '../../src/feed/consumer.js';
import { discardsStream } from '../../src/feed/discards.js';
import { CHECKPOINTS, type Checkpoint } from '../../src/feed/lease.js';
import { BEAT_MS } from '../../src/feed/pulse.js';
import type { EventStore, Position, ReadStore } from '../../src/ports.js';
import { metadata, newEvent } from '../../testing/events.js';
import { appended } from '../../testing/event-store-contract.js';
import { createManualTime, settled, type ManualTime } from '../../testing/manual-time.js';
import { temporaryFolder } from '../adapters/temporary-file.js';
import { trails, type Trail } from './trails.js';

describe('A feed that runs', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let reads: ReadStore;
  let events: EventStore;
  let time: ManualTime;
  let stop: AbortController;
  let running: Promise<void>[];
  /** How many steps asked for a page, in all feeds. */
  let asked: number;
  /** Writes of checkpoints. */
  let stored: string[];

  beforeEach(() => {
    folder = temporaryFolder();
    time = createManualTime();
    [stop, running, asked, stored] = [new AbortController(), [], 0, []];
    const store = openReadStore(join(folder.path, 'views.db'));
    reads = {
      ...store,
      write(collection, writes) {
        if (collection === CHECKPOINTS) stored.push(...writes.map(({ document }) => document._id));
        return store.write(collection, writes);
      },
    };
    const log = openEventStore(join(folder.path, 'events.db'), { clock: time });
    events = { ...log, readAll: (options) => ((asked += 1), log.readAll(options)) };
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
    await events.close();
    await reads.close();
    folder.remove();
  });

  const feedOf = (consumer: Partial<Consumer> = {}, options: Partial<FeedOptions> = {}) => {
    const own = { consumer: { ...trails, ...consumer }, events, reads, clock: time, owner: 'one' };
    return createFeed({ ...own, ...options });
  };
  function run(...feeds: ReturnType<typeof createFeed>[]): void {
    running.push(...feeds.map((feed) => feed.run(stop.signal)));
  }
  let streams = 0;
  async function append(type: string, stream = `thing-${(streams += 1)}`): Promise<Position> {
    const event = newEvent({ type, data: {}, metadata: metadata({ keys: { userId: 'a' } }) });
    const { position } = await appended(events, stream, 'no_stream', [event]);
    await settled();
    return position;
  }
  const checkpointOf = (name: string) => reads.get<Checkpoint>(CHECKPOINTS, name);
  const trailOf = async (key: string) => (await reads.get<Trail>('trails', key))?.trail;

  /** At rest at the end of a log that has been handed round before. */
  async function atRest(...feeds: ReturnType<typeof createFeed>[]): Promise<void> {
    run(...feeds);
    await settled();
    await append('Other');
    await time.advance(10);
    await settled();
    [asked, stored] = [0, []];
  }

  it('is not woken for what it does not take, and its checkpoint is there for whoever waits for it', async () => {
    const feed = feedOf();
    await atRest(feed);
    const position = await append('Other');
    expect(asked).to.equal(0);
    expect(feed.position()).to.equal(position);
    expect(await checkpointOf('trails.v1')).to.include({ position });
    expect(stored).to.have.length(1);
  });

  it('takes what it takes in order, also behind what it passed over', async () => {
    await atRest(feedOf());
    await append('Other');
    const first = await append('Noted');
    await append('Other');
    const second = await append('Noted');
    await append('Other');
    expect(await trailOf('a')).to.equal(` ${first} ${second}`);
  });

  it('stores what it passed over at most every 10 ms, all such feeds at once', async () => {
    const names = ['one.v1', 'two.v1', 'three.v1'];
    const feeds = names.map((name) => feedOf({ name, collection: name }));
    await atRest(...feeds);
    let last = 0n;
    for (let n = 0; n < 5; n += 1) last = await append('Other');
    expect(stored).to.deep.equal(names);
    await time.advance(10);
    await settled();
    expect(stored).to.deep.equal([...names, ...names]);
    for (const name of names) expect(await checkpointOf(name)).to.include({ position: last });
  });

  it('whose checkpoint nobody waits for stores it with the next beat', async () => {
    await atRest(feedOf({ lazyCheckpoint: true }));
    const position = await append('Other');
    await time.advance(100);
    await settled();
    expect(stored).to.deep.equal([]);
    await time.advance(BEAT_MS);
    await settled();
    expect(await checkpointOf('trails.v1')).to.include({ position });
  });

  it('tells that it has seen what it passed over', async () => {
    const counts: BatchCounts[] = [];
    await atRest(feedOf({}, { onBatch: (batch) => counts.push(batch) }));
    counts.length = 0;
    for (let n = 0; n < 3; n += 1) await append('Other');
    await time.advance(10);
    await settled();
    const sum = (of: keyof BatchCounts) => counts.reduce((all, batch) => all + batch[of], 0);
    expect([sum('seen'), sum('notMine'), sum('applied')]).to.deep.equal([3, 3, 0]);
  });

  it('passes over nothing while it is at work, and then reads it', async () => {
    let go = () => {};
    const held = new Promise<void>((resolve) => (go = resolve));
    const slow: Partial<Consumer> = {
      name: 'slow.v1',
      collection: 'slow',
      async apply(key, before, event) {
        await held;
        return trails.apply(key, before, event);
      },
    };
    const [feed, other] = [feedOf(slow), feedOf()];
    await atRest(feed, other);
    const before = feed.position();
    const noted = await append('Noted');
    const last = await append('Other');
    expect(feed.position()).to.equal(before);
    expect(other.position(), 'a slow one holds no other').to.equal(last);
    go();
    await settled();
    expect(feed.position()).to.equal(last);
    expect((await reads.get<Trail>('slow', 'a'))?.trail).to.equal(` ${noted}`);
  });

  it('passes over what is appended while it rests after little work', async () => {
    const feed = feedOf({ restMs: 50 });
    await atRest(feed);
    await time.advance(50);
    await append('Noted');
    asked = 0;
    const last = await append('Other');
    expect([asked, feed.position()]).to.deep.equal([0, last]);
  });

  it('passes over what is appended while it stores that it has seen what was none of its business', async () => {
    let go = () => {};
    const holding: Promise<void>[] = [];
    const slow: ReadStore['write'] = async (collection, writes) => (await holding[0], reads.write(collection, writes));
    const feed = feedOf({}, { reads: { ...reads, write: slow } });
    run(feed);
    await settled();
    holding.push(new Promise((resolve) => (go = resolve)));
    await append('Other'); // the first one wakes everybody
    asked = 0;
    const passed = await append('Other');
    const found = [asked, feed.position()];
    go();
    await settled();
    expect(found).to.deep.equal([0, passed]);
    expect(await checkpointOf('trails.v1')).to.include({ position: passed });
  });

  it('that loses its lease while it stores what it has seen did nothing, and stands by', async () => {
    const theirs = feedOf({}, { owner: 'two', isDead: () => true });
    let takesOver = false;
    const write: ReadStore['write'] = async (collection, writes) => {
      if (takesOver) await theirs.step();
      takesOver = false;
      return reads.write(collection, writes);
    };
    const feed = feedOf({}, { reads: { ...reads, write } });
    await feed.step();
    const position = await append('Other');
    takesOver = true;
    expect(await feed.step()).to.equal(0);
    expect((await feed.status()).role).to.equal('standby');
    expect(await checkpointOf('trails.v1')).to.include({ owner: 'two', position });
  });

  it('is woken for what an operator discards of it', async () => {
    await atRest(feedOf());
    await append('Other', discardsStream('another'));
    expect(asked).to.equal(0);
    await append('Other', discardsStream('trails.v1'));
    expect(asked, 'though it takes none of that type').to.be.above(0);
  });

  it('is not woken while it stands by: it looks by time whether it may take over', async () => {
    let looked = 0;
    const getMany: ReadStore['getMany'] = (collection, keys) => ((looked += 1), reads.getMany(collection, keys));
    await atRest(feedOf(), feedOf({}, { owner: 'two', reads: { ...reads, getMany } }));
    looked = 0;
    await append('Other');
    await append('Noted');
    expect(looked).to.equal(0);
    await time.advance(BEAT_MS);
    await settled();
    expect(looked).to.be.above(0);
  });

  it('that has lost its lease without knowing it passes over events in memory, and then stands by', async () => {
    const feed = feedOf();
    await atRest(feed);
    const theirs = feedOf({}, { owner: 'two', isDead: () => true });
    await theirs.step();
    const position = await append('Other');
    expect(await checkpointOf('trails.v1')).to.include({ owner: 'two' });
    expect(feed.position(), 'what it has is of no account any more').to.equal(0n);
    expect(await theirs.step()).to.equal(1);
    expect(await checkpointOf('trails.v1')).to.include({ owner: 'two', position });
    expect((await feed.status()).role).to.equal('standby');
    expect(await trailOf('a')).to.equal(undefined);
  });
});
