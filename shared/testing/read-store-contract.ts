import { expect } from 'chai';
import type { Document, JsonObject, Range, ReadStore } from '../src/ports.js';
import { type Place, rejection } from './contract.js';

type Doc = Document & { readonly [field: string]: JsonObject[string] | bigint };

const doc = (_id: string, position: bigint, fields: JsonObject = {}): Doc => ({ _id, position, ...fields });
const ids = (documents: readonly Document[]) => documents.map((document) => document._id);

/** What every ReadStore must do. `open` gives an empty place. */
export function readStoreContract(name: string, open: () => Promise<Place<ReadStore>>): void {
  describe(`${name}, by the contract of a read store:`, () => {
    let place: Place<ReadStore>;
    let store: ReadStore;

    beforeEach(async () => {
      place = await open();
      store = await place.connect();
    });
    afterEach(() => place.dispose());

    const insert = (...documents: Doc[]) =>
      store.write(
        'things',
        documents.map((document) => ({ document, expected: null })),
      );

    describe('documents', () => {
      it('returns what was written, with its position as a bigint', async () => {
        const written = doc('a', 7n, { text: 'ü "quoted"\n', list: [1, 'x', { deep: null }], yes: true, price: 0.1 });
        await insert(written);
        expect(await store.get('things', 'a')).to.deep.equal(written);
      });

      it('gives a document that is known again as the same object, and as another where anything of it has changed', async () => {
        await insert(doc('a', 7n, { text: 'x', parked: false }), doc('b', 7n, { text: 'x', parked: false }));
        const first = await store.get<Doc>('things', 'a', null);
        expect(await store.get<Doc>('things', 'a', first)).to.equal(first);
        expect((await store.get<Doc>('things', 'b', first))?._id).to.equal('b');
        const other = await place.connect();
        const parked = doc('a', 7n, { text: 'x', parked: true });
        await other.write('things', [{ document: parked, expected: { position: 7n } }]);
        expect(await store.get<Doc>('things', 'a', first)).to.deep.equal(parked);
        expect(await store.get<Doc>('things', 'gone', first)).to.equal(null);
      });

      it('keeps a position above 2^53 exact', async () => {
        await insert(doc('a', 9_007_199_254_740_993n));
        expect((await store.get('things', 'a'))?.position).to.equal(9_007_199_254_740_993n);
      });

      it('drops undefined fields and keeps null ones', async () => {
        await insert(doc('a', 1n, { gone: undefined, empty: null }));
        expect(await store.get('things', 'a')).to.deep.equal({ _id: 'a', position: 1n, empty: null });
      });

      it('keeps a field called __proto__ as a plain field', async () => {
        const fields = JSON.parse('{ "__proto__": { "admin": true }, "inner": { "__proto__": 1 } }') as JsonObject;
        await insert(doc('a', 1n, fields));
        const read = await store.get<Doc>('things', 'a');
        expect(Object.getPrototypeOf(read)).to.equal(Object.prototype);
        expect(Object.getOwnPropertyDescriptor(read, '__proto__')?.value).to.deep.equal({ admin: true });
        expect(JSON.stringify(read?.['inner'])).to.equal('{"__proto__":1}');
      });

      it('accepts any string as an id', async () => {
        const strange = ["'; DROP TABLE x; --", '__proto__', 'a.b:c/d$e', 'é😀', ' '];
        await insert(...strange.map((id, i) => doc(id, BigInt(i))));
        expect([...(await store.getMany('things', strange)).keys()].sort()).to.deep.equal([...strange].sort());
        expect((await store.get('things', '__proto__'))?.position).to.equal(1n);
      });

      for (const [what, fields] of Object.entries({
        'a bigint other than position': { amount: 5n },
        'a bigint deep inside': { list: [{ amount: 5n }] },
        'a number that JSON cannot express': { ratio: Number.NaN },
        'an object that is not plain': { at: new Date(0) },
        'a function': { call: () => 1 },
        'undefined in an array': { list: [undefined] },
      })) {
        it(`rejects ${what} with RangeError and writes nothing of the batch`, async () => {
          const bad = { _id: 'b', position: 1n, ...fields };
          const batch = [doc('a', 1n), bad].map((document) => ({ document, expected: null }));
          expect(await rejection(store.write('things', batch))).to.be.instanceOf(RangeError);
          expect(await store.get('things', 'a')).to.equal(null);
        });
      }

      it('rejects a document whose position is not a bigint', async () => {
        const bad = { _id: 'a', position: 1 as unknown as bigint }; // What a caller without types could pass.
        expect(await rejection(store.write('things', [{ document: bad, expected: null }]))).to.be.instanceOf(
          RangeError,
        );
      });
    });

    describe('getMany', () => {
      it('finds existing documents, once each', async () => {
        await insert(doc('a', 1n), doc('b', 2n), doc('c', 3n));
        const found = await store.getMany('things', ['c', 'a', 'missing', 'a']);
        expect([...found.keys()].sort()).to.deep.equal(['a', 'c']);
        expect(found.get('c')).to.deep.equal(doc('c', 3n));
      });

      it('accepts no ids and thousands of ids', async () => {
        const many = Array.from({ length: 3_000 }, (_, i) => doc(`id-${i}`, BigInt(i)));
        await insert(...many);
        expect((await store.getMany('things', [])).size).to.equal(0);
        expect((await store.getMany('things', ids(many))).size).to.equal(3_000);
      });
    });

    describe('guarded writes', () => {
      it('inserts only where no document is', async () => {
        expect(await insert(doc('a', 1n))).to.deep.equal(new Set(['a']));
        expect(await insert(doc('a', 2n), doc('b', 2n))).to.deep.equal(new Set(['b']));
        expect((await store.get('things', 'a'))?.position).to.equal(1n);
      });

      it('replaces a document only at the position that was read', async () => {
        await insert(doc('a', 1n, { old: true }));
        const next = { document: doc('a', 2n, { fresh: true }), expected: { position: 1n } };
        expect(await store.write('things', [next])).to.deep.equal(new Set(['a']));
        expect(await store.get('things', 'a')).to.deep.equal(doc('a', 2n, { fresh: true }));
        expect(await store.write('things', [next])).to.deep.equal(new Set());
      });

      it('judges each write of a batch by itself', async () => {
        await insert(doc('a', 1n), doc('b', 1n), doc('c', 1n));
        const held = await store.write('things', [
          { document: doc('a', 2n), expected: { position: 1n } },
          { document: doc('b', 2n), expected: { position: 9n } },
          { document: doc('c', 2n), expected: null },
          { document: doc('d', 2n), expected: { position: 1n } },
          { document: doc('e', 2n), expected: null },
        ]);
        expect(held).to.deep.equal(new Set(['a', 'e']));
        const now = await store.getMany<Doc>('things', ['a', 'b', 'c', 'd', 'e']);
        expect([...now].map(([id, { position }]) => `${id}${position}`).sort()).to.deep.equal(['a2', 'b1', 'c1', 'e2']);
      });

      const stored = { token: 3, owner: 'p1', live: true, ratio: 0.5, note: null, zero: 0, text: '1' };
      for (const [field, right, wrong] of [
        ['token', 3, 4],
        ['token', 3, '3'],
        ['owner', 'p1', 'p2'],
        ['owner', 'p1', null],
        ['live', true, false],
        ['live', true, 1],
        ['ratio', 0.5, 0.25],
        ['note', null, ''],
        ['absent', null, 0],
        ['zero', 0, false],
        ['text', '1', 1],
        ['position', 1n, 2n],
      ] as const) {
        it(`guards by ${field}: ${String(right)} succeeds, ${JSON.stringify(String(wrong))} (${typeof wrong}) does not`, async () => {
          await insert(doc('a', 1n, stored));
          const to = (position: bigint) => doc('a', position, stored);
          const no = await store.write('things', [{ document: to(5n), expected: { [field]: wrong } }]);
          expect(no).to.deep.equal(new Set());
          const yes = await store.write('things', [{ document: to(6n), expected: { [field]: right } }]);
          expect(yes).to.deep.equal(new Set(['a']));
          expect((await store.get('things', 'a'))?.position).to.equal(6n);
        });
      }

      it('succeeds only when every guarded field is as it was read', async () => {
        await insert(doc('lease', 10n, { token: 2, beat: 5 }));
        const beat = (expected: { token: number; beat: number }) =>
          store.write('things', [{ document: doc('lease', 10n, { token: 2, beat: 6 }), expected }]);
        expect(await beat({ token: 2, beat: 4 })).to.deep.equal(new Set());
        expect(await beat({ token: 1, beat: 5 })).to.deep.equal(new Set());
        expect(await beat({ token: 2, beat: 5 })).to.deep.equal(new Set(['lease']));
      });

      it('succeeds with an empty guard whenever the document exists', async () => {
        await insert(doc('a', 1n));
        const held = await store.write('things', [
          { document: doc('a', 2n), expected: {} },
          { document: doc('b', 2n), expected: {} },
        ]);
        expect(held).to.deep.equal(new Set(['a']));
      });

      it('accepts an empty batch', async () => {
        expect(await store.write('things', [])).to.deep.equal(new Set());
      });

      it('lets exactly one of many parallel writers succeed, on one instance and on two', async () => {
        const other = await place.connect();
        await insert(doc('a', 0n));
        for (let round = 0n; round < 10n; round++) {
          const results = await Promise.all(
            Array.from({ length: 16 }, (_, i) =>
              (i % 2 ? store : other).write('things', [
                { document: doc('a', round + 1n, { by: i }), expected: { position: round } },
              ]),
            ),
          );
          const winners = results.flatMap((held, i) => (held.size === 1 ? [i] : []));
          expect(winners).to.have.length(1);
          expect((await store.get<Doc>('things', 'a'))?.['by']).to.equal(winners[0]);
        }
      });

      it('lets exactly one of many parallel inserts succeed', async () => {
        const other = await place.connect();
        const results = await Promise.all(
          Array.from({ length: 16 }, (_, i) =>
            (i % 2 ? store : other).write('things', [{ document: doc('a', BigInt(i)), expected: null }]),
          ),
        );
        expect(results.filter((held) => held.has('a'))).to.have.length(1);
      });
    });

    describe('find and count', () => {
      beforeEach(async () => {
        await store.declare('things', ['kind', 'due', 'rank']);
        await insert(
          doc('e', 1n, { kind: 'x', due: '2026-01-03', rank: 10, on: true }),
          doc('d', 2n, { kind: 'y', due: '2026-01-01', rank: 9, on: false }),
          doc('c', 3n, { kind: 'x', due: '2026-01-02', rank: -1 }),
          doc('b', 4n, { kind: 'x', due: null, rank: 10 }),
          doc('a', 5n, { kind: 1, rank: 2.5 }),
        );
      });

      it('returns everything in _id order, bounded by the limit', async () => {
        expect(ids(await store.find('things', { limit: 100 }))).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
        expect(ids(await store.find('things', { limit: 2 }))).to.deep.equal(['a', 'b']);
        expect((await store.find('things', { limit: 1 }))[0]).to.deep.equal(doc('a', 5n, { kind: 1, rank: 2.5 }));
      });

      it('continues after an _id, so that pages meet', async () => {
        expect(ids(await store.find('things', { afterId: 'b', limit: 2 }))).to.deep.equal(['c', 'd']);
        expect(ids(await store.find('things', { afterId: 'bb', where: { kind: 'x' }, limit: 9 }))).to.deep.equal([
          'c',
          'e',
        ]);
        expect(ids(await store.find('things', { afterId: 'e', limit: 2 }))).to.deep.equal([]);
      });

      it('selects by equality, of value and type', async () => {
        const found = async (where: NonNullable<Parameters<ReadStore['count']>[1]>) => {
          const documents = await store.find('things', { where, limit: 100 });
          expect(await store.count('things', where)).to.equal(documents.length);
          return ids(documents);
        };
        expect(await found({ kind: 'x' })).to.deep.equal(['b', 'c', 'e']);
        expect(await found({ kind: 'x', rank: 10 })).to.deep.equal(['b', 'e']);
        expect(await found({ kind: 1 })).to.deep.equal(['a']);
        expect(await found({ kind: '1' })).to.deep.equal([]);
        expect(await found({ on: true })).to.deep.equal(['e']);
        expect(await found({ on: false })).to.deep.equal(['d']);
        expect(await found({ on: 1 })).to.deep.equal([]);
        expect(await found({ due: null })).to.deep.equal(['a', 'b']);
        expect(await found({ _id: 'c' })).to.deep.equal(['c']);
        expect(await found({})).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
        expect(await store.count('things')).to.equal(5);
      });

      it('selects by a bound and sorts by that field, then by _id', async () => {
        const due = (range: { atMost?: string; above?: string }) =>
          store.find('things', { range: { field: 'due', ...range }, limit: 100 }).then(ids);
        expect(await due({ atMost: '2026-01-02' })).to.deep.equal(['d', 'c']);
        expect(await due({ above: '2026-01-01' })).to.deep.equal(['c', 'e']);
        expect(await due({ above: '2026-01-01', atMost: '2026-01-02' })).to.deep.equal(['c']);
        const rank = await store.find('things', { range: { field: 'rank', above: 2 }, limit: 100 });
        expect(ids(rank)).to.deep.equal(['a', 'd', 'b', 'e']);
        expect(ids(await store.find('things', { range: { field: 'rank', above: 2 }, limit: 3 }))).to.deep.equal([
          'a',
          'd',
          'b',
        ]);
      });

      it('continues after a place in the order of a range, so that pages meet, even between equal values', async () => {
        const after = (value: string | number, _id: string, others: { atMost?: number; above?: number } = {}) =>
          store.find('things', { range: { field: 'rank', ...others, after: { value, _id } }, limit: 2 }).then(ids);
        expect(await after(-1, 'c')).to.deep.equal(['a', 'd']);
        expect(await after(9, 'd')).to.deep.equal(['b', 'e']);
        expect(await after(10, 'b')).to.deep.equal(['e']);
        expect(await after(10, 'e')).to.deep.equal([]);
        expect(await after(2.5, '', { atMost: 9 })).to.deep.equal(['a', 'd']);
        expect(await after(2.5, 'a', { atMost: 9 })).to.deep.equal(['d']);
        expect(await after(-1, 'c', { above: 2.5 })).to.deep.equal(['d', 'b']);
        const due = { field: 'due', atMost: '2026-12-31', after: { value: '2026-01-01', _id: 'd' } };
        expect(ids(await store.find('things', { range: due, limit: 9 }))).to.deep.equal(['c', 'e']);
        expect(ids(await store.find('things', { where: { on: true }, range: due, limit: 9 }))).to.deep.equal(['e']);
      });

      it('gives a range from its greatest end, and continues downwards, so that pages meet', async () => {
        const rank = (range: Omit<Range, 'field' | 'descending'>, limit = 9) =>
          store.find('things', { range: { field: 'rank', descending: true, ...range }, limit }).then(ids);
        expect(await rank({})).to.deep.equal(['e', 'b', 'd', 'a', 'c']);
        expect(await rank({}, 2)).to.deep.equal(['e', 'b']);
        expect(await rank({ after: { value: 10, _id: 'e' } })).to.deep.equal(['b', 'd', 'a', 'c']);
        expect(await rank({ after: { value: 10, _id: 'b' } }, 2)).to.deep.equal(['d', 'a']);
        expect(await rank({ above: 2.5, after: { value: 10, _id: 'b' } })).to.deep.equal(['d']);
        expect(await rank({ atMost: 9, after: { value: 10, _id: 'b' } })).to.deep.equal(['d', 'a', 'c']);
        expect(await rank({ atMost: 9 })).to.deep.equal(['d', 'a', 'c']);
        expect(await rank({ after: { value: -1, _id: 'c' } })).to.deep.equal([]);
        const due = { field: 'due', descending: true, above: '2026-01-01' } as const;
        expect(ids(await store.find('things', { range: due, limit: 9 }))).to.deep.equal(['e', 'c']);
        expect(ids(await store.find('things', { where: { on: true }, range: due, limit: 9 }))).to.deep.equal(['e']);
      });

      it('counts within bounds, and no further than it was told', async () => {
        expect(await store.countUpTo('things', { field: 'rank', above: 2.5 }, 9)).to.equal(3);
        expect(await store.countUpTo('things', { field: 'rank', above: 2.5 }, 2)).to.equal(2);
        expect(await store.countUpTo('things', { field: 'due', atMost: '2026-01-02' }, 9)).to.equal(2);
        expect(await store.countUpTo('things', { field: 'due', above: '2026-01-03' }, 9)).to.equal(0);
        expect(await store.countUpTo('nowhere', { field: 'due', above: '' }, 9)).to.equal(0);
      });

      it('deletes up to a bound, least first, as many as were asked for, and says how many', async () => {
        const upTo = (atMost: string | number, limit: number, field = 'due') =>
          store.deleteUpTo('things', { field, atMost }, limit);
        expect(await upTo('2026-01-02', 1)).to.equal(1);
        expect(ids(await store.find('things', { limit: 100 }))).to.deep.equal(['a', 'b', 'c', 'e']);
        expect(await upTo('2026-01-02', 100)).to.equal(1);
        expect(await upTo('2026-01-02', 100)).to.equal(0);
        expect(await upTo(2.5, 100, 'rank')).to.equal(1);
        expect(ids(await store.find('things', { limit: 100 }))).to.deep.equal(['b', 'e']);
        expect(await store.deleteUpTo('nowhere', { field: 'due', atMost: '9' }, 1)).to.equal(0);
      });

      it('never mixes strings and numbers in a bound', async () => {
        expect(ids(await store.find('things', { range: { field: 'kind', atMost: 'zzz' }, limit: 9 }))).to.deep.equal([
          'b',
          'c',
          'e',
          'd',
        ]);
        expect(ids(await store.find('things', { range: { field: 'kind', above: 0 }, limit: 9 }))).to.deep.equal(['a']);
        const mixed = { field: 'kind', atMost: 'zzz', after: { value: 0, _id: 'a' } };
        expect(await rejection(store.find('things', { range: mixed, limit: 9 }))).to.be.instanceOf(RangeError);
      });

      it('combines equality with a bound', async () => {
        const query = { where: { kind: 'x' }, range: { field: 'due', atMost: '2026-12-31' }, limit: 9 };
        expect(ids(await store.find('things', query))).to.deep.equal(['c', 'e']);
      });

      it('works on fields that were not declared', async () => {
        expect(ids(await store.find('things', { where: { on: true }, limit: 9 }))).to.deep.equal(['e']);
      });

      it('follows the documents as they change', async () => {
        await store.write('things', [{ document: doc('c', 9n, { kind: 'z' }), expected: { position: 3n } }]);
        expect(ids(await store.find('things', { where: { kind: 'x' }, limit: 9 }))).to.deep.equal(['b', 'e']);
      });

      it('rejects afterId together with a range, and a limit that is not a positive integer', async () => {
        const both = store.find('things', { afterId: 'a', range: { field: 'due', above: '' }, limit: 1 });
        expect(await rejection(both)).to.be.instanceOf(RangeError);
        for (const limit of [0, -1, 1.5, Number.NaN])
          expect(await rejection(store.find('things', { limit }))).to.be.instanceOf(RangeError);
      });
    });

    describe('collections', () => {
      it('reads a collection that nobody declared as empty, and the first write creates it', async () => {
        expect(await store.get('new', 'a')).to.equal(null);
        expect((await store.getMany('new', ['a'])).size).to.equal(0);
        expect(await store.find('new', { limit: 1 })).to.deep.equal([]);
        expect(await store.count('new')).to.equal(0);
        await store.write('new', [{ document: doc('a', 1n), expected: { position: 0n } }]);
        expect(await store.get('new', 'a')).to.equal(null);
        await store.write('new', [{ document: doc('a', 1n), expected: null }]);
        expect(await store.get('new', 'a')).to.deep.equal(doc('a', 1n));
      });

      it('declares repeatedly, in parallel and on top of documents, and adds what is missing', async () => {
        const other = await place.connect();
        await insert(doc('a', 1n, { kind: 'x' }));
        await Promise.all([store.declare('things', ['kind']), other.declare('things', ['kind'])]);
        await other.declare('things', ['kind', 'due']);
        expect(ids(await store.find('things', { where: { kind: 'x' }, limit: 9 }))).to.deep.equal(['a']);
      });

      it('lists collections by name, and tells names apart by case', async () => {
        expect(await store.collections()).to.deep.equal([]);
        await store.declare('views.creator-dashboard_1', []);
        await store.declare('Things', ['kind', 'Kind']);
        await store.declare('things', []);
        expect([...(await store.collections())].sort()).to.deep.equal([
          'Things',
          'things',
          'views.creator-dashboard_1',
        ]);
      });

      it('keeps collections apart', async () => {
        await insert(doc('a', 1n));
        await store.write('Things', [{ document: doc('a', 2n), expected: null }]);
        expect((await store.get('things', 'a'))?.position).to.equal(1n);
        expect((await store.get('Things', 'a'))?.position).to.equal(2n);
      });

      it('drops a collection with its documents, for every instance, and can create it again', async () => {
        const other = await place.connect();
        await store.declare('things', ['kind']);
        await insert(doc('a', 1n, { kind: 'x' }));
        expect(await other.get('things', 'a')).to.deep.equal(doc('a', 1n, { kind: 'x' }));
        await store.drop('things');
        await store.drop('things');
        expect(await store.collections()).to.deep.equal([]);
        expect(await other.get('things', 'a')).to.equal(null);
        expect(await other.find('things', { where: { kind: 'x' }, limit: 1 })).to.deep.equal([]);
        await other.write('things', [{ document: doc('a', 2n), expected: null }]);
        expect((await store.get('things', 'a'))?.position).to.equal(2n);
      });

      it('rejects names that some engine does not support', async () => {
        for (const bad of ['', '1st', 'a b', 'a"b', 'a$b', '_a', 'système', '__proto__']) {
          expect(await rejection(store.get(bad, 'a')), bad).to.be.instanceOf(RangeError);
          expect(await rejection(store.declare(bad, [])), bad).to.be.instanceOf(RangeError);
          expect(await rejection(store.drop(bad)), bad).to.be.instanceOf(RangeError);
        }
        for (const bad of ['', 'a.b', '$where', "a'b", 'a"b']) {
          expect(await rejection(store.declare('things', [bad])), bad).to.be.instanceOf(RangeError);
          expect(await rejection(store.find('things', { where: { [bad]: 1 }, limit: 1 })), bad).to.be.instanceOf(
            RangeError,
          );
          const guarded = { document: doc('a', 1n), expected: { [bad]: 1 } };
          expect(await rejection(store.write('things', [guarded])), bad).to.be.instanceOf(RangeError);
        }
      });
    });

    it('shows at once what another instance wrote, and after reopening', async () => {
      const other = await place.connect();
      await store.declare('things', ['kind']);
      await insert(doc('a', 1n, { kind: 'x' }));
      expect(await other.get('things', 'a')).to.deep.equal(doc('a', 1n, { kind: 'x' }));
      await store.close();
      await other.close();
      const reopened = await place.connect();
      expect(ids(await reopened.find('things', { where: { kind: 'x' }, limit: 9 }))).to.deep.equal(['a']);
    });

    it('can be closed twice, and answers nothing afterwards', async () => {
      await insert(doc('a', 1n));
      await store.close();
      await store.close();
      expect(await rejection(store.get('things', 'a'))).to.be.instanceOf(Error);
      expect(await rejection(insert(doc('b', 1n)))).to.be.instanceOf(Error);
    });
  });
}
