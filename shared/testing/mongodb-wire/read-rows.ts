import { expect } from 'chai';
import { Long, ObjectId } from 'mongodb';
import { createBench, seen, type Bench } from './test-bench.js';

export function readRows(): void {
  describe('reading', () => {
    let bench: Bench;
    beforeEach(async () => void (bench = await createBench()));
    afterEach(() => bench.end());

    it('returns what was stored, with all types and unusual field names', async () => {
      const odd = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as object;
      await bench.insert({
        _id: 'a',
        small: 5,
        big: 5n,
        real: 0.5,
        text: 'ü',
        none: null,
        list: [1, [2n]],
        odd,
        at: new Date(7),
      });
      const raw = await bench.docs.findOne({ _id: 'a' }, { promoteValues: false, useBigInt64: false });
      expect(raw?.['small']).to.have.property('_bsontype', 'Int32');
      expect(raw?.['big']).to.be.instanceOf(Long);
      expect(raw?.['real']).to.have.property('_bsontype', 'Double');
      const found = await bench.docs.findOne({ _id: 'a' });
      expect(found).to.deep.include({ small: 5, big: 5n, text: 'ü', none: null, list: [1, [2n]], at: new Date(7) });
      expect(JSON.stringify(found?.['odd'])).to.equal('{"__proto__":{"a":1},"constructor":2}');
    });

    it('filters by value and type', async () => {
      await bench.insert(
        { _id: 'int', n: 5 },
        { _id: 'long', n: 5n },
        { _id: 'text', n: '5' },
        { _id: 'null', n: null },
      );
      await bench.insert({ _id: 'none' }, { _id: 'huge', n: 2n ** 63n - 1n }, { _id: 'list', n: [1, 9] });
      expect(await bench.ids({ n: 5 })).to.deep.equal(['int', 'long']);
      expect(await bench.ids({ n: '5' })).to.deep.equal(['text']);
      expect(await bench.ids({ n: null })).to.deep.equal(['null', 'none']);
      expect(await bench.ids({ n: { $gt: 5 } })).to.deep.equal(['huge', 'list']);
      expect(await bench.ids({ n: { $lte: '5' } })).to.deep.equal(['text']);
      expect(await bench.ids({ n: 2n ** 63n - 1n })).to.deep.equal(['huge']);
      expect(await bench.ids({ n: { $exists: false } })).to.deep.equal(['none']);
      expect(await bench.ids({ n: { $ne: 5 }, _id: { $in: ['none', 'long', 'missing'] } })).to.deep.equal(['none']);
      expect(await bench.ids({ _id: { $in: ['text', 'int', 'missing'] } })).to.deep.equal(['int', 'text']);
      expect(await bench.ids({ $or: [{ n: 9 }, { _id: { $regex: '^t' } }] })).to.deep.equal(['text', 'list']);
      expect(await seen(bench.docs.findOne({ n: { $sum: 1 } }))).to.include({ code: 2 });
    });

    it('sorts as BSON does: by type, then by number or UTF-8 bytes', async () => {
      const ordered = [
        null,
        -1,
        2n,
        2.5,
        '',
        'Z',
        'a',
        '\uffff',
        '😀',
        { a: 1 },
        new ObjectId(),
        false,
        true,
        new Date(0),
      ];
      await bench.insert(...ordered.map((value, i) => ({ _id: String.fromCharCode(97 + i), value })).reverse());
      const expected = ordered.map((_, i) => String.fromCharCode(97 + i));
      expect(await bench.ids({}, { value: 1 })).to.deep.equal(expected);
      expect(await bench.ids({}, { value: -1 })).to.deep.equal(expected.reverse());
    });

    it('skips, limits and projects', async () => {
      await bench.insert(
        { _id: 'a', n: 1, list: [1, 2, 3], in: { x: 1, y: 2 } },
        { _id: 'b', n: 2 },
        { _id: 'c', n: 3 },
      );
      const page = await bench.docs.find().sort({ _id: -1 }).skip(1).limit(1).toArray();
      expect(page).to.deep.equal([{ _id: 'b', n: 2 }]);
      const one = (projection: object) => bench.docs.findOne({ _id: 'a' }, { projection });
      expect(await one({ 'in.y': 1 })).to.deep.equal({ _id: 'a', in: { y: 2 } });
      expect(await one({ _id: 0, list: 0, in: 0 })).to.deep.equal({ n: 1 });
      expect(await one({ list: { $slice: -2 }, in: 0 })).to.deep.equal({ _id: 'a', n: 1, list: [2, 3] });
    });

    it('answers in batches until the cursor is at its end or killed', async () => {
      await bench.insert(...Array.from({ length: 250 }, (_, i) => ({ _id: String(i).padStart(3, '0') })));
      bench.server.commands.length = 0;
      expect(await bench.docs.find({}, { batchSize: 100 }).toArray()).to.have.length(250);
      expect(bench.server.commands.map(({ name }) => name)).to.deep.equal(['find', 'getMore', 'getMore']);
      const cursor = bench.docs.find();
      await cursor.next();
      await cursor.close();
      expect(bench.server.commands.at(-1)).to.deep.include({ name: 'killCursors' });
      const lost = bench.docs.find({}, { batchSize: 2 });
      await lost.next();
      await bench.server.stop();
      await bench.server.start();
      expect(await bench.docs.countDocuments()).to.equal(250);
      expect(await seen(lost.toArray())).to.include({ code: 43 });
    });

    it('counts', async () => {
      await bench.insert({ _id: 'a', n: 1n }, { _id: 'b', n: 1 }, { _id: 'c' });
      expect(await bench.docs.countDocuments({ n: 1 })).to.equal(2);
      expect(await bench.docs.countDocuments({}, { skip: 1, limit: 5 })).to.equal(2);
      expect(await bench.docs.estimatedDocumentCount()).to.equal(3);
      expect(await bench.db().collection('missing').countDocuments()).to.equal(0);
    });
  });
}
