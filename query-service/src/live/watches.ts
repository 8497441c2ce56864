/**
 * Tells those who watch documents when these may have changed. One look serves all of them together, and only while somebody watches:
 * at how far the watched views are, and at their watched documents where a view has moved. What a process that feeds a view writes is
 * noticed by every other process alike, since nothing but the read store is asked.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { every } from '@creator-dashboards/shared/waiting';
import type { ViewReader } from '../reads/read.js';

export interface Changes {
  /**
   * Calls `wake` after each change of the document or of the config that came after this call, until the returned function is called;
   * sometimes without one, so compare what you read then.
   */
  watch(view: ViewName, key: string, wake: () => void): () => void;
}

export interface ChangesOptions {
  readonly reads: Pick<ReadStore, 'getMany'>;
  readonly served: ViewReader['served'];
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
}

const LOOK_MS = 50;
/** A repair and an operator's mark change documents without moving their view: these are noticed by then. */
const LOOK_AT_ALL_MS = 5 * SECOND;
const KEYS_AT_ONCE = 500;

interface Watched {
  readonly wakes: Set<() => void>;
  /** How the document was at the last look; empty before the first. */
  mark: string;
}

interface WatchedView {
  readonly documents: Map<string, Watched>;
  /** Which generation was looked at, and how far it was. */
  at: string;
  lookedAt: number;
}

export function createChanges({ reads, served, clock }: ChangesOptions): Changes {
  const views = new Map<ViewName, WatchedView>();
  let looks: AbortController | null = null;
  let configMark = '';

  async function lookAt(name: ViewName, view: WatchedView): Promise<void> {
    const now = clock.monotonic();
    const { generation, checkpoint } = await served(name);
    const at = `${generation}.${checkpoint}`;
    if (at === view.at && now - view.lookedAt < LOOK_AT_ALL_MS) return;
    const keys = [...view.documents.keys()];
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const some = keys.slice(from, from + KEYS_AT_ONCE);
      const found = await reads.getMany<FoldedDocument>(collectionOf(name, generation), some);
      for (const key of some) note(view.documents.get(key), `${generation}.${markOf(found.get(key) ?? null)}`);
    }
    Object.assign(view, { at, lookedAt: now });
  }

  function note(watched: Watched | undefined, mark: string): void {
    if (!watched || watched.mark === mark) return;
    watched.mark = mark;
    for (const wake of watched.wakes) wake();
  }

  async function lookAtConfig(): Promise<void> {
    const { generation, config } = await served('config');
    const mark = `${generation}.${markOf(config)}`;
    if (mark === configMark) return;
    configMark = mark;
    for (const { documents } of views.values())
      for (const { wakes } of documents.values()) for (const wake of wakes) wake();
  }

  /** What cannot be read now is looked at the next time. */
  async function look(): Promise<void> {
    await Promise.allSettled([lookAtConfig(), ...[...views].map(([name, view]) => lookAt(name, view))]);
  }

  function start(): void {
    configMark = '';
    looks = new AbortController();
    void every(clock, LOOK_MS, look, looks.signal);
  }

  return {
    watch(name, key, wake) {
      const view = views.get(name) ?? { documents: new Map<string, Watched>(), at: '', lookedAt: 0 };
      const watched = view.documents.get(key) ?? { wakes: new Set(), mark: '' };
      views.set(name, view);
      view.documents.set(key, watched);
      watched.wakes.add(wake);
      if (!looks) start();
      return () => {
        watched.wakes.delete(wake);
        if (watched.wakes.size === 0 && view.documents.get(key) === watched) view.documents.delete(key);
        if (view.documents.size === 0 && views.get(name) === view) views.delete(name);
        if (views.size > 0) return;
        looks?.abort();
        looks = null;
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
