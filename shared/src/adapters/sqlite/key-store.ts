/**
 * The key store on a SQLite file of its own: a row per subject with its wrapped key, or without one, which is the
 * tombstone of a destroyed key.
 */
import { systemRandom, type Random } from '../../ids.js';
import type { KeyStore } from '../../ports.js';
import { systemClock, type Clock } from '../../time.js';
import { checkName, keyWrapping, type KeyWrapping } from '../key-wrapping.js';
import { openDatabase, type SqlDatabase } from './database.js';
import { createGroupCommit } from './group-commit.js';

/** How long a write waits for another process's lock. */
const PATIENCE_MS = 10_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (subject TEXT PRIMARY KEY NOT NULL, wrapped BLOB) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS master_key_check (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL)`;

/**
 * Opens the key store in `file`, and makes it when missing. Throws StoreFailed, also when it was made with another
 * MASTER_KEY.
 */
export function openKeyStore(
  file: string,
  masterKey: string,
  { clock = systemClock, random = systemRandom }: { readonly clock?: Clock; readonly random?: Random } = {},
): KeyStore {
  const database = openDatabase(file, { synchronous: 'FULL' });
  try {
    database.exec('PRAGMA secure_delete = ON'); // a destroyed key is overwritten, not only unlinked
    const wrapping = keyWrapping(masterKey, random);
    database.immediate(() => {
      database.exec(SCHEMA);
      checkMasterKey(database, wrapping);
    });
    return keyStoreOn(database, wrapping, clock);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Notices another MASTER_KEY before a key is wrapped with it: from then on no one key would open everything. */
function checkMasterKey(database: SqlDatabase, wrapping: KeyWrapping): void {
  const insert = 'INSERT INTO master_key_check (id, value) VALUES (1, ?) ON CONFLICT DO NOTHING';
  database.prepare(insert).run(wrapping.check);
  const stored = database.prepare<{ value: Uint8Array }>('SELECT value FROM master_key_check').get();
  wrapping.verify(stored?.value, database.file);
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
          return select.get(subject); // ours, or that of whoever was first
        });
      }
      return row?.wrapped ? wrapping.unwrap(subject, row.wrapped) : null;
    },

    async get(subject) {
      const wrapped = select.get(subject)?.wrapped;
      return wrapped ? wrapping.unwrap(subject, wrapped) : null;
    },

    async destroy(subject) {
      checkName(subject);
      await commits.submit(() => bury.run(subject));
      // The write-ahead log still holds the page as it was. A reader in the way delays this to a later checkpoint.
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
