import { expect } from 'chai';
import { FeedStopped, RetryLater, type Consumer } from '../../src/feed/consumer.js';
import { openDocuments } from '../../src/feed/documents.js';
import type { FoldedDocument } from '../../src/fold.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { rejection } from '../../testing/contract.js';
import { later } from '../../testing/fixtures/people.js';
import { metadata, newEvent } from '../../testing/events.js';
import { emptyReads } from './trails.js';

interface Trail extends FoldedDocument {
  /** Positions of the applied events. */
  readonly trail: string;
}

/** Records where it has been. An event that says `broken` is poison. */
const trails: Consumer = {
  name: 'trails.v1',
  collection: 'trails',
  indexes: ['trail'],
  takes: () => true,
  keyOf: ({ metadata: { keys } }) => keys.userId,
  apply(key, before, { position, data }) {
    if (data.broken !== undefined) throw new Error('it is broken');
    return { _id: key, position, trail: `${(before as Trail | null)?.trail ?? ''} ${position}` } as Trail;
  },
};
const at = (position: number, userId: string, data: RecordedEvent['data'] = {}): RecordedEvent => ({
  ...newEvent({ data, metadata: metadata({ keys: { userId } }) }),
  stream: `thing-${userId}`,
  revision: 0n,
  position: BigInt(position),
});
const broken = (position: number, userId: string) => at(position, userId, { broken: true });

