/**
 * The documents of one consumer: events in, each document read and written once, by compare-and-set on the position that was
 * read. An event that cannot be applied parks its key: the document keeps a mark, and what comes later is held.
 */
import { markOf, withoutMark, type FoldedDocument } from '../fold.js';
import type { Position, ReadStore, RecordedEvent } from '../ports.js';
import type { Instant } from '../time.js';
import { RetryLater, isTransientFault, type Consumer } from './consumer.js';
import { goingOn, guardOf } from './guard.js';
import { countingHeld } from './held.js';
import { occurredAt } from './occurred-at.js';

const WRITE_ATTEMPTS = 5;
const RETRIED_AT_ONCE = 100;
const ERROR_LENGTH = 500;
/** More are never parked for long: the consumer stops at PARKED_MAX. */
const MAX_PARKED = 10_000;

/** Events in log order, by the key of their document. */
type Groups = Map<string, RecordedEvent[]>;

/** What became of the events a consumer takes: each was one of these. */
export interface BatchOutcome {
  readonly applied: number;
  readonly parked: number;
  readonly duplicate: number;
}

export interface DocumentsOptions {
  readonly consumer: Consumer;
  readonly reads: ReadStore;
  /** Called before each fold; its exception gives the batch up. */
  readonly stayActive: () => Promise<void>;
  /** Stops the consumer for good. */
  readonly stop: (reason: string) => never;
  /** Called for each key that is parked. */
  readonly onParked?: ((parked: ParkedEvent) => void) | undefined;
}

export interface Documents {
  readonly declare: () => Promise<void>;
  /** Counts the parked keys in the store. */
  readonly countParked: () => Promise<void>;
  /** Parked keys: as last counted, plus those parked since. */
  readonly parkedKeys: () => number;
  /** Time of the oldest event that parked a key, as in the store; null where none is parked. */
  readonly oldestParked: () => Promise<Instant | null>;
  /** Applies those events that the consumer takes. Stops it at an event without a key, which could not be parked. */
  readonly apply: (events: readonly RecordedEvent[]) => Promise<BatchOutcome>;
  /** A bounded number of keys marked for retry, each with the position it is parked from. */
  readonly markedForRetry: () => Promise<Map<string, Position>>;
  /** Applies held events to these keys. They stay parked after these events, since more may be held. */
  readonly applyHeld: (heldFrom: Map<string, Position>, events: readonly RecordedEvent[]) => Promise<void>;
  /** Marks for retry the keys that such events hold. */
  readonly markForRetry: (isHolding: (eventId: string) => boolean) => Promise<void>;
  /** Unparks those of these keys that were not parked again. One to which nothing was ever applied has no document then. */
  readonly unpark: (keys: readonly string[]) => Promise<void>;
}

