/** The job queue in a SQLite file. Any number of processes on one machine may add and work. */
import type { JobQueue } from '../../ports.js';
import { SECOND } from '../../time.js';
import { createJobQueue } from '../job-queue.js';
import { type WorkerOptions, workerOptions } from '../job-worker.js';
import { openDatabase } from './database.js';
import { createGroupCommit } from './group-commit.js';
import { createJobStore } from './job-store.js';
import { createJobTable } from './job-table.js';

const PATIENCE_MS = 10 * SECOND;

/** Opens the queue in `file`, and creates what is missing. Throws StoreFailed. */
export function openJobQueue(file: string, given: Partial<WorkerOptions> = {}): JobQueue {
  const working = workerOptions(given);
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  const table = createJobTable(database);
  // From here on, waiting for locks happens between tries (group-commit.ts) and does not block this thread inside the driver.
  database.exec('PRAGMA busy_timeout = 20');
  const commits = createGroupCommit(database, {
    afterCommit: () => undefined,
    patienceMs: PATIENCE_MS,
    clock: working.clock,
  });
  return createJobQueue({
    ...working,
    store: createJobStore(table, commits, working),
    async closeStore() {
      await commits.idle();
      database.close();
    },
  });
}
