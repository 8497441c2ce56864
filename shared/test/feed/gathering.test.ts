/** Checkpoints that are stored in the same turn are one call of the read store. */
import { expect } from 'chai';
import { join } from 'node:path';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { gathering } from '../../src/feed/gathering.js';
import { CHECKPOINTS } from '../../src/feed/lease.js';
import type { ReadStore } from '../../src/ports.js';
import { temporaryFolder } from '../adapters/temporary-file.js';

const record = (_id: string, owner = 'me') => ({ _id, position: 1n, owner });

describe('Checkpoints of one turn', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let store: ReadStore;
  let reads: ReadStore;
  /** How many documents each call of the store writes. */
  let calls: number[];
  let fault: Error | null;

  beforeEach(async () => {
    folder = temporaryFolder();
    store = openReadStore(join(folder.path, 'views.db'));
    for (const collection of [CHECKPOINTS, 'others']) await store.declare(collection, []);
    [calls, fault] = [[], null];
    reads = gathering({
      ...store,
      async write(collection, writes) {
        calls.push(writes.length);
        if (fault) throw fault;
        return store.write(collection, writes);
      },
    });
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  /** Returns the ids whose records are new. */
  async function insert(ids: readonly string[], owner?: string, collection = CHECKPOINTS): Promise<string[]> {
    return [
      ...(await reads.write(
        collection,
        ids.map((id) => ({ document: record(id, owner), expected: null })),
      )),
    ];
  }

  it('are one call, and each writer learns which of its own held', async () => {
    await insert(['known']);
    expect(await Promise.all([insert(['a']), insert(['known']), insert(['b', 'c'])])).to.deep.equal([
      ['a'],
      [],
      ['b', 'c'],
    ]);
    expect(calls).to.deep.equal([1, 4]);
  });

  it('are two calls where two write the same record: one of them holds', async () => {
    const taken = await Promise.all([insert(['feed'], 'me'), insert(['a']), insert(['feed'], 'another')]);
    expect(taken).to.deep.equal([['feed'], ['a'], []]);
    expect(calls).to.deep.equal([2, 1]);
    expect(await store.get(CHECKPOINTS, 'feed')).to.include({ owner: 'me' });
  });

  it('fail together, and the next turn tries anew', async () => {
    fault = new Error('away');
    const tried = await Promise.allSettled([insert(['a']), insert(['b'])]);
    expect(tried.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    fault = null;
    expect(await insert(['a', 'b'])).to.deep.equal(['a', 'b']);
    expect(calls).to.deep.equal([2, 2]);
  });

  it('do not wait for other documents, nor these for them', async () => {
    await Promise.all([insert(['a'], 'me', 'others'), insert(['b'], 'me', 'others'), insert(['c'])]);
    expect(calls).to.deep.equal([1, 1, 1]);
  });
});