export function openDocuments({ consumer, reads, stayActive, stop, onParked }: DocumentsOptions): Documents {
  let parkedKeys = 0;

  /** The key of an event that the consumer takes; undefined also if its metadata is broken. */
  function keyOf(event: RecordedEvent): string {
    const place = `${event.type} at position ${event.position}, revision ${event.revision} of ${event.stream}`;
    let key: string | undefined;
    try {
      key = consumer.keyOf(event);
    } catch (error) {
      stop(`${place} has no routing key: ${error instanceof Error ? error.message : String(error)}`);
    }
    return key ?? stop(`${place} has no routing key`);
  }

  function groupByKey(
    events: readonly RecordedEvent[],
    wanted: (key: string, event: RecordedEvent) => boolean = () => true,
  ): Groups {
    const groups: Groups = new Map();
    for (const event of events) {
      if (!consumer.takes(event)) continue;
      const key = keyOf(event);
      if (!wanted(key, event)) continue;
      const group = groups.get(key);
      if (group) group.push(event);
      else groups.set(key, [event]);
    }
    return groups;
  }

  /** Folds each group onto its document and writes each document once; a document whose guard failed is read and folded again. */
  async function applyGroups(groups: Groups, retrying: boolean): Promise<BatchOutcome> {
    const outcome = { applied: 0, parked: 0, duplicate: 0 };
    let open = groups;
    for (let attempt = 0; open.size > 0; attempt += 1) {
      if (attempt === WRITE_ATTEMPTS)
        throw new RetryLater(`${consumer.name}: documents keep changing under the runner`);
      const documents = await reads.getMany<FoldedDocument>(consumer.collection, [...open.keys()]);
      const results = new Map<string, GroupOutcome>();
      for (const [key, group] of open) {
        await stayActive();
        results.set(key, await foldGroup(consumer, key, documents.get(key) ?? null, group, retrying));
      }
      const writes = [...results].flatMap(([key, { document }]) =>
        document ? goingOn(documents.get(key) ?? null, document) : [],
      );
      const held = writes.length > 0 ? await reads.write(consumer.collection, writes) : new Set<string>();
      const lost: Groups = new Map();
      for (const [key, result] of results) {
        if (result.document && !held.has(key)) {
          lost.set(key, open.get(key) ?? []);
          continue;
        }
        outcome.applied += result.applied;
        outcome.parked += result.parked;
        outcome.duplicate += result.duplicate;
        if (!result.newlyParked) continue;
        parkedKeys += 1;
        onParked?.(result.newlyParked);
      }
      open = lost;
    }
    return outcome;
  }

  const allParked = () =>
    reads.find<FoldedDocument>(consumer.collection, { where: { parked: true }, limit: MAX_PARKED });
  const countParked = async () => void (parkedKeys = await reads.count(consumer.collection, { parked: true }));

  return {
    declare: () => reads.declare(consumer.collection, [...consumer.indexes, 'parked']),
    countParked,
    parkedKeys: () => parkedKeys,
    async oldestParked() {
      if (parkedKeys === 0) return null;
      const times = (await allParked()).flatMap(({ parkedSince }) => parkedSince ?? []).sort();
      return times[0] ?? null;
    },
    apply: (events) => applyGroups(groupByKey(events), false),
    async markedForRetry() {
      const where = { parked: true, parkedRetry: true };
      const marked = await reads.find<FoldedDocument>(consumer.collection, { where, limit: RETRIED_AT_ONCE });
      return new Map(marked.map((document) => [document._id, BigInt(document.parkedFrom ?? '0')]));
    },
    async applyHeld(heldFrom, events) {
      const wasHeld = (key: string, { position }: RecordedEvent) => {
        const from = heldFrom.get(key);
        return from !== undefined && position >= from;
      };
      await applyGroups(groupByKey(events, wasHeld), true);
    },
    async markForRetry(isHolding) {
      const held = (await allParked()).filter(
        ({ parkedEvent, parkedRetry }) => !parkedRetry && parkedEvent !== undefined && isHolding(parkedEvent),
      );
      const writes = held.map((document) => ({
        document: { ...document, parkedRetry: true },
        expected: { ...guardOf(document), parked: true, parkedFrom: document.parkedFrom ?? null },
      }));
      if (writes.length > 0) await reads.write(consumer.collection, writes);
    },
    async unpark(keys) {
      const done = [...(await reads.getMany<FoldedDocument>(consumer.collection, keys)).values()];
      await reads.write(
        consumer.collection,
        done
          .filter((document) => document.parked && document.parkedRetry)
          .map((document) => ({
            document: document.position > 0n ? withoutMark(document) : { ...document, parkedEmpty: 1 as const },
            expected: { ...guardOf(document), parked: true, parkedRetry: true },
          })),
      );
      if (done.some(({ position }) => position === 0n))
        await reads.deleteUpTo(consumer.collection, { field: 'parkedEmpty', atMost: 1 }, RETRIED_AT_ONCE);
      await countParked();
    },
  };
}

/** An event that could not be applied, so that its key is parked from it on. */
export interface ParkedEvent {
  readonly key: string;
  readonly stream: string;
  readonly position: Position;
  readonly reason: string;
}

interface GroupOutcome extends BatchOutcome {
  /** What to write; null when nothing changed. */
  readonly document: FoldedDocument | null;
  /** What parked the key now; null where nothing did. */
  readonly newlyParked: ParkedEvent | null;
}

/** With `retrying`, a parked document that is marked for retry takes the events and stays parked after them: more may be held. */
export async function foldGroup(
  consumer: Consumer,
  key: string,
  before: FoldedDocument | null,
  group: readonly RecordedEvent[],
  retrying: boolean,
): Promise<GroupOutcome> {
  if (before?.parked && !(retrying && before.parkedRetry)) {
    const counted = countingHeld(before, group);
    const document = counted === before ? null : counted;
    return { document, applied: 0, parked: group.length, duplicate: 0, newlyParked: null };
  }
  const base = before?.parked ? withoutMark(before) : before;
  let document: FoldedDocument | null = base && base.position > 0n ? base : null;
  let [applied, duplicate] = [0, 0];
  for (const [index, event] of group.entries()) {
    if (document && event.position <= document.position) {
      duplicate += 1;
      continue;
    }
    try {
      const result = consumer.apply(key, document, event);
      document = (result instanceof Promise ? await result : result) ?? document;
      applied += 1;
    } catch (error) {
      if (isTransientFault(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const stub = withoutMark(document ?? base ?? { _id: key, position: 0n });
      return {
        document: countingHeld({ ...stub, ...parkedAt(event, reason) }, group),
        applied,
        parked: group.length - index,
        duplicate,
        newlyParked: before?.parked ? null : { key, stream: event.stream, position: event.position, reason },
      };
    }
  }
  const last = group.at(-1);
  if (before?.parked && last) {
    const parkedFrom = (last.position + 1n).toString();
    document = { ...(document ?? base ?? before), ...markOf(before), parkedFrom, parkedEmpty: undefined };
  }
  return { document: document === base ? null : document, applied, parked: 0, duplicate, newlyParked: null };
}

/** The mark of a key that this event parks. */
export function parkedAt(event: RecordedEvent, reason: string): Partial<FoldedDocument> {
  const since = occurredAt(event);
  return {
    parked: true,
    parkedFrom: event.position.toString(),
    parkedError: reason.slice(0, ERROR_LENGTH),
    parkedEvent: event.id,
    parkedType: event.type,
    ...(since !== undefined && { parkedSince: since }),
    parkedHeld: 0,
    parkedRetry: false,
  };
}
