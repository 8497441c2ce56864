import { expect } from 'chai';
import { join } from 'node:path';
import { openCounters } from '../../src/adapters/sqlite/counters.js';
import { openDatabase } from '../../src/adapters/sqlite/database.js';
import { MINUTE, systemClock } from '../../src/time.js';
import { countersContract } from '../../testing/counters-contract.js';
import { placeOnFile, temporaryFolder } from './temporary-file.js';

/** Half past two, so that nothing depends on the start of a day. */
const START = Date.UTC(2026, 3, 29, 14, 30);

countersContract('SQLite', async () => {
  let now = START;
  return {
    ...placeOnFile((file) => openCounters(file, { ...systemClock, now: () => now })),
    windowMs: MINUTE,
    advance: async (ms) => void (now += ms),
  };
});

describe('SQLite: counters', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let now: number;
  const clock = { ...systemClock, now: () => now };
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'views.db');
    now = START;
  });
  afterEach(() => folder.remove());

  it('ends a window on the millisecond', async () => {
    const counters = openCounters(file, clock);
    expect(await counters.hit('a', 1_000)).to.deep.equal({ count: 1, resetsInMs: 1_000 });
    now += 999;
    expect(await counters.hit('a', 1_000)).to.deep.equal({ count: 2, resetsInMs: 1 });
    now += 1;
    expect(await counters.hit('a', 1_000)).to.deep.equal({ count: 1, resetsInMs: 1_000 });
    await counters.close();
  });

  it('deletes expired entries as it goes', async () => {
    const counters = openCounters(file, clock);
    for (let i = 0; i < 150; i++) await counters.hit(`old ${i}`, 1_000);
    for (let i = 0; i < 20; i++) await counters.addMember(`old ${i}`, 'member', 1_000);
    now += 1_000;
    for (let i = 0; i < 200; i++) await counters.hit('new', MINUTE);
    await counters.close();
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    const rows = (table: string) =>
      database.prepare<{ number: number }>(`SELECT count(*) AS number FROM ${table}`).get()?.number;
    expect(['counter_hits', 'counter_sets', 'counter_members'].map(rows)).to.deep.equal([1, 0, 0]);
    database.close();
  });

  it("waits for another process's lock without blocking this thread", async () => {
    const counters = openCounters(file, clock);
    const other = openDatabase(file, { synchronous: 'NORMAL' });
    other.exec('BEGIN IMMEDIATE');
    const hit = counters.hit('a', MINUTE);
    setImmediate(() => setImmediate(() => other.exec('COMMIT'))); // Runs only while nobody blocks this thread.
    expect((await hit).count).to.equal(1);
    other.close();
    await counters.close();
  });
});
