/**
 * What a process writes to the read store, told at once to whoever listens in the same process. Only an announcement: it says where to
 * look again, and nothing depends on its arrival (docs/changes.md).
 */
import type { Document, ReadStore } from '../ports.js';

export interface Told {
  readonly collection: string;
  /**
   * What may have changed, by id: the document that was written, undefined where another may be there now. Null: anything in the
   * collection.
   */
  readonly documents: ReadonlyMap<string, Document | undefined> | null;
}

export interface Changes {
  tell(told: Told): void;
  /** Calls `listener`, which must not throw, for all that is told until the returned function is called. */
  listen(listener: (told: Told) => void): () => void;
  isHeard(): boolean;
}

export function createChanges(): Changes {
  const listeners = new Set<(told: Told) => void>();
  return {
    tell(told) {
      for (const listener of listeners) listener(told);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isHeard: () => listeners.size > 0,
  };
}

/** The same store, which tells what is written through it: when it is written, before the writer goes on, also where the outcome is unknown. */
export function telling(reads: ReadStore, { tell, isHeard }: Pick<Changes, 'tell' | 'isHeard'>): ReadStore {
  async function toldOf<T>(collection: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      tell({ collection, documents: null });
    }
  }
  return {
    ...reads,
    async write(collection, writes) {
      let held: ReadonlySet<string> = new Set();
      try {
        return (held = await reads.write(collection, writes));
      } finally {
        if (isHeard()) {
          const written = writes.map(
            ({ document }) => [document._id, held.has(document._id) ? document : undefined] as const,
          );
          tell({ collection, documents: new Map(written) });
        }
      }
    },
    deleteUpTo: (collection, where, limit) => toldOf(collection, reads.deleteUpTo(collection, where, limit)),
    drop: (collection) => toldOf(collection, reads.drop(collection)),
  };
}
