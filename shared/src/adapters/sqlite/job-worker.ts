/** One worker of the job queue: takes the jobs of a name one at a time, shows signs of life, settles them. */
import type { JobRun, JsonObject } from '../../ports.js';
import { type Clock, MINUTE, SECOND } from '../../time.js';
import { checkJson } from '../documents.js';
import { outcomeOf, startLoop, type Worker } from '../job-loop.js';
import type { GroupCommit } from './group-commit.js';
import type { Begun, JobTable, SeenLock } from './job-table.js';

export interface WorkerPorts {
  readonly table: JobTable;
  readonly commits: Pick<GroupCommit, 'submit'>;
  readonly clock: Clock;
  readonly monotonic: () => number;
  readonly schedule: (call: () => void, ms: number) => () => void;
  readonly pollMs: number;
  readonly lockMs: number;
  readonly onError: (error: unknown) => void;
}

const BEATS_PER_LOCK = 4;
const MAX_PAUSE_MS = 5 * SECOND;

/** Wait before the attempt after the n-th failure: 1 s, 2 s, 4 s … a minute at most. */
export function backOffMs(failures: number): number {
  return Math.min(SECOND * 2 ** (failures - 1), MINUTE);
}

export function startWorker(ports: WorkerPorts, name: string, handler: (run: JobRun) => Promise<void>): Worker {
  const { table, commits, clock, schedule, pollMs, onError } = ports;
  const silences = createSilences(ports);

  async function next(): Promise<Begun | null> {
    // Looked for twice: without a transaction, so that idle workers take no lock, and inside one, so that it is still there.
    const due = () => table.nextDue(name, clock.now());
    if (due()) {
      return commits.submit(() => {
        const job = due();
        return job ? table.begin(job) : null;
      });
    }
    const silent = silences.find(table.active(name));
    return silent && commits.submit(() => table.takeOver(silent, clock.now()));
  }

  return startLoop<Begun>({
    next,
    run: (begun, stopping) => runJob(ports, begun, handler, stopping),
    release: ({ lock }) => commits.submit(() => table.release(lock, clock.now())),
    schedule,
    pollMs,
    maxPauseMs: MAX_PAUSE_MS,
    onError,
  });
}

/** Watches locks from look to look: a death is known by what did not move, measured on our own clock alone. */
function createSilences({ monotonic, lockMs }: Pick<WorkerPorts, 'monotonic' | 'lockMs'>) {
  let seen = new Map<string, SeenLock & { since: number }>();
  return {
    /** A lock that has stood still for lockMs while this worker was watching, if any. */
    find(locks: readonly SeenLock[]): SeenLock | null {
      const now = monotonic();
      const before = seen;
      seen = new Map(
        locks.map((lock) => {
          const last = before.get(lock.id);
          const still = last?.token === lock.token && last.beat === lock.beat;
          return [lock.id, still ? last : { ...lock, since: now }];
        }),
      );
      return [...seen.values()].find(({ since }) => now - since >= lockMs) ?? null;
    },
  };
}

/** Runs a begun job to its end. Rejects only when the store fails; then the job is run again once its lock went silent. */
async function runJob(
  { table, commits, clock, monotonic, schedule, lockMs, onError }: WorkerPorts,
  { job, lock, failures, maxAttempts }: Begun,
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
  const heart = startHeart();

  function startHeart() {
    const beatMs = lockMs / BEATS_PER_LOCK;
    let provenAt = monotonic();
    let cancel = schedule(() => void beat(), beatMs);
    let stopped = false;
    async function beat(): Promise<void> {
      const at = monotonic();
      try {
        if (await commits.submit(() => table.beat(lock))) provenAt = at;
        else return lose();
      } catch (error) {
        onError(error);
        if (monotonic() - provenAt >= lockMs) return lose(); // others may well think that this worker is dead
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

  const run: JobRun = {
    job,
    signal: abort.signal,
    async progress(progress: JsonObject) {
      checkJson(`the progress of job ${job.id}`, progress);
      if (!lost && !(await commits.submit(() => table.progress(lock, progress)))) lose();
      if (lost) throw abort.signal.reason;
    },
  };
  const failure = await outcomeOf(() => handler(run));
  heart.stop();
  stopping.removeEventListener('abort', stop);
  if (lost) return;
  await commits.submit(() => {
    const now = clock.now();
    if (failure === null) return table.finish(lock, { error: null, now });
    if (stopping.aborted) return table.release(lock, now);
    if (failures + 1 >= maxAttempts) return table.finish(lock, { error: failure, now });
    return table.retry(lock, { error: failure, dueAt: now + backOffMs(failures + 1) });
  });
}
