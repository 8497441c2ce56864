/**
 * The runner of every consumer of the log: projections, look-ups and policies. It owns order, duplicates, checkpoint, lease,
 * parking and lag; consumers only say what one event does to one key.
 *
 * At-least-once delivery, exactly-once effect: a document is written by compare-and-set on the position that was read, then the
 * checkpoint moves by compare-and-set on the lease's token. A crash between the two repeats a batch, and the positions of the
 * documents make the repetition do nothing. A superseded runner fails its next compare-and-set and stands by.
 */
import type { Recorded } from './events/index.js';
import { decode } from './events/index.js';
import { applyTo, concerns, type Fold, type FoldedDocument } from './fold.js';
import type { Document, EventStore, Position, ReadStore, RecordedEvent } from './ports.js';
import { StoreBusy, StoreFailed } from './store-errors.js';
import { fromInstant, type Clock } from './time.js';

/** Checkpoint and lease of one consumer, in one record (collection `feeds`). */
export interface Checkpoint extends Document {
  /** Id of the event at `position`, to notice that the log is not the one this was made from; null at the origin. */
  readonly eventId: string | null;
  /** Fencing token: raised by each take-over. */
  readonly token: number;
  /** Who holds the lease; empty after an orderly release. */
  readonly owner: string;
  /** Raised while the owner lives, so that others see it does. */
  readonly beat: number;
}
export const CHECKPOINTS = 'feeds';

/** A lease whose (token, beat) stood still this long, by the observer's own monotonic clock, may be taken over. */
export const LEASE_MS = 8_000;
const BEAT_MS = 2_000;
/** More parked keys than this mean a broken consumer, not broken events: it stops. */
export const PARKED_MAX = 1_000;
const WRITE_ATTEMPTS = 5;
const RETRIED_AT_ONCE = 100;
const ERROR_LENGTH = 500;

export interface Consumer {
  /** Names the checkpoint, e.g. "creatorDashboard.v1". */
  readonly name: string;
  /** Collection of its documents; for a policy only those of parked keys. */
  readonly collection: string;
  readonly indexes: readonly string[];
  /** Whether it takes this event, by stream and type alone. */
  takes(event: RecordedEvent): boolean;
  /** The key, from metadata alone; undefined on an event it takes stops the consumer: a poison event must have a key to park. */
  keyOf(event: RecordedEvent): string | undefined;
  /**
   * The document after this event, or null when there is none to store. An exception parks the key; Interrupted and the stores' own do not.
   * `document` is null where nothing was applied yet.
   */
  apply(
    key: string,
    document: FoldedDocument | null,
    event: RecordedEvent,
  ): FoldedDocument | null | Promise<FoldedDocument | null>;
  /** Where a missing checkpoint is a mistake unless the log is empty (domain 9.3). */
  readonly mustHaveCheckpoint?: boolean;
  /**
   * Nobody waits for its position: a batch with nothing of its own moves the stored checkpoint with the next beat only. A crash
   * in between lets it pass those events again.
   */
  readonly unwatched?: boolean;
}

/** Thrown by `apply` for a passing fault: the batch is given up and tried again later, nothing is parked. */
export class Interrupted extends Error {}
/** The consumer cannot go on without an operator. The message says why. */
export class FeedStopped extends Error {}
/** Another feed took over in the middle of a batch. */
class Superseded extends Interrupted {}

export function foldConsumer<D extends FoldedDocument>(fold: Fold<D>, collection: string, name: string): Consumer {
  return {
    name,
    collection,
    indexes: fold.indexes ?? [],
    takes: (event) => concerns(fold as Fold<never>, event),
    keyOf: (event) => fold.keyOf(event),
    apply: (key, document, event) => applyTo(fold, key, document as D | null, event),
  };
}

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
    unwatched: true,
  };
}

