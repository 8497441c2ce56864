/**
 * The table behind the job queue. An active job is locked by (token, beat): the token is new each time the job is begun, the beat
 * counts heartbeats. Every change that a worker makes to its job names its token, so that a worker whose job was taken over can no
 * longer change it.
 */
import type { Job, JsonObject } from '../../ports.js';
import type { Begun } from '../job-worker.js';
import type { SqlDatabase } from './database.js';

/** What a worker holds while it runs a job. */
export interface Lock {
  readonly id: string;
  readonly token: number;
}

/** A lock as another worker sees it. While neither number changes, its holder sends no heartbeats. */
export interface SeenLock extends Lock {
  readonly beat: number;
}

interface NewRow {
  readonly id: string;
  readonly name: string;
  readonly data: JsonObject;
  readonly dueAt: number;
  readonly maxAttempts: number;
}

/** A job that killed this many workers is not given to another. */
const MAX_LOSSES = 10;
/** How many finished jobs of a name are kept; older ones are removed. */
const KEEP_FINISHED = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    token INTEGER NOT NULL DEFAULT 0,
    beat INTEGER NOT NULL DEFAULT 0,
    progress TEXT,
    error TEXT,
    finished_at INTEGER
  );
  CREATE INDEX IF NOT EXISTS jobs_due ON jobs (name, state, due_at);
  CREATE INDEX IF NOT EXISTS jobs_finished ON jobs (name, finished_at) WHERE finished_at IS NOT NULL`;

const COLUMNS = 'id, name, data, state, attempts, failures, max_attempts, token, progress, error';

interface Row extends Omit<Job, 'data' | 'progress'>, Lock {
  readonly data: string;
  readonly progress: string | null;
  readonly failures: number;
  readonly max_attempts: number;
}

export type JobTable = ReturnType<typeof createJobTable>;

/** Its functions are synchronous; those that change something must run in a transaction. */
export function createJobTable(database: SqlDatabase) {
  database.immediate(() => database.exec(SCHEMA));

  const upsert = database.prepare(`
    INSERT INTO jobs (id, name, data, state, due_at, max_attempts) VALUES (?1, ?2, ?3, 'waiting', ?4, ?5)
    ON CONFLICT (id) DO UPDATE SET
      name = excluded.name, data = excluded.data, state = 'waiting', due_at = excluded.due_at,
      max_attempts = excluded.max_attempts, attempts = 0, failures = 0, losses = 0, progress = NULL, error = NULL,
      finished_at = NULL
    WHERE state IN ('completed', 'failed')`); // the token stays, so that it is never given out again
  const select = database.prepare<Row>(`SELECT ${COLUMNS} FROM jobs WHERE id = ?`);
  const selectNamed = database.prepare<Row>(`SELECT ${COLUMNS} FROM jobs WHERE name = ? ORDER BY rowid`);
  const selectDue = database.prepare<Lock>(
    `SELECT id, token FROM jobs WHERE name = ? AND state = 'waiting' AND due_at <= ? ORDER BY due_at, rowid LIMIT 1`,
  );
  const selectActive = database.prepare<SeenLock>(
    `SELECT id, token, beat FROM jobs WHERE name = ? AND state = 'active'`,
  );
  const begin = database.prepare(`
    UPDATE jobs SET state = 'active', token = token + 1, beat = 0, attempts = attempts + 1
    WHERE id = ? AND token = ? AND state = 'waiting'`);
  const takeOver = database.prepare(`
    UPDATE jobs SET token = token + 1, beat = 0, attempts = attempts + 1, losses = losses + 1
    WHERE id = ? AND token = ? AND beat = ? AND state = 'active' AND losses < ${MAX_LOSSES}`);
  const giveUp = database.prepare(`
    UPDATE jobs SET state = 'failed', finished_at = ?, error = 'its worker died ${MAX_LOSSES + 1} times'
    WHERE id = ? AND token = ? AND beat = ? AND state = 'active'`);

  const held = `WHERE id = ? AND token = ? AND state = 'active'`;
  const beat = database.prepare(`UPDATE jobs SET beat = beat + 1 ${held}`);
  const setProgress = database.prepare(`UPDATE jobs SET progress = ? ${held}`);
  const finish = database.prepare(`UPDATE jobs SET state = ?, error = ?, finished_at = ? ${held}`);
  const putBack = database.prepare(
    `UPDATE jobs SET state = 'waiting', failures = failures + ?, error = coalesce(?, error), due_at = ? ${held}`,
  );
  const trim = database.prepare(`
    DELETE FROM jobs WHERE rowid IN (
      SELECT rowid FROM jobs WHERE name = (SELECT name FROM jobs WHERE id = ?) AND finished_at IS NOT NULL
      ORDER BY finished_at DESC LIMIT 100 OFFSET ${KEEP_FINISHED})`);

  function begun(id: string): Begun<Lock> | null {
    const row = select.get(id);
    if (!row) return null;
    const lock = { id, token: row.token };
    return { job: jobOf(row), lock, failures: row.failures, maxAttempts: row.max_attempts };
  }

  return {
    /** False when a job with this id is waiting or active. */
    add: ({ id, name, data, dueAt, maxAttempts }: NewRow): boolean =>
      upsert.run(id, name, JSON.stringify(data), dueAt, maxAttempts) === 1,

    get(id: string): Job | null {
      const row = select.get(id);
      return row ? jobOf(row) : null;
    },
    list: (name: string): Job[] => selectNamed.all(name).map(jobOf),

    /** The waiting job that has been due for longest. */
    nextDue: (name: string, now: number): Lock | undefined => selectDue.get(name, now),
    active: (name: string): SeenLock[] => selectActive.all(name),

    /** Begins a waiting job; null if another worker was faster. */
    begin: ({ id, token }: Lock): Begun<Lock> | null => (begin.run(id, token) === 1 ? begun(id) : null),

    /** Begins a job whose worker died; null if that worker is alive after all, another was faster, or the job killed too many workers. */
    takeOver({ id, token, beat: seen }: SeenLock, now: number): Begun<Lock> | null {
      if (takeOver.run(id, token, seen) === 1) return begun(id);
      giveUp.run(now, id, token, seen);
      return null;
    },

    /** A heartbeat. This and the following return false if the lock was lost; then they change nothing. */
    beat: ({ id, token }: Lock): boolean => beat.run(id, token) === 1,
    progress: ({ id, token }: Lock, progress: JsonObject): boolean =>
      setProgress.run(JSON.stringify(progress), id, token) === 1,
    finish({ id, token }: Lock, outcome: { error: string | null; now: number }): boolean {
      const { error, now } = outcome;
      const done = finish.run(error === null ? 'completed' : 'failed', error, now, id, token) === 1;
      if (done) trim.run(id);
      return done;
    },
    /** To be tried again after a failure. */
    retry: ({ id, token }: Lock, { error, dueAt }: { error: string; dueAt: number }): boolean =>
      putBack.run(1, error, dueAt, id, token) === 1,
    /** To be run again by another worker, through no fault of its own. */
    release: ({ id, token }: Lock, now: number): boolean => putBack.run(0, null, now, id, token) === 1,
  };
}

function jobOf({ id, name, data, state, attempts, progress, error }: Row): Job {
  return {
    id,
    name,
    data: JSON.parse(data) as JsonObject,
    state,
    attempts,
    progress: progress === null ? null : (JSON.parse(progress) as JsonObject),
    error,
  };
}
