/** One worker of the job queue: takes the jobs of a name one at a time, shows signs of life, settles them. */
import { randomUUID } from 'node:crypto';
import type { JobRun, JsonObject } from '../../ports.js';
import { MINUTE, SECOND } from '../../time.js';
import { checkJson } from '../documents.js';
import { outcomeOf, startLoop, type Worker } from '../job-loop.js';
import type { Begun, JobStore } from './job-store.js';

export interface WorkerPorts {
  readonly store: JobStore;
  readonly monotonic: () => number;
  readonly schedule: (call: () => void, ms: number) => () => void;
  readonly pollMs: number;
  readonly lockMs: number;
  readonly recoverMs: number;
  /** Wait before the attempt after the first failure; it doubles with each, up to a minute. */
  readonly backOffMs: number;
  readonly onError: (error: unknown) => void;
}

const BEATS_PER_LOCK = 4;
const MAX_PAUSE_MS = 2 * SECOND;

export function startWorker(ports: WorkerPorts, name: string, handler: (run: JobRun) => Promise<void>): Worker {
  const { store, monotonic, schedule, pollMs, recoverMs, onError } = ports;
  let recoveredAt = -Infinity;

  async function next(): Promise<Begun | null> {
    if (monotonic() - recoveredAt >= recoverMs) {
      await store.recover(name);
      recoveredAt = monotonic();
    }
    return store.begin(name, randomUUID());
  }

  return startLoop<Begun>({
    next,
    run: (begun, stopping) => runJob(ports, begun, handler, stopping),
    release: ({ lock }) => store.release(lock),
    schedule,
    pollMs,
    maxPauseMs: MAX_PAUSE_MS,
    onError,
  });
}

/** Runs a begun job to its end. Rejects only when Redis fails; then the job is run again once its lock is free. */
async function runJob(
  ports: WorkerPorts,
  { job, lock, failures, maxAttempts, deadly }: Begun,
  handler: (run: JobRun) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  const { store, backOffMs } = ports;
  if (deadly !== null) {
    const attempts = job.attempts - 1; // this one is not begun
    await store.fail(lock, { error: `its worker died ${deadly} times`, attempts });
    return;
  }
  const abort = new AbortController();
  let lost = false;
  const stop = () => abort.abort(stopping.reason);
  const lose = () => {
    lost = true;
    abort.abort(new Error(`the lock of job ${job.id} was lost`));
  };
  stopping.addEventListener('abort', stop);
  const heart = startHeart(ports, () => store.beat(lock), lose);

  const run: JobRun = {
    job,
    signal: abort.signal,
    async progress(progress: JsonObject) {
      checkJson(`the progress of job ${job.id}`, progress);
      if (!lost && !(await store.progress(lock, progress))) lose();
      if (lost) throw abort.signal.reason;
    },
  };
  const failure = await outcomeOf(() => handler(run));
  heart.stop();
  stopping.removeEventListener('abort', stop);
  if (lost) return;
  if (failure === null) await store.complete(lock);
  else if (stopping.aborted) await store.release(lock);
  else if (failures + 1 >= maxAttempts) await store.fail(lock, { error: failure, attempts: job.attempts });
  else await store.retry(lock, { error: failure, delayMs: Math.min(backOffMs * 2 ** failures, MINUTE) });
}

/** Gives signs of life until it is stopped, or the lock was lost, surely or for all that this process can know. */
function startHeart(
  { monotonic, schedule, lockMs, onError }: WorkerPorts,
  give: () => Promise<boolean>,
  lose: () => void,
): { stop(): void } {
  const beatMs = lockMs / BEATS_PER_LOCK;
  let provenAt = monotonic();
  let stopped = false;
  let cancel = schedule(() => void beat(), beatMs);

  async function beat(): Promise<void> {
    const at = monotonic();
    try {
      if (await give()) provenAt = at;
      else if (!stopped) return lose();
    } catch (error) {
      onError(error);
      if (!stopped && monotonic() - provenAt >= lockMs) return lose(); // others may well think that this worker is dead
    }
    if (!stopped) cancel = schedule(() => void beat(), beatMs);
  }
  return {
    stop() {
      stopped = true;
      cancel();
    },
  };
}