describe('The documents of a feed', () => {
  const emptied = emptyReads();
  let reads: ReadStore;
  beforeEach(() => void (reads = emptied()));

  const documentsOf = (consumer: Consumer = trails, store = reads) =>
    openDocuments({
      consumer,
      reads: store,
      stayActive: async () => {},
      stop(reason) {
        throw new FeedStopped(reason);
      },
    });
  const trailOf = (key: string) => reads.get<Trail>('trails', key);
  const put = (document: Partial<Trail> & { _id: string }) =>
    reads.write('trails', [{ document: { position: 1n, ...document } as Trail, expected: null }]);
  const parked = (parkedFrom: string, parkedRetry: boolean, error = 'it was') =>
    ({ parked: true, parkedFrom, parkedError: error, parkedRetry }) as const;
  /** The mark that an event leaves which parks its key, and holds the next one. */
  const parkedBy = ({ id, type, position, metadata: { occurredAt } }: RecordedEvent, error = 'it is broken') => ({
    ...parked(position.toString(), false, error),
    ...{ parkedEvent: id, parkedType: type, parkedSince: occurredAt },
    ...{ parkedHeld: 1, parkedHeldTo: (position + 1n).toString(), parkedHeldSince: occurredAt },
  });

  it("are declared with the consumer's indexes and the index of parked keys", async () => {
    const declared: unknown[] = [];
    const recording: ReadStore = { ...reads, declare: async (...of) => void declared.push(of) };
    await documentsOf(trails, recording).declare();
    expect(declared).to.deep.equal([['trails', ['trail', 'parked']]]);
  });

  it('give a batch up when someone else wrote first five times in a row', async () => {
    let tries = 0;
    const contested: ReadStore = {
      ...reads,
      async write() {
        tries += 1;
        if (tries > 20) throw new Error('tried without end');
        return new Set();
      },
    };
    const error = await rejection(documentsOf(trails, contested).apply([at(1, 'a')]));
    expect(error)
      .to.be.instanceOf(RetryLater)
      .with.property('message', 'trails.v1: documents keep changing under the runner');
    expect(tries).to.equal(5);
  });

  it('do not overwrite what someone else wrote in the meantime', async () => {
    await put({ _id: 'a', trail: ' 1' });
    let raced = false;
    const racing: ReadStore = {
      ...reads,
      async write(collection, writes) {
        if (!raced) {
          raced = true;
          const document = { _id: 'a', position: 2n, trail: ' 1 two' } as Trail;
          await reads.write('trails', [{ document, expected: { position: 1n } }]);
        }
        return reads.write(collection, writes);
      },
    };
    await documentsOf(trails, racing).apply([at(2, 'a'), at(3, 'a')]);
    expect(await trailOf('a')).to.include({ trail: ' 1 two 3', position: 3n });
  });

  it('are not written when nothing changed', async () => {
    await put({ _id: 'applied', trail: ' 1' });
    await put({ _id: 'parked', trail: ' 1', ...parked('2', false) });
    const silent: ReadStore = {
      ...reads,
      async write() {
        throw new Error('written');
      },
    };
    const outcome = await documentsOf(trails, silent).apply([at(1, 'applied'), at(3, 'parked')]);
    expect(outcome).to.deep.equal({ applied: 0, parked: 1, duplicate: 1 });
    expect(await documentsOf(trails, silent).apply([])).to.deep.equal({ applied: 0, parked: 0, duplicate: 0 });
  });

  describe('that are parked', () => {
    it('store the reason in at most 500 characters, even if what was thrown is no Error', async () => {
      const documents = documentsOf({
        ...trails,
        apply(_key, _before, { data }) {
          AbortSignal.abort(data.broken).throwIfAborted(); // Throws what it is given.
          return null;
        },
      });
      await documents.apply([at(1, 'a', { broken: 'a text' }), at(2, 'b', { broken: 'x'.repeat(501) })]);
      expect((await trailOf('a'))?.parkedError).to.equal('a text');
      expect((await trailOf('b'))?.parkedError).to.equal('x'.repeat(500));
    });

    it('keep what was applied before the broken event', async () => {
      const third = broken(3, 'a');
      const outcome = await documentsOf().apply([at(1, 'a'), at(2, 'a'), third, at(4, 'a')]);
      expect(outcome).to.deep.equal({ applied: 2, parked: 2, duplicate: 0 });
      expect(await trailOf('a')).to.deep.equal({
        _id: 'a',
        position: 2n,
        trail: ' 1 2',
        ...parkedBy(third),
      });
    });

    it('take no new events, whether marked for retry or not', async () => {
      for (const parkedRetry of [false, true]) {
        const before = { _id: `key ${parkedRetry}`, position: 1n, trail: ' 1', ...parked('2', parkedRetry) };
        await put(before);
        expect(await documentsOf().apply([at(3, before._id)])).to.deep.equal({ applied: 0, parked: 1, duplicate: 0 });
        expect(await trailOf(before._id)).to.deep.equal(before);
      }
    });

    it('are counted once, however often they are parked again', async () => {
      await put({ _id: 'a', trail: ' 1', ...parked('2', true) });
      const documents = documentsOf();
      await documents.countParked();
      expect(documents.parkedKeys()).to.equal(1);
      await documents.applyHeld(new Map([['a', 2n]]), [broken(2, 'a')]);
      expect(documents.parkedKeys()).to.equal(1);
      await documents.apply([broken(3, 'b'), broken(4, 'c'), at(5, 'd')]);
      expect(documents.parkedKeys()).to.equal(3);
    });
  });

  describe('whose held events are being applied', () => {
    it('take the held events from the parked place on, and stay parked after the last of them, by the same event', async () => {
      const by = { parkedEvent: 'the third', parkedType: 'Broken', parkedSince: later };
      await put({ _id: 'a', trail: ' 1', ...parked('3', true), ...by });
      await documentsOf().applyHeld(new Map([['a', 3n]]), [at(2, 'a'), at(3, 'a'), at(5, 'a')]);
      const mark = { ...parked('6', true), ...by };
      expect(await trailOf('a')).to.deep.equal({ _id: 'a', position: 5n, trail: ' 1 3 5', ...mark });
    });

    it('change only for the keys that were asked for', async () => {
      await put({ _id: 'b', trail: ' 1', ...parked('2', true) });
      await documentsOf().applyHeld(new Map([['a', 2n]]), [at(2, 'b'), at(3, 'c')]);
      expect(await trailOf('b')).to.include({ trail: ' 1', parkedFrom: '2' });
      expect(await trailOf('c')).to.equal(null);
    });

    it('are passed to the consumer without the parking fields, and as null when nothing was applied yet', async () => {
      await put({ _id: 'a', trail: ' 1', ...parked('2', true) });
      await put({ _id: 'b', position: 0n, ...parked('3', true) });
      const given: unknown[] = [];
      const documents = documentsOf({
        ...trails,
        apply(key, before, event) {
          given.push(before);
          return trails.apply(key, before, event);
        },
      });
      await documents.applyHeld(
        new Map([
          ['a', 2n],
          ['b', 3n],
        ]),
        [at(2, 'a'), at(3, 'b')],
      );
      expect(given).to.deep.equal([{ _id: 'a', position: 1n, trail: ' 1' }, null]);
      expect(await trailOf('b')).to.deep.equal({ _id: 'b', position: 3n, trail: ' 3', ...parked('4', true) });
    });

    it('stay parked, further on, when another event is broken', async () => {
      await put({ _id: 'a', trail: ' 1', ...parked('2', true) });
      const third = broken(3, 'a');
      await documentsOf().applyHeld(new Map([['a', 2n]]), [at(2, 'a'), third, at(4, 'a')]);
      expect(await trailOf('a')).to.deep.equal({
        _id: 'a',
        position: 2n,
        trail: ' 1 2',
        ...parkedBy(third),
      });
    });

    it('stay parked after them when the consumer stores nothing but the parking fields', async () => {
      await put({ _id: 'a', position: 0n, ...parked('2', true) });
      const acted: string[] = [];
      const documents = documentsOf({
        ...trails,
        apply: (_key, _before, { position }) => (acted.push(String(position)), null),
      });
      await documents.applyHeld(new Map([['a', 2n]]), [at(2, 'a'), at(4, 'a')]);
      expect(acted).to.deep.equal(['2', '4']);
      expect(await trailOf('a')).to.deep.equal({ _id: 'a', position: 0n, ...parked('5', true) });
    });
  });

  describe('that are marked for retry', () => {
    it('are found with the position from which they are held, at most a hundred at once', async () => {
      await put({ _id: 'a key not marked', ...parked('2', false) });
      await put({ _id: 'a key not parked' });
      for (let n = 100; n < 201; n += 1) await put({ _id: `key ${n}`, ...parked(String(n), true) });
      const marked = await documentsOf().markedForRetry();
      const expected = Array.from({ length: 100 }, (_, i) => [`key ${100 + i}`, BigInt(100 + i)] as const);
      expect([...marked]).to.have.deep.members(expected);
    });

    it('lose the mark, unless they were parked again in the meantime or are gone', async () => {
      await put({ _id: 'a', trail: ' 1', ...parked('2', true) });
      await put({ _id: 'b', trail: ' 1', ...parked('2', false) });
      await put({ _id: 'c', trail: ' 1' });
      const documents = documentsOf();
      await documents.unpark(['a', 'b', 'c', 'gone']);
      expect(await trailOf('a')).to.deep.equal({ _id: 'a', position: 1n, trail: ' 1' });
      expect(await trailOf('b')).to.include(parked('2', false));
      expect(await trailOf('c')).to.deep.equal({ _id: 'c', position: 1n, trail: ' 1' });
      expect(documents.parkedKeys()).to.equal(1);
    });

    it('keep a mark that was set between the read and the write', async () => {
      await put({ _id: 'a', trail: ' 1', ...parked('2', true) });
      const racing: ReadStore = {
        ...reads,
        async write(collection, writes) {
          const again = { _id: 'a', position: 1n, trail: ' 1', ...parked('3', false) } as Trail;
          await reads.write('trails', [{ document: again, expected: { position: 1n } }]);
          return reads.write(collection, writes);
        },
      };
      await documentsOf(trails, racing).unpark(['a']);
      expect(await trailOf('a')).to.include(parked('3', false));
    });
  });
});
