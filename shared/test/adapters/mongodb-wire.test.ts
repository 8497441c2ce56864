import { expect } from 'chai';
import { readRows } from '../../testing/mongodb-wire/read-rows.js';
import { createBench, seen, type Bench } from '../../testing/mongodb-wire/test-bench.js';
import { writeRows } from '../../testing/mongodb-wire/write-rows.js';

// Every family of commands and every fault once, through the real driver.

describe('A fake MongoDB', () => {
  readRows();
  writeRows();

  describe('with faults', () => {
    let bench: Bench;
    beforeEach(async () => void (bench = await createBench()));
    afterEach(() => bench.end());

    const once = () => bench.connect({ retryReads: false, retryWrites: false });

    it('breaks the connection before or after a command, once', async () => {
      bench.docs = once();
      await bench.insert({ _id: 'a' });
      bench.server.misbehave.breakNext('before', 'insert');
      expect(await bench.docs.countDocuments()).to.equal(1);
      expect(await seen(bench.docs.insertOne({ _id: 'b' }))).to.have.property('name', 'MongoNetworkError');
      expect(await bench.ids({})).to.deep.equal(['a']);
      bench.server.misbehave.breakNext('after');
      expect(await seen(bench.docs.insertOne({ _id: 'b' }))).to.have.property('name', 'MongoNetworkError');
      expect(await bench.ids({})).to.deep.equal(['a', 'b']);
    });

    it('holds commands before or after they are executed', async () => {
      const hold = bench.server.misbehave.hold('insert');
      const first = bench.insert({ _id: 'a' });
      await hold.reached(1);
      expect(await bench.ids({})).to.deep.equal(['a']);
      hold.release();
      await first;
      const before = bench.server.misbehave.hold('insert', 'before');
      const second = bench.insert({ _id: 'b' });
      await before.reached(1);
      expect(await bench.ids({})).to.deep.equal(['a']);
      before.release();
      await second;
      expect(await bench.ids({})).to.deep.equal(['a', 'b']);
    });

    it('executes held commands even if the client gave up', async () => {
      const impatient = bench.connect({ socketTimeoutMS: 50, retryWrites: false });
      const hold = bench.server.misbehave.hold('insert', 'before');
      const answer = seen(impatient.insertOne({ _id: 'late' }));
      await hold.reached(1);
      expect(await answer).to.have.property('name', 'MongoNetworkTimeoutError');
      expect(await bench.ids({})).to.deep.equal([]);
      hold.release();
      expect(await bench.ids({})).to.deep.equal(['late']);
    });

    it('freezes and thaws', async () => {
      await bench.insert({ _id: 'a' });
      bench.server.misbehave.freeze();
      const impatient = bench.connect({ socketTimeoutMS: 50, connectTimeoutMS: 50, serverSelectionTimeoutMS: 100 });
      expect(await seen(impatient.findOne({}))).to.have.property('name', 'MongoServerSelectionError');
      const answer = bench.docs.findOne({});
      bench.server.misbehave.thaw();
      expect(await answer).to.deep.equal({ _id: 'a' });
    });

    it('rejects the next command of a name, with error labels', async () => {
      bench.docs = once();
      bench.server.misbehave.failNext('insert', 10107, 'not primary', ['RetryableWriteError']);
      const error = await seen(bench.insert({ _id: 'a' }));
      expect(error).to.include({ code: 10107, codeName: 'NotWritablePrimary', message: 'not primary' });
      expect(error['errorLabels']).to.deep.equal(['RetryableWriteError']);
      await bench.insert({ _id: 'a' });
      expect(await bench.ids({})).to.deep.equal(['a']);
    });

    it('dies and comes back on the same port with its documents', async () => {
      await bench.insert({ _id: 'a' });
      const hold = bench.server.misbehave.hold('insert', 'before');
      const lost = seen(bench.connect({ retryWrites: false }).insertOne({ _id: 'lost' }));
      await hold.reached(1);
      await bench.server.stop();
      expect(await lost).to.have.property('name', 'MongoNetworkError');
      hold.release();
      const away = bench.connect({ serverSelectionTimeoutMS: 50 });
      expect(await seen(away.findOne({}))).to.have.property('name', 'MongoServerSelectionError');
      await bench.server.start();
      expect(await bench.ids({})).to.deep.equal(['a']);
    });
  });

  describe('as the primary of a replica set', () => {
    let bench: Bench;
    let alone: Bench['docs'];
    beforeEach(async () => {
      bench = await createBench();
      alone = bench.docs;
      bench.server = await bench.start({ replicaSet: 'rs' });
      bench.docs = bench.connect();
    });
    afterEach(() => bench.end());

    it('answers a retried write like the first time', async () => {
      await bench.insert({ _id: 'a', n: 0 });
      bench.server.misbehave.breakNext('after', 'update');
      expect(await bench.docs.updateOne({ _id: 'a', n: 0 }, { $set: { n: 1 } })).to.include({ modifiedCount: 1 });
      bench.server.misbehave.breakNext('after', 'insert');
      await bench.insert({ _id: 'b' });
      expect(bench.server.commands.map(({ name }) => name)).to.deep.equal([
        'insert',
        'update',
        'update',
        'insert',
        'insert',
      ]);
    });

    it('rejects numbered writes when it is standalone', async () => {
      const lsid = { id: 'some session' };
      const write = { insert: 'docs', documents: [{ _id: 'a' }], lsid, txnNumber: 1n };
      const refused = alone.db.command(write);
      expect(await seen(refused)).to.include({ code: 20 });
    });
  });
});