export interface FeedOptions {
  readonly consumer: Consumer;
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: Clock;
  /** Names this process, unique per start. */
  readonly owner: string;
  /** Whether an owner is certainly dead (its process id is gone on this host), so that a restart need not wait out the lease. */
  readonly isDead?: (owner: string) => boolean;
  /** Events per batch. */
  readonly batch?: number;
  readonly maxBytes?: number;
  /** Called after each batch. applied + notMine + parked + duplicate = seen: nothing is skipped silently. */
  readonly onBatch?: (counts: BatchCounts) => void;
  /** Where to begin when no checkpoint exists, instead of the origin (an operator named it, or a rebuild's partition). */
  readonly startAt?: Position;
}

export interface BatchCounts {
  readonly seen: number;
  readonly applied: number;
  readonly notMine: number;
  readonly parked: number;
  readonly duplicate: number;
}

export interface FeedStatus {
  readonly name: string;
  readonly role: 'active' | 'standby' | 'stopped';
  readonly position: Position;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parkedKeys: number;
  readonly error: string | null;
}

export interface Feed {
  readonly name: string;
  /** Takes or confirms the lease and processes one batch; answers the number of events seen, 0 on standby or at the head. */
  step(): Promise<number>;
  /** Steps until the head is reached. */
  catchUp(): Promise<void>;
  /** Runs until aborted: wakes on appends, retries passing faults with back-off, releases the lease at the end. Rejects with FeedStopped or StoreFailed. */
  run(signal: AbortSignal): Promise<void>;
  /** Applies again what is parked and marked for retry. Called by `run` at batch boundaries. */
  retryParked(): Promise<void>;
  position(): Position;
  /** Position the consumer has reached, whoever runs it: from its record when this process stands by. */
  reachedPosition(): Promise<Position>;
  status(): Promise<FeedStatus>;
  /** Gives the lease back so that another may take it at once. */
  release(): Promise<void>;
}

