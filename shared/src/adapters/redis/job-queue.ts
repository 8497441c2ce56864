/** The job queue in Redis, on BullMQ. Any number of processes on any number of hosts may add and work. */
import type { JobQueue } from '../../ports.js';
import { SECOND } from '../../time.js';
import { createJobQueue } from '../job-queue.js';
import { type WorkerOptions, workerOptions } from '../job-worker.js';
import { openConnection } from './connection.js';
import { createJobStore } from './job-store.js';
import { checkPrefix } from './keys.js';
import { parseRedisUrl } from './url.js';
import { checkServer } from './server-checks.js';

export interface JobQueueOptions extends Partial<WorkerOptions> {
  /** Begins every key, in braces: `{<prefix>}:…`; letters, digits, "_", "." and "-". */
  readonly prefix?: string;
  /** How long a call waits for a connection, and then for its answer; 1 s and 2 s unless given. */
  readonly answerMs?: number;
}

/** Their sum is the longest wait of a caller while Redis is away. */
const CONNECT_MS = 1 * SECOND;
const ANSWER_MS = 2 * SECOND;

/**
 * Opens the queue at `url` without waiting for Redis. While it is away, calls reject with StoreUnavailable within 3 s, and
 * workers wait. A Redis that comes back empty has lost the jobs: their owners must add them again. Throws RangeError for an invalid
 * URL or prefix.
 */
export function openRedisJobQueue(url: string, options: JobQueueOptions = {}): JobQueue {
  const { prefix = parseRedisUrl(url).prefix, answerMs, ...given } = options;
  const working = workerOptions(given);
  checkPrefix(prefix);
  const reported = new Set<string>();
  const connection = openConnection(url, {
    connectMs: answerMs ?? CONNECT_MS,
    answerMs: answerMs ?? ANSWER_MS,
    clock: working.clock,
    onError: working.onError,
    onReady() {
      void checkServer(connection, (fault) => {
        if (!reported.has(fault.message)) working.onError(fault);
        reported.add(fault.message);
      });
    },
  });
  const store = createJobStore(connection, { prefix, ...working });
  return createJobQueue({ ...working, store, closeStore: () => connection.close() });
}
