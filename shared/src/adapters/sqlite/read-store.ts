/**
 * The read store on a SQLite file: one table per collection. A document is stored as JSON in `body`, except its position, which has a
 * column of its own because JSON has no integers beyond 2^53.
 */
import type { Document, GuardedWrite, Query, ReadStore } from '../../ports.js';
import { isBusy, StoreFailed } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { retry } from '../../waiting.js';
import { checkDocument, checkField } from '../documents.js';
import { openDatabase, type SqlDatabase, type SqlParameter, type SqlStatement } from './database.js';
import * as sql from './document-sql.js';
import { createGroupCommit } from './group-commit.js';

type Row = { readonly position: bigint; readonly body: string };

/** There are few kinds of statements, all from code; this limit only keeps a bug from filling the memory. */
const MAX_STATEMENTS = 1_000;
/** How long a call waits for another process's lock, and how often it looks. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 5;

/** Opens the read store in `file`, and makes the file when missing. Throws StoreFailed. */
export function openReadStore(file: string, clock: Clock = systemClock): ReadStore {
  return createReadStore(openDatabase(file, { synchronous: 'NORMAL' }), clock);
}

/** The read store in an open database, which is closed with the store. */
export function createReadStore(database: SqlDatabase, clock: Clock): ReadStore {
  // From here on, waiting for locks happens between tries and does not block this thread inside the driver.
  database.exec('PRAGMA busy_timeout = 20');
  // 16 MB each: a batch of every view changes pages all over the file, and what is changed often is copied into it less often.
  database.exec('PRAGMA cache_size = -16384');
  database.exec('PRAGMA wal_autocheckpoint = 4096');
  // Many feeds write after one append: together they need one transaction.
  const commits = createGroupCommit(database, { afterCommit: noteWrite, patienceMs: PATIENCE_MS, clock });
  const statements = new Map<string, SqlStatement<Row>>();
  /** Changes with the commits of other connections. */
  const version = database.prepare<{ data_version: number }>('PRAGMA data_version');
  let ownWrites = 0;
  /** Of documents that somebody may ask for again, as they were stored. */
  const bodies = new WeakMap<Document, string>();

  function noteWrite(): void {
    ownWrites += 1;
  }

  function prepared(text: string): SqlStatement<Row> {
    let statement = statements.get(text);
    if (!statement) {
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      statement = database.prepare<Row>(text, { bigints: true });
      statements.set(text, statement);
    }
    return statement;
  }

  /** Tries again while another process has the lock, without blocking this thread. Finally throws StoreBusy. */
  async function patiently<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (fault) {
      if (!isBusy(fault)) throw fault;
      return retry(clock, { patienceMs: PATIENCE_MS, pauseMs: RETRY_MS, isTransient: isBusy }, work);
    }
  }

  const rows = (text: string, parameters: readonly SqlParameter[]) =>
    patiently(() => orEmpty([], () => prepared(text).all(...parameters)));

  /** Applies each write whose guard holds, in the caller's transaction; returns their ids. */
  function apply(table: string, writes: readonly GuardedWrite[]): Set<string> {
    const insert = prepared(`INSERT INTO ${table} (id, position, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`);
    const updates = new Map<string, SqlStatement<Row>>();
    const updateWhere = (fields: readonly string[]) => {
      const shape = fields.join();
      let update = updates.get(shape);
      if (!update) {
        update = prepared(`UPDATE ${table} SET position = ?, body = ? WHERE id = ? AND ${sql.guardSql(fields)}`);
        updates.set(shape, update);
      }
      return update;
    };
    const held = new Set<string>();
    for (const { document, expected } of writes) {
      const { _id: id, position } = document;
      const changed = expected
        ? updateWhere(Object.keys(expected)).run(position, encode(document), id, ...sql.guardParameters(expected))
        : insert.run(id, position, encode(document));
      if (changed > 0) held.add(id);
    }
    return held;
  }

  /** The first write to a collection creates its table, in the same transaction. */
  function applyOrCreate(table: string, writes: readonly GuardedWrite[]): Set<string> {
    try {
      return apply(table, writes);
    } catch (error) {
      if (!isMissingTable(error)) throw error;
      database.exec(sql.createTable(table));
      return apply(table, writes);
    }
  }

  return {
    async get<D extends Document>(collection: string, id: string, known?: D | null) {
      const text = `SELECT position, body FROM ${sql.tableOf(collection)} WHERE id = ?`;
      const row = await patiently(() => orEmpty(undefined, () => prepared(text).get(id)));
      if (!row) return null;
      if (known && known.position === row.position && bodies.get(known) === row.body) return known;
      const document = decode<D>(row);
      if (known !== undefined) bodies.set(document, row.body);
      return document;
    },

    async getMany<D extends Document>(collection: string, ids: readonly string[]) {
      const found = await rows(
        `SELECT position, body FROM json_each(?) AS wanted CROSS JOIN ${sql.tableOf(collection)} AS t ON t.id = wanted.value`,
        [JSON.stringify(ids)],
      );
      return new Map(found.map((row) => decode<D>(row)).map((document) => [document._id, document]));
    },

    async write<D extends Document>(collection: string, writes: readonly GuardedWrite<D>[]) {
      const table = sql.tableOf(collection);
      for (const { document, expected } of writes) {
        checkDocument(document);
        for (const field in expected) checkField(field);
      }
      if (writes.length === 0) return new Set<string>();
      const result = await commits.submit(() => attempt(() => applyOrCreate(table, writes)));
      if ('error' in result) throw result.error;
      return result.held;
    },

    async find<D extends Document>(collection: string, query: Query) {
      const { range, afterId, limit } = query;
      if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('limit must be a positive integer');
      if (range && afterId !== undefined)
        throw new RangeError('afterId goes with the order of _id; a range has `after`');
      const { sql: where, parameters } = sql.conditionOf(query);
      const text = `SELECT position, body FROM ${sql.tableOf(collection)} WHERE ${where} ORDER BY ${sql.orderOf(range)} LIMIT ?`;
      return (await rows(text, [...parameters, limit])).map((row) => decode<D>(row));
    },

    async count(collection, where) {
      const condition = sql.conditionOf({ where });
      const text = `SELECT count(*) AS number FROM ${sql.tableOf(collection)} WHERE ${condition.sql}`;
      const number = () => database.prepare<{ number: number }>(text).get(...condition.parameters)?.number ?? 0;
      return patiently(() => orEmpty(0, number));
    },

    async countUpTo(collection, range, limit) {
      const { sql: where, parameters } = sql.conditionOf({ range });
      const text = `SELECT count(*) AS number FROM (SELECT 1 FROM ${sql.tableOf(collection)} WHERE ${where} LIMIT ?)`;
      const number = () => database.prepare<{ number: number }>(text).get(...parameters, limit)?.number ?? 0;
      return patiently(() => orEmpty(0, number));
    },

    async deleteUpTo(collection, { field, atMost }, limit) {
      const table = sql.tableOf(collection);
      const { sql: where, parameters } = sql.conditionOf({ range: { field, atMost } });
      const text = `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${where} ORDER BY ${sql.valueOf(field)} LIMIT ?)`;
      return patiently(() => {
        const deleted = orEmpty(0, () => prepared(text).run(...parameters, limit));
        ownWrites += deleted;
        return deleted;
      });
    },

    async declare(collection, indexes) {
      const table = sql.tableOf(collection);
      indexes.forEach(checkField);
      const statements = [sql.createTable(table), ...indexes.map((field) => sql.createIndex(collection, field))];
      await patiently(() => database.immediate(() => statements.forEach((text) => database.exec(text))));
    },

    async collections() {
      return database
        .prepare<{ name: string }>(sql.ALL_TABLES)
        .all()
        .map(({ name }) => sql.collectionOf(name));
    },

    stamp: () => `${version.get()?.data_version} ${ownWrites}`,

    async drop(collection) {
      const text = `DROP TABLE IF EXISTS ${sql.tableOf(collection)}`;
      await patiently(() => {
        database.immediate(() => database.exec(text));
        noteWrite();
      });
    },

    async close() {
      await commits.idle();
      statements.clear();
      database.close();
    },
  };
}

/** An error as a value: in a shared transaction it concerns only its caller. A busy or failed database concerns all callers. */
function attempt(work: () => Set<string>): { held: Set<string> } | { error: unknown } {
  try {
    return { held: work() };
  } catch (error) {
    if (isBusy(error) || error instanceof StoreFailed) throw error;
    return { error };
  }
}

/** A collection that does not exist, or was just dropped by another process, reads as empty. */
function orEmpty<T>(empty: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isMissingTable(error)) return empty;
    throw error;
  }
}

function isMissingTable(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no such table');
}

/** The position keeps its place among the fields, so that a document comes back in the order it was written. */
function encode(document: Document): string {
  return JSON.stringify({ ...document, position: null });
}

function decode<D extends Document>({ position, body }: Row): D {
  const document = JSON.parse(body) as { position: bigint };
  document.position = position;
  return document as D;
}