export function createFeed(options: FeedOptions): Feed {
  const { consumer, events, reads, clock, owner } = options;
  const batchSize = options.batch ?? 1_000;
  let checkpoint: Checkpoint | null = null;
  let observed: { token: number; beat: number; since: number } | null = null;
  let role: FeedStatus['role'] = 'standby';
  let parkedKeys = 0;
  let lastBeat = 0;
  let failure: string | null = null;
  let working = Promise.resolve<unknown>(undefined);

  /** Steps, retries and the release never overlap. */
  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = working.then(work, work);
    working = next.catch(() => undefined);
    return next;
  }

  function stop(reason: string): never {
    role = 'stopped';
    failure = reason;
    throw new FeedStopped(`${consumer.name}: ${reason}`);
  }

  async function save(next: Checkpoint): Promise<boolean> {
    const expected = checkpoint ? { token: checkpoint.token, owner: checkpoint.owner } : null;
    const now = clock.now();
    const held = (await reads.write(CHECKPOINTS, [{ document: next, expected }])).has(next._id);
    if (held) {
      checkpoint = next;
      lastBeat = now;
    } else {
      checkpoint = null;
      if (role === 'active') role = 'standby';
    }
    return held;
  }

  /**
   * Beats when it is time. A feed that stood still for long learns here, before it changes anything, whether it was
   * superseded, and one in a long batch shows that it lives. Throws Superseded.
   */
  async function stayActive(): Promise<void> {
    if (checkpoint && clock.now() - lastBeat < BEAT_MS) return;
    if (!checkpoint || !(await save({ ...checkpoint, beat: checkpoint.beat + 1 })))
      throw new Superseded(`${consumer.name}: another feed has taken over`);
  }

  async function acquire(): Promise<boolean> {
    if (checkpoint && role === 'active') return true;
    const found = await reads.get<Checkpoint>(CHECKPOINTS, consumer.name);
    if (found && found.owner !== owner && !mayTake(found)) return false;
    if (!found && consumer.mustHaveCheckpoint && options.startAt === undefined && (await events.head()) > 0n)
      stop('has no checkpoint on a log that is not empty; an operator must name the position to start at');
    await reads.declare(CHECKPOINTS, []);
    await reads.declare(consumer.collection, [...consumer.indexes, 'parked']);
    const from = found ?? { position: options.startAt ?? 0n, eventId: null, token: 0, beat: 0 };
    const next = { ...from, _id: consumer.name, token: from.token + 1, owner, beat: from.beat + 1 };
    if (next.position > 0n && next.eventId === null) next.eventId = (await events.readAt(next.position))?.id ?? null;
    await checkLog(next);
    checkpoint = found;
    if (!(await save(next))) return false;
    parkedKeys = await reads.count(consumer.collection, { parked: true });
    role = 'active';
    observed = null;
    return true;
  }

  function mayTake(found: Checkpoint): boolean {
    if (found.owner === '' || options.isDead?.(found.owner)) return true;
    const now = clock.now();
    if (observed?.token !== found.token || observed.beat !== found.beat) {
      observed = { token: found.token, beat: found.beat, since: now };
      return false;
    }
    return now - observed.since >= LEASE_MS;
  }

  /** The log must be the one the documents came from: a restored backup has other events at our position. */
  async function checkLog(at: Checkpoint): Promise<void> {
    if (at.position === 0n) return;
    const event = await events.readAt(at.position);
    if (event?.id !== at.eventId)
      stop(
        `the log has ${event ? 'another' : 'no'} event at position ${at.position}: these documents came from another log`,
      );
  }

  async function step(): Promise<number> {
    if (role === 'stopped') throw new FeedStopped(`${consumer.name}: ${failure}`);
    if (!(await acquire()) || !checkpoint) return 0;
    try {
      await stayActive();
      if (parkedKeys > PARKED_MAX) await retryParked();
      stopIfTooManyParked();
      const batch = await events.readAll({ after: checkpoint.position, limit: batchSize, maxBytes: options.maxBytes });
      const last = batch.at(-1);
      if (!last) return 0;
      const counts = await applyBatch(batch);
      const moved = { ...checkpoint, position: last.position, eventId: last.id, beat: checkpoint.beat + 1 };
      if (consumer.unwatched && counts.notMine === counts.seen) checkpoint = moved;
      else if (!(await save(moved))) return 0;
      options.onBatch?.(counts);
      return batch.length;
    } catch (error) {
      if (error instanceof Superseded) return 0;
      throw error;
    }
  }

  function stopIfTooManyParked(): void {
    if (parkedKeys > PARKED_MAX) stop(`more than ${PARKED_MAX} keys are parked`);
  }

  /** The key of an event the consumer takes. Metadata in which none can be found is as bad as none. */
  function keyOf(event: RecordedEvent): string {
    let key: string | undefined;
    try {
      key = consumer.keyOf(event);
    } catch {
      key = undefined;
    }
    return key ?? stop(`${event.type} at position ${event.position} has no routing key`);
  }

  async function applyBatch(batch: readonly RecordedEvent[]): Promise<BatchCounts> {
    const groups = new Map<string, RecordedEvent[]>();
    let mine = 0;
    for (const event of batch) {
      if (!consumer.takes(event)) continue;
      mine += 1;
      collect(groups, keyOf(event), event);
    }
    const counts = { seen: batch.length, applied: 0, notMine: batch.length - mine, parked: 0, duplicate: 0 };
    await applyGroups(groups, counts, false);
    stopIfTooManyParked();
    return counts;
  }

  /** Folds each group onto its document and writes each document once; whatever lost its guard is read and folded again. */
  async function applyGroups(
    groups: Map<string, RecordedEvent[]>,
    counts: { applied: number; parked: number; duplicate: number },
    retrying: boolean,
  ): Promise<void> {
    let open = groups;
    for (let attempt = 0; open.size > 0; attempt += 1) {
      if (attempt === WRITE_ATTEMPTS)
        throw new Interrupted(`${consumer.name}: documents keep changing under the runner`);
      const documents = await reads.getMany<FoldedDocument>(consumer.collection, [...open.keys()]);
      const results = new Map<string, Folded>();
      for (const [key, group] of open) {
        await stayActive();
        results.set(key, await foldGroup(key, documents.get(key) ?? null, group, retrying));
      }
      const writes = [...results].flatMap(([key, { document }]) => {
        if (!document) return [];
        const before = documents.get(key);
        return [{ document, expected: before ? { position: before.position } : null }];
      });
      const held = writes.length > 0 ? await reads.write(consumer.collection, writes) : new Set<string>();
      const lost = new Map<string, RecordedEvent[]>();
      for (const [key, result] of results) {
        if (result.document && !held.has(key)) {
          lost.set(key, open.get(key) ?? []);
          continue;
        }
        counts.applied += result.applied;
        counts.parked += result.parked;
        counts.duplicate += result.duplicate;
        if (result.newlyParked) parkedKeys += 1;
      }
      open = lost;
    }
  }

  interface Folded {
    /** What to write; null when nothing changed. */
    readonly document: FoldedDocument | null;
    readonly applied: number;
    readonly parked: number;
    readonly duplicate: number;
    readonly newlyParked: boolean;
  }

  /** With `retrying`, a parked document marked for retry takes the events, and stays parked behind them: others may be held yet. */
  async function foldGroup(
    key: string,
    before: FoldedDocument | null,
    group: readonly RecordedEvent[],
    retrying: boolean,
  ): Promise<Folded> {
    if (before?.parked && !(retrying && before.parkedRetry))
      return { document: null, applied: 0, parked: group.length, duplicate: 0, newlyParked: false };
    const base = before?.parked ? unparked(before) : before;
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
        if (saysNothingOfTheEvent(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        const stub = document ?? base ?? { _id: key, position: 0n };
        return {
          document: { ...stub, ...parkedAt(event.position, reason, false) },
          applied,
          parked: group.length - index,
          duplicate,
          newlyParked: !before?.parked,
        };
      }
    }
    const last = group.at(-1);
    if (before?.parked && last) {
      const mark = parkedAt(last.position + 1n, before.parkedError ?? '', true);
      return {
        document: { ...(document ?? base ?? before), ...mark },
        applied,
        parked: 0,
        duplicate,
        newlyParked: false,
      };
    }
    return { document: document === base ? null : document, applied, parked: 0, duplicate, newlyParked: false };
  }

  /**
   * Reads again, once for all marked keys, what was held since they were parked. Their marks go only when the checkpoint is
   * reached: a break-off on the way leaves them parked, further on. Memory stays bounded however much was held.
   */
  async function retryParked(): Promise<void> {
    if (parkedKeys === 0 || role !== 'active' || !checkpoint) return;
    const where = { parked: true, parkedRetry: true };
    const marked = await reads.find<FoldedDocument>(consumer.collection, { where, limit: RETRIED_AT_ONCE });
    if (marked.length === 0) return;
    const heldFrom = new Map(marked.map((document) => [document._id, BigInt(document.parkedFrom ?? '0')]));
    const until = checkpoint.position;
    let after = [...heldFrom.values()].reduce((least, from) => (from < least ? from : least)) - 1n;
    while (after < until) {
      const page = await events.readAll({ after, limit: batchSize, maxBytes: options.maxBytes });
      const last = page.at(-1);
      if (!last) break;
      const groups = new Map<string, RecordedEvent[]>();
      for (const event of page) {
        if (event.position > until || !consumer.takes(event)) continue;
        const key = keyOf(event);
        if (event.position >= (heldFrom.get(key) ?? until + 1n)) collect(groups, key, event);
      }
      await applyGroups(groups, { applied: 0, parked: 0, duplicate: 0 }, true);
      after = last.position;
      await stayActive();
    }
    const done = [...(await reads.getMany<FoldedDocument>(consumer.collection, [...heldFrom.keys()])).values()];
    await reads.write(
      consumer.collection,
      done
        .filter((document) => document.parked && document.parkedRetry)
        .map((document) => ({
          document: unparked(document),
          expected: { position: document.position, parked: true, parkedRetry: true },
        })),
    );
    parkedKeys = await reads.count(consumer.collection, { parked: true });
  }

  async function release(): Promise<void> {
    if (checkpoint?.owner === owner) await save({ ...checkpoint, owner: '', beat: checkpoint.beat + 1 });
    checkpoint = null;
    if (role === 'active') role = 'standby';
  }

  const feed: Feed = {
    name: consumer.name,
    step: () => exclusively(step),
    async catchUp() {
      while ((await feed.step()) > 0);
    },
    async run(signal) {
      let wake = () => {};
      let woken = false;
      const unsubscribe = events.onAppend(() => {
        woken = true;
        wake();
      });
      signal.addEventListener('abort', () => wake(), { once: true });
      let failures = 0;
      try {
        while (!signal.aborted) {
          try {
            woken = false;
            const seen = await feed.step();
            await feed.retryParked();
            failures = 0;
            failure = null;
            if (seen > 0) {
              await new Promise((resolve) => setImmediate(resolve)); // lets requests in between batches
              continue;
            }
          } catch (error) {
            if (error instanceof FeedStopped || error instanceof StoreFailed) throw error;
            failure = error instanceof Error ? error.message : String(error);
            failures += 1;
          }
          if (woken && failures === 0) continue;
          const waitMs =
            failures > 0 ? Math.min(5_000, 50 * 2 ** failures) : role === 'active' ? BEAT_MS / 2 : BEAT_MS / 4;
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, waitMs);
            wake = () => {
              if (failures > 0 && !signal.aborted) return; // an append does not shorten a back-off
              clearTimeout(timer);
              resolve();
            };
            if (signal.aborted) wake();
          });
        }
      } finally {
        unsubscribe();
        await exclusively(release).catch(() => undefined); // then the lease runs out
      }
    },
    retryParked: () => exclusively(retryParked),
    position: () => checkpoint?.position ?? 0n,
    reachedPosition: async () =>
      (checkpoint ?? (await reads.get<Checkpoint>(CHECKPOINTS, consumer.name)))?.position ?? 0n,
    async status() {
      const stored = checkpoint ?? (await reads.get<Checkpoint>(CHECKPOINTS, consumer.name));
      return {
        name: consumer.name,
        role,
        ...(await lagOf(events, clock, stored?.position ?? 0n)),
        parkedKeys,
        error: failure,
      };
    },
    release: () => exclusively(release),
  };
  return feed;
}

