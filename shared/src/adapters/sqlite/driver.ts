/**
 * The SQLite driver, behind the API of `node:sqlite`: Node's own where it is sound and prints no warning (from 24.15
 * on), else `@photostructure/sqlite`, which has the same API and brings its binaries. No other file names a driver.
 */
import type * as Sqlite from '@photostructure/sqlite';
import { StoreFailed } from '../../store-errors.js';

export type Driver = Sqlite.DatabaseSyncInstance;
export type DriverStatement = Sqlite.StatementSyncInstance;

/** Older versions could damage the file when several connections write: https://sqlite.org/wal.html#walresetbug */
const FIRST_SOUND = '3.51.3';

const { DatabaseSync } = isBuiltInUsable(process.versions)
  ? (process.getBuiltinModule('node:sqlite') as typeof Sqlite)
  : await import('@photostructure/sqlite');
/** Version of the library that is loaded, which may differ from the one that Node was compiled with. */
const VERSION = runningVersion();

/**
 * Opens a connection whose calls wait `timeout` milliseconds for the lock of another. Throws StoreFailed for an unsound SQLite.
 * `readOnly`: the file must exist, and nothing can be written to it.
 */
export function openDriver(file: string, { timeout, readOnly }: { timeout: number; readOnly: boolean }): Driver {
  checkSound(VERSION);
  return new DatabaseSync(file, { timeout, readOnly });
}

/** Whether this Node's own SQLite is sound, and Node 24 or newer: Node 22 prints a warning at its first use. */
export function isBuiltInUsable({ node, sqlite }: { node: string; sqlite?: string }): boolean {
  return isAtLeast(node, '24') && sqlite !== undefined && isAtLeast(sqlite, FIRST_SOUND);
}

/** Throws StoreFailed, with what to do, for a SQLite that may damage a file. */
export function checkSound(version: string): void {
  if (isAtLeast(version, FIRST_SOUND)) return;
  throw new StoreFailed(
    `SQLite ${version} can damage a file that several connections write to; ${FIRST_SOUND} or newer is needed. ` +
      'Use Node 24.15 or newer, or install the dependencies again with npm ci.',
  );
}

function runningVersion(): string {
  const driver = new DatabaseSync(':memory:');
  const { version } = driver.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  driver.close();
  return version;
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}
