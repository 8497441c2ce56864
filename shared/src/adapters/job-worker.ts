/** One worker of a job queue: takes the jobs of a name one at a time, shows signs of life, settles them. */
import type { Job, JobRun, JsonObject } from '../ports.js';
import { MINUTE, SECOND, systemClock, type Clock } from '../time.js';
import { checkJson } from './documents.js';
import { startLoop, type Worker } from './job-loop.js';

/** What an engine stores of jobs. `Lock` is what a worker holds while it runs a job; it is never given out twice. */
export interface JobStore<Lock> {
  /** False when a job with this id is waiting or active. */
  add(job: NewJob): Promise<boolean>;
  get(id: string): Promise<Job | null> | Job | null;
  list(name: string): Promise<Job[]> | Job[];
  /**
   * For a worker of its own: begins the next job that is due, or whose worker died; null when there is none. A job that
   * killed too many workers is failed instead.
   */
  next(name: string): () => Promise<Begun<Lock> | null>;
  /** A sign of life. This and the following are false when the lock was lost; then they change nothing. */
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
  /** Times that a handler of it failed before, and how often it may. */
  readonly failures: number;
  readonly maxAttempts: number;
}

export interface WorkerOptions {
  /** All processes must agree about its time of day, for delays and back-off. */
  readonly clock: Clock;
  /** How often an idle worker looks for jobs that other processes added, came due, or lost their worker. */
  readonly pollMs: number;
  /** A lock without a sign of life for this long may be taken over. Signs of life come four times as often. */
  readonly lockMs: number;
  /** Wait before the attempt after the first failure; it doubles with each, up to a minute. */
  readonly backOffMs: number;
  /** Hears of faults of the store while working: the worker goes on trying. */
  readonly onError: (error: unknown) => void;
}

const BEATS_PER_LOCK = 4;
const MAX_ERROR_LENGTH = 2_000;

/** What is not given is as the product runs. */
export function workerOptions({ onError = warn, ...given }: Partial<WorkerOptions>): WorkerOptions {
  return {
    clock: systemClock,
    pollMs: 200,
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

/** Gives signs of life until it is stopped, or the lock was lost, surely or for all that this process can know. */
function startHeart(
  { clock, lockMs, onError }: WorkerOptions,
  give: () => Promise<boolean>,
  lose: () => void,
): { stop(): void } {
  const beatMs = lockMs / BEATS_PER_LOCK;
  let provenAt = clock.monotonic();
  let stopped = false;
  let cancel = clock.after(beatMs, () => void beat());

  async function beat(): Promise<void> {
    const at = clock.monotonic();
    try {
      if (await give()) provenAt = at;
      else if (!stopped) return lose();
    } catch (error) {
      onError(error);
      if (!stopped && clock.monotonic() - provenAt >= lockMs) return lose(); // others may well think that this worker is dead
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

/** What a handler failed with, as text; null when it did not fail. */
async function failureOf(handle: () => Promise<void>): Promise<string | null> {
  try {
    await handle();
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replaceAll('\0', '').slice(0, MAX_ERROR_LENGTH) || 'failed without a message';
  }
}
