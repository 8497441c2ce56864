import { expect } from 'chai';
import { join } from 'node:path';
import { openDatabase } from '../../src/adapters/sqlite/database.js';
import { conditionOf, orderOf, tableOf } from '../../src/adapters/sqlite/document-sql.js';
import type { Range } from '../../src/ports.js';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { readStoreContract } from '../../testing/read-store-contract.js';
import { race } from './race.js';
import { placeOnFile, temporaryFolder } from './temporary-file.js';

readStoreContract('SQLite', async () => placeOnFile(openReadStore));

describe('SQLite: the read store', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'views.db');
  });
  afterEach(() => folder.remove());

  it('loses no compare-and-set of two processes', async () => {
    await race('increments', file);
    const store = openReadStore(file);
    expect(await store.get('race', 'sum')).to.deep.equal({ _id: 'sum', position: 200n });
    await store.close();
  });

  it('uses the declared index for a condition and for the order', async () => {
    const store = openReadStore(file);
    await store.declare('things', ['due']);
    await store.close();
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    const planOf = (range: Range) => {
      const { sql, parameters } = conditionOf({ range });
      const query = `SELECT * FROM ${tableOf('things')} WHERE ${sql} ORDER BY ${orderOf(range)} LIMIT 5`;
      const plan = database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`).all(...parameters);
      return plan.map(({ detail }) => detail);
    };
    const searching = 'SEARCH documents:things USING INDEX index:things:due';
    expect(planOf({ field: 'due' })).to.deep.equal(['SCAN documents:things USING INDEX index:things:due']);
    expect(planOf({ field: 'due', atMost: '2026' })).to.deep.equal([`${searching} (<expr><?)`]);
    expect(planOf({ field: 'due', atMost: '2026', after: { value: '2025', _id: 'a' } })).to.deep.equal([
      `${searching} (<expr>>? AND <expr><?)`,
    ]);
    expect(planOf({ field: 'due', descending: true, above: '2025', after: { value: '2026', _id: 'a' } })).to.deep.equal(
      [`${searching} (<expr>>? AND <expr><?)`],
    );
    database.close();
  });

  it('has another stamp after each write, of this process or another, and the same one without', async () => {
    const [store, other] = [openReadStore(file), openReadStore(file)];
    const write = (by: typeof store, _id: string) =>
      by.write('things', [{ document: { _id, position: 1n, due: 1 }, expected: null }]);
    const acts = {
      'its own': () => write(store, 'a'),
      "another's": () => write(other, 'b'),
      'a deletion': () => store.deleteUpTo('things', { field: 'due', atMost: 1 }, 5),
      'a collection dropped': () => store.drop('things'),
    };
    for (const [name, act] of Object.entries(acts)) {
      const before = store.stamp?.();
      expect(store.stamp?.()).to.equal(before);
      await act();
      expect(store.stamp?.(), name).not.to.equal(before);
    }
    await store.close();
    await other.close();
  });

  it("waits for another process's lock without blocking this thread", async () => {
    const store = openReadStore(file);
    const other = openDatabase(file, { synchronous: 'NORMAL' });
    other.exec('BEGIN IMMEDIATE');
    const written = store.write('things', [{ document: { _id: 'a', position: 1n }, expected: null }]);
    setImmediate(() => setImmediate(() => other.exec('COMMIT'))); // Runs only while nobody blocks this thread.
    expect(await written).to.deep.equal(new Set(['a']));
    other.close();
    await store.close();
  });
});
