/** The job table as workers use it, each change in a transaction; and how they detect that another worker died. */
import type { Clock } from '../../time.js';
import type { Begun, JobStore } from '../job-worker.js';
import type { GroupCommit } from './group-commit.js';
import type { JobTable, Lock, SeenLock } from './job-table.js';

interface Options {
  /** Its time of day decides what is due, its monotonic time how long other workers have been silent. */
  readonly clock: Clock;
  readonly lockMs: number;
}

export function createJobStore(
  table: JobTable,
  commits: Pick<GroupCommit, 'submit'>,
  { clock, lockMs }: Options,
): JobStore<Lock> {
  /** Ends a job that was begun: completed, or failed with an error. */
  const finish = (lock: Lock, error: string | null) =>
    commits.submit(() => table.finish(lock, { error, now: clock.now() }));

  return {
    add: ({ delayMs, attempts, ...job }) =>
      commits.submit(() => table.add({ ...job, dueAt: clock.now() + delayMs, maxAttempts: attempts })),
    get: (id) => table.get(id),
    list: (name) => table.list(name),

    next(name) {
      const silences = createSilences({ clock, lockMs });
      // Looked for twice: first without a transaction, so that idle workers take no lock, then inside one, to be sure that it is still there.
      const due = () => table.nextDue(name, clock.now());
      return async (): Promise<Begun<Lock> | null> => {
        if (due()) {
          return commits.submit(() => {
            const job = due();
            return job ? table.begin(job) : null;
          });
        }
        const silent = silences.find(table.active(name));
        return silent && commits.submit(() => table.takeOver(silent, clock.now()));
      };
    },

    beat: (lock) => commits.submit(() => table.beat(lock)),
    progress: (lock, progress) => commits.submit(() => table.progress(lock, progress)),
    complete: (lock) => finish(lock, null),
    fail: finish,
    retry: (lock, error, delayMs) => commits.submit(() => table.retry(lock, { error, dueAt: clock.now() + delayMs })),
    release: (lock) => commits.submit(() => table.release(lock, clock.now())),
  };
}

/** Watches locks between checks: a worker whose lock did not change is dead, measured by our own clock only. */
function createSilences({ clock, lockMs }: Options) {
  let seen = new Map<string, SeenLock & { since: number }>();
  return {
    /** A lock that did not change for lockMs while this worker watched it, if there is one. */
    find(locks: readonly SeenLock[]): SeenLock | null {
      const now = clock.monotonic();
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
