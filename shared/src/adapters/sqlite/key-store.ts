/**
 * The key store on a SQLite file of its own: a row per subject with its wrapped key, or without one, which is the
 * tombstone of a destroyed key. A key at rest is AES-256-GCM ciphertext under a key derived from MASTER_KEY.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyStore } from '../../ports.js';
import { StoreFailed } from '../../store-errors.js';
import { openDatabase, type SqlDatabase } from './database.js';
import { createGroupCommit } from './group-commit.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
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
export function openKeyStore(file: string, masterKey: string): KeyStore {
  const database = openDatabase(file, { synchronous: 'FULL' });
  try {
    database.exec('PRAGMA secure_delete = ON'); // a destroyed key is overwritten, not only unlinked
    database.immediate(() => {
      database.exec(SCHEMA);
      checkMasterKey(database, masterKey);
    });
    return keyStoreOn(database, masterKey);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Notices another MASTER_KEY before a key is wrapped with it: from then on no one key would open everything. */
function checkMasterKey(database: SqlDatabase, masterKey: string): void {
  const check = derive(masterKey, 'check');
  database.prepare('INSERT INTO master_key_check (id, value) VALUES (1, ?) ON CONFLICT DO NOTHING').run(check);
  const stored = database.prepare<{ value: Uint8Array }>('SELECT value FROM master_key_check').get()?.value;
  if (!stored || stored.length !== check.length || !timingSafeEqual(stored, check))
    throw new StoreFailed(`${database.file} was made with another MASTER_KEY; start with that one.`);
}

function keyStoreOn(database: SqlDatabase, masterKey: string): KeyStore {
  const wrappingKey = derive(masterKey, 'wrap');
  const commits = createGroupCommit(database, { afterCommit: () => undefined, patienceMs: PATIENCE_MS });
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
      checkName(subject);
      let row = select.get(subject);
      if (!row) {
        const fresh = wrap(wrappingKey, subject, randomBytes(KEY_BYTES));
        row = await commits.submit(() => {
          insert.run(subject, fresh);
          return select.get(subject); // ours, or that of whoever was first
        });
      }
      return row?.wrapped ? unwrap(wrappingKey, subject, row.wrapped) : null;
    },

    async get(subject) {
      const wrapped = select.get(subject)?.wrapped;
      return wrapped ? unwrap(wrappingKey, subject, wrapped) : null;
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

/** Checked before a write is queued, because the writes of a group must not throw. */
function checkName(name: string): void {
  if (name === '' || name.includes('\0')) throw new RangeError('a subject or mark needs a name without NUL');
}

function derive(masterKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `creator-dashboards key store ${purpose}`, KEY_BYTES));
}

/** Nonce, ciphertext, tag. The subject is authenticated with it, so a row cannot be passed off as another subject's. */
function wrap(wrappingKey: Buffer, subject: string, key: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(Buffer.from(subject));
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(wrappingKey: Buffer, subject: string, wrapped: Uint8Array): Uint8Array {
  try {
    const nonce = wrapped.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', wrappingKey, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(subject))
      .setAuthTag(wrapped.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new StoreFailed(`the key of ${subject} is damaged; restore the key store from a backup`, { cause: error });
  }
}
