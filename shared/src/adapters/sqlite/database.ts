/**
 * One SQLite file, opened the same way by every embedded adapter. The drivers' hazards are dealt with here, so that no adapter has to:
 * - numbers are bound as REAL, text with a NUL is cut by some, too large integers throw this or that: see `bound`;
 * - an iterator left early holds its read snapshot and starves checkpoints: there is no `iterate` here.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreBusy, StoreFailed } from '../../store-errors.js';
import { openDriver, type Driver, type DriverStatement } from './driver.js';

export type SqlParameter = null | string | number | bigint | boolean | Uint8Array;
type SqlValue = null | string | number | bigint | Uint8Array;

/** A prepared statement. `Row` is trusted, not checked: it must be what the SQL returns. */
export interface SqlStatement<Row> {
  /** Runs a write that returns no rows; returns the number of changed rows. */
  run(...parameters: readonly SqlParameter[]): number;
  /** Runs an INSERT of one row; returns its row id, exact up to 2^53. Half the cost of RETURNING. */
  insert(...parameters: readonly SqlParameter[]): bigint;
  get(...parameters: readonly SqlParameter[]): Row | undefined;
  all(...parameters: readonly SqlParameter[]): Row[];
}

export interface SqlDatabase {
  readonly file: string;
  /** Runs statements without parameters and drops their rows. */
  exec(sql: string): void;
  /**
   * Prepares once, runs often. `bigints` makes every integer of its rows a bigint; without it one above 2^53 throws RangeError.
   * `tuples` gives rows as arrays in the order of the columns, at half the cost of objects: for long scans.
   */
  prepare<Row = never>(sql: string, options?: { bigints?: boolean; tuples?: boolean }): SqlStatement<Row>;
  /**
   * Runs `work` in a write transaction that is durable when this returns; rolled back when anything throws. `work` is
   * synchronous. Throws StoreBusy if another process held the write lock for longer than the busy timeout.
   */
  immediate<T>(work: () => T): T;
  /** Idempotent. All other methods throw afterwards. */
  close(): void;
}

export interface OpenOptions {
  /** FULL: a commit survives a power cut. NORMAL: a commit survives a crash of the process, but the latest may not survive a power cut. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** How long a call waits, blocking this thread, for another process's lock. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the file in WAL mode and creates it, with its folder, if missing. Several processes and threads may open the same file, each
 * for itself. Throws StoreFailed, with a message for the operator, if that fails.
 */
export function openDatabase(file: string, { synchronous, busyTimeoutMs = 5_000 }: OpenOptions): SqlDatabase {
  const database = wrap(file, connect(file, busyTimeoutMs));
  patiently(busyTimeoutMs, () => {
    const mode = database.prepare<{ journal_mode: string }>('PRAGMA journal_mode = WAL').get()?.journal_mode;
    if (mode !== 'wal') throw new StoreFailed(`${file} cannot use write-ahead logging; put it on a local disk.`);
  });
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  database.exec('PRAGMA fullfsync = ON'); // macOS: without it a "synchronous" write may still sit in the disk's cache
  database.exec('PRAGMA journal_size_limit = 67108864');
  return database;
}

/** Opens an existing file as it is, to read it only. Throws StoreFailed if that fails. */
export function openToRead(file: string): SqlDatabase {
  try {
    return wrap(file, openDriver(file, { timeout: READ_PATIENCE_MS, readOnly: true }));
  } catch (error) {
    if (error instanceof StoreFailed) throw error;
    throw new StoreFailed(`${file} cannot be opened to be read; is it there, and readable for this user?`, {
      cause: error,
    });
  }
}

function wrap(file: string, driver: Driver): SqlDatabase {
  /** Runs one call of the driver and translates its errors. */
  function guarded<T>(call: () => T): T {
    if (!driver.isOpen) throw new Error(`${file} is closed`);
    try {
      return call();
    } catch (error) {
      throw named(file, error);
    }
  }

  const database: SqlDatabase = {
    file,
    exec: (sql) => guarded(() => driver.exec(sql)),
    prepare: <Row>(sql: string, { bigints = false, tuples = false } = {}) =>
      guarded(() => {
        const statement = driver.prepare(sql);
        statement.setReadBigInts(bigints);
        statement.setReturnArrays(tuples);
        return wrapStatement<Row>(statement, guarded);
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
      if (driver.isOpen) driver.close();
    },
  };
  return database;
}

function connect(file: string, timeout: number): Driver {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openDriver(file, { timeout, readOnly: false });
  } catch (error) {
    if (error instanceof StoreFailed) throw error;
    throw new StoreFailed(`${file} cannot be opened: ${NOT_OPENED}.`, { cause: error });
  }
}

function wrapStatement<Row>(statement: DriverStatement, guarded: <T>(call: () => T) => T): SqlStatement<Row> {
  return {
    run: (...parameters) => guarded(() => Number(statement.run(...parameters.map(bound)).changes)),
    insert: (...parameters) => guarded(() => BigInt(statement.run(...parameters.map(bound)).lastInsertRowid)),
    get: (...parameters) => guarded(() => statement.get(...parameters.map(bound)) as Row | undefined),
    all: (...parameters) => guarded(() => statement.all(...parameters.map(bound)) as Row[]),
  };
}

function bound(value: SqlParameter): SqlValue {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && value.includes('\0')) throw new RangeError('text with a NUL cannot be stored');
  if (typeof value === 'bigint' && value !== BigInt.asIntN(64, value))
    throw new RangeError(`${value} has over 64 bits`);
  return value;
}

/** A failed statement may already have ended the transaction; the original error is the one to report. */
function rollback(driver: Driver): void {
  if (driver.isTransaction) quietly(() => driver.exec('ROLLBACK'));
}

function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // The caller is already failing or closing: nothing better can be done.
  }
}

const RETRY_MS = 20;
/** How long a reader waits for a lock: only while the file is recovered after a crash does anybody hold one against it. */
const READ_PATIENCE_MS = 10_000;

/** SQLite ignores the busy timeout when several processes switch a new file to WAL at once, so this tries again itself. */
function patiently(patienceMs: number, call: () => void): void {
  for (let tries = Math.ceil(patienceMs / RETRY_MS); ; tries -= 1) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof StoreBusy) || tries <= 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

const [BUSY, LOCKED] = [5, 6];
const NOT_OPENED = 'it, or its folder, cannot be opened or made; check DATA_DIR and the permissions';

/** What an operator can do, by SQLite's primary result code. Each of these makes the store unusable. */
const FAILURES: Readonly<Record<number, readonly [name: string, advice: string]>> = {
  3: ['SQLITE_PERM', 'access was denied; give this user write access to the file and its folder'],
  8: ['SQLITE_READONLY', 'it is read-only; give this user write access to the file and its folder'],
  10: [
    'SQLITE_IOERR',
    'the disk failed to read or write (is a quota used up?); check it and its file system before starting again',
  ],
  11: ['SQLITE_CORRUPT', 'it is damaged; restore it from a backup'],
  13: ['SQLITE_FULL', 'the disk is full (or a quota is used up); free some space and start again'],
  14: ['SQLITE_CANTOPEN', NOT_OPENED],
  26: ['SQLITE_NOTADB', 'it is not a database; move it away, or point DATA_DIR elsewhere'],
};

function named(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return error;
  const primary = error.errcode & 0xff;
  if (primary === BUSY || primary === LOCKED)
    return new StoreBusy(file, 'is locked by another process', { cause: error });
  const failure = FAILURES[primary];
  return failure ? new StoreFailed(`${file} failed: ${failure[1]} (${failure[0]}).`, { cause: error }) : error;
}
