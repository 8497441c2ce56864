import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { createFeed, PARKED_MAX, type FeedOptions } from '../../src/feed.js';
import { FeedStopped, type Consumer } from '../../src/feed/consumer.js';
import { CHECKPOINTS, type Checkpoint } from '../../src/feed/lease.js';
import { BEAT_MS } from '../../src/feed/pulse.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { wait } from '../../src/waiting.js';
import { rejection } from '../../testing/contract.js';
import { metadata, newEvent } from '../../testing/events.js';
import { logOf, type GrowingLog } from '../../testing/log.js';
import { createManualTime, type ManualTime } from '../../testing/manual-time.js';
import { temporaryFolder } from '../adapters/temporary-file.js';
import { trails, type Trail } from './trails.js';

const repaired: Consumer = {
  ...trails,
  apply: (key, before, event) => trails.apply(key, before, { ...event, data: {} }),
};

const noted = (position: number, userId: string | undefined, broken = false): RecordedEvent => ({
  ...newEvent({ type: 'Noted', data: { broken }, metadata: metadata({ keys: userId ? { userId } : {} }) }),
  stream: `thing-${userId}`,
  revision: 0n,
  position: BigInt(position),
});
const foreign = (position: number) => ({ ...noted(position, 'a'), type: 'Other' });

