/**
 * Hands round what is appended, read once for all consumers of the process. One that takes none of it passes over it at once, and is
 * not woken; how far those are is stored together. All others are woken and read for themselves, each at its own pace.
 */
import type { Position, RecordedEvent } from '../ports.js';
import type { Follower } from './follower.js';
import type { Clock } from '../time.js';
import { createStoring } from './storing.js';

export interface DispatchOptions {
  /** What is known to follow a position, at most so many; null where that must be asked for. It may throw. */
  readonly next: (after: Position, limit: number) => readonly RecordedEvent[] | null;
  /** Up to where the log is known. It may throw. */
  readonly end: () => Position;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
}

export interface Dispatch {
  /** As EventStore.onAppend. */
  follow(wake: () => void, follower?: Follower<RecordedEvent>): () => void;
  /** Something was appended. */
  appended(): void;
  /** All are to look for themselves. */
  wakeAll(): void;
  isFollowed(): boolean;
  close(): void;
}

/** How many events are handed round at once. */
const PAGE = 1_000;
/** Who is further behind than so many pages is woken anyway. */
const PAGES = 4;

interface Entry {
  readonly wake: () => void;
  readonly follower: Follower<RecordedEvent> | undefined;
}

export function createDispatch({ next, end, clock }: DispatchOptions): Dispatch {
  /** One for each call: the same function may follow twice. */
  const entries = new Set<Entry>();
  /** Handed round up to here; null where that is not known. */
  let from: Position | null = null;
  const storing = createStoring(clock);

  function wakeAll(): void {
    for (const { wake } of entries) wake();
    from = null;
  }

  function handRound(after: Position, page: readonly RecordedEvent[]): void {
    for (const { wake, follower } of entries) {
      if (follower?.passes(after, page)) storing.passed(follower);
      else wake();
    }
  }

  function appended(): void {
    const start = from;
    if (start === null) wakeAll();
    try {
      from = start === null ? end() : handRoundAfter(start);
    } catch {
      wakeAll(); // each meets the error itself
    }
    storing.soon();
  }

  /** Returns up to where. */
  function handRoundAfter(start: Position): Position {
    let at = start;
    for (let pages = 0; pages < PAGES; pages += 1) {
      const page = next(at, PAGE);
      const last = page?.at(-1);
      if (page && !last) return at;
      if (!page || !last) break;
      handRound(at, page);
      at = last.position;
    }
    wakeAll();
    return end();
  }

  return {
    follow(wake, follower) {
      const entry = { wake, follower };
      entries.add(entry);
      return () => {
        entries.delete(entry);
        if (follower) storing.forget(follower);
      };
    },
    appended,
    wakeAll,
    isFollowed: () => entries.size > 0,
    close() {
      storing.close();
      entries.clear();
    },
  };
}