/** Such a fault parks nothing: the event is as good as it was. */
function saysNothingOfTheEvent(error: unknown): boolean {
  return [Interrupted, FeedStopped, StoreBusy, StoreFailed].some((fault) => error instanceof fault);
}

function collect(groups: Map<string, RecordedEvent[]>, key: string, event: RecordedEvent): void {
  const group = groups.get(key);
  if (group) group.push(event);
  else groups.set(key, [event]);
}

function parkedAt(from: Position, error: string, parkedRetry: boolean) {
  return { parked: true, parkedFrom: from.toString(), parkedError: error.slice(0, ERROR_LENGTH), parkedRetry };
}

function unparked({
  parked: _,
  parkedFrom: _from,
  parkedError: _error,
  parkedRetry: _retry,
  ...document
}: FoldedDocument) {
  return document as FoldedDocument;
}

/** How far a position is behind the log: in events, and in seconds since the oldest event not yet seen happened. */
export async function lagOf(
  events: EventStore,
  clock: Clock,
  position: Position,
): Promise<{ position: Position; lagEvents: number; lagSeconds: number }> {
  const [next] = await events.readAll({ after: position, limit: 1 });
  if (!next) return { position, lagEvents: 0, lagSeconds: 0 };
  const age = clock.now() - fromInstant(next.metadata.occurredAt);
  return { position, lagEvents: await events.countAfter(position), lagSeconds: Math.max(0, age / 1_000) };
}
