/** Tells when a file has changed: at once for commits of this process, by a slow poll for those of others. */
import type { EventStore } from '../../ports.js';
import type { Dispatch } from '../../reader/dispatch.js';
import type { Clock } from '../../time.js';
import type { SqlDatabase } from './database.js';

export interface WakeUps {
  readonly subscribe: EventStore['onAppend'];
  /** Call it after a commit of this connection, which the poll does not see. */
  readonly notify: () => void;
  close(): void;
}

export function createWakeUps(
  database: SqlDatabase,
  dispatch: Dispatch,
  clock: Pick<Clock, 'after'>,
  pollMs: number,
): WakeUps {
  /** Changes when another connection, of this process or another, has committed. */
  const version = database.prepare<{ data_version: number }>('PRAGMA data_version');
  let cancelPoll: (() => void) | null = null;
  let seen: number | undefined;
  let notifying = false;

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
      dispatch.appended();
    }
  }

  function stop(): void {
    cancelPoll?.();
    cancelPoll = null;
  }

  return {
    subscribe(wake, follower) {
      const unfollow = dispatch.follow(wake, follower);
      if (!cancelPoll) {
        seen = version.get()?.data_version;
        pollLater();
      }
      return () => {
        unfollow();
        if (!dispatch.isFollowed()) stop();
      };
    },
    notify() {
      if (notifying) return;
      notifying = true;
      setImmediate(() => {
        notifying = false;
        dispatch.appended();
      });
    },
    close() {
      stop();
      dispatch.close();
    },
  };
}
