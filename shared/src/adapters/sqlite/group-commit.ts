/**
 * Group commit: writes requested in the same turn of the event loop share one transaction, and so one fsync. The throughput is
 * several times that of one durable commit each, and no caller is acknowledged before COMMIT has returned.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isBusy, StoreBusy, StoreFailed } from '../../store-errors.js';
import type { Clock } from '../../time.js';
import { retry } from '../../waiting.js';
import type { SqlDatabase } from './database.js';

export interface GroupCommit {
  /**
   * Runs `work` inside the next transaction, in the order of the calls, and returns its result once that is durable. `work` may run
   * again if the lock was taken, and must not throw: that would undo the writes of the whole group.
   * Rejects with StoreBusy (nothing was written) or StoreFailed (outcome unknown; every later call is refused too).
   */
  submit<T>(work: () => T): Promise<T>;
  /** Resolves when everything submitted so far is done. */
  idle(): Promise<void>;
}

/** One caller: `run` does the work and returns how to acknowledge it. */
interface Waiting {
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_GROUP = 256;
const MAX_WAITING = 10_000;
const RETRY_MS = 20;

export function createGroupCommit(
  database: SqlDatabase,
  { afterCommit, patienceMs, clock }: { afterCommit: () => void; patienceMs: number; clock: Clock },
): GroupCommit {
  const waiting: Waiting[] = [];
  let draining: Promise<void> | null = null;
  let failure: StoreFailed | null = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await nextTurn();
      await commit(waiting.splice(0, MAX_GROUP));
    }
    draining = null;
  }

  async function commit(group: readonly Waiting[]): Promise<void> {
    try {
      const acknowledge = await transact(group);
      acknowledge.forEach((done) => done());
    } catch (error) {
      if (error instanceof StoreFailed) failure = error;
      group.forEach(({ reject }) => reject(error));
      return;
    }
    afterCommit();
  }

  async function transact(group: readonly Waiting[]): Promise<(() => void)[]> {
    return retry(clock, { patienceMs, pauseMs: RETRY_MS, isTransient: isBusy }, () => {
      if (failure) throw failure;
      return database.immediate(() => group.map(({ run }) => run()));
    });
  }

  return {
    submit<T>(work: () => T): Promise<T> {
      if (failure) return Promise.reject(failure);
      if (waiting.length >= MAX_WAITING)
        return Promise.reject(new StoreBusy(database.file, 'has too many writes waiting'));
      return new Promise<T>((resolve, reject) => {
        const run = () => {
          const result = work();
          return () => resolve(result);
        };
        waiting.push({ run, reject });
        draining ??= drain();
      });
    },
    async idle() {
      await draining;
    },
  };
}
