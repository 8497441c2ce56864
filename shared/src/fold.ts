/**
 * A fold: events of the log into one document per key, by pure functions. Projections (projector) and look-ups (command
 * service) are both folds; `feed.ts` runs them.
 */
import { createHash } from 'node:crypto';
import { categoryOf, decode, definitions, type EventNamed, type EventType, type Recorded } from './events/index.js';
import type { Document, EventMetadata, RecordedEvent } from './ports.js';

/** A document made by a fold, with the mark of a parked key (design rule 11). */
export interface FoldedDocument extends Document {
  /** The first 8 hex digits of the id of the event at `position`: beside it in an ETag, so that no other log repeats one. */
  readonly lastEvent?: string;
  readonly parked?: boolean;
  /** Position of the first event that could not be applied, as a decimal string. */
  readonly parkedFrom?: string;
  readonly parkedError?: string;
  /** Id, type and time of the event that parked it. */
  readonly parkedEvent?: string;
  readonly parkedType?: string;
  readonly parkedSince?: EventMetadata['occurredAt'];
  /** How many later events wait behind it, counted up to HELD_MAX of `feed/held.ts`; without it nobody counts. */
  readonly parkedHeld?: number;
  /** Position of the last one that was counted, as a decimal string, and the time of the first. */
  readonly parkedHeldTo?: string;
  readonly parkedHeldSince?: EventMetadata['occurredAt'];
  /** 1 where nothing was applied and nothing is left to apply: what stands here is about to be deleted. */
  readonly parkedEmpty?: 1 | undefined;
  /** An operator asked for another try; the runner does it at its next batch boundary. */
  readonly parkedRetry?: boolean;
  /**
   * How often it was made anew from the log while it was served. Every write is guarded by it as by the position, which a repair
   * leaves as it was: who read the document before can no longer write what he made of it.
   */
  readonly repairs?: number;
}

/** The fields of the mark of a parked key. */
export const PARKING_MARK = [
  'parked',
  'parkedFrom',
  'parkedError',
  'parkedEvent',
  'parkedType',
  'parkedSince',
  'parkedHeld',
  'parkedHeldTo',
  'parkedHeldSince',
  'parkedEmpty',
  'parkedRetry',
] as const satisfies readonly (keyof FoldedDocument)[];

/** The part of a document that the fold decides; the runner owns `_id`, `position` and the parking mark. */
export type Content<D extends FoldedDocument> = Omit<D, keyof FoldedDocument>;

/**
 * One event on one document. Declared as a method, so that folds of different documents fit into one list: the runner gives a fold
 * only documents that it made itself.
 */
type Handler<D extends FoldedDocument, E> = { on(content: Content<D>, event: E): Content<D> }['on'];

export type Handlers<D extends FoldedDocument> = {
  readonly [T in EventType]?: Handler<D, Recorded<EventNamed<T>>>;
};

/** `Fold` without an argument is a fold of any documents. */
export interface Fold<D extends FoldedDocument = FoldedDocument> {
  readonly name: string;
  /** Raise it whenever the handlers produce other documents from the same events. */
  readonly version: number;
  /** Categories of the streams it reads: the same event type can occur in several (WalletFrozen). */
  readonly categories: readonly string[];
  /** Also takes events of these categories whose type nobody knows: they park their key. For what must miss nothing. */
  readonly takesUnknown?: true;
  /** The document's key, from stream name and metadata only; undefined if the event concerns none of its documents. */
  keyOf(event: RecordedEvent): string | undefined;
  readonly initial: Content<D>;
  readonly handlers: Handlers<D>;
  /** Top-level fields to search by. */
  readonly indexes?: readonly string[];
}

/** Whether the fold has a handler for this event, without parsing its data. */
export function concerns(fold: Fold, event: RecordedEvent): boolean {
  const isHandled = Object.hasOwn(fold.handlers, event.type);
  if (!isHandled && !(fold.takesUnknown && !Object.hasOwn(definitions, event.type))) return false;
  return fold.categories.includes(categoryOf(event.stream));
}

/** The types of all events that the fold may have a handler for, so that others need not be read; undefined where all are to be read. */
export function typesOf({ handlers, takesUnknown }: Pick<Fold, 'handlers' | 'takesUnknown'>): string[] | undefined {
  return takesUnknown ? undefined : Object.keys(handlers);
}

/** The document after one more event. Throws when the event cannot be read: the caller parks its key. */
export function applyTo<D extends FoldedDocument>(
  fold: Fold<D>,
  key: string,
  document: D | null,
  stored: RecordedEvent,
): D {
  const event = decode(stored);
  const handler = fold.handlers[event.type] as Handler<D, Recorded>;
  const content = handler(document ?? fold.initial, event);
  return { ...content, _id: key, position: event.position, lastEvent: event.id.slice(0, 8) } as D;
}

/** The reference that every live view must equal (design rule 14): the whole log, folded one event after the other. */
export function foldAll<D extends FoldedDocument>(fold: Fold<D>, log: Iterable<RecordedEvent>): Map<string, D> {
  const documents = new Map<string, D>();
  for (const event of log) {
    if (!concerns(fold, event)) continue;
    const key = fold.keyOf(event);
    if (key !== undefined) documents.set(key, applyTo(fold, key, documents.get(key) ?? null, event));
  }
  return documents;
}

/** Digest of a set of documents in any order; the parking mark and the count of repairs are not part of it. */
export function digestOf(documents: Iterable<FoldedDocument>): string {
  const digest = createDigest();
  for (const document of [...documents].sort((a, b) => (a._id < b._id ? -1 : 1))) digest.add(digestOfOne(document));
  return digest.hex();
}

/** Digest of one document; the parking mark and the count of repairs are not part of it. */
export function digestOfOne(document: FoldedDocument): string {
  const { repairs: _, ...folded } = withoutMark(document);
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(folded)))
    .digest('hex');
}

/** The digest of a set of documents that are not all in memory: takes the digests of each, in the order of their keys. */
export function createDigest(): { add(digestOfOne: string): void; hex(): string } {
  const hash = createHash('sha256');
  return { add: (one) => void hash.update(one), hex: () => hash.digest('hex') };
}

/** The document without the mark of a parked key. */
export function withoutMark<D extends FoldedDocument>(document: D): D {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !isOfMark(name))) as D;
}

/** The mark of a parked key alone. */
export function markOf(document: FoldedDocument): Partial<FoldedDocument> {
  return Object.fromEntries(Object.entries(document).filter(([name]) => isOfMark(name)));
}

const isOfMark = (name: string) => (PARKING_MARK as readonly string[]).includes(name);

function sortKeys(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sortKeys(part)]),
  );
}
