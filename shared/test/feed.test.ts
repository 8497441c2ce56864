import type { ParkedEvent } from '../src/feed/documents.js';
import { expect } from 'chai';
import { openReadStore } from '../src/adapters/sqlite/read-store.js';
import { createFeed, PARKED_MAX, type BatchCounts, type FeedOptions } from '../src/feed.js';
import { actingConsumer, FeedStopped, RetryLater, type Consumer } from '../src/feed/consumer.js';
import { CHECKPOINTS, LEASE_MS, type Checkpoint } from '../src/feed/lease.js';
import { BEAT_MS } from '../src/feed/pulse.js';
import type { FoldedDocument } from '../src/fold.js';
import { derivedId } from '../src/ids.js';
import type { ReadStore, RecordedEvent } from '../src/ports.js';
import { StoreBusy, StoreFailed } from '../src/store-errors.js';
import { fromInstant, systemClock, type Clock } from '../src/time.js';
import { rejection } from '../testing/contract.js';
import { metadata } from '../testing/events.js';
import { history, onStream } from '../testing/given.js';
import { logOf, type GrowingLog } from '../testing/log.js';
import { createManualTime } from '../testing/manual-time.js';
import { join } from 'node:path';
import { temporaryFolder } from './adapters/temporary-file.js';

interface Sum extends FoldedDocument {
  readonly sum: number;
  /** What was added, in order. */
  readonly terms: readonly number[];
}

/** Sums `n` by userId; an `n` that is no number is poison to it. */
const sums: Consumer = {
  name: 'sums.v1',
  collection: 'sums',
  indexes: [],
  takes: (event) => event.type === 'Added',
  keyOf: (event) => event.metadata.keys.userId,
  apply(key, document, event) {
    const before = document as Sum | null;
    const { n } = event.data;
    if (typeof n !== 'number') throw new Error(`not a number: ${JSON.stringify(n)}`);
    return {
      _id: key,
      position: event.position,
      sum: (before?.sum ?? 0) + n,
      terms: [...(before?.terms ?? []), n],
    } as Sum;
  },
};
/** The same after a repair: it can read what was poison. */
const repaired: Consumer = {
  ...sums,
  apply: (key, document, event) => sums.apply(key, document, { ...event, data: { n: Number(event.data.n) } }),
};

/** An event at a position, "add n to this user's sum". */
function added(position: number, userId: string, n: number | string): RecordedEvent {
  return {
    id: derivedId('added', String(position), userId),
    type: 'Added',
    data: { n },
    metadata: metadata({ keys: { userId } }),
    stream: `sum-${userId}`,
    revision: 0n,
    position: BigInt(position),
  };
}

