import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type SqlDatabase } from '../../src/adapters/sqlite/database.js';
import { migrate } from '../../src/adapters/sqlite/event-log.js';
import { createEventStore, openEventStore, type EventStoreOptions } from '../../src/adapters/sqlite/event-store.js';
import type { EventStore } from '../../src/ports.js';
import { DamagedEvent, StoreBusy, StoreFailed } from '../../src/store-errors.js';
import { appendAtEnd, appended, eventStoreContract, failure, nextWake } from '../../testing/event-store-contract.js';
import { newEvent, newEvents, newStream } from '../../testing/events.js';

eventStoreContract('the embedded store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'));
  const file = join(folder, 'events.db');
  let store = openEventStore(file);
  return {
    store,
    async reopen() {
      await store.close();
      return (store = openEventStore(file));
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('The embedded event store', () => {
  let folder: string;
  let file: string;
  let stores: EventStore[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'events-'));
    file = join(folder, 'events.db');
    stores = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    rmSync(folder, { recursive: true });
  });

  /** A store that is closed after the test. */
  const open = (options?: EventStoreOptions) => kept(openEventStore(file, options));
  function kept(store: EventStore): EventStore {
    stores.push(store);
    return store;
  }

  describe('whose file was changed', () => {
    /** The page of the file that a table or an index begins at, which holds all of a small one. */
    function changePage(of: string, change: (page: Buffer) => void): void {
      const database = openDatabase(file, { synchronous: 'NORMAL' });
      const [root = 0] =
        database.prepare<[number]>('SELECT rootpage FROM sqlite_master WHERE name = ?', { tuples: true }).get(of) ?? [];
      database.close();
      const bytes = readFileSync(file);
      const size = bytes.readUInt16BE(16);
      change(bytes.subarray((root - 1) * size, root * size));
      writeFileSync(file, bytes);
    }

    it('tells no damage where there is none', async () => {
      const store = open();
      await appended(store, 'user-a', 'no_stream', newEvents(3));
      expect(await store.damage()).to.deep.equal([]);
    });

    it('names an event that reads of its stream miss', async () => {
      const first = openEventStore(file);
      await appended(first, 'user-a', 'no_stream', newEvents(3));
      await first.close();
      changePage('sqlite_autoindex_events_1', (page) => page.writeUInt16BE(2, 3)); // the number of its entries, of three
      const store = open();
      expect(await store.readStream('user-a')).to.have.length(2);
      const damage = await store.damage();
      expect(damage.map(({ position }) => position)).to.include(3n);
      expect(damage[0]?.message).to.contain('events.db: ');
    });

    it('tells the damage of a page that cannot be read, whatever the check of the file makes of it', async () => {
      const first = openEventStore(file);
      await appended(first, 'user-a', 'no_stream', newEvents(3));
      await first.close();
      changePage('events', (page) => page.fill(0));
      const store = open();
      expect(await failure(store.readAt(2n))).to.be.instanceOf(StoreFailed);
      expect(await store.damage()).to.not.deep.equal([]);
    });

    it('fails where positions do not rise, which no reader would come to the end of', async () => {
      const first = openEventStore(file);
      await appended(first, 'user-a', 'no_stream', newEvents(3));
      await first.close();
      const firstRow = 8;
      changePage('events', (page) =>
        page
          .subarray(firstRow, firstRow + 4)
          .swap32()
          .swap16(),
      ); // two rows change places
      const store = open();
      expect(await failure(store.readAll({ after: 0n, limit: 10 }))).to.be.instanceOf(StoreFailed);
      const between = (await store.damage()).map(({ position, upTo }) => [position, upTo]);
      expect(between, 'rows 2, 1, 3').to.deep.include([1n, 2n]);
    });

    it('names an event before the first position, which reads of the log miss', async () => {
      const store = open();
      await appended(store, 'user-a', 'no_stream', newEvents(3));
      const database = openDatabase(file, { synchronous: 'NORMAL' });
      database.exec('UPDATE events SET position = -5 WHERE position = 2');
      database.close();
      expect((await store.damage()).map(({ position }) => position)).to.deep.equal([-5n]);
      expect((await store.readAt(-5n))?.stream).to.equal('user-a');
    });

    it('rejects an event whose revision is no whole number, and names its position', async () => {
      const store = open();
      await appended(store, 'user-a', 'no_stream', newEvents(3));
      const database = openDatabase(file, { synchronous: 'NORMAL' });
      database.exec("UPDATE events SET revision = 'first' WHERE position = 2");
      database.close();
      const failed = await failure(store.readAll({ after: 0n, limit: 10 }));
      expect(failed).to.be.instanceOf(DamagedEvent);
      expect((failed as Error).message).to.equal('the event at position 2: its revision is no whole number');
    });
  });

  it('says which field of which event is damaged, and gives the others', async () => {
    const store = open();
    await appended(store, 'user-a', 'no_stream', newEvents(3));
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    database.exec(
      "UPDATE events SET data = '{' WHERE position = 1; UPDATE events SET metadata = '' WHERE position = 2",
    );
    database.close();
    for (const read of [await store.readStream('user-a'), await store.readMany([1n, 2n, 3n])]) {
      const [first, second, third] = read;
      expect(() => first?.data).to.throw(DamagedEvent, 'at position 1, revision 0 of user-a: its data is not JSON');
      expect(first?.metadata.commandId).to.be.a('string');
      expect(() => second?.metadata).to.throw(DamagedEvent, 'its metadata is not JSON');
      expect(third?.data).to.be.an('object');
    }
  });

  it('creates its tables once when another process creates them at the same moment', async () => {
    const [ours, theirs] = [openDatabase(file, { synchronous: 'FULL' }), openDatabase(file, { synchronous: 'FULL' })];
    const late: SqlDatabase = {
      ...ours,
      immediate(work) {
        migrate(theirs); // After we saw that there are none, and before we have the write lock.
        return ours.immediate(work);
      },
    };
    migrate(late);
    theirs.close();
    expect(await appended(kept(createEventStore(ours)), 'a-1', 'no_stream', newEvents(1))).to.include({ position: 1n });
  });

  describe('in one process', () => {
    it('starts empty at 0 and numbers positions without gaps, so that lag is exact', async () => {
      const store = open();
      expect(await store.head()).to.equal(0n);
      expect(await store.readAll({ after: 0n, limit: 10 })).to.deep.equal([]);
      expect(await store.readAt(0n)).to.equal(null);

      await appended(store, 'a-1', 'no_stream', newEvents(3));
      await store.append('a-1', 'no_stream', newEvents(3));
      await appended(store, 'a-2', 'no_stream', newEvents(2));
      expect((await store.readAll({ after: 0n, limit: 10 })).map((event) => event.position)).to.deep.equal([
        1n,
        2n,
        3n,
        4n,
        5n,
      ]);
      expect(await Promise.all([0n, 3n, 5n, 9n].map((position) => store.countAfter(position)))).to.deep.equal([
        5, 2, 0, 0,
      ]);
    });

    it('leaves out streams that end in other two hex digits than those that are asked for', async () => {
      const store = open();
      for (const end of ['0f', '10', '1f', '20', 'xy']) await store.append(`s-${end}`, 'no_stream', [newEvent()]);
      const found = await store.readAll({ after: 0n, limit: 10, suffixes: { from: 0x10, to: 0x20 } });
      expect(found.map(({ stream }) => stream)).to.deep.equal(['s-10', 's-1f', 's-xy']);
      const later = await store.readAll({ after: 0n, limit: 1, suffixes: { from: 0x80, to: 0x100 } });
      expect(
        later.map(({ stream }) => stream),
        'behind many of others',
      ).to.deep.equal(['s-xy']);
      expect(await store.readAll({ after: 5n, limit: 1, suffixes: { from: 0x80, to: 0x100 } })).to.deep.equal([]);
      const bounds = { after: 0n, limit: 10, maxBytes: 1 };
      expect(await store.readAll({ ...bounds, suffixes: { from: 0x20, to: 0x100 } })).to.have.length(1);
    });

    it('leaves out events of other types than those that are asked for', async () => {
      const store = open();
      for (const type of ['A', 'B', 'C', 'A']) await store.append(newStream(), 'no_stream', [newEvent({ type })]);
      const typesFound = async (types: string[], more = {}) =>
        (await store.readAll({ after: 0n, limit: 10, types, ...more })).map(({ type }) => type);
      expect(await typesFound(['A', 'C'])).to.deep.equal(['A', 'C', 'A']);
      expect(await typesFound(['B', 'never written'], { limit: 1 })).to.deep.equal(['B']);
      expect(await typesFound(['never written'])).to.deep.equal([]);
      expect(await typesFound([])).to.deep.equal([]);
      await store.append('s-0f', 'no_stream', [newEvent({ type: 'A' })]);
      await store.append('s-1f', 'no_stream', [newEvent({ type: 'A' }), newEvent({ type: 'B' })]);
      const both = await store.readAll({ after: 4n, limit: 10, types: ['A'], suffixes: { from: 0x10, to: 0x20 } });
      expect(both.map(({ position }) => position)).to.deep.equal([6n]);
    });

    it('shows one event of those that may be left out to a reader who would look at many more in vain', async () => {
      const store = open();
      await store.append('s-1', 'no_stream', newEvents(40));
      await store.append('s-2', 'no_stream', [newEvent({ type: 'Rare' })]);
      const positions: bigint[] = [];
      for (let after = 0n; ;) {
        const page = await store.readAll({ after, limit: 1, types: ['Rare'] });
        const last = page.at(-1);
        if (!last) break;
        positions.push((after = last.position));
      }
      expect(positions).to.deep.equal([17n, 34n, 41n]);
    });

    it('treats positions too large for the file as beyond the end', async () => {
      const store = open();
      await appended(store, 'a-1', 'no_stream', newEvents(1));
      const far = 2n ** 70n;
      expect(await store.readAll({ after: far, limit: 1 })).to.deep.equal([]);
      expect(await store.readAt(far)).to.equal(null);
      expect(await store.readStream('a-1', { from: far })).to.deep.equal([]);
      expect(await store.readStream('a-1', { from: far, direction: 'backwards' })).to.have.length(1);
      expect(await store.append('a-1', far, newEvents(1))).to.deep.equal({ ok: false });
    });

    it('rejects stream names and types that a server engine reserves or would lose', async () => {
      const store = open();
      for (const name of ['$all', 'nul\0byte', 'half \ud83c emoji']) {
        expect(await failure(store.append(name, 'no_stream', newEvents(1))), name).to.be.instanceOf(RangeError);
        expect(await failure(store.append('a-1', 'no_stream', [newEvent({ type: name })])), name).to.be.instanceOf(
          RangeError,
        );
      }
      expect(await failure(store.append('a-1', -1n, newEvents(1)))).to.be.instanceOf(RangeError);
    });

    it('commits the callers of one turn of the event loop together', async () => {
      const { database, commits } = countingCommits(openDatabase(file, { synchronous: 'FULL' }));
      const store = kept(createEventStore(database));
      const before = commits();
      await Promise.all(Array.from({ length: 64 }, () => appended(store, newStream(), 'no_stream', newEvents(1))));
      expect(commits() - before).to.equal(1);
    });

    it("parses an event's content once, when it is first used", async () => {
      const store = open();
      await appended(store, 'a-1', 'no_stream', newEvents(1));
      const parse = JSON.parse;
      let parses = 0;
      JSON.parse = (...args) => (parses++, parse(...args) as unknown);
      try {
        const [event] = await store.readAll({ after: 0n, limit: 1 });
        expect(event?.type).to.equal('SomethingHappened');
        expect(parses).to.equal(0);
        expect(event?.data).to.equal(event?.data);
        expect(parses).to.equal(1);
        expect({ ...event }.data).to.deep.equal({ n: 0 });
      } finally {
        JSON.parse = parse;
      }
    });

    it('reads an event once for all consumers of the log, but again for who checks what is stored', async () => {
      const store = open();
      await appended(store, 'a-1', 'no_stream', newEvents(3));
      const bounds = { after: 0n, limit: 2 };
      const [first] = await store.readAll({ ...bounds, recent: true });
      const [again] = await store.readAll({ ...bounds, recent: true });
      expect(again).to.equal(first);
      const [stored] = await store.readAll(bounds);
      expect(stored).to.not.equal(first);
      expect(stored?.id).to.equal(first?.id);
    });

    it('finishes what is in progress before it closes, and rejects later calls', async () => {
      const store = open();
      const pending = store.append('a-1', 'no_stream', newEvents(1));
      await store.close();
      expect((await pending).ok).to.equal(true);
      expect(await failure(store.append('a-1', 0n, newEvents(1)))).to.be.instanceOf(Error);
      expect(await failure(store.readStream('a-1'))).to.be.instanceOf(Error);
      await store.close();
    });
  });

  describe('in several processes', () => {
    it('shows each process the events and conflicts of the other', async () => {
      const [one, other] = [open(), open()];
      await appended(one, 'a-1', 'no_stream', newEvents(2));
      expect(await other.append('a-1', 'no_stream', newEvents(1))).to.deep.equal({ ok: false });
      await appended(other, 'a-1', 1n, newEvents(1));

      expect(await one.head()).to.equal(3n);
      expect(await one.readStream('a-1')).to.have.length(3);
      expect(await one.append('a-1', 1n, newEvents(1))).to.deep.equal({ ok: false });
    });

    it('keeps every append of two alternating writers', async () => {
      const writers = [open(), open()];
      const events = newEvents(40);
      await Promise.all(events.map((event, index) => appendAtEnd(writers[index % 2] as EventStore, 'a-1', event)));
      expect(await writers[0]?.readStream('a-1')).to.have.length(40);
    });

    it("wakes a subscriber after another process's append", async () => {
      const [one, other] = [open({ pollMs: 1 }), open()];
      const woken = nextWake(one);
      await appended(other, 'a-1', 'no_stream', newEvents(1));
      await woken;
      expect(await one.head()).to.equal(1n);
    });

    it("waits for another process's lock, then appends", async () => {
      const store = open();
      const other = openDatabase(file, { synchronous: 'FULL' });
      other.exec('BEGIN IMMEDIATE');
      const pending = store.append('a-1', 'no_stream', newEvents(1));
      await turnsUntilBusyOnce();
      other.exec('ROLLBACK');
      other.close();
      expect((await pending).ok).to.equal(true);
    });

    it('gives up with StoreBusy when the lock is never released, and works again afterwards', async () => {
      const store = open({ patienceMs: 0 });
      const other = openDatabase(file, { synchronous: 'FULL' });
      other.exec('BEGIN IMMEDIATE');
      expect(await failure(store.append('a-1', 'no_stream', newEvents(1)))).to.be.instanceOf(StoreBusy);
      other.exec('ROLLBACK');
      other.close();
      await appended(store, 'a-1', 'no_stream', newEvents(1));
    });

    it('keeps what a killed process had acknowledged, and continues after it', async () => {
      const child = spawn(
        process.execPath,
        ['--conditions=source', '--import=tsx', '--input-type=module', '-e', WRITER, file],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      child.kill('SIGKILL');
      await once(child, 'exit');

      const acknowledged = BigInt(String(chunk).trim().split('\n').at(-1) as string);
      const store = open();
      const events = await store.readStream('a-1');
      expect(events.length).to.be.at.least(Number(acknowledged) + 1);
      await appended(store, 'a-1', BigInt(events.length - 1), newEvents(1));
    });
  });

  describe('with a failing file', () => {
    it('rejects every append of the group when the disk is full, and all later ones', async () => {
      const database = openDatabase(file, { synchronous: 'FULL' });
      const store = kept(createEventStore(database));
      await appended(store, 'a-1', 'no_stream', newEvents(1));
      const fits = store.append('a-2', 'no_stream', newEvents(1));
      const large = store.append('a-3', 'no_stream', [newEvent({ data: { text: 'x'.repeat(200_000) } })]);
      database.exec('PRAGMA max_page_count = 20');

      for (const error of [await failure(fits), await failure(large)]) {
        expect(error).to.be.instanceOf(StoreFailed);
        expect(error)
          .to.have.property('message')
          .that.includes(file)
          .and.matches(/disk is full/);
      }
      database.exec('PRAGMA max_page_count = 1000000');
      expect(await failure(store.append('a-1', 0n, newEvents(1)))).to.be.instanceOf(StoreFailed);
      expect(await store.head()).to.equal(1n);
    });

    it('rejects the appends that waited behind the failed group too', async () => {
      const database = openDatabase(file, { synchronous: 'FULL' });
      let failures = 0;
      const failing: SqlDatabase = {
        ...database,
        immediate: (work) => {
          if (failures-- > 0) throw new StoreFailed('fsync failed');
          return database.immediate(work);
        },
      };
      const store = kept(createEventStore(failing));
      failures = 1; // After the tables were created; whatever comes next must be rejected by the store, not by the disk.
      // More than one group, so that some are still waiting while the first group fails.
      const results = await Promise.allSettled(
        Array.from({ length: 300 }, () => store.append(newStream(), 'no_stream', newEvents(1))),
      );
      expect(results.map((result) => result.status)).to.deep.equal(results.map(() => 'rejected'));
      expect(await store.head()).to.equal(0n);
    });

    it('reports a file that cannot be written', async () => {
      const database = openDatabase(file, { synchronous: 'FULL' });
      const store = kept(createEventStore(database));
      database.exec('PRAGMA query_only = ON');
      const error = await failure(store.append('a-1', 'no_stream', newEvents(1)));
      expect(error)
        .to.be.instanceOf(StoreFailed)
        .with.property('message')
        .that.includes(file)
        .and.matches(/read-only/);
    });

    it('reports a folder that cannot be created', () => {
      writeFileSync(join(folder, 'plain'), '');
      expect(() => openEventStore(join(folder, 'plain', 'events.db'))).to.throw(
        StoreFailed,
        /DATA_DIR and the permissions/,
      );
    });

    it('reports a file that is not a database', () => {
      writeFileSync(file, 'just some text, '.repeat(500));
      expect(() => openEventStore(file)).to.throw(StoreFailed, /not a database/);
    });

    it('reports a file of a newer release', () => {
      const database = openDatabase(file, { synchronous: 'FULL' });
      database.exec('PRAGMA user_version = 2');
      database.close();
      expect(() => openEventStore(file)).to.throw(StoreFailed, /newer release/);
    });
  });
});

/** Appends to one stream for ever and prints each acknowledged revision. */
const WRITER = `
  import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
  import { newEvents } from '@creator-dashboards/shared/testing/events';
  const store = openEventStore(process.argv[1]);
  for (let expected = 'no_stream'; ;) {
    const result = await store.append('a-1', expected, newEvents(1));
    expected = result.revision;
    console.log(String(result.revision));
  }`;

function countingCommits(database: SqlDatabase) {
  let count = 0;
  const counted: SqlDatabase = {
    ...database,
    immediate: (work) => (count++, database.immediate(work)),
  };
  return { database: counted, commits: () => count };
}

/** The first try blocks this thread for the driver's own timeout, then waits between tries: a few turns are enough. */
async function turnsUntilBusyOnce(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
