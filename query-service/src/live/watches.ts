/**
 * Tells those who watch documents when these may have changed, as the bus does: nothing is asked here but where the bus knows only that
 * anything may have changed, and every ten seconds, in case that it missed something.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { every } from '@creator-dashboards/shared/waiting';
import type { Bus } from '../changes/bus.js';
import type { ViewReader } from '../reads/read.js';

export interface Watches {
  /**
   * Calls `wake` after each change of the document or of the config that came after this call, until the returned function is called;
   * sometimes without one, so compare what you read then.
   */
  watch(view: ViewName, key: string, wake: () => void): () => void;
}

export interface WatchesOptions {
  readonly reads: Pick<ReadStore, 'getMany'>;
  readonly bus: Pick<Bus, 'listen' | 'hold'>;
  readonly served: ViewReader['served'];
  readonly clock: Pick<Clock, 'after'>;
}

const SLOW_LOOK_MS = 10 * SECOND;
const KEYS_AT_ONCE = 500;

interface Watched {
  readonly wakes: Set<() => void>;
  /** How the document was when it was looked at; empty before. */
  mark: string;
}
type WatchedView = Map<string, Watched>;

export function createWatches({ reads, bus, served, clock }: WatchesOptions): Watches {
  const views = new Map<ViewName, WatchedView>();
  let stop: (() => void) | null = null;

  function wake(watched: Watched | undefined): void {
    for (const one of watched?.wakes ?? []) one();
  }

  function wakeAll(): void {
    for (const documents of views.values()) for (const watched of documents.values()) wake(watched);
  }

  /** Wakes those whose documents are not as they were. */
  async function lookAt(name: ViewName, documents: WatchedView): Promise<void> {
    const { generation } = await served(name);
    const keys = [...documents.keys()];
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const some = keys.slice(from, from + KEYS_AT_ONCE);
      const found = await reads.getMany<FoldedDocument>(collectionOf(name, generation), some);
      for (const key of some) {
        const watched = documents.get(key);
        const mark = `${generation}.${markOf(found.get(key) ?? null)}`;
        if (!watched || watched.mark === mark) continue;
        watched.mark = mark;
        wake(watched);
      }
    }
  }

  /** What cannot be read now is looked at the next time. */
  const lookAtAll = () => Promise.allSettled([...views].map(([name, documents]) => lookAt(name, documents)));

  function start(): () => void {
    const looks = new AbortController();
    void every(clock, SLOW_LOOK_MS, lookAtAll, looks.signal);
    const release = bus.hold();
    const deafen = bus.listen(({ view, keys }) => {
      if (view === 'config') return wakeAll();
      const documents = views.get(view);
      if (!documents) return;
      if (keys === null) void lookAt(view, documents).catch(wakeAll);
      else for (const key of keys) wake(documents.get(key));
    });
    return () => {
      deafen();
      release();
      looks.abort();
    };
  }

  return {
    watch(name, key, woken) {
      const documents: WatchedView = views.get(name) ?? new Map<string, Watched>();
      const watched = documents.get(key) ?? { wakes: new Set(), mark: '' };
      views.set(name, documents);
      documents.set(key, watched);
      watched.wakes.add(woken);
      stop ??= start();
      return () => {
        watched.wakes.delete(woken);
        if (watched.wakes.size === 0 && documents.get(key) === watched) documents.delete(key);
        if (documents.size === 0 && views.get(name) === documents) views.delete(name);
        if (views.size > 0) return;
        stop?.();
        stop = null;
      };
    },
  };
}

/** Differs whenever an answer made from the document may. */
function markOf(document: FoldedDocument | null): string {
  if (!document) return '';
  const { position, lastEvent, repairs, parked } = document;
  return [position, lastEvent, repairs, parked].join('.');
}
