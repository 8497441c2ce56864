/** Has followers store how far they have passed, all of one pace together: at once after a pause, and not more often than that pace. */
import type { RecordedEvent } from '../ports.js';
import type { Clock } from '../time.js';
import type { Follower } from './follower.js';

export interface Storing {
  passed(follower: Follower<RecordedEvent>): void;
  /** Stores what is due, and the rest later. */
  soon(): void;
  forget(follower: Follower<RecordedEvent>): void;
  close(): void;
}

interface Pace {
  passed: Set<Follower<RecordedEvent>>;
  storedAt: number;
  cancel: (() => void) | null;
}

export function createStoring(clock: Pick<Clock, 'monotonic' | 'after'>): Storing {
  /** By milliseconds. */
  const paces = new Map<number, Pace>();

  function paceOf(ms: number): Pace {
    const pace = paces.get(ms) ?? { passed: new Set(), storedAt: -Infinity, cancel: null };
    paces.set(ms, pace);
    return pace;
  }

  function store(pace: Pace): void {
    pace.cancel?.();
    pace.cancel = null;
    pace.storedAt = clock.monotonic();
    const all = pace.passed;
    pace.passed = new Set();
    for (const follower of all) follower.store();
  }

  return {
    passed: (follower) => void paceOf(follower.storeMs).passed.add(follower),
    soon() {
      for (const [ms, pace] of paces) {
        if (pace.passed.size === 0) continue;
        const dueIn = pace.storedAt + ms - clock.monotonic();
        if (dueIn <= 0) store(pace);
        else pace.cancel ??= clock.after(dueIn, () => store(pace));
      }
    },
    forget: (follower) => void paces.get(follower.storeMs)?.passed.delete(follower),
    close() {
      for (const { cancel } of paces.values()) cancel?.();
      paces.clear();
    },
  };
}
