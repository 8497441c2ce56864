/** Wakes subscribers when a file has changed: at once for commits of this process, by a slow poll for those of others. */
import type { Clock } from '../../time.js';
import type { SqlDatabase } from './database.js';

export interface WakeUps {
  readonly subscribe: (wake: () => void) => () => void;
  /** Call it after a commit of this connection, which the poll does not see. */
  readonly notify: () => void;
  close(): void;
}

export function createWakeUps(database: SqlDatabase, clock: Pick<Clock, 'after'>, pollMs: number): WakeUps {
  /** Changes when another connection, of this process or another, has committed. */
  const version = database.prepare<{ data_version: number }>('PRAGMA data_version');
  /** One entry per subscription: the same function may subscribe twice. */
  const subscribers = new Set<{ wake: () => void }>();
  let cancelPoll: (() => void) | null = null;
  let seen: number | undefined;
  let notifying = false;

  const wakeAll = () => subscribers.forEach(({ wake }) => wake());

  function pollLater(): void {
    cancelPoll = clock.after(pollMs, () => {
      pollLater();
      poll();
    });
  }

  function poll(): void {
    let current: number | undefined;
    try {
      current = version.get()?.data_version;
    } catch {
      return; // A wake-up is only a hint; the next read meets the error and reports it.
    }
    if (current !== seen) {
      seen = current;
      wakeAll();
    }
  }

  function stop(): void {
    cancelPoll?.();
    cancelPoll = null;
  }

  return {
    subscribe(wake) {
      const subscriber = { wake };
      subscribers.add(subscriber);
      if (!cancelPoll) {
        seen = version.get()?.data_version;
        pollLater();
      }
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size === 0) stop();
      };
    },
    notify() {
      if (notifying) return;
      notifying = true;
      setImmediate(() => {
        notifying = false;
        wakeAll();
      });
    },
    close() {
      stop();
      subscribers.clear();
    },
  };
}
