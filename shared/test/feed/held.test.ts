import { expect } from 'chai';
import { openDocuments } from '../../src/feed/documents.js';
import type { FoldedDocument } from '../../src/fold.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { metadata, newEvent } from '../../testing/events.js';
import { emptyReads, trails } from './trails.js';

/** Each happened in the minute of its position. */
const noted = (position: number, userId: string, data: RecordedEvent['data'] = {}): RecordedEvent => ({
  ...newEvent({ type: 'Noted', data, metadata: metadata({ keys: { userId }, occurredAt: minute(position) }) }),
  ...{ stream: `thing-${userId}`, revision: 0n, position: BigInt(position) },
});
const minute = (n: number) => `2026-05-02T10:${String(n % 60).padStart(2, '0')}:00.000Z` as const;
const broken = (position: number, userId: string) => noted(position, userId, { broken: true });

describe('What is held behind a parked event', () => {
  const emptied = emptyReads();
  let reads: ReadStore;
  beforeEach(() => void (reads = emptied()));

  const documentsOf = (store = reads) =>
    openDocuments({
      ...{ consumer: trails, reads: store, stayActive: async () => {} },
      stop(reason) {
        throw new Error(reason);
      },
    });
  const apply = (...events: RecordedEvent[]) => documentsOf().apply(events);
  const document = async (key: string) => (await reads.get<FoldedDocument>('trails', key)) as FoldedDocument;
  async function held(key: string): Promise<unknown[]> {
    const { parkedHeld, parkedHeldSince } = await document(key);
    return [parkedHeld, parkedHeldSince];
  }
  const askForRetry = async (key: string) => {
    const parked = await document(key);
    return reads.write('trails', [
      { document: { ...parked, parkedRetry: true }, expected: { position: parked.position } },
    ]);
  };

  it('is nothing at first, then each later event of the key, since the oldest of them', async () => {
    await apply(noted(1, 'a'), broken(2, 'a'));
    expect(await held('a')).to.deep.equal([0, undefined]);
    await apply(noted(3, 'b'), noted(4, 'a'), broken(5, 'a'));
    expect(await held('a')).to.deep.equal([2, minute(4)]);
    await apply(noted(6, 'a'));
    expect(await held('a')).to.deep.equal([3, minute(4)]);
  });

  it('is counted where one batch has both, and once however often the batch comes', async () => {
    const batch = [noted(1, 'a'), broken(2, 'a'), noted(3, 'a'), noted(4, 'a')];
    await apply(...batch);
    expect(await held('a')).to.deep.equal([2, minute(3)]);
    await apply(...batch, noted(5, 'a'));
    expect(await held('a')).to.deep.equal([3, minute(3)]);
  });

  it('is counted up to 1,000; then nothing is written any more', async () => {
    await apply(broken(1, 'a'), ...Array.from({ length: 998 }, (_, n) => noted(n + 2, 'a')));
    expect((await held('a'))[0]).to.equal(998);
    await apply(noted(1_000, 'a'), noted(1_001, 'a'), noted(1_002, 'a'));
    const full = await document('a');
    expect(full.parkedHeld).to.equal(1_000);
    await apply(noted(1_003, 'a'));
    expect(await document('a')).to.deep.equal(full);
  });

  it('is counted anew behind the event that a retry stops at, and gone with the mark', async () => {
    await apply(broken(1, 'a'), noted(2, 'a'), broken(3, 'a'), noted(4, 'a'), noted(5, 'a'));
    const documents = documentsOf();
    await askForRetry('a');
    await documents.applyHeld(new Map([['a', 2n]]), [noted(2, 'a'), broken(3, 'a'), noted(4, 'a')]);
    expect(await held('a')).to.deep.equal([1, minute(4)]);
    await documents.applyHeld(new Map([['a', 2n]]), [noted(5, 'a')]);
    expect(await held('a'), 'the next page').to.deep.equal([2, minute(4)]);
    await askForRetry('a');
    await documents.applyHeld(new Map([['a', 4n]]), [noted(4, 'a'), noted(5, 'a')]);
    await documents.unpark(['a']);
    expect(await document('a')).to.deep.equal({ _id: 'a', position: 5n, trail: ' 2 4 5' });
  });

  it('is counted from nothing where a release that knows no count has left one', async () => {
    const left = { parkedHeld: 7, parkedHeldTo: '1', parkedHeldSince: minute(1) };
    await reads.write('trails', [{ document: { _id: 'a', position: 2n, ...left }, expected: null }]);
    await apply(broken(3, 'a'), noted(4, 'a'));
    expect(await held('a')).to.deep.equal([1, minute(4)]);
  });

  it('is not known of a mark that says no count', async () => {
    await reads.write('trails', [
      { document: { _id: 'a', position: 0n, parked: true, parkedFrom: '1' }, expected: null },
    ]);
    await apply(noted(2, 'a'));
    expect(await held('a')).to.deep.equal([undefined, undefined]);
  });

  it('is counted without losing a retry that is asked for meanwhile, or what another runner counts', async () => {
    await apply(broken(1, 'a'));
    const meanwhile = [() => askForRetry('a'), () => apply(noted(2, 'a'))];
    const racing: ReadStore = {
      ...reads,
      async write(collection, writes) {
        await meanwhile.shift()?.();
        return reads.write(collection, writes);
      },
    };
    await documentsOf(racing).apply([noted(2, 'a'), noted(3, 'a')]);
    expect(await document('a')).to.include({ parkedRetry: true, parkedHeld: 2, parkedHeldTo: '3' });
  });
});
