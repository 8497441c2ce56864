/**
 * The ports: what the services need from a technology, with the contract of each method. `shared/testing` has one contract suite
 * per port, which every adapter passes. Only `adapters/` implements them, only `connect.ts` chooses.
 */
import type { Follower } from './reader/follower.js';
import type { Instant } from './time.js';

/** Position of an event in the whole log. Strictly increasing, not dense; 0n is before the first event. A decimal string in JSON. */
export type Position = bigint;
/** Number of an event in its stream: 0n, 1n, 2n … without gaps. A decimal string in JSON. */
export type Revision = bigint;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

// ---------------------------------------------------------------- event store

/**
 * A value that only the holder of the subject's key can read (sealed values, domain 9.8). `keyId` names that key, so that a wrong
 * key can be told from tampering; the other parts are base64. `T` is the type of the sealed value.
 */
export interface Sealed<T = unknown> {
  readonly subject: string;
  readonly keyId: string;
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
  /** Type of the content; never present at run time. */
  readonly __content?: T;
}

export type Role = 'USER' | 'ADMIN' | 'AUDITOR' | 'SYSTEM' | 'PROVIDER' | 'PUBLIC';
export interface Actor {
  readonly userId: string | null;
  readonly role: Role;
}

/** Routing ids in clear, so that an event with a broken payload can still be parked by its key (design rule 11). */
export type RoutingKeys = Readonly<
  Partial<
    Record<
      | 'userId'
      | 'creatorId'
      | 'creatorUserId'
      | 'fanId'
      | 'messageId'
      | 'payoutId'
      | 'linkId'
      | 'rewardId'
      | 'configKey'
      | 'ownerId',
      string
    >
  >
>;

/** Metadata of every event (domain 9.1). */
export interface EventMetadata {
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly commandId: string;
  readonly actor: Actor;
  readonly reason: Sealed<string> | null;
  readonly occurredAt: Instant;
  readonly schemaVersion: number;
  /** Hash of the stream's previous event, null for its first: a chain that shows tampering. */
  readonly prevHash: string | null;
  readonly keys: RoutingKeys;
  /** Folded state of the stream up to and with this event (domain 9.9), on every 200th event. */
  readonly snapshot?: JsonObject;
}