describe('A feed', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let reads: ReadStore;
  let log: GrowingLog;
  let time: ManualTime;
  /** When the log was read. */
  let readAt: number[];

  beforeEach(() => {
    folder = temporaryFolder();
    reads = openReadStore(join(folder.path, 'views.db'));
    time = createManualTime();
    readAt = [];
    const growing = logOf();
    log = {
      ...growing,
      readAll(options) {
        readAt.push(time.monotonic());
        return growing.readAll(options);
      },
    };
  });
  afterEach(async () => {
    await reads.close();
    folder.remove();
  });

  const feedOf = (options: Partial<FeedOptions> = {}) =>
    createFeed({ consumer: trails, events: log, reads, clock: time, owner: 'one', ...options });
  const takingOver = { owner: 'two', isDead: () => true };
  const trailOf = async (key: string) => (await reads.get<Trail>('trails', key))?.trail;
  const checkpoint = () => reads.get<Checkpoint>(CHECKPOINTS, 'trails.v1');
  async function markForRetry(...keys: readonly string[]): Promise<void> {
    for (const document of (await reads.getMany<Trail>('trails', keys)).values())
      await reads.write('trails', [
        { document: { ...document, parkedRetry: true }, expected: { position: document.position } },
      ]);
  }

  it('is at the origin before it has begun', async () => {
    expect(feedOf().position()).to.equal(0n);
    expect(await feedOf().reachedPosition()).to.equal(0n);
  });

  it('asks for nothing more once it has stopped, and repeats the reason', async () => {
    log.add([noted(1, undefined)]);
    const feed = feedOf();
    const reason = 'trails.v1: Noted at position 1, revision 0 of thing-undefined has no routing key';
    for (let times = 0; times < 2; times += 1)
      expect(await rejection(feed.step()))
        .to.be.instanceOf(FeedStopped)
        .with.property('message', reason);
    expect(readAt).to.have.length(1);
  });

  it(`says that it stopped because of more than ${PARKED_MAX} parked keys`, async () => {
    log.add(Array.from({ length: PARKED_MAX + 1 }, (_, i) => noted(i + 1, `key ${i}`, true)));
    const feed = feedOf();
    expect(await rejection(feed.catchUp())).to.have.property('message', 'trails.v1: more than 1000 keys are parked');
    expect(await feed.status()).to.include({ error: 'more than 1000 keys are parked' });
  });

  describe('whose checkpoint nobody waits for', () => {
    it('stores it after a batch with events of its own, else with the next heartbeat', async () => {
      const feed = feedOf({ consumer: { ...trails, lazyCheckpoint: true } });
      log.add([noted(1, 'a'), foreign(2)]);
      await feed.step();
      expect(await checkpoint()).to.include({ position: 2n });
      log.add([foreign(3)]);
      await feed.step();
      expect(feed.position()).to.equal(3n);
      expect(await checkpoint()).to.include({ position: 2n });
      await time.advance(BEAT_MS);
      await feed.step();
      expect(await checkpoint()).to.include({ position: 3n });
    });
  });

  it('lets requests in after each batch, however many feeds catch up at once', async () => {
    log.add(Array.from({ length: 9 }, (_, index) => foreign(index + 1)));
    const feeds = Array.from({ length: 5 }, (_, n) =>
      feedOf({ consumer: { ...trails, name: `trails${n}` }, batch: 3 }),
    );
    /** How often the log had been read at each turn of somebody else. */
    const reads: number[] = [];
    let over = false;
    const others = (async () => {
      for (; !over; await nextTurn()) reads.push(readAt.length);
    })();
    await Promise.all(feeds.map((feed) => feed.catchUp()));
    over = true;
    await others;
    expect(readAt).to.have.length(5 * 4);
    const between = reads.map((count, turn) => count - (reads[turn - 1] ?? 0));
    expect(Math.max(...between), between.join()).to.equal(1);
  });

  it('stores the checkpoint after each batch where somebody waits for it', async () => {
    log.add([foreign(1)]);
    await feedOf().step();
    expect(await checkpoint()).to.include({ position: 1n });
  });

  describe('with parked keys', () => {
    it('retries nothing when no key is marked', async () => {
      log.add([noted(1, 'a', true), noted(2, 'a')]);
      const feed = feedOf();
      await feed.catchUp();
      readAt.length = 0;
      await feed.retryParked();
      expect(readAt).to.deep.equal([]);
    });

    it('does not look for marks when no key is parked', async () => {
      const find = () => Promise.reject(new Error('looked'));
      const feed = feedOf({ reads: { ...reads, find } });
      log.add([noted(1, 'a')]);
      await feed.catchUp();
      await feed.retryParked();
    });

    it('leaves the retry to the feed that took over', async () => {
      log.add([noted(1, 'a', true)]);
      const superseded = feedOf({ consumer: repaired });
      await feedOf().catchUp();
      await superseded.step(); // it has counted a parked key
      await feedOf(takingOver).step();
      await time.advance(BEAT_MS);
      expect(await superseded.step()).to.equal(0);
      await markForRetry('a');
      await superseded.retryParked();
      expect(await reads.get('trails', 'a')).to.include({ parked: true });
    });

    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const)
      it(`reads again from the earliest held event, which is of ${first}`, async () => {
        log.add([noted(1, first, true), noted(2, second, true), noted(3, first), noted(4, second)]);
        await feedOf().catchUp();
        await markForRetry('a', 'b');
        const feed = feedOf({ consumer: repaired, ...takingOver });
        await feed.step();
        await feed.retryParked();
        expect([await trailOf(first), await trailOf(second)]).to.deep.equal([' 1 3', ' 2 4']);
      });

    it('retries no further than it is itself', async () => {
      log.add([noted(1, 'a', true), noted(2, 'a')]);
      await feedOf().catchUp();
      await markForRetry('a');
      const feed = feedOf({ consumer: repaired, ...takingOver });
      await feed.step();
      log.add([noted(3, 'a')]);
      await feed.retryParked();
      expect(await trailOf('a')).to.equal(' 1 2');
      await feed.step();
      expect(await trailOf('a')).to.equal(' 1 2 3');
    });
  });

  describe('that runs', () => {
    let stop: AbortController;
    let running: Promise<void>;
    beforeEach(() => {
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await running;
      expect(getEventListeners(stop.signal, 'abort')).to.deep.equal([]);
    });

    it('takes batch after batch without a pause, and then what is appended, at once', async () => {
      log.add([noted(1, 'a'), noted(2, 'a'), noted(3, 'a')]);
      running = feedOf({ batch: 1 }).run(stop.signal);
      await time.advance(0);
      expect(await trailOf('a')).to.equal(' 1 2 3');
      log.add([noted(4, 'a')]);
      await time.advance(0);
      expect(await trailOf('a')).to.equal(' 1 2 3 4');
      expect(readAt).to.deep.equal([0, 0, 0, 0, 0, 0]); // four events, twice the head
    });

    it('rests after little work for as long as that took, so that what is appended meanwhile is one batch', async () => {
      const slow: ReadStore = {
        ...reads,
        async write(collection, writes) {
          await wait(time, 20);
          return reads.write(collection, writes);
        },
      };
      running = feedOf({ reads: slow }).run(stop.signal);
      await time.advance(500);
      readAt = [];
      log.add([noted(1, 'a')]); // its document and the checkpoint take 20 ms each
      await time.advance(50);
      log.add([noted(2, 'a')]);
      await time.advance(20);
      log.add([noted(3, 'a')]);
      await time.advance(200);
      expect(await trailOf('a')).to.equal(' 1 2 3');
      expect(readAt).to.deep.equal([500, 580, 660]); // one event, two events, the head
      stop.abort();
      await time.advance(20); // gives its lease back
    });

    it('rests for as long as its consumer says', async () => {
      running = feedOf({ consumer: { ...trails, restMs: 200 } }).run(stop.signal);
      await time.advance(500);
      log.add([noted(1, 'a')]);
      await time.advance(50);
      log.add([noted(2, 'a')]);
      await time.advance(140);
      expect(await trailOf('a'), 'at rest').to.equal(' 1');
      await time.advance(20);
      expect(await trailOf('a')).to.equal(' 1 2');
    });

    it('retries all keys that are marked, however many, without a pause', async () => {
      const keys = Array.from({ length: 250 }, (_, n) => `key ${n}`);
      log.add(keys.map((key, n) => noted(n + 1, key, true)));
      await feedOf().catchUp();
      await markForRetry(...keys);
      running = feedOf({ consumer: repaired, ...takingOver }).run(stop.signal);
      await time.advance(0);
      expect(await reads.count('trails', { parked: true })).to.equal(0);
    });

    it('looks for more with each heartbeat when nothing wakes it', async () => {
      running = feedOf().run(stop.signal);
      await time.advance(2 * BEAT_MS);
      expect(readAt).to.deep.equal([0, 2_000, 4_000]);
    });

    it('looks four times a heartbeat whether it can take over, while it stands by', async () => {
      await feedOf().step();
      const looked: number[] = [];
      const watched: ReadStore = {
        ...reads,
        getMany(collection, ids) {
          looked.push(time.monotonic());
          return reads.getMany(collection, ids);
        },
      };
      running = feedOf({ owner: 'two', reads: watched }).run(stop.signal);
      await time.advance(BEAT_MS);
      expect(looked).to.deep.equal([0, 500, 1_000, 1_500, 2_000]);
    });

    it('leaves nothing listening on the signal when it stops by itself', async () => {
      log.add([noted(1, undefined)]);
      expect(await rejection(feedOf().run(stop.signal))).to.be.instanceOf(FeedStopped);
      expect(getEventListeners(stop.signal, 'abort')).to.deep.equal([]);
      running = Promise.resolve();
    });
  });
});
