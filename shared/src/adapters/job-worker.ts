/** One worker of a job queue: takes the jobs of one name one at a time, sends heartbeats, settles them. */
import type { Job, JobRun, JsonObject } from '../ports.js';
import { MINUTE, SECOND, systemClock, type Clock } from '../time.js';
import { checkJson } from './documents.js';
import { startLoop, type Worker } from './job-loop.js';

/** An engine's store of jobs. `Lock` is what a worker holds while it runs a job; the same lock is never given out twice. */
export interface JobStore<Lock> {
  /** False when a job with this id is waiting or active. */
  add(job: NewJob): Promise<boolean>;
  get(id: string): Promise<Job | null> | Job | null;
  list(name: string): Promise<Job[]> | Job[];
  /**
   * For one worker: begins the next job that is due, or whose worker died; null if there is none. A job that killed too many workers
   * fails instead.
   */
  next(name: string): () => Promise<Begun<Lock> | null>;
  /** A heartbeat. This and the following return false if the lock was lost; then they change nothing. */
  beat(lock: Lock): Promise<boolean>;
  progress(lock: Lock, progress: JsonObject): Promise<boolean>;
  complete(lock: Lock): Promise<boolean>;
  fail(lock: Lock, error: string): Promise<boolean>;
  /** To be tried again after a failure, `delayMs` from now. */
  retry(lock: Lock, error: string, delayMs: number): Promise<boolean>;
  /** To be run again by another worker, through no fault of its own. */
  release(lock: Lock): Promise<boolean>;
}

export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly data: JsonObject;
  /** A whole number. */
  readonly delayMs: number;
  readonly attempts: number;
}

/** A job that was just begun, with what is needed to settle it. */
export interface Begun<Lock> {
  readonly job: Job;
  readonly lock: Lock;
  /** How often a handler of this job has failed, and how often it may. */
  readonly failures: number;
  readonly maxAttempts: number;
}

export interface WorkerOptions {
  /** Its time of day must be the same in all processes, for delays and back-off. */
  readonly clock: Clock;
  /** How often an idle worker looks for jobs that another process added, that came due, or that lost their worker. */
  readonly pollMs: number;
  /** A lock without a heartbeat for this long may be taken over. Heartbeats come four times as often. */
  readonly lockMs: number;
  /** Pause before the attempt after the first failure; it doubles with each failure, up to a minute. */
  readonly backOffMs: number;
  /** Called for errors of the store, once for a row of them: the worker goes on trying. */
  readonly onError: (error: unknown) => void;
}

const BEATS_PER_LOCK = 4;
const MAX_ERROR_LENGTH = 2_000;

/** Defaults are those of production. */
export function workerOptions({ onError = warn, ...given }: Partial<WorkerOptions>): WorkerOptions {
  return {
    clock: systemClock,
    pollMs: 1 * SECOND,
    lockMs: 8 * SECOND,
    backOffMs: 1 * SECOND,
    ...given,
    onError,
  };
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}

export function startWorker<Lock>(
  store: JobStore<Lock>,
  options: WorkerOptions,
  name: string,
  handler: (run: JobRun) => Promise<void>,
): Worker {
  return startLoop<Begun<Lock>>({
    next: store.next(name),
    run: (begun, stopping) => runJob(store, options, begun, handler, stopping),
    release: ({ lock }) => store.release(lock),
    clock: options.clock,
    pollMs: options.pollMs,
    onError: options.onError,
  });
}

/** Runs a begun job to its end. Rejects only when the store fails; then the job is run again once its lock is free. */
async function runJob<Lock>(
  store: JobStore<Lock>,
  options: WorkerOptions,
  { job, lock, failures, maxAttempts }: Begun<Lock>,
  handler: (run: JobRun) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  const abort = new AbortController();
  let lost = false;
  const stop = () => abort.abort(stopping.reason);
  const lose = () => {
    lost = true;
    abort.abort(new Error(`the lock of job ${job.id} was lost`));
  };
  stopping.addEventListener('abort', stop);
  const heart = startHeart(options, () => store.beat(lock), lose);

  const run: JobRun = {
    job,
    signal: abort.signal,
    async progress(progress: JsonObject) {
      checkJson(`the progress of job ${job.id}`, progress);
      if (!lost && !(await store.progress(lock, progress))) lose();
      if (lost) throw abort.signal.reason;
    },
  };
  const failure = await failureOf(() => handler(run));
  heart.stop();
  stopping.removeEventListener('abort', stop);
  if (lost) return;
  if (failure === null) await store.complete(lock);
  else if (stopping.aborted) await store.release(lock);
  else if (failures + 1 >= maxAttempts) await store.fail(lock, failure);
  else await store.retry(lock, failure, Math.min(options.backOffMs * 2 ** failures, MINUTE));
}

/** Sends heartbeats until it is stopped or the lock was lost, certainly or as far as this process can know. */
function startHeart(
  { clock, lockMs, onError }: WorkerOptions,
  give: () => Promise<boolean>,
  lose: () => void,
): { stop(): void } {
  const beatMs = lockMs / BEATS_PER_LOCK;
  let provenAt = clock.monotonic();
  let stopped = false;
  let told = false;
  let cancel = clock.after(beatMs, () => void beat());

  async function beat(): Promise<void> {
    const at = clock.monotonic();
    try {
      if (await give()) provenAt = at;
      else if (!stopped) return lose();
      told = false;
    } catch (error) {
      if (!told) onError(error);
      told = true;
      if (!stopped && clock.monotonic() - provenAt >= lockMs) return lose(); // others may already consider this worker dead
    }
    if (!stopped) cancel = clock.after(beatMs, () => void beat());
  }
  return {
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** The error that a handler failed with, as text; null if it did not fail. */
async function failureOf(handle: () => Promise<void>): Promise<string | null> {
  try {
    await handle();
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replaceAll('\0', '').slice(0, MAX_ERROR_LENGTH) || 'failed without a message';
  }
}
