/**
 * The key store on a SQLite file of its own: a row per subject with its wrapped key, or without one, which is the
 * tombstone of a destroyed key.
 */
import { systemRandom, type Random } from '../../ids.js';
import type { KeyStore } from '../../ports.js';
import { systemClock, type Clock } from '../../time.js';
import { checkName, keyWrapping, rewrapAll, type KeyWrapping, type WrappedKey } from '../key-wrapping.js';
import { openDatabase, type SqlDatabase } from './database.js';
import { createGroupCommit, type GroupCommit } from './group-commit.js';

/** How long a write waits for another process's lock. */
const PATIENCE_MS = 10_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (subject TEXT PRIMARY KEY NOT NULL, wrapped BLOB) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS master_keys (id INTEGER PRIMARY KEY CHECK (id = 1), names TEXT NOT NULL)`;

/**
 * Opens the key store in `file`, and makes it when missing. The first of `masterKeys` wraps, all unwrap. Throws StoreFailed,
 * also when it holds keys of another MASTER_KEY.
 */
export function openKeyStore(
  file: string,
  masterKeys: readonly string[],
  { clock = systemClock, random = systemRandom }: { readonly clock?: Clock; readonly random?: Random } = {},
): KeyStore {
  const database = openDatabase(file, { synchronous: 'FULL' });
  try {
    database.exec('PRAGMA secure_delete = ON'); // a destroyed key is overwritten, not only unlinked
    const wrapping = keyWrapping(masterKeys, random);
    database.immediate(() => {
      database.exec(SCHEMA);
      layDownMasterKeys(database, wrapping);
    });
    return keyStoreOn(database, wrapping, clock);
  } catch (error) {
    database.close();
    throw error;
  }
}

const NAME_MASTER_KEYS =
  'INSERT INTO master_keys (id, names) VALUES (1, ?) ON CONFLICT DO UPDATE SET names = excluded.names';

/** Detects another MASTER_KEY before a key is wrapped with it: after that no single MASTER_KEY would open everything. */
function layDownMasterKeys(database: SqlDatabase, wrapping: KeyWrapping): void {
  const laidDown = database.prepare<{ names: string }>('SELECT names FROM master_keys').get()?.names;
  database.prepare(NAME_MASTER_KEYS).run(wrapping.named(laidDown, database.file));
}

function keyStoreOn(database: SqlDatabase, wrapping: KeyWrapping, clock: Clock): KeyStore {
  const commits = createGroupCommit(database, { afterCommit: () => undefined, patienceMs: PATIENCE_MS, clock });
  const select = database.prepare<{ wrapped: Uint8Array | null }>('SELECT wrapped FROM keys WHERE subject = ?');
  const insert = database.prepare('INSERT INTO keys (subject, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const bury = database.prepare(
    'INSERT INTO keys (subject, wrapped) VALUES (?, NULL) ON CONFLICT DO UPDATE SET wrapped = NULL',
  );
  const selectMark = database.prepare<{ value: string }>('SELECT value FROM marks WHERE name = ?');
  const upsertMark = database.prepare(
    'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );

  return {
    async getOrCreate(subject) {
      checkName(subject); // before a write is queued, because the writes of a group must not throw
      let row = select.get(subject);
      if (!row) {
        const fresh = wrapping.makeKey(subject);
        row = await commits.submit(() => {
          insert.run(subject, fresh);
          return select.get(subject); // ours, or that of a process that was faster
        });
      }
      return row?.wrapped ? wrapping.unwrap(subject, row.wrapped) : 'destroyed';
    },

    async get(subject) {
      const row = select.get(subject);
      if (!row) return 'none';
      return row.wrapped ? wrapping.unwrap(subject, row.wrapped) : 'destroyed';
    },

    rewrap: () => rewrapOn(database, wrapping, commits),

    async destroy(subject) {
      checkName(subject);
      await commits.submit(() => bury.run(subject));
      // The write-ahead log still holds the old page. An active reader delays its removal to a later checkpoint.
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },

    async getMark(name) {
      return selectMark.get(name)?.value ?? null;
    },

    async setMark(name, value) {
      checkName(name);
      await commits.submit(() => upsertMark.run(name, value));
    },

    async close() {
      await commits.idle();
      database.close();
    },
  };
}

async function rewrapOn(database: SqlDatabase, wrapping: KeyWrapping, commits: GroupCommit): Promise<number> {
  const select = database.prepare<WrappedKey>(
    'SELECT subject, wrapped FROM keys WHERE subject > ? AND wrapped IS NOT NULL ORDER BY subject LIMIT ?',
  );
  const update = database.prepare('UPDATE keys SET wrapped = ? WHERE subject = ? AND wrapped = ?');
  const nameMasterKeys = database.prepare(NAME_MASTER_KEYS);
  const count = await rewrapAll(wrapping, {
    page: async (after, limit) => select.all(after, limit),
    replace: async ({ subject, wrapped }, rewrapped) =>
      void (await commits.submit(() => update.run(rewrapped, subject, wrapped))),
  });
  await commits.submit(() => nameMasterKeys.run(wrapping.name));
  return count;
}
