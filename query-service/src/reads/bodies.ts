/**
 * Bodies that were made, kept as text for the next reads of the same documents: by identity, so that a body is never shown beside
 * any document or config but those it was made of. The documents themselves are asked of the store at every read, so nothing here is
 * older than the store.
 *
 * A body may hold opened seals of its owner, whose account is looked at before each read. When her key is forgotten, all of her
 * bodies go at once, and one that is being made then is not kept. A body with anybody else's seals is never kept.
 */
import { toJson } from '@creator-dashboards/shared/http/envelope';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { LRUCache } from 'lru-cache';

export interface Body {
  /** Collection and key of the document. */
  readonly name: string;
  /** The userId of the only person who reads it. */
  readonly owner: string;
  readonly document: FoldedDocument;
  readonly config: ConfigDocument | null;
  readonly etag: string;
  readonly text: string;
}

export interface Bodies {
  get(name: string): Body | undefined;
  /** To be called before a body is made, for `keep`. */
  begin(): number;
  /** Keeps a body that was begun then, unless its owner's key was forgotten meanwhile, or it is too large. */
  keep(body: Body, begun: number): void;
  /** Drops what an owner's key had opened. */
  forget(owner: string): void;
}

/** Of all bodies together with their documents, and of one. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_BODY_BYTES = 256 * 1024;
const MAX_FORGOTTEN = 10_000;
/** A character takes up to two bytes; a document is held as an object, and as the text by which the store knows it again. */
const BYTES_PER_CHARACTER = 2;
const COPIES_OF_A_DOCUMENT = 3;

export function createBodies(): Bodies {
  const names = new Map<string, Set<string>>();
  const bodies = new LRUCache<string, Body>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_BODY_BYTES,
    sizeCalculation: ({ text, document }) =>
      BYTES_PER_CHARACTER * (text.length + COPIES_OF_A_DOCUMENT * toJson(document).length),
    dispose({ owner, name }, _key, reason) {
      if (reason === 'set') return;
      const own = names.get(owner);
      own?.delete(name);
      if (own?.size === 0) names.delete(owner);
    },
  });
  /** When each key was forgotten for the last time, by a count of all of them. */
  const forgotten = new LRUCache<string, number>({ max: MAX_FORGOTTEN });
  let count = 0;

  return {
    get: (name) => bodies.get(name),
    begin: () => count,
    keep(body, begun) {
      const { name, owner } = body;
      if ((forgotten.get(owner) ?? 0) > begun) return;
      bodies.set(name, body);
      if (bodies.has(name)) names.set(owner, (names.get(owner) ?? new Set()).add(name));
    },
    forget(owner) {
      forgotten.set(owner, (count += 1));
      for (const name of [...(names.get(owner) ?? [])]) bodies.delete(name);
    },
  };
}
