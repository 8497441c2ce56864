import { expect } from 'chai';
import { createBench, seen, type Bench } from './test-bench.js';

export function writeRows(): void {
  describe('writing', () => {
    let bench: Bench;
    beforeEach(async () => void (bench = await createBench()));
    afterEach(() => bench.end());

    it('inserts: an ordered command ends at its first error, an unordered one continues', async () => {
      await bench.insert({ _id: 'a' });
      const three = [{ _id: 'b' }, { _id: 'a' }, { _id: 'c' }];
      expect(await seen(bench.docs.insertMany(three))).to.include({ code: 11000, insertedCount: 1 });
      const error = await seen(bench.docs.insertMany([{ _id: 'd' }, ...three], { ordered: false }));
      expect(error).to.include({ code: 11000, insertedCount: 2 });
      expect((error['writeErrors'] as { index: number }[]).map(({ index }) => index)).to.deep.equal([1, 2]);
      expect(await bench.ids({})).to.deep.equal(['a', 'b', 'd', 'c']);
      expect(await seen(bench.docs.insertOne({ _id: 'a' }))).to.deep.include({
        keyPattern: { _id: 1 },
        keyValue: { _id: 'a' },
      });
    });

    it('updates with operators and keeps the types of numbers', async () => {
      await bench.insert({ _id: 'a', int: 1, long: 1n, real: 0.5, gone: 1 }, { _id: 'b', int: 9 });
      const change = {
        $set: { 'in.x': 'y' },
        $inc: { int: 2, long: 2, real: 2, fresh: 3 },
        $unset: { gone: 1 as const },
      };
      expect(await bench.docs.updateOne({ _id: 'a', long: 1n }, change)).to.include({
        matchedCount: 1,
        modifiedCount: 1,
      });
      expect(await bench.docs.findOne({ _id: 'a' })).to.deep.equal({
        ...{ _id: 'a', int: 3, long: 3n, real: 2.5, in: { x: 'y' }, fresh: 3 },
      });
      expect(await bench.docs.updateOne({ _id: 'a', long: 1n }, change)).to.include({
        matchedCount: 0,
        modifiedCount: 0,
      });
      expect(await bench.docs.updateMany({}, { $set: { int: 9 } })).to.include({ matchedCount: 2, modifiedCount: 1 });
      expect(await seen(bench.docs.updateOne({ _id: 'a' }, { $set: { _id: 'z' } }))).to.include({ code: 66 });
      expect(await seen(bench.docs.updateOne({ _id: 'a' }, { $rename: { int: 'x' } }))).to.include({ code: 9 });
      await bench.docs.updateOne({ _id: 'a' }, { $set: { int: 1 } });
      expect(await bench.docs.deleteMany({ int: 9 })).to.include({ deletedCount: 1 });
      expect(await bench.docs.deleteOne({ _id: 'b' })).to.include({ deletedCount: 0 });
    });

    it('upserts by operators and by replacement, but not over an _id that the filter failed to match', async () => {
      const upsert = { upsert: true };
      await bench.docs.updateOne({ _id: 'a', kind: 'k' }, { $set: { n: 1 }, $setOnInsert: { m: 1 } }, upsert);
      await bench.docs.updateOne({ _id: 'a', kind: 'k' }, { $set: { n: 2 }, $setOnInsert: { m: 2 } }, upsert);
      expect(await bench.docs.replaceOne({ _id: 'b' }, { x: 1 }, upsert)).to.include({
        upsertedId: 'b',
        upsertedCount: 1,
      });
      expect(await seen(bench.docs.replaceOne({ _id: 'a', n: 7 }, { n: 8 }, upsert))).to.include({ code: 11000 });
      expect(await bench.docs.find().toArray()).to.deep.equal([
        { _id: 'a', kind: 'k', n: 2, m: 1 },
        { _id: 'b', x: 1 },
      ]);
    });

    it('runs an unordered bulk of guarded writes in one command of each kind', async () => {
      await bench.insert({ _id: 'a', n: 1n }, { _id: 'b', n: 1n });
      bench.server.commands.length = 0;
      const replace = (_id: string, n: bigint) => ({ replaceOne: { filter: { _id, n }, replacement: { n: 2n } } });
      const operations = [replace('a', 1n), replace('b', 7n), { insertOne: { document: { _id: 'a' } } }];
      const error = await seen(bench.docs.bulkWrite(operations, { ordered: false }));
      expect(error['result']).to.include({ modifiedCount: 1, matchedCount: 1, insertedCount: 0 });
      expect(error['writeErrors']).to.have.length(1);
      expect(bench.server.commands).to.have.deep.members([
        { name: 'update', collection: 'docs', database: 'views', statements: 2 },
        { name: 'insert', collection: 'docs', database: 'views', statements: 1 },
      ]);
      expect(await bench.docs.find().toArray()).to.deep.equal([
        { _id: 'a', n: 2n },
        { _id: 'b', n: 1n },
      ]);
    });

    it('finds and changes in one step', async () => {
      await bench.insert({ _id: 'a', n: 1 }, { _id: 'b', n: 2 });
      const sort = { n: -1 } as const;
      expect(await bench.docs.findOneAndUpdate({}, { $inc: { n: 5 } }, { sort })).to.deep.equal({ _id: 'b', n: 2 });
      const made = { upsert: true, returnDocument: 'after' } as const;
      expect(await bench.docs.findOneAndUpdate({ _id: 'c' }, { $set: { n: 3 } }, made)).to.deep.equal({
        _id: 'c',
        n: 3,
      });
      expect(await bench.docs.findOneAndReplace({ _id: 'z' }, { n: 0 })).to.equal(null);
      expect(await bench.docs.findOneAndDelete({ _id: 'a' })).to.deep.equal({ _id: 'a', n: 1 });
      expect(await bench.ids({ n: { $gte: 3 } })).to.deep.equal(['b', 'c']);
    });

    it('rejects a document that has grown beyond 16 MiB, and does not answer a write that wants no answer', async () => {
      await bench.insert({ _id: 'a', half: 'x'.repeat(9_000_000) });
      const grow = bench.docs.updateOne({ _id: 'a' }, { $set: { more: 'x'.repeat(9_000_000) } });
      expect(await seen(grow)).to.include({ code: 10334 });
      await bench.docs.insertOne({ _id: 'b' }, { writeConcern: { w: 0 } });
      expect(await bench.docs.countDocuments()).to.equal(2);
    });
  });

  describe('declaring collections and indexes', () => {
    let bench: Bench;
    beforeEach(async () => void (bench = await createBench()));
    afterEach(() => bench.end());

    it('creates, lists and drops collections and databases', async () => {
      await bench.db().createCollection('made');
      expect(await seen(bench.db().createCollection('made'))).to.include({ code: 48 });
      await bench.insert({ _id: 'a' });
      const names = async (filter = {}) =>
        (await bench.db().listCollections(filter, { nameOnly: true }).toArray()).map(({ name }) => name);
      expect(await names()).to.deep.equal(['made', 'docs']);
      expect(await names({ name: { $regex: '^m' } })).to.deep.equal(['made']);
      await bench.docs.drop();
      await bench.docs.drop();
      expect(await bench.docs.findOne({ _id: 'a' })).to.equal(null);
      expect(await names()).to.deep.equal(['made']);
      expect((await bench.client().db().admin().listDatabases()).databases.map(({ name }) => name)).to.deep.equal([
        'views',
      ]);
      await bench.db().dropDatabase();
      expect(await names()).to.deep.equal([]);
      expect(await seen(bench.db().command({ shutdown: 1 }))).to.include({ code: 59, codeName: 'CommandNotFound' });
      expect(await bench.db().command({ ping: 1 })).to.include({ ok: 1 });
      expect(await bench.db().command({ buildInfo: 1 })).to.include({ version: '7.0.0' });
    });

    it('can create indexes repeatedly, and enforces unique ones', async () => {
      expect(await seen(bench.docs.indexes())).to.include({ code: 26 });
      for (let i = 0; i < 2; i++)
        await bench.docs.createIndexes([{ key: { n: 1 } }, { key: { mail: 1 }, unique: true }]);
      expect((await bench.docs.indexes()).map(({ name }) => name)).to.deep.equal(['_id_', 'n_1', 'mail_1']);
      expect(await seen(bench.docs.createIndex({ n: 1 }, { name: 'other' }))).to.include({ code: 85 });
      expect(await seen(bench.docs.createIndex({ m: 1 }, { name: 'n_1' }))).to.include({ code: 86 });
      await bench.insert({ _id: 'a', mail: 'x' }, { _id: 'b', mail: 'y' });
      const taken = await seen(bench.docs.updateOne({ _id: 'b' }, { $set: { mail: 'x' } }));
      expect(taken.message).to.match(/^E11000 duplicate key error collection: views.docs index: mail_1 /);
      await bench.docs.updateOne({ _id: 'a' }, { $set: { mail: 'z' } });
      await bench.docs.updateOne({ _id: 'b' }, { $set: { mail: 'x' } });
      await bench.docs.deleteOne({ _id: 'b' });
      await bench.insert({ _id: 'c', mail: 'x' });
      expect(await seen(bench.docs.createIndex({ n: 1 }, { unique: true, name: 'u' }))).to.include({ code: 11000 });
    });
  });
}
