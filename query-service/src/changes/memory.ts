/**
 * Documents of views as they were read, for the next reads. The bus says which to read again; where it might have missed one, a document
 * is read again after five seconds. What was shown of a document is never followed by less here: a read that the bus overtakes is not
 * kept, and whoever comes after it reads again.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { toJson } from '@creator-dashboards/shared/http/envelope';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import type { Soon } from '@creator-dashboards/shared/waiting';
import { LRUCache } from 'lru-cache';
import type { Bus } from './bus.js';

export interface Memory {
  /** A document, or null. To be called when the bus is current: then it holds all that was written before the last look. */
  get<D extends FoldedDocument>(collection: string, id: string): Soon<D | null>;
  /** As the store has it now. */
  anew<D extends FoldedDocument>(collection: string, id: string): Promise<D | null>;
}

interface Kept {
  readonly document: FoldedDocument;
  readonly readAt: number;
  /** How often its whole collection had been given up before it was read. */
  readonly epoch: number;
  isCurrent: boolean;
}
interface Loading {
  readonly epoch: number;
  readonly document: Promise<FoldedDocument | null>;
}

/** Of all documents, as objects: about three times their text. */
const MAX_BYTES = 64 * 1024 * 1024;
const BYTES_PER_CHARACTER = 6;
const READ_AGAIN_MS = 5 * SECOND;

export function createMemory(
  reads: Pick<ReadStore, 'get'>,
  bus: Pick<Bus, 'isFollowed' | 'listen'>,
  clock: Pick<Clock, 'monotonic'>,
): Memory {
  const kept = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ document }) => BYTES_PER_CHARACTER * toJson(document).length,
  });
  const loading = new Map<string, Loading>();
  const epochs = new Map<string, number>();
  const epochOf = (collection: string) => epochs.get(collection) ?? 0;

  /** The next read of it asks the store. It is kept to be recognized there: a document that is still the same stays the same object. */
  function giveUp(name: string): void {
    const known = kept.peek(name);
    if (known) known.isCurrent = false;
    loading.delete(name);
  }

  bus.listen(({ collection, keys }) => {
    if (keys === null) epochs.set(collection, epochOf(collection) + 1);
    else for (const key of keys) giveUp(nameOf(collection, key));
  });

  function load(collection: string, id: string): Promise<FoldedDocument | null> {
    const name = nameOf(collection, id);
    const epoch = epochOf(collection);
    const under = loading.get(name);
    if (under?.epoch === epoch) return under.document;
    const one: Loading = { epoch, document: read() };
    loading.set(name, one);
    return one.document;

    async function read(): Promise<FoldedDocument | null> {
      const readAt = clock.monotonic();
      try {
        const document = await reads.get<FoldedDocument>(collection, id, kept.peek(name)?.document ?? null);
        if (loading.get(name) !== one || epoch !== epochOf(collection)) giveUp(name);
        else if (document && bus.isFollowed(collection)) kept.set(name, { document, readAt, epoch, isCurrent: true });
        else kept.delete(name);
        return document;
      } finally {
        if (loading.get(name) === one) loading.delete(name);
      }
    }
  }

  return {
    get<D extends FoldedDocument>(collection: string, id: string) {
      const known = kept.get(nameOf(collection, id));
      const isKnown = known?.isCurrent && known.epoch === epochOf(collection) && bus.isFollowed(collection);
      if (isKnown && clock.monotonic() - known.readAt < READ_AGAIN_MS) return known.document as D;
      return load(collection, id) as Promise<D | null>;
    },
    anew<D extends FoldedDocument>(collection: string, id: string) {
      giveUp(nameOf(collection, id));
      return load(collection, id) as Promise<D | null>;
    },
  };
}

function nameOf(collection: string, id: string): string {
  return `${collection}/${id}`;
}
