/** The job queue in Redis, on BullMQ. Any number of processes on any number of hosts may add and work. */
import type { JobQueue } from '../../ports.js';
import { SECOND } from '../../time.js';
import { checkJson } from '../documents.js';
import type { Worker } from '../job-loop.js';
import { openConnection } from './connection.js';
import { createJobStore } from './job-store.js';
import { startWorker } from './job-worker.js';
import { checkPrefix } from './keys.js';
import { parseRedisUrl } from './url.js';
import { checkServer } from './server-checks.js';

export interface JobQueueOptions {
  /** Begins every key, in braces: `{<prefix>}:…`; letters, digits, "_", "." and "-". */
  readonly prefix?: string;
  /** How often an idle worker looks for jobs that other processes added, came due, or lost their worker. */
  readonly pollMs?: number;
  /** A lock without a sign of life for this long, by the server's clock, is free. Signs of life come four times as often. */
  readonly lockMs?: number;
  /** Wait before the attempt after the first failure; it doubles with each, up to a minute. */
  readonly backOffMs?: number;
  /** Milliseconds that only ever increase, of this process alone. */
  readonly monotonic?: () => number;
  /** Calls once, `ms` from now; answers how to cancel that. */
  readonly schedule?: (call: () => void, ms: number) => () => void;
  /** Told of faults of Redis while working, which the worker outlives, and of faults of its configuration. */
  readonly onError?: (error: unknown) => void;
}

const DEFAULT_ATTEMPTS = 3;
/** Together the longest wait of a caller while Redis is away. */
const CONNECT_MS = 1 * SECOND;
const ANSWER_MS = 2 * SECOND;
/** Looks for free locks in the span after which one is free. */
const LOOKS_PER_LOCK = 4;

/**
 * Opens the queue at `url` without waiting for Redis. While it is away, calls reject with StoreUnavailable within 3 s, and
 * workers wait. A Redis that comes back empty has lost the jobs: whoever needs them adds them again. The clocks of all
 * hosts must agree, for delays and back-off. Throws RangeError for a URL or prefix that is none.
 */
export function openRedisJobQueue(url: string, options: JobQueueOptions = {}): JobQueue {
  const {
    prefix = parseRedisUrl(url).prefix,
    pollMs = 200,
    lockMs = 8 * SECOND,
    backOffMs = 1 * SECOND,
    monotonic = () => performance.now(),
    schedule = afterMs,
    onError = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
  } = options;
  checkPrefix(prefix);
  const told = new Set<string>();
  const connection = openConnection(url, {
    connectMs: CONNECT_MS,
    answerMs: ANSWER_MS,
    onError,
    onReady() {
      void checkServer(connection, (fault) => {
        if (!told.has(fault.message)) onError(fault);
        told.add(fault.message);
      });
    },
  });
  const recoverMs = Math.ceil(lockMs / LOOKS_PER_LOCK);
  const store = createJobStore(connection, { prefix, lockMs, recoverMs });
  const workers = new Map<Worker, string>();
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await Promise.all([...workers.keys()].map((worker) => worker.stop()));
    await connection.close();
  }

  return {
    async add({ id, name, data, delayMs = 0, attempts = DEFAULT_ATTEMPTS }) {
      checkText('id', id);
      checkText('name', name);
      checkJson(`the data of job ${id}`, data);
      if (!(delayMs >= 0 && Number.isFinite(delayMs))) throw new RangeError('delayMs must be a span of time');
      if (!Number.isSafeInteger(attempts) || attempts < 1) throw new RangeError('a job needs at least one attempt');
      const added = await store.add({ id, name, data, delayMs: Math.ceil(delayMs), attempts });
      if (added) for (const [worker, works] of workers) if (works === name) worker.wake();
      return added;
    },

    async get(id) {
      checkText('id', id);
      return store.get(id);
    },

    async list(name) {
      checkText('name', name);
      return store.list(name);
    },

    work(name, handler) {
      checkText('name', name);
      if (closing) throw new Error('the job queue is closed');
      const ports = { store, monotonic, schedule, pollMs, lockMs, recoverMs, backOffMs, onError };
      const worker = startWorker(ports, name, handler);
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

/** The same that the queue in a file demands. */
function checkText(what: string, text: string): void {
  if (text === '' || text.includes('\0')) throw new RangeError(`the ${what} of a job must be text without NUL`);
}
