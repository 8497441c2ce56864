/** The job queue in a SQLite file. Any number of processes on one machine may add and work. */
import type { JobQueue } from '../../ports.js';
import { type Clock, SECOND, systemClock } from '../../time.js';
import { checkJson } from '../documents.js';
import type { Worker } from '../job-loop.js';
import { openDatabase } from './database.js';
import { createGroupCommit } from './group-commit.js';
import { createJobTable } from './job-table.js';
import { startWorker } from './job-worker.js';

export interface JobQueueOptions {
  /** The time of day, for delays and back-off; all processes on the file must agree about it. */
  readonly clock?: Clock;
  /** Milliseconds that only ever increase, of this process alone: for how long has a lock shown no sign of life? */
  readonly monotonic?: () => number;
  /** Calls once, `ms` from now; answers how to cancel that. */
  readonly schedule?: (call: () => void, ms: number) => () => void;
  /** How often an idle worker looks for jobs that other processes added, came due, or lost their worker. */
  readonly pollMs?: number;
  /** A lock without a sign of life for this long may be taken over. Signs of life come four times as often. */
  readonly lockMs?: number;
  /** Told of faults of the store while working: the worker goes on trying. */
  readonly onError?: (error: unknown) => void;
}

const DEFAULT_ATTEMPTS = 3;
const PATIENCE_MS = 10 * SECOND;

/** Opens the queue in `file`, and makes what is missing. Throws StoreFailed. */
export function openJobQueue(file: string, options: JobQueueOptions = {}): JobQueue {
  const {
    clock = systemClock,
    monotonic = () => performance.now(),
    schedule = afterMs,
    pollMs = 200,
    lockMs = 8 * SECOND,
    onError = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
  } = options;
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  const table = createJobTable(database);
  // From here on waiting is done between tries, off this thread (group-commit.ts), not inside the driver.
  database.exec('PRAGMA busy_timeout = 20');
  const commits = createGroupCommit(database, { afterCommit: () => undefined, patienceMs: PATIENCE_MS });
  const workers = new Map<Worker, string>();
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await Promise.all([...workers.keys()].map((worker) => worker.stop()));
    await commits.idle();
    database.close();
  }

  return {
    async add({ id, name, data, delayMs = 0, attempts = DEFAULT_ATTEMPTS }) {
      checkName('id', id);
      checkName('name', name);
      checkJson(`the data of job ${id}`, data);
      if (!(delayMs >= 0 && Number.isFinite(delayMs))) throw new RangeError('delayMs must be a span of time');
      if (!Number.isSafeInteger(attempts) || attempts < 1) throw new RangeError('a job needs at least one attempt');
      const added = await commits.submit(() =>
        table.add({ id, name, data, dueAt: clock.now() + Math.ceil(delayMs), maxAttempts: attempts }),
      );
      if (added) for (const [worker, works] of workers) if (works === name) worker.wake();
      return added;
    },

    async get(id) {
      checkName('id', id);
      return table.get(id);
    },

    async list(name) {
      checkName('name', name);
      return table.list(name);
    },

    work(name, handler) {
      checkName('name', name);
      if (closing) throw new Error(`${file} is closed`);
      const worker = startWorker(
        { table, commits, clock, monotonic, schedule, pollMs, lockMs, onError },
        name,
        handler,
      );
      workers.set(worker, name);
      return async () => {
        await worker.stop();
        workers.delete(worker);
      };
    },

    close: () => (closing ??= close()),
  };
}

function afterMs(call: () => void, ms: number): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

/** Checked before a write is queued, because the writes of a group must not throw. */
function checkName(what: string, name: string): void {
  if (name === '' || name.includes('\0')) throw new RangeError(`the ${what} of a job must be text without NUL`);
}
