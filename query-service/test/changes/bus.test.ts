import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { ringAfter } from '@creator-dashboards/shared/changes/ring';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Document, ReadStore } from '@creator-dashboards/shared/ports';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { ALIASES, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';
import { createBus } from '../../src/changes/bus.js';
import { createMemory } from '../../src/changes/memory.js';

const VIEW = 'creatorDashboard';
const COLLECTION = 'view.creatorDashboard.v1';

function open(options: Partial<Pick<ReadStore, 'stamp'>> = {}) {
  const documents = new Map<string, Document>();
  const time = createManualTime();
  const changes = createChanges();
  let [looks, gets, isAway] = [0, 0, false];
  /** What happens before a question to a collection is answered. */
  const before = new Map<string, () => Promise<void>>();
  const reads = {
    async get(collection: string, id: string, known?: Document | null) {
      gets += 1;
      const found = documents.get(`${collection}/${id}`) ?? null;
      await before.get(collection)?.();
      return known && known.position === found?.position ? known : found;
    },
    async getMany(collection: string, ids: readonly string[]) {
      if (isAway) throw new Error('away');
      if (collection === ALIASES) looks += 1;
      const found = ids.flatMap((id) => documents.get(`${collection}/${id}`) ?? []);
      await before.get(collection)?.();
      return new Map(found.map((one) => [one._id, one]));
    },
    ...options,
  } as unknown as ReadStore;
  const bus = createBus({ reads, changes, clock: time, views });
  const put = (collection: string, document: object) =>
    void documents.set(`${collection}/${(document as Document)._id}`, document as Document);
  const told: unknown[] = [];
  bus.listen(({ collection, keys }) => told.push([collection, keys && [...keys]]));
  let record = { _id: feedNameOf(VIEW, 'v1'), position: 0n, eventId: null, token: 1, owner: '', beat: 1 } as Checkpoint;
  return {
    ...{ bus, time, told, changes, put, before },
    memory: createMemory(reads, bus, time),
    looks: () => looks,
    gets: () => gets,
    away: (is: boolean) => void (isAway = is),
    serve: (generation: string, previous: string | null = null) =>
      put(ALIASES, { _id: VIEW, position: 0n, generation, previous }),
    /** As a feed of another process does: the documents, then the record that names them. */
    write(position: bigint, ...keys: string[]): Checkpoint {
      for (const _id of keys) put(COLLECTION, { _id, position });
      const beat = record.beat + 1;
      record = { ...record, position, beat, changed: ringAfter(record, beat, new Set(keys)) };
      put(CHECKPOINTS, record);
      return record;
    },
  };
}

describe('The bus of changes', () => {
  async function opened(options?: Parameters<typeof open>[0]) {
    const all = open(options);
    all.serve('v1');
    all.write(1n, 'anna', 'ben');
    await all.bus.current();
    all.told.length = 0;
    return all;
  }

  it('tells within 50 ms which documents another process wrote, with how far the view is', async () => {
    const { bus, time, told, write } = await opened();
    write(2n, 'anna');
    await time.advance(49);
    expect(told).to.deep.equal([]);
    await time.advance(1);
    expect(told).to.deep.equal([[COLLECTION, ['anna']]]);
    expect(bus.checkpoint(feedNameOf(VIEW, 'v1'))?.position).to.equal(2n);
  });

  it('tells at once what this process wrote, and takes its checkpoint without a question', async () => {
    const { bus, told, write, changes, looks } = await opened();
    const asked = looks();
    const record = write(2n, 'anna');
    changes.tell({ collection: COLLECTION, documents: new Map([['anna', { _id: 'anna', position: 2n }]]) });
    changes.tell({ collection: CHECKPOINTS, documents: new Map([[record._id, record]]) });
    expect(told[0]).to.deep.equal([COLLECTION, ['anna']]);
    expect(bus.checkpoint(feedNameOf(VIEW, 'v1'))?.position).to.equal(2n);
    expect(looks()).to.equal(asked);
  });

  it('reads nothing again while the store says that nothing was written', async () => {
    let stamp = 'one';
    const { bus, time, told, write, looks } = await opened({ stamp: () => stamp });
    const release = bus.hold();
    await time.advance(500);
    expect(looks()).to.equal(1);
    write(2n, 'anna');
    stamp = 'two';
    await time.advance(50);
    expect(told).to.deep.equal([[COLLECTION, ['anna']]]);
    expect(looks()).to.equal(2);
    release();
  });

  it('is not told less by a look that began before this process wrote', async () => {
    const { bus, time, write, changes, before } = await opened();
    before.set(CHECKPOINTS, async () => {
      before.clear();
      const record = write(2n, 'anna');
      changes.tell({ collection: CHECKPOINTS, documents: new Map([[record._id, record]]) });
    });
    await time.advance(50);
    expect(bus.checkpoint(feedNameOf(VIEW, 'v1'))?.position).to.equal(2n);
  });

  it('wakes who waits with the next thing known, looks every 5 ms meanwhile, and lets nobody wait for what is known by now', async () => {
    const { bus, time, write } = await opened();
    const turn = bus.turn();
    let isWoken = false;
    void bus.next(turn, 1_000).then(() => (isWoken = true));
    await time.advance(5);
    write(2n, 'anna');
    await time.advance(4);
    expect(isWoken).to.equal(false);
    await time.advance(1);
    expect(isWoken).to.equal(true);
    await bus.next(turn, 1_000); // that turn is over
    let isOver = false;
    void bus.next(bus.turn(), 30).then(() => (isOver = true));
    await time.advance(30);
    expect(isOver, 'when the time is up').to.equal(true);
  });

  it('shows a generation together with its checkpoint, and says when another one is served', async () => {
    const { bus, time, told, serve, put, before } = await opened();
    serve('v1-2', 'v1');
    put(CHECKPOINTS, { _id: feedNameOf(VIEW, 'v1-2'), position: 1n, token: 1, beat: 1 });
    const seen: unknown[] = [];
    const note = () => {
      const generation = bus.alias(VIEW)?.generation ?? '';
      seen.push([generation, bus.checkpoint(feedNameOf(VIEW, generation))?.position]);
    };
    before.set(CHECKPOINTS, async () => {
      note();
      await Promise.resolve();
      note();
    });
    await time.advance(50);
    expect(seen, 'while it looks')
      .to.deep.equal(seen.map(() => ['v1', 1n]))
      .and.not.to.deep.equal([]);
    seen.length = 0;
    note();
    expect(seen).to.deep.equal([['v1-2', 1n]]);
    expect(told).to.deep.include(['view.creatorDashboard.v1-2', null]);
    told.length = 0;
    before.clear();
    serve('v1', 'v1-2');
    await time.advance(50);
    expect(told, 'also back to what was followed before').to.deep.include([COLLECTION, null]);
  });

  it('does not count what it knows after half a second in which no look succeeded', async () => {
    const { bus, time, away, write } = await opened();
    away(true);
    await time.advance(499);
    expect(bus.current()).to.equal(undefined);
    await time.advance(1);
    const refused = await bus.current()?.catch((error: unknown) => error);
    expect(refused).to.have.property('message', 'away');
    away(false);
    write(3n, 'ben');
    await bus.current();
    expect(bus.checkpoint(feedNameOf(VIEW, 'v1'))?.position).to.equal(3n);
  });

  it('asks nobody while nobody reads, waits or holds it', async () => {
    const { bus, time, looks } = await opened();
    await time.advance(1_050);
    const asked = looks();
    await time.advance(60_000);
    expect([looks() - asked, time.pending()]).to.deep.equal([0, 0]);
    const release = bus.hold();
    await time.advance(60_000);
    expect(looks() - asked).to.equal(1_200); // every 50 ms
    release();
    await time.advance(50);
    expect(time.pending()).to.equal(0);
  });

  it('has nothing left to do once it is stopped, and still answers who reads', async () => {
    const { bus, time, write } = await opened();
    bus.stop();
    await time.advance(0);
    expect(time.pending()).to.equal(0);
    write(2n, 'anna');
    await time.advance(500);
    await bus.current();
    expect([bus.checkpoint(feedNameOf(VIEW, 'v1'))?.position, time.pending()]).to.deep.equal([2n, 0]);
  });

  describe('with a memory of documents', () => {
    it('asks the store again for what was written, and for nothing else', async () => {
      const { memory, time, write, gets } = await opened();
      for (const key of ['anna', 'ben', 'anna', 'ben']) await memory.get(COLLECTION, key);
      expect(gets()).to.equal(2);
      write(2n, 'anna');
      await time.advance(50);
      expect((await memory.get(COLLECTION, 'anna'))?.position).to.equal(2n);
      await memory.get(COLLECTION, 'ben');
      expect(gets()).to.equal(3);
    });

    it('keeps no document that was being read while it was written', async () => {
      const { memory, time, write, before } = await opened();
      let goOn: () => void = () => undefined;
      before.set(COLLECTION, () => new Promise((resolve) => (goOn = resolve)));
      const old = memory.get(COLLECTION, 'anna');
      write(2n, 'anna');
      await time.advance(50);
      before.clear();
      goOn();
      expect((await old)?.position, 'asked before').to.equal(1n);
      expect((await memory.get(COLLECTION, 'anna'))?.position).to.equal(2n);
    });

    it('never follows what one read showed by less, where two reads overtake each other', async () => {
      const { memory, put, before } = await opened();
      const goOn: (() => void)[] = [];
      before.set(COLLECTION, () => new Promise((resolve) => goOn.push(resolve)));
      const older = memory.anew(COLLECTION, 'anna'); // has read position 1
      put(COLLECTION, { _id: 'anna', position: 2n }); // of which nobody tells
      const newer = memory.anew(COLLECTION, 'anna');
      goOn[1]?.();
      expect((await newer)?.position).to.equal(2n);
      goOn[0]?.();
      await older;
      before.clear();
      expect((await memory.get(COLLECTION, 'anna'))?.position).to.equal(2n);
    });

    it('finds within five seconds what nobody told, and is the same object where nothing has changed', async () => {
      const { memory, bus, time, put } = await opened();
      const first = await memory.get(COLLECTION, 'anna');
      const release = bus.hold();
      await time.advance(5_000);
      expect(await memory.get(COLLECTION, 'anna')).to.equal(first);
      put(COLLECTION, { _id: 'anna', position: 2n });
      await time.advance(4_999);
      expect((await memory.get(COLLECTION, 'anna'))?.position).to.equal(1n);
      await time.advance(1);
      expect((await memory.get(COLLECTION, 'anna'))?.position).to.equal(2n);
      release();
    });

    it('keeps nothing of a collection whose changes are not told', async () => {
      const { memory, put } = await opened();
      put('view.creatorDashboard.v9', { _id: 'anna', position: 1n });
      await memory.get('view.creatorDashboard.v9', 'anna');
      put('view.creatorDashboard.v9', { _id: 'anna', position: 2n });
      expect((await memory.get('view.creatorDashboard.v9', 'anna'))?.position).to.equal(2n);
    });
  });
});
