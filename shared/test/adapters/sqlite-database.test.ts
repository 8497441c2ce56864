import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type SqlDatabase, type SqlParameter } from '../../src/adapters/sqlite/database.js';
import { StoreBusy } from '../../src/store-errors.js';

describe('An SQLite file', () => {
  let folder: string;
  let file: string;
  let database: SqlDatabase;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
    file = join(folder, 'made', 'on', 'demand.db');
    database = openDatabase(file, { synchronous: 'NORMAL', busyTimeoutMs: 50 });
    database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, value)');
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const count = (of: SqlDatabase = database) => of.prepare<{ n: number }>('SELECT COUNT(*) AS n FROM things').get()?.n;
  const addThing = (value: string | number) => database.prepare('INSERT INTO things (value) VALUES (?)').insert(value);

  it('keeps values of every type', () => {
    const add = database.prepare('INSERT INTO things (value) VALUES (?)');
    const read = database.prepare<{ value: unknown; kind: string }>(
      'SELECT value, typeof(value) AS kind FROM things WHERE id = ?',
      { bigints: true },
    );
    const back = (value: SqlParameter) => read.get(add.insert(value));

    expect(back(7)).to.deep.equal({ value: 7n, kind: 'integer' });
    expect(back(2n ** 62n + 1n)).to.deep.equal({ value: 2n ** 62n + 1n, kind: 'integer' });
    expect(back(1.5)).to.deep.equal({ value: 1.5, kind: 'real' });
    expect(back(true)).to.deep.equal({ value: 1n, kind: 'integer' });
    expect(back(null)).to.deep.equal({ value: null, kind: 'null' });
    expect(back('ñ 🎉')).to.deep.equal({ value: 'ñ 🎉', kind: 'text' });
    expect(back(new Uint8Array([1, 0, 2]))?.value).to.deep.equal(Buffer.from([1, 0, 2]));
  });

  it('rejects values that the driver would damage: text with a NUL, integers beyond 64 bits', () => {
    expect(() => addThing('cut\0here')).to.throw(RangeError);
    expect(() => database.prepare('SELECT ?').get(2n ** 63n)).to.throw(RangeError);
  });

  it('returns how many rows a write changed, and the id of an inserted row', () => {
    expect([addThing('a'), addThing('b')]).to.deep.equal([1n, 2n]);
    const update = database.prepare('UPDATE things SET value = ? WHERE id >= ?');
    expect([update.run('c', 1), update.run('c', 2), update.run('c', 3)]).to.deep.equal([2, 1, 0]);
  });

  it('rolls back a transaction whose work throws, and can start another', () => {
    const wrong = new Error('changed my mind');
    const work = () => {
      addThing('undone');
      throw wrong;
    };
    expect(() => database.immediate(work)).to.throw(wrong);
    expect(count()).to.equal(0);
    expect(database.immediate(() => addThing('kept'))).to.equal(1n);
    expect(count()).to.equal(1);
  });

  it('reports busy while another connection writes, and works afterwards', () => {
    const other = openDatabase(file, { synchronous: 'NORMAL', busyTimeoutMs: 50 });
    other.exec('BEGIN IMMEDIATE');
    expect(() => database.immediate(() => addThing('too early'))).to.throw(StoreBusy, file);
    other.exec('ROLLBACK');

    database.immediate(() => addThing('in time'));
    expect(count(other)).to.equal(1);
    other.close();
  });

  it("commits with the requested durability, whatever the driver's default", () => {
    const levelOf = (of: SqlDatabase) => of.prepare<{ synchronous: number }>('PRAGMA synchronous').get()?.synchronous;
    const full = openDatabase(file, { synchronous: 'FULL' });
    expect([levelOf(database), levelOf(full)]).to.deep.equal([1, 2]);
    full.close();
  });

  it('throws on an integer above 2^53 instead of rounding it', () => {
    const read = database.prepare<{ n: number }>('SELECT ? AS n');
    expect(read.get(2n ** 53n - 1n)).to.deep.equal({ n: 2 ** 53 - 1 });
    expect(() => read.get(2n ** 53n)).to.throw(RangeError);
  });

  it('is not blocked by statements that were rejected as busy before', () => {
    const other = openDatabase(file, { synchronous: 'NORMAL' });
    const add = database.prepare("INSERT INTO things (value) VALUES ('a')");
    const addReturning = database.prepare<{ id: number }>("INSERT INTO things (value) VALUES ('b') RETURNING id");
    other.exec('BEGIN IMMEDIATE');
    expect(() => add.run()).to.throw(StoreBusy);
    expect(() => addReturning.get()).to.throw(StoreBusy);
    expect(() => addReturning.all()).to.throw(StoreBusy);
    other.exec('ROLLBACK');

    database.immediate(() => addThing('c'));
    expect(count(other)).to.equal(1);
    other.close();
  });

  it('holds no snapshot after a single row was read', () => {
    addThing('a');
    addThing('b');
    database.prepare('SELECT * FROM things').get();
    const other = openDatabase(file, { synchronous: 'NORMAL' });
    other.exec("INSERT INTO things (value) VALUES ('c')");
    const checkpoint = other.prepare<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)').get();
    expect(checkpoint?.busy).to.equal(0);
    expect(count()).to.equal(3);
    other.close();
  });

  it('rejects everything after it was closed, on prepared statements too', () => {
    const statement = database.prepare('SELECT * FROM things');
    database.close();
    database.close();
    expect(() => statement.all()).to.throw(/closed/);
    expect(() => database.exec('SELECT 1')).to.throw(/closed/);
  });
});