export interface NewEvent {
  /** A UUID, the same when the same append is retried. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
}

export interface RecordedEvent extends NewEvent {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
}

/**
 * A conflict is a value, not an exception (design rule 5); the stream's present revision must be read, not guessed. `repeated`:
 * events with these ids were there already. They may come from another run of the same command and differ in everything but their
 * ids, so what is stored may not be what was sent now: read it.
 */
export type AppendResult =
  | { readonly ok: true; readonly repeated: boolean; readonly revision: Revision; readonly position: Position }
  | { readonly ok: false };

/** Two hex digits at the end of a stream's name, as a number: `from` up to, without, `to`. */
export interface Suffixes {
  readonly from: number;
  readonly to: number;
}

/** What is wrong with the files of a log, whatever its events say. */
export interface Damage {
  readonly message: string;
  /** Of the event that it is about, where that can be told. */
  readonly position: Position | null;
  /** Given where it is about all events from `position` up to this, inclusive: some reads may pass over what others return. */
  readonly upTo?: Position;
}

export interface EventStore {
  /**
   * Writes all events or none, durably before it resolves. `expected` is the revision of the stream's last event, or
   * 'no_stream'. Sending a batch of the same ids with the same `expected` again returns the first result, as
   * `repeated`, and writes nothing. A rejected promise means "outcome unknown": read the stream before going on.
   * Throws RangeError, before writing, for an empty batch, an empty stream name or type, data that JSON cannot express,
   * and a batch of more than 1 MiB.
   */
  append(stream: string, expected: Revision | 'no_stream', events: readonly NewEvent[]): Promise<AppendResult>;
  /** Events of one stream in order from revision `from` (inclusive), at most `limit`; backwards from its end without `from`. A missing stream is empty. */
  readStream(
    stream: string,
    options?: { from?: Revision; direction?: 'forwards' | 'backwards'; limit?: number },
  ): Promise<RecordedEvent[]>;
  /**
   * Events of the whole log after a position (exclusive), in log order, without system events; bounded by count and by bytes (at
   * least one event). Only an empty result means the end of the log, as far as this process knows it: at least its own appends.
   * With `suffixes`, events of streams whose names end in other two hex digits may be left out, with `types` events of other types. An
   * empty result then means that there are no more up to the end of the log as the engine knows it. `whole`: all of each event will be
   * looked at. `recent`: what another consumer of the process read a moment ago will do (docs/reader.md), not so for who checks it.
   */
  readAll(options: {
    after: Position;
    limit: number;
    maxBytes?: number;
    suffixes?: Suffixes | undefined;
    types?: readonly string[] | undefined;
    whole?: boolean;
    recent?: boolean;
  }): Promise<RecordedEvent[]>;
  /** The event at exactly this position, or null. */
  readAt(position: Position): Promise<RecordedEvent | null>;
  /** The events at these positions, at most 1,000, in this order; where none is, it is left out. */
  readMany(positions: readonly Position[]): Promise<RecordedEvent[]>;
  /** Position of the newest event, 0n for an empty log. */
  head(): Promise<Position>;
  /** Number of events after a position, possibly an estimate. For lag in events: positions of some engines are byte offsets. */
  countAfter(position: Position): Promise<number>;
  /** Calls `wake` soon after something was appended, by this process or another. A hint only: it may come late, twice or for no reason. Not called where the follower passes over what was appended. Returns a function that unsubscribes. */
  onAppend(wake: () => void, follower?: Follower<RecordedEvent>): () => void;
  /**
   * What is damaged in files of ours, so that one way of reading may not return what another does; at most 100 items. Reads all of
   * them, and holds this thread meanwhile: for programs that serve nobody. Empty of a log on a server, which watches its own files.
   */
  damage(): Promise<readonly Damage[]>;
  close(): Promise<void>;
}

// ----------------------------------------------------------------- read store

/** A read-model document. `position` is that of the last event applied to it (design rule 6). */
export interface Document {
  readonly _id: string;
  readonly position: Position;
}

/** A write of one document: an insert (`expected` null), or a compare-and-set on top-level scalar fields as they were read. */
export interface GuardedWrite<D extends Document = Document> {
  readonly document: D;
  readonly expected: null | Readonly<Record<string, string | number | boolean | bigint | null>>;
}

/** Bounds on one top-level field, both text or both numbers; only values of that type are found. Results are ordered by it, then by _id. */
export interface Range {
  readonly field: string;
  /** The other way round: greatest first, by the field, then by _id. */
  readonly descending?: true;
  readonly atMost?: string | number;
  readonly above?: string | number;
  /**
   * Only results after this one in that order: the field's value and the _id of the last result so far. It stands for the bound on
   * the side that it begins at: an engine may search from whichever of the two it takes.
   */
  readonly after?: { readonly value: string | number; readonly _id: string };
}

export interface Query {
  /** Equality on top-level fields. */
  readonly where?: Readonly<Record<string, string | number | boolean | null>>;
  readonly range?: Range;
  /** Results after this _id (only without `range`, which has its own `after`; results then come in _id order). */
  readonly afterId?: string;
  readonly limit: number;
}

/** JSON documents by key, with compare-and-set of single documents. No transactions and no joins, so that every engine can do it. */
export interface ReadStore {
  /**
   * `known`: what this method gave before for this document, or null for a caller that will say so next time. Where the document is
   * still exactly that, this very object may be given again, which tells the caller that nothing has changed; so nobody writes into it.
   */
  get<D extends Document>(collection: string, id: string, known?: D | null): Promise<D | null>;
  getMany<D extends Document>(collection: string, ids: readonly string[]): Promise<Map<string, D>>;
  /** Applies each write on its own; returns the ids whose guard held. The others changed nothing: another writer was faster. */
  write<D extends Document>(collection: string, writes: readonly GuardedWrite<D>[]): Promise<Set<string>>;
  find<D extends Document>(collection: string, query: Query): Promise<D[]>;
  count(collection: string, where?: Query['where']): Promise<number>;
  /** How many documents are within the bounds, counted up to `limit` and no further: the work is bounded by it. */
  countUpTo(collection: string, range: Omit<Range, 'after' | 'descending'>, limit: number): Promise<number>;
  /** Deletes documents whose field, text or number, is at most this: lowest first, at most `limit` of them; returns how many. For records with an expiry only: documents of views are never deleted. */
  deleteUpTo(collection: string, where: Required<Pick<Range, 'field' | 'atMost'>>, limit: number): Promise<number>;
  /** Creates what is missing: the collection and indexes on top-level fields. May be called again and by several processes. */
  declare(collection: string, indexes: readonly string[]): Promise<void>;
  collections(): Promise<string[]>;
  /** Cheap: while it gives the same, what was read since it first gave that is as it was. Not there where the engine cannot tell. */
  stamp?(): string;
  /** Deletes a whole collection (an old generation, on command). */
  drop(collection: string): Promise<void>;
  close(): Promise<void>;
}

// ------------------------------------------------------------------ job queue

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly data: JsonObject;
  readonly state: 'waiting' | 'active' | 'completed' | 'failed';
  /** Number of attempts begun, including this one. */
  readonly attempts: number;
  readonly progress: JsonObject | null;
  readonly error: string | null;
}

