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
  /** That of this very document. */
  get(document: FoldedDocument): Body | undefined;
  /** To be called before a body is made, for `keep`. */
  begin(): number;
  /**
   * Keeps a body that was begun then, unless one of its subjects' keys was forgotten meanwhile, or it is too large. It takes the place of what
   * was kept under its name; one without subjects does not: what it follows stays until the bound drops it.
   */
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
  /** Documents of bodies, by subject and name. */
  const known = new Map<string, Map<string, FoldedDocument>>();
  const bodies = new LRUCache<FoldedDocument, Body>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_BODY_BYTES,
    sizeCalculation: ({ text, document }) =>
      BYTES_PER_CHARACTER * (text.length + COPIES_OF_A_DOCUMENT * toJson(document).length),
    dispose({ subjects, name }) {
      for (const subject of subjects) {
        const own = known.get(subject);
        own?.delete(name);
        if (own?.size === 0) known.delete(subject);
      }
    },
  });
  /** When each key was forgotten for the last time, by a count of all of them. */
  const forgotten = new LRUCache<string, number>({ max: MAX_FORGOTTEN });
  let [count, allForgotten] = [0, 0];

  function drop(document: FoldedDocument | undefined): void {
    if (document) bodies.delete(document);
  }

  return {
    get: (document) => bodies.get(document),
    begin: () => count,
    keep(body, begun) {
      const { name, subjects, document } = body;
      if ([...subjects].some((subject) => Math.max(forgotten.get(subject) ?? 0, allForgotten) > begun)) return;
      for (const subject of subjects) drop(known.get(subject)?.get(name));
      bodies.set(document, body);
      if (!bodies.has(document)) return;
      for (const subject of subjects)
        known.set(subject, (known.get(subject) ?? new Map<string, FoldedDocument>()).set(name, document));
    },
    forget(subject) {
      count += 1;
      if (subject === null) {
        allForgotten = count;
        return bodies.clear();
      }
      forgotten.set(subject, count);
      for (const document of [...(known.get(subject)?.values() ?? [])]) drop(document);
    },
  };
}
