/** The JobQueue port, on top of an engine's job store. */
import type { JobQueue } from '../ports.js';
import { checkJson } from './documents.js';
import type { Worker } from './job-loop.js';
import { type JobStore, startWorker, type WorkerOptions } from './job-worker.js';

export interface JobQueueOptions<Lock> extends WorkerOptions {
  readonly store: JobStore<Lock>;
  /** Ends the store; called once, after the last worker ended. */
  readonly closeStore: () => Promise<void>;
}

const DEFAULT_ATTEMPTS = 3;

export function createJobQueue<Lock>(options: JobQueueOptions<Lock>): JobQueue {
  const { store, closeStore } = options;
  const workers = new Map<Worker, string>();
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await Promise.all([...workers.keys()].map((worker) => worker.stop()));
    await closeStore();
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
      const worker = startWorker(store, options, name, handler);
      workers.set(worker, name);
      return async () => {
        await worker.stop();
        workers.delete(worker);
      };
    },

    close: () => (closing ??= close()),
  };
}

/** Checked before the store is called: in SQLite, the writes of a group must not throw. */
function checkText(what: string, text: string): void {
  if (text === '' || text.includes('\0')) throw new RangeError(`the ${what} of a job must be text without NUL`);
}