export interface JobRun {
  readonly job: Job;
  /** Aborted when the lock was lost or the worker is closing: stop soon, since another worker may already be running this job. */
  readonly signal: AbortSignal;
  progress(progress: JsonObject): Promise<void>;
}

export interface JobQueue {
  /** Adds a job; false when one with this id is waiting or active. A finished one with this id is replaced. */
  add(job: { id: string; name: string; data: JsonObject; delayMs?: number; attempts?: number }): Promise<boolean>;
  get(id: string): Promise<Job | null>;
  list(name: string): Promise<Job[]>;
  /**
   * Runs jobs of a name, one at a time, until the returned stop is awaited. At least once: a worker that dies loses its
   * lock and the job is run again by another. A failing handler is retried with back-off up to the job's attempts (default 3).
   */
  work(name: string, handler: (run: JobRun) => Promise<void>): () => Promise<void>;
  close(): Promise<void>;
}

// ------------------------------------------------------------------- counters

export interface Counters {
  /** Adds one to a fixed window of `windowMs` that starts with its first hit; returns the count and when the window ends. */
  hit(key: string, windowMs: number): Promise<{ count: number; resetsInMs: number }>;
  undoHit(key: string): Promise<void>;
  /** Adds a member to a set that lives for `ttlMs` from its first member; returns its size. Adding a member again changes nothing. */
  addMember(set: string, member: string, ttlMs: number): Promise<number>;
  removeMember(set: string, member: string): Promise<void>;
  close(): Promise<void>;
}

// ------------------------------------------------------------------ key store

/**
 * One data key per subject, made once (domain G63). Keys at rest are wrapped by a MASTER_KEY, which each of them names. A key
 * whose MASTER_KEY was not given throws KeyMissing, a damaged one StoreFailed.
 */
export interface KeyStore {
  /** The subject's key; `destroyed` for good after `destroy`; `none` if, as far as this store knows, none was ever created. */
  get(subject: string): Promise<Uint8Array | 'destroyed' | 'none'>;
  /** The same, but creates a key if there is none, by one atomic insert. Durable before it resolves. */
  getOrCreate(subject: string): Promise<Uint8Array | 'destroyed'>;
  /** Rewraps with the first MASTER_KEY every key wrapped by another one, in bounded steps, then forgets the others. Returns how many keys. */
  rewrap(): Promise<number>;
  /** Replaces the key by a permanent tombstone. Idempotent; also for a subject that never had a key. */
  destroy(subject: string): Promise<void>;
  /** A small record of the key store's own (the erasure checkpoint), so that a restored backup knows what it missed. */
  getMark(name: string): Promise<string | null>;
  setMark(name: string, value: string): Promise<void>;
  close(): Promise<void>;
}
