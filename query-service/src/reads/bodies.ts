/**
 * Bodies that were made, kept as text for the next reads of the same documents: by identity, so that a body is never shown beside
 * any document or config but those it was made of.
 *
 * A body may hold opened seals. When somebody's key is forgotten, all bodies with her seals go at once, whoever reads them, and one that
 * is being made then is not kept.
 */
import { toJson } from '@creator-dashboards/shared/http/envelope';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { LRUCache } from 'lru-cache';

export interface Body {
  /** Collection and key of the document. */
  readonly name: string;
  /** Whose seals were opened for it: userIds. */
  readonly subjects: ReadonlySet<string>;
  readonly document: FoldedDocument;
  readonly config: ConfigDocument | null;
  readonly etag: string;
  readonly text: string;
}

export interface Bodies {
  get(name: string): Body | undefined;
  /** To be called before a body is made, for `keep`. */
  begin(): number;
  /** Keeps a body that was begun then, unless one of its subjects' keys was forgotten meanwhile, or it is too large. */
  keep(body: Body, begun: number): void;
  /** Drops what a subject's key had opened, or everybody's (null). */
  forget(subject: string | null): void;
}

/** Of all bodies together with their documents, and of one. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_BODY_BYTES = 256 * 1024;
const MAX_FORGOTTEN = 10_000;
/** A character takes up to two bytes; a document is held as an object, and as the text by which the store knows it again. */
const BYTES_PER_CHARACTER = 2;
const COPIES_OF_A_DOCUMENT = 3;

export function createBodies(): Bodies {
  /** Of bodies, by subject. */
  const names = new Map<string, Set<string>>();
  const bodies = new LRUCache<string, Body>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_BODY_BYTES,
    sizeCalculation: ({ text, document }) =>
      BYTES_PER_CHARACTER * (text.length + COPIES_OF_A_DOCUMENT * toJson(document).length),
    dispose({ subjects, name }) {
      for (const subject of subjects) {
        const own = names.get(subject);
        own?.delete(name);
        if (own?.size === 0) names.delete(subject);
      }
    },
  });
  /** When each key was forgotten for the last time, by a count of all of them. */
  const forgotten = new LRUCache<string, number>({ max: MAX_FORGOTTEN });
  let [count, allForgotten] = [0, 0];

  return {
    get: (name) => bodies.get(name),
    begin: () => count,
    keep(body, begun) {
      const { name, subjects } = body;
      if ([...subjects].some((subject) => Math.max(forgotten.get(subject) ?? 0, allForgotten) > begun)) return;
      bodies.set(name, body);
      if (!bodies.has(name)) return;
      for (const subject of subjects) names.set(subject, (names.get(subject) ?? new Set()).add(name));
    },
    forget(subject) {
      count += 1;
      if (subject === null) {
        allForgotten = count;
        return bodies.clear();
      }
      forgotten.set(subject, count);
      for (const name of [...(names.get(subject) ?? [])]) bodies.delete(name);
    },
  };
}