describe('A feed', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let reads: ReadStore;
  let log: GrowingLog;
  let now: number;
  let elapsed: number;
  const clock: Clock = { ...systemClock, now: () => now, monotonic: () => elapsed };

  beforeEach(() => {
    folder = temporaryFolder();
    reads = openReadStore(join(folder.path, 'views.db'));
    log = logOf();
    now = 1_000_000;
    elapsed = 500;
  });
  afterEach(async () => {
    await reads.close();
    folder.remove();
  });

  const feedOf = (options: Partial<FeedOptions> = {}) =>
    createFeed({ consumer: sums, events: log, reads, clock, owner: 'one', ...options });
  const sumOf = (userId: string) => reads.get<Sum>('sums', userId);
  const checkpoint = () => reads.get<Checkpoint>(CHECKPOINTS, 'sums.v1');
  const markForRetry = async (userId: string) => {
    const parked = await sumOf(userId);
    if (!parked) throw new Error(`${userId} has no document`);
    const held = await reads.write('sums', [
      { document: { ...parked, parkedRetry: true }, expected: { position: parked.position, parked: true } },
    ]);
    expect(held.has(userId)).to.be.true;
  };

  describe('order and duplicates', () => {
    it('applies the events of each key in log order and moves the checkpoint to the last event seen', async () => {
      log.add([added(3, 'a', 1), added(5, 'b', 10), added(8, 'a', 2), { ...added(9, 'b', 7), type: 'Other' }]);
      await feedOf({ batch: 3 }).catchUp();
      expect(await sumOf('a')).to.deep.equal({ _id: 'a', position: 8n, sum: 3, terms: [1, 2] });
      expect(await sumOf('b')).to.deep.equal({ _id: 'b', position: 5n, sum: 10, terms: [10] });
      expect(await checkpoint()).to.include({ position: 9n, eventId: derivedId('added', '9', 'b') });
    });

    it('lets requests of the same process in between batches while it catches up', async () => {
      log.add(Array.from({ length: 50 }, (_, i) => ({ ...added(i + 1, 'a', 1), type: 'Other' })));
      let [turns, done] = [0, false];
      const count = () => {
        turns += 1;
        if (!done) setImmediate(count);
      };
      count();
      await feedOf({ consumer: { ...sums, lazyCheckpoint: true }, batch: 1 }).catchUp();
      done = true;
      expect(turns).to.be.at.least(50);
    });

    it('writes each document once per batch', async () => {
      const written: string[] = [];
      const counting: ReadStore = {
        ...reads,
        write(collection, writes) {
          if (collection === 'sums') written.push(...writes.map(({ document }) => document._id));
          return reads.write(collection, writes);
        },
      };
      log.add(Array.from({ length: 20 }, (_, i) => added(i + 1, i % 2 ? 'a' : 'b', 1)));
      await feedOf({ reads: counting }).catchUp();
      expect(written.sort()).to.deep.equal(['a', 'b']);
    });

    it('changes nothing when run again after a crash between documents and checkpoint', async () => {
      log.add([added(1, 'a', 1), added(2, 'a', 2)]);
      const crashing: ReadStore = {
        ...reads,
        async write(collection, writes) {
          const checkpointMoves = collection === CHECKPOINTS && writes.some(({ document }) => document.position > 0n);
          if (checkpointMoves) throw new Error('power cut');
          return reads.write(collection, writes);
        },
      };
      expect(await rejection(feedOf({ reads: crashing }).step())).to.have.property('message', 'power cut');
      expect(await sumOf('a')).to.include({ sum: 3 });
      expect(await checkpoint()).to.include({ position: 0n });

      const counts: BatchCounts[] = [];
      log.add([added(3, 'a', 4)]);
      await feedOf({ owner: 'two', isDead: () => true, onBatch: (batch) => counts.push(batch) }).catchUp();
      expect(await sumOf('a')).to.include({ sum: 7, position: 3n });
      expect(counts).to.deep.equal([{ seen: 3, applied: 1, notMine: 0, parked: 0, duplicate: 2, discarded: 0 }]);
    });

    it('reads and folds again when someone else wrote in between', async () => {
      log.add([added(1, 'a', 1), added(2, 'a', 2), added(3, 'b', 5)]);
      let raced = false;
      const racing: ReadStore = {
        ...reads,
        async getMany(collection, ids) {
          const found = await reads.getMany(collection, ids);
          if (!raced) {
            raced = true;
            const first = await sums.apply('a', null, added(1, 'a', 1));
            if (first) await reads.write('sums', [{ document: first, expected: null }]);
          }
          return found as never;
        },
      };
      const counts: BatchCounts[] = [];
      await feedOf({ reads: racing, onBatch: (batch) => counts.push(batch) }).catchUp();
      expect(await sumOf('a')).to.include({ sum: 3, position: 2n });
      expect(await sumOf('b')).to.include({ sum: 5 });
      expect(counts).to.deep.equal([{ seen: 3, applied: 2, notMine: 0, parked: 0, duplicate: 1, discarded: 0 }]);
    });

    for (const notNow of [new RetryLater('not now'), new StoreBusy('views.db', 'is locked'), new StoreFailed('full')])
      it(`retries the batch, and parks nothing, on ${notNow.constructor.name}, which is not about the event`, async () => {
        log.add([added(1, 'a', 1)]);
        let fault = true;
        const consumer: Consumer = {
          ...sums,
          apply(...call) {
            if (fault) throw notNow;
            return sums.apply(...call);
          },
        };
        const feed = feedOf({ consumer });
        expect(await rejection(feed.step())).to.equal(notNow);
        expect(await sumOf('a')).to.equal(null);
        fault = false;
        await feed.catchUp();
        expect(await sumOf('a')).to.include({ sum: 1 });
      });
  });

  describe('with events that cannot be read', () => {
    it('parks the key of a broken event, and no other key', async () => {
      log.add([added(1, 'a', 1), added(2, 'a', 'x'), added(3, 'b', 5), added(4, 'a', 2)]);
      const counts: BatchCounts[] = [];
      const heard: ParkedEvent[] = [];
      const feed = feedOf({ batch: 3, onBatch: (batch) => counts.push(batch), onParked: (event) => heard.push(event) });
      await feed.catchUp();
      const [, broken] = await log.readAll({ after: 0n, limit: 2 });
      expect(heard).to.deep.equal([{ key: 'a', stream: broken?.stream, position: 2n, reason: 'not a number: "x"' }]);
      expect(await sumOf('a')).to.deep.equal({
        _id: 'a',
        position: 1n,
        sum: 1,
        terms: [1],
        parked: true,
        parkedFrom: '2',
        parkedError: 'not a number: "x"',
        parkedEvent: broken?.id,
        parkedType: broken?.type,
        parkedSince: broken?.metadata.occurredAt,
        ...{ parkedHeld: 1, parkedHeldTo: '4', parkedHeldSince: broken?.metadata.occurredAt },
        parkedRetry: false,
      });
      expect(await sumOf('b')).to.include({ sum: 5 });
      expect(counts).to.deep.equal([
        { seen: 3, applied: 2, notMine: 0, parked: 1, duplicate: 0, discarded: 0 },
        { seen: 1, applied: 0, notMine: 0, parked: 1, duplicate: 0, discarded: 0 },
      ]);
      expect(await feed.status()).to.include({ parkedKeys: 1, position: 4n, lagEvents: 0 });
    });

    it('keeps a document without content for a key whose first event is broken', async () => {
      log.add([added(1, 'a', 'x')]);
      await feedOf().catchUp();
      expect(await sumOf('a'))
        .to.include({ position: 0n, parked: true, parkedFrom: '1' })
        .and.not.have.property('sum');
    });

    it('applies held events in order once the key is marked for retry and can be read', async () => {
      log.add([added(1, 'a', 1), added(2, 'a', '2'), added(3, 'b', 5), added(4, 'a', 3), added(5, 'c', '9')]);
      await feedOf().catchUp();
      await markForRetry('a');
      const feed = feedOf({ consumer: repaired, owner: 'two', isDead: () => true, batch: 1 });
      await feed.catchUp();
      await feed.retryParked();
      expect(await sumOf('a')).to.deep.equal({ _id: 'a', position: 4n, sum: 6, terms: [1, 2, 3] });
      expect(await sumOf('c')).to.include({ parked: true }); // Not marked for retry.
      log.add([added(6, 'a', 4)]);
      await feed.catchUp();
      expect(await sumOf('a')).to.include({ sum: 10 });
    });

    it('parks again, at the later event, what still cannot be read', async () => {
      log.add([added(1, 'a', '1'), added(2, 'a', 2), added(3, 'a', 'x'), added(4, 'a', 4)]);
      await feedOf().catchUp();
      await markForRetry('a');
      const consumer: Consumer = {
        ...repaired,
        apply: (key, document, event) => (event.data.n === 'x' ? sums : repaired).apply(key, document, event),
      };
      const feed = feedOf({ consumer, owner: 'two', isDead: () => true, batch: 1 });
      await feed.step();
      await feed.retryParked();
      expect(await sumOf('a')).to.include({ sum: 3, position: 2n, parked: true, parkedFrom: '3', parkedRetry: false });
    });

    it('leaves a key parked when the retry stops half-way, and continues from there', async () => {
      log.add([added(1, 'a', '1'), added(2, 'a', 2), added(3, 'a', 3)]);
      await feedOf().catchUp();
      await markForRetry('a');
      let pages = 0;
      const failing: GrowingLog = {
        ...log,
        readAll(options) {
          if (++pages > 2) throw new Error('connection lost');
          return log.readAll(options);
        },
      };
      const second = feedOf({ consumer: repaired, events: failing, owner: 'two', isDead: () => true, batch: 1 });
      expect(await rejection(second.step().then(() => second.retryParked()))).to.have.property(
        'message',
        'connection lost',
      );
      expect(await sumOf('a')).to.include({ sum: 1, parked: true, parkedRetry: true });

      const third = feedOf({ consumer: repaired, owner: 'three', isDead: () => true });
      await third.step();
      await third.retryParked();
      expect(await sumOf('a')).to.deep.equal({ _id: 'a', position: 3n, sum: 6, terms: [1, 2, 3] });
    });

    it('reads the log once for all marked keys', async () => {
      log.add(['a', 'b', 'c'].map((key, i) => added(i + 1, key, '1')));
      await feedOf().catchUp();
      for (const key of ['a', 'b', 'c']) await markForRetry(key);
      const feed = feedOf({ consumer: repaired, owner: 'two', isDead: () => true });
      await feed.step();
      let reading = 0;
      const readAll = log.readAll.bind(log);
      log.readAll = (options) => ((reading += 1), readAll(options));
      await feed.retryParked();
      expect(reading).to.equal(1);
      expect(await reads.count('sums', { parked: true })).to.equal(0);
    });

    it('tells the age of the oldest event that holds a key', async () => {
      const at = (event: RecordedEvent, occurredAt: string) => ({
        ...event,
        metadata: { ...event.metadata, occurredAt },
      });
      log.add([
        at(added(1, 'a', '1'), '2026-01-01T00:00:30.000Z'),
        at(added(2, 'b', '2'), '2026-01-01T00:00:10.000Z'),
        at(added(3, 'a', 1), '2026-01-01T00:00:00.000Z'),
      ]);
      const feed = feedOf({ clock: { ...systemClock, now: () => fromInstant('2026-01-01T00:01:40.000Z') } });
      await feed.step();
      expect(await feed.status()).to.include({ parkedKeys: 2, oldestParkedSeconds: 90 });
      for (const key of ['a', 'b']) await markForRetry(key);
      const next = feedOf({ consumer: repaired, owner: 'two', isDead: () => true });
      await next.step();
      await next.retryParked();
      expect(await next.status()).to.include({ parkedKeys: 0, oldestParkedSeconds: 0 });
    });

    it(`stops when more than ${PARKED_MAX} keys are parked, and continues when enough were retried`, async () => {
      log.add(Array.from({ length: PARKED_MAX + 1 }, (_, i) => added(i + 1, `k${i}`, '1')));
      const feed = feedOf({ batch: 100 });
      expect(await rejection(feed.catchUp())).to.be.instanceOf(FeedStopped);
      expect(await feed.status()).to.include({ role: 'stopped', parkedKeys: PARKED_MAX + 1 });
      expect(await rejection(feed.step())).to.be.instanceOf(FeedStopped);

      await markForRetry('k0');
      const next = feedOf({ consumer: repaired, owner: 'two', isDead: () => true });
      await next.catchUp();
      expect(await sumOf('k0')).to.include({ sum: 1 });
      expect(await next.status()).to.include({ role: 'active', parkedKeys: PARKED_MAX });
    });

    describe('of which there were too many', () => {
      const keys = Array.from({ length: PARKED_MAX + 200 }, (_, i) => `k${i}`);
      beforeEach(async () => {
        log.add(keys.map((key, i) => added(i + 1, key, 'one')));
        expect(await rejection(feedOf({ batch: 200 }).catchUp())).to.be.instanceOf(FeedStopped);
      });

      it('goes on at its next start where all are to be retried', async () => {
        for (const key of keys) await markForRetry(key);
        const apply: Consumer['apply'] = (_id, _, { position }) => ({ _id, position });
        const next = feedOf({ consumer: { ...sums, apply }, owner: 'two', isDead: () => true });
        await next.catchUp();
        while (await next.retryParked());
        expect(await next.status()).to.include({ role: 'active', parkedKeys: 0 });
      });

      it('goes on at its next start without what was discarded', async () => {
        const discards = log.all.map(({ id: eventId, type: eventType, position }, i) =>
          onStream('parkedDiscards-sums', {})('ParkedEventDiscarded', {
            ...{ consumer: 'sums', eventId, eventType, key: keys[i] ?? '', position: position.toString(), by: null },
          }),
        );
        log.add(history(discards, { after: await log.head() }));
        const next = feedOf({ owner: 'two', isDead: () => true });
        await next.catchUp();
        while (await next.retryParked());
        expect(await next.status()).to.include({ role: 'active', parkedKeys: 0 });
        expect(await reads.count('sums')).to.equal(0);
      });
    });

    it('stops at an event without a routing key, which cannot be parked', async () => {
      for (const keys of [{}, undefined]) {
        log = logOf([{ ...added(1, 'a', 1), metadata: { ...metadata(), keys: keys as never } }]);
        const error = await rejection(feedOf({ isDead: () => true }).step());
        expect(error).to.be.instanceOf(FeedStopped).with.property('message').that.includes('no routing key');
      }
    });
  });

  describe('with a lease', () => {
    it('is the only active one, and a standby takes over after the lease, by its own clock', async () => {
      log.add([added(1, 'a', 1)]);
      const one = feedOf();
      const two = feedOf({ owner: 'two' });
      expect(await one.step()).to.equal(1);
      log.add([added(2, 'a', 2)]);
      expect(await two.step()).to.equal(0);
      elapsed += LEASE_MS - 1;
      expect(await two.step()).to.equal(0);
      elapsed += 1;
      expect(await two.step()).to.equal(1);
      expect(await sumOf('a')).to.include({ sum: 3 });
      expect(await checkpoint()).to.include({ owner: 'two', token: 2 });
    });

    it('keeps the lease when the wall clock jumps', async () => {
      const two = feedOf({ owner: 'two' });
      await feedOf().step();
      await two.step();
      now += 2 * LEASE_MS;
      await two.step();
      expect(await checkpoint()).to.include({ owner: 'one' });
    });

    it('starts waiting anew whenever the holder showed a heartbeat', async () => {
      const [one, two] = [feedOf(), feedOf({ owner: 'two' })];
      await one.step();
      for (let i = 0; i < 5; i += 1) {
        expect(await two.step()).to.equal(0);
        elapsed += LEASE_MS - 1;
        await one.step(); // At the head: it only sends heartbeats.
      }
      expect(await checkpoint()).to.include({ owner: 'one' });
    });

    it('changes nothing once it was superseded', async () => {
      log.add([added(1, 'a', 1)]);
      const [one, two] = [feedOf(), feedOf({ owner: 'two' })];
      await one.step();
      await two.step();
      elapsed += LEASE_MS;
      await two.step();
      const before = [await checkpoint(), await sumOf('a')];
      log.add([added(2, 'a', 2)]);
      expect(await one.step()).to.equal(0);
      expect([await checkpoint(), await sumOf('a')]).to.deep.equal(before);
      expect(await one.status()).to.include({ role: 'standby' });
      expect(await two.step()).to.equal(1);
    });

    it('sends heartbeats during a long batch, so that it is not superseded at work', async () => {
      log.add(['a', 'b', 'c', 'd'].map((key, i) => added(i + 1, key, 1)));
      const two = feedOf({ owner: 'two' });
      const slow: Consumer = {
        ...sums,
        async apply(...call) {
          expect(await two.step()).to.equal(0);
          elapsed += LEASE_MS / 2;
          return sums.apply(...call);
        },
      };
      expect(await feedOf({ consumer: slow }).step()).to.equal(4);
    });

    it('can take over at once after an orderly release, or when the owner is known to be dead', async () => {
      const one = feedOf();
      await one.step();
      await one.release();
      log.add([added(1, 'a', 1)]);
      expect(await feedOf({ owner: 'two' }).step()).to.equal(1);
      log.add([added(2, 'a', 1)]);
      expect(await feedOf({ owner: 'three', isDead: (owner) => owner === 'two' }).step()).to.equal(1);
    });

    it('releases the lease when it stops', async () => {
      log.add([{ ...added(1, 'a', 1), metadata: { ...metadata(), keys: {} } }]);
      const feed = feedOf();
      await rejection(feed.run(new AbortController().signal));
      expect(await checkpoint()).to.include({ owner: '', position: 0n });
    });
  });

  describe('on a log that is not the one it came from', () => {
    it('stops when another event is at its checkpoint, and leaves the checkpoint alone', async () => {
      log.add([added(1, 'a', 1), added(2, 'a', 2)]);
      await feedOf().catchUp();
      const before = await checkpoint();
      for (const other of [logOf([added(1, 'a', 1), added(2, 'b', 2)]), logOf([added(1, 'a', 1)])]) {
        const feed = feedOf({ events: other, owner: 'two', isDead: () => true });
        expect(await rejection(feed.step()))
          .to.be.instanceOf(FeedStopped)
          .with.property('message')
          .that.includes('another log');
        expect(await checkpoint()).to.deep.equal(before);
      }
    });

    it('does not start at a position without an event', async () => {
      log.add([added(2, 'a', 1)]);
      expect(await rejection(feedOf({ startAt: 1n }).step())).to.be.instanceOf(FeedStopped);
      expect(await checkpoint()).to.equal(null);
    });
  });

  describe('that acts on events', () => {
    const acts: string[] = [];
    const acting = actingConsumer({
      name: 'greeter',
      types: ['KillSwitchEngaged'],
      keyOf: (event) => event.metadata.keys.configKey,
      act: async (event) => void acts.push(event.id),
    });
    const engaged = (position: number): RecordedEvent => ({
      ...added(position, 'a', 1),
      type: 'KillSwitchEngaged',
      data: { name: 'PAYOUT' },
      metadata: metadata({ keys: { configKey: 'PAYOUT' } }),
    });
    beforeEach(() => acts.splice(0));

    it('refuses to start without a checkpoint on a log that is not empty (9.3)', async () => {
      log.add([engaged(1)]);
      expect(await rejection(feedOf({ consumer: acting }).step())).to.be.instanceOf(FeedStopped);
      expect(acts).to.deep.equal([]);
    });

    it('starts after the position it was given', async () => {
      log.add([engaged(1), engaged(2)]);
      await feedOf({ consumer: acting, startAt: 1n }).catchUp();
      expect(acts).to.deep.equal([engaged(2).id]);
    });

    it('keeps documents for parked keys only', async () => {
      const feed = feedOf({ consumer: acting });
      await feed.step();
      log.add([engaged(1), { ...engaged(2), data: {} }]);
      await feed.catchUp();
      expect(acts).to.deep.equal([engaged(1).id]);
      expect(await reads.get(acting.collection, 'PAYOUT')).to.include({ position: 0n, parked: true, parkedFrom: '2' });
    });
  });

  it('ends at once when the store can no longer be trusted', async () => {
    const broken: ReadStore = {
      ...reads,
      async getMany() {
        throw new StoreFailed('the disk is full');
      },
    };
    log.add([added(1, 'a', 1)]);
    const error = await rejection(feedOf({ reads: broken }).run(new AbortController().signal));
    expect(error).to.be.instanceOf(StoreFailed);
  });

  it('runs until told to stop, is woken by each append, and releases its lease', async () => {
    const stop = new AbortController();
    let batchDone = () => {};
    const running = feedOf({ onBatch: () => batchDone() }).run(stop.signal);
    for (const n of [1, 2, 3]) {
      const done = new Promise<void>((resolve) => (batchDone = resolve));
      log.add([added(n, 'a', n)]);
      await done;
    }
    stop.abort();
    await running;
    expect(await sumOf('a')).to.include({ sum: 6 });
    expect(await checkpoint()).to.include({ owner: '', position: 3n });
  });

  it('retries after a transient fault with growing pauses, whatever is appended in the meantime', async () => {
    const time = createManualTime();
    const triedAt: number[] = [];
    const away: ReadStore = {
      ...reads,
      async getMany() {
        triedAt.push(time.monotonic());
        throw new StoreBusy('views.db', 'is locked');
      },
    };
    const stop = new AbortController();
    const running = feedOf({ reads: away, clock: time }).run(stop.signal);
    await time.advance(50);
    log.add([added(1, 'a', 1)]);
    await time.advance(650);
    expect(triedAt).to.deep.equal([0, 100, 300, 700]);
    stop.abort();
    await running;
    expect(time.pending()).to.equal(0);
  });

  it('keeps reporting heartbeats while nothing happens', async () => {
    const time = createManualTime();
    const stop = new AbortController();
    const running = feedOf({ clock: time }).run(stop.signal);
    await time.advance(0);
    const before = await checkpoint();
    await time.advance(3 * BEAT_MS);
    expect(await checkpoint()).to.deep.equal({ ...before, beat: (before?.beat ?? 0) + 3 });
    stop.abort();
    await running;
  });
});
