/**
 * Counters in a SQLite file. Keys and members are stored as digests: they contain callers' addresses and e-mail addresses, may have
 * any length and characters, and need not be read back.
 */
import { createHash } from 'node:crypto';
import type { Counters } from '../../ports.js';
import type { Clock } from '../../time.js';
import { openDatabase, type SqlDatabase } from './database.js';
import { createGroupCommit } from './group-commit.js';

/** How long a caller of a rate-limited route waits at most for another process's lock. */
const PATIENCE_MS = 2_000;
/** Every hundredth write deletes expired rows, more at a time than were written since the last time. */
const SWEEP_EVERY = 100;
const SWEEP_ROWS = 500;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS counter_hits (key BLOB PRIMARY KEY NOT NULL, count INTEGER NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS counter_hits_end ON counter_hits (ends_at);
  CREATE TABLE IF NOT EXISTS counter_sets (key BLOB PRIMARY KEY NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS counter_sets_end ON counter_sets (ends_at);
  CREATE TABLE IF NOT EXISTS counter_members (key BLOB NOT NULL, member BLOB NOT NULL, PRIMARY KEY (key, member)) WITHOUT ROWID`;

/** Opens the counters in `file`, and creates what is missing. All processes on it need the same time of day. Throws StoreFailed. */
export function openCounters(file: string, clock: Clock): Counters {
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  database.immediate(() => database.exec(SCHEMA));
  // From here on, waiting for locks happens between tries (group-commit.ts) and does not block this thread inside the driver.
  database.exec('PRAGMA busy_timeout = 20');
  const commits = createGroupCommit(database, { afterCommit: () => undefined, patienceMs: PATIENCE_MS, clock });
  const write = prepareWrites(database);
  let writes = 0;

  /** Runs `work` in a transaction shared with other callers; `work` gets the present time. */
  function submit<T>(work: (now: number) => T): Promise<T> {
    return commits.submit(() => {
      const now = clock.now();
      if (++writes % SWEEP_EVERY === 0) write.sweep(now);
      return work(now);
    });
  }

  return {
    async hit(key, windowMs) {
      checkSpan(windowMs);
      return submit((now) => write.hit(digest(key), now, windowMs));
    },
    async undoHit(key) {
      await submit(() => write.undoHit(digest(key)));
    },
    async addMember(set, member, ttlMs) {
      checkSpan(ttlMs);
      return submit((now) => write.addMember(digest(set), digest(member), now, ttlMs));
    },
    async removeMember(set, member) {
      await submit(() => write.removeMember(digest(set), digest(member)));
    },
    async close() {
      await commits.idle();
      database.close();
    },
  };
}

function prepareWrites(database: SqlDatabase) {
  const hit = database.prepare<{ count: number; ends_at: number }>(`
    INSERT INTO counter_hits (key, count, ends_at) VALUES (?1, 1, ?2 + ?3)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN ends_at > ?2 THEN count + 1 ELSE 1 END,
      ends_at = CASE WHEN ends_at > ?2 THEN ends_at ELSE excluded.ends_at END
    RETURNING count, ends_at`);
  const undoHit = database.prepare(
    'UPDATE counter_hits SET count = count - 1 WHERE key = ? AND count > 0', // without effect once the window has ended
  );
  const setEnd = database.prepare<{ ends_at: number }>('SELECT ends_at FROM counter_sets WHERE key = ?');
  const startSet = database.prepare('INSERT INTO counter_sets (key, ends_at) VALUES (?, ?)');
  const endSet = database.prepare('DELETE FROM counter_sets WHERE key = ?');
  const addMember = database.prepare('INSERT INTO counter_members (key, member) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const removeMember = database.prepare('DELETE FROM counter_members WHERE key = ? AND member = ?');
  const removeMembers = database.prepare('DELETE FROM counter_members WHERE key = ?');
  const size = database.prepare<{ size: number }>('SELECT count(*) AS size FROM counter_members WHERE key = ?');
  const sweepHits = database.prepare(
    `DELETE FROM counter_hits WHERE key IN (SELECT key FROM counter_hits WHERE ends_at <= ? LIMIT ${SWEEP_ROWS})`,
  );
  const endedSets = database.prepare<{ key: string }>(
    `SELECT hex(key) AS key FROM counter_sets WHERE ends_at <= ? LIMIT ${SWEEP_ROWS}`,
  );

  const sizeOf = (set: Uint8Array) => size.get(set)?.size ?? 0;
  function removeSet(set: Uint8Array): void {
    removeMembers.run(set);
    endSet.run(set);
  }

  return {
    hit(key: Uint8Array, now: number, windowMs: number) {
      const row = hit.get(key, now, windowMs);
      return { count: row?.count ?? 0, resetsInMs: (row?.ends_at ?? now) - now };
    },
    undoHit(key: Uint8Array): void {
      undoHit.run(key);
    },
    addMember(set: Uint8Array, member: Uint8Array, now: number, ttlMs: number): number {
      const end = setEnd.get(set)?.ends_at;
      if (end === undefined || end <= now) {
        removeSet(set);
        startSet.run(set, now + ttlMs);
      }
      addMember.run(set, member);
      return sizeOf(set);
    },
    removeMember(set: Uint8Array, member: Uint8Array): void {
      removeMember.run(set, member);
      if (sizeOf(set) === 0) endSet.run(set);
    },
    sweep(now: number): void {
      sweepHits.run(now);
      for (const { key } of endedSets.all(now)) removeSet(Buffer.from(key, 'hex'));
    },
  };
}

function digest(name: string): Uint8Array {
  return createHash('sha256').update(name).digest();
}

function checkSpan(ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 1) throw new RangeError('a window must last at least a whole millisecond');
}
