/**
 * One SQLite file, opened the same way by every embedded adapter. The only file that names the driver, and the place of
 * its hazards (libsql 0.5), so that no adapter meets them:
 * - a prepared statement that failed busy stays in progress and blocks every later COMMIT: BEGIN, COMMIT and ROLLBACK
 *   are sent with `exec`, and every write belongs inside `immediate`, where no statement can be refused as busy;
 * - `run` on a statement that returns rows leaves it half done: use `get` or `all` for RETURNING;
 * - an iterator left early holds its read snapshot and starves checkpoints: there is no `iterate` here;
 * - numbers are bound as REAL, strings are cut at NUL, booleans abort the process: `bound` deals with all three;
 * - statements go on working after `close`, and hold the file until they are collected: here they throw.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Driver from 'libsql';
import { StoreBusy, StoreFailed } from '../../store-errors.js';

export type SqlParameter = null | string | number | bigint | boolean | Uint8Array;
type SqlValue = null | string | number | bigint | Uint8Array;

/** A prepared statement. `Row` is trusted, not checked: it must be what the SQL returns. */
export interface SqlStatement<Row> {
  /** Runs a write that returns no rows; answers the number of changed rows. */
  run(...parameters: readonly SqlParameter[]): number;
  /** Runs an INSERT of one row; answers its row id, exact up to 2^53. Half the cost of RETURNING. */
  insert(...parameters: readonly SqlParameter[]): bigint;
  get(...parameters: readonly SqlParameter[]): Row | undefined;
  all(...parameters: readonly SqlParameter[]): Row[];
}

export interface SqlDatabase {
  readonly file: string;
  /** Runs statements without parameters and drops their rows. */
  exec(sql: string): void;
  /**
   * Prepares once, runs often. `bigints` makes every integer of its rows a bigint; without it one above 2^53 is rounded.
   * `tuples` gives rows as arrays in the order of the columns, at half the cost of objects: for long scans.
   */
  prepare<Row = never>(sql: string, options?: { bigints?: boolean; tuples?: boolean }): SqlStatement<Row>;
  /**
   * Runs `work` in a write transaction that is durable when this returns; rolled back when anything throws. `work` is
   * synchronous. Throws StoreBusy when another process kept the write lock for longer than the busy timeout.
   */
  immediate<T>(work: () => T): T;
  /** Idempotent. Everything else throws after it. */
  close(): void;
}

export interface OpenOptions {
  /** FULL: a commit survives a power cut. NORMAL: it survives a crash of the process, the last ones not a power cut. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** How long a call waits, blocking this thread, for another process's lock. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the file in WAL mode and makes it, with its folder, when missing. Several processes and threads may open the
 * same file, each for itself. Throws StoreFailed, with a message for the operator, when that cannot be done.
 */
export function openDatabase(file: string, { synchronous, busyTimeoutMs = 5_000 }: OpenOptions): SqlDatabase {
  const driver = connect(file, busyTimeoutMs);
  let open = true;

  /** Runs one call of the driver and gives its errors our names. */
  function guarded<T>(call: () => T): T {
    if (!open) throw new Error(`${file} is closed`);
    try {
      return call();
    } catch (error) {
      throw named(file, error);
    }
  }

  const database: SqlDatabase = {
    file,
    exec: (sql) => guarded(() => void driver.exec(sql)),
    prepare: <Row>(sql: string, { bigints = false, tuples = false } = {}) =>
      guarded(() => {
        const statement = driver.prepare(sql).safeIntegers(bigints);
        return wrapStatement<Row>(tuples ? statement.raw() : statement, guarded);
      }),
    immediate(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        rollback(driver);
        throw error;
      }
    },
    close() {
      if (!open) return;
      // The driver keeps the file open until its statements are collected, so the log is folded back here, not by it.
      quietly(() => driver.prepare('PRAGMA wal_checkpoint(PASSIVE)').all([]));
      open = false;
      driver.close();
    },
  };

  patiently(busyTimeoutMs, () => {
    const mode = database.prepare<{ journal_mode: string }>('PRAGMA journal_mode = WAL').get()?.journal_mode;
    if (mode !== 'wal') throw new StoreFailed(`${file} cannot use write-ahead logging; put it on a local disk.`);
  });
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  database.exec('PRAGMA fullfsync = ON'); // macOS: without it a "synchronous" write may still sit in the disk's cache
  database.exec('PRAGMA journal_size_limit = 67108864');
  return database;
}

function connect(file: string, timeout: number) {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return new Driver(file, { timeout });
  } catch (error) {
    throw new StoreFailed(`${file} cannot be opened: ${ADVICE.SQLITE_CANTOPEN}.`, { cause: error });
  }
}

function wrapStatement<Row>(statement: Driver.Statement, guarded: <T>(call: () => T) => T): SqlStatement<Row> {
  return {
    run: (...parameters) => guarded(() => statement.run(parameters.map(bound)).changes),
    insert: (...parameters) => guarded(() => BigInt(statement.run(parameters.map(bound)).lastInsertRowid)),
    get: (...parameters) =>
      guarded(() => {
        const row = statement.get(parameters.map(bound)) as (Row & { _metadata?: unknown }) | undefined;
        if (row) delete row._metadata; // timing that the driver adds to single rows
        return row;
      }),
    all: (...parameters) => guarded(() => statement.all(parameters.map(bound)) as Row[]),
  };
}

function bound(value: SqlParameter): SqlValue {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && value.includes('\0')) throw new RangeError('text with a NUL cannot be stored');
  return value;
}

/** A failed statement may have ended the transaction already; the error that led here is the one to report. */
function rollback(driver: Driver.Database): void {
  if (driver.inTransaction) quietly(() => driver.exec('ROLLBACK'));
}

function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // The caller is on its way out with an error, or closing: nothing better can be done.
  }
}

/** Switching a new file to WAL ignores the busy timeout when several processes open it at once: try again ourselves. */
function patiently(patienceMs: number, call: () => void): void {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof StoreBusy) || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/** What an operator can do, by the driver's primary error code. Each of these makes the store unusable. */
const ADVICE = {
  SQLITE_FULL: 'the disk is full (or a quota is used up); free some space and start again',
  SQLITE_IOERR:
    'the disk failed to read or write (is a quota used up?); check it and its file system before starting again',
  SQLITE_CANTOPEN: 'it, or its folder, cannot be opened or made; check DATA_DIR and the permissions',
  SQLITE_READONLY: 'it is read-only; give this user write access to the file and its folder',
  SQLITE_PERM: 'access was denied; give this user write access to the file and its folder',
  SQLITE_CORRUPT: 'it is damaged; restore it from a backup',
  SQLITE_NOTADB: 'it is not a database; move it away, or point DATA_DIR elsewhere',
} as const;

function named(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return new StoreBusy(`${file} is locked by another process`, { cause: error });
  const failure = Object.entries(ADVICE).find(([primary]) => code.startsWith(primary));
  return failure ? new StoreFailed(`${file} failed: ${failure[1]} (${code}).`, { cause: error }) : error;
}
