/** What a feed runs: a consumer says what one event does to one key, and with which errors it asks for another try. */
import { decode, type Recorded } from '../events/index.js';
import { applyTo, concerns, type Fold, type FoldedDocument } from '../fold.js';
import type { RecordedEvent } from '../ports.js';
import { isTransient, StoreFailed } from '../store-errors.js';

export interface Consumer {
  /** Names the checkpoint, e.g. "creatorDashboard.v1". */
  readonly name: string;
  /** Collection of its documents; for a policy only those of parked keys. */
  readonly collection: string;
  readonly indexes: readonly string[];
  /** Whether it takes this event, by stream and type alone. */
  takes(event: RecordedEvent): boolean;
  /** The key, from metadata only. Undefined for an event it takes stops the consumer: a poison event must have a key to park. */
  keyOf(event: RecordedEvent): string | undefined;
  /**
   * The document after this event, or null if there is none to store. An exception parks the key, except RetryLater and store errors.
   * `document` is null if nothing was applied yet.
   */
  apply(
    key: string,
    document: FoldedDocument | null,
    event: RecordedEvent,
  ): FoldedDocument | null | Promise<FoldedDocument | null>;
  /** True for policies: a missing checkpoint on a non-empty log is an error (old events would be acted on again, domain 9.3). */
  readonly mustHaveCheckpoint?: boolean;
  /**
   * True if nobody waits for its position: a batch without events of its own moves the stored checkpoint only with the next beat.
   * After a crash in between it sees those events again.
   */
  readonly lazyCheckpoint?: boolean;
  /** For how long others may see it before events that it has passed over, in milliseconds; 10 unless given. */
  readonly checkpointMs?: number;
  /** How long it rests after a small batch, in milliseconds: as long as that took unless given. */
  readonly restMs?: number;
}

/** Thrown by `apply` for a transient error: the batch is given up and tried again later, and nothing is parked. */
export class RetryLater extends Error {}
/** The consumer cannot go on without an operator. The message says why. */
export class FeedStopped extends Error {}

/** Whether an error says nothing about the event: it does not park the key. */
export function isTransientFault(error: unknown): boolean {
  return isTransient(error) || [RetryLater, FeedStopped, StoreFailed].some((fault) => error instanceof fault);
}

export function foldConsumer<D extends FoldedDocument>(fold: Fold<D>, collection: string, name: string): Consumer {
  return {
    name,
    collection,
    indexes: fold.indexes ?? [],
    takes: (event) => concerns(fold, event),
    keyOf: (event) => fold.keyOf(event),
    apply: (key, document, event) => applyTo(fold, key, document as D | null, event),
  };
}

/** Whoever appended has mostly acted already: nobody waits for this. */
const ACTING_REST_MS = 50;

/** A consumer that acts instead of folding. It must be idempotent: after a crash it sees events again. */
export function actingConsumer(options: {
  name: string;
  types: readonly string[];
  keyOf: (event: RecordedEvent) => string | undefined;
  act: (event: Recorded) => Promise<void>;
}): Consumer {
  const types = new Set(options.types);
  return {
    name: options.name,
    collection: `parked.${options.name}`,
    indexes: [],
    takes: (event) => types.has(event.type),
    keyOf: options.keyOf,
    async apply(_key, _document, event) {
      await options.act(decode(event));
      return null;
    },
    mustHaveCheckpoint: true,
    lazyCheckpoint: true,
    restMs: ACTING_REST_MS,
  };
}
