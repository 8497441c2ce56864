/** The audit's index on a SQLite file: a row for each event, and one for each thing that it is found by, in the order of that thing. */
import {
  EMPTY_INDEX,
  type AuditIndex,
  type IndexedEvent,
  type Head,
  type IndexState,
  type SignedHead,
} from '../../audit-index.js';
import { isBusy } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { retry } from '../../waiting.js';
import { openDatabase, type SqlDatabase } from './database.js';

export interface OpenAuditIndex extends AuditIndex {
  close(): Promise<void>;
}

/** How long a call waits for another process's lock, and how often it looks. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 5;

/** Opens the index in `file`, and makes the file when missing. Throws StoreFailed. */
export function openAuditIndex(file: string, clock: Clock = systemClock): OpenAuditIndex {
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  database.exec(SCHEMA);
  // From here on, waiting for locks happens between tries and does not block this thread inside the driver.
  database.exec('PRAGMA busy_timeout = 20');
  database.exec('PRAGMA cache_size = -16384'); // 16 MB: what an event is found by lies all over the file
  const statements = prepare(database);
  const patiently = <T>(work: () => T): Promise<T> =>
    retry(clock, { patienceMs: PATIENCE_MS, pauseMs: RETRY_MS, isTransient: isBusy }, work);

  function state(): IndexState {
    const row = statements.state.get();
    if (!row) return EMPTY_INDEX;
    const [size, position, eventId, time, peaks] = row;
    return { size: Number(size), position, eventId, time: Number(time), peaks: JSON.parse(peaks) as string[] };
  }

  function headOf(size: number): Head | SignedHead {
    const row = statements.head.get(size);
    if (!row) throw new Error(`no head of ${size} events is kept`);
    const [, root, signedAt, keyId, signature] = row;
    if (signedAt === null || keyId === null || signature === null) return { size, root };
    return { size, root, signedAt, keyId, signature };
  }

  return {
    state: () => patiently(state),
    add: (events, next) =>
      patiently(() =>
        database.immediate(() => {
          if (state().size !== next.size - events.length) return false;
          for (const { ordinal, position, time, leaf, block } of events)
            statements.addEvent.run(ordinal, position, time, leaf, block);
          const postings = events.flatMap(({ ordinal, terms }) => terms.map((term) => [term, ordinal] as const));
          postings.sort(([a, first], [b, second]) => a - b || first - second); // neighbours are on the same page
          for (const [term, ordinal] of postings) statements.addPosting.run(term, ordinal);
          const { size, position, eventId, time, peaks } = next;
          statements.saveState.run(size, position, eventId, time, JSON.stringify(peaks));
          return true;
        }),
      ),
    having: (term, { from, direction, limit }) =>
      patiently(() => statements[direction].all(term, from, limit).map(([ordinal]) => ordinal)),
    async get(ordinals) {
      const rows = await patiently(() => statements.get.all(JSON.stringify(ordinals)));
      return rows.map(([ordinal, position, time, leaf, block]): IndexedEvent => ({
        ...{ ordinal, position: BigInt(position), time, leaf, block },
      }));
    },
    async positionsOf(ordinals) {
      const rows = await patiently(() => statements.positions.all(JSON.stringify(ordinals)));
      return rows.map(([position]) => BigInt(position));
    },
    keepHead: ({ size, root }) =>
      patiently(() => {
        statements.keepHead.run(size, root);
        return headOf(size);
      }),
    signHead: ({ size, root, signedAt, keyId, signature }) =>
      patiently(() => {
        statements.signHead.run(signedAt, keyId, signature, size, root);
        const head = headOf(size);
        if (head.root !== root || !('signature' in head)) throw new Error(`no head of ${size} events has this root`);
        return head;
      }),
    signedHeads: ({ from, direction, limit }) =>
      patiently(() =>
        statements.heads[direction].all(from, limit).map(([size, root, signedAt, keyId, signature]): SignedHead => ({
          ...{ size, root, signedAt, keyId, signature },
        })),
      ),
    close: () => Promise.resolve(database.close()),
  };
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events
    (ordinal INTEGER PRIMARY KEY, position INTEGER NOT NULL, time INTEGER NOT NULL, leaf BLOB NOT NULL, block BLOB) STRICT;
  CREATE TABLE IF NOT EXISTS postings
    (term INTEGER NOT NULL, ordinal INTEGER NOT NULL, PRIMARY KEY (term, ordinal)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state
    (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, position INTEGER NOT NULL, event_id TEXT,
     time INTEGER NOT NULL, peaks TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS heads
    (size INTEGER PRIMARY KEY, root TEXT NOT NULL, signed_at TEXT, key_id TEXT, signature TEXT) STRICT;`;

type SignedRow = [size: number, root: string, signedAt: string, keyId: string, signature: string];

function prepare(database: SqlDatabase) {
  const exact = { bigints: true, tuples: true };
  const having = 'SELECT ordinal FROM postings WHERE term = ? AND ordinal';
  const head = 'SELECT size, root, signed_at, key_id, signature FROM heads WHERE';
  const signed = `${head} signature IS NOT NULL`;
  return {
    state: database.prepare<[bigint, bigint, string | null, bigint, string]>(
      'SELECT size, position, event_id, time, peaks FROM state',
      exact,
    ),
    saveState: database.prepare('INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?)'),
    addEvent: database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)'),
    addPosting: database.prepare('INSERT INTO postings VALUES (?, ?)'),
    forwards: database.prepare<[number]>(`${having} >= ? ORDER BY ordinal LIMIT ?`, { tuples: true }),
    backwards: database.prepare<[number]>(`${having} <= ? ORDER BY ordinal DESC LIMIT ?`, { tuples: true }),
    // As numbers, which are cheaper: no log reaches 2^53 events, nor bytes.
    positions: database.prepare<[number]>(
      `SELECT position FROM json_each(?) AS wanted CROSS JOIN events ON ordinal = wanted.value ORDER BY wanted.key`,
      { tuples: true },
    ),
    keepHead: database.prepare('INSERT INTO heads (size, root) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    signHead: database.prepare(
      'UPDATE heads SET signed_at = ?, key_id = ?, signature = ? WHERE size = ? AND root = ? AND signature IS NULL',
    ),
    head: database.prepare<[number, string, string | null, string | null, string | null]>(`${head} size = ?`, {
      tuples: true,
    }),
    heads: {
      forwards: database.prepare<SignedRow>(`${signed} AND size >= ? ORDER BY size LIMIT ?`, { tuples: true }),
      backwards: database.prepare<SignedRow>(`${signed} AND size <= ? ORDER BY size DESC LIMIT ?`, { tuples: true }),
    },
    get: database.prepare<[number, number, number, Uint8Array, Uint8Array | null]>(
      `SELECT ordinal, position, time, leaf, block FROM json_each(?) AS wanted CROSS JOIN events ON ordinal = wanted.value
       ORDER BY wanted.key`,
      { tuples: true },
    ),
  };
}
