/**
 * The runner of every consumer of the log: projections, look-ups and policies. It owns order, duplicates, checkpoint, lease,
 * parking and lag; consumers only say what one event does to one key.
 *
 * At-least-once delivery, exactly-once effect: a document is written by compare-and-set on the position that was read, then the
 * checkpoint moves by compare-and-set on the lease's token. A crash between the two repeats a batch, and the positions of the
 * documents make the repetition do nothing. A superseded runner fails its next compare-and-set and stands by.
 */
import { noting } from './changes/ring.js';
import { FeedStopped, type Consumer } from './feed/consumer.js';
import { knownDiscards } from './feed/discards.js';
import type { BatchOutcome, ParkedEvent } from './feed/documents.js';
import { lagOf, secondsSince } from './feed/lag.js';
import { createLease, LeaseLost } from './feed/lease.js';
import { createPassing } from './feed/passing.js';
import { createPulse, type Pulse } from './feed/pulse.js';
import { repairing } from './feed/repairing.js';
import type { NextRepair } from './feed/repairs.js';
import type { FeedStanding, FeedStatus } from './feed/feed-status.js';
import { runSteps, workOf, type Work } from './feed/run-steps.js';
import type { EventStore, Position, ReadStore, RecordedEvent } from './ports.js';
import { fromInstant, SECOND, type Clock } from './time.js';
import { openTracedDocuments, type TracedDocumentsOptions } from './tracing/documents.js';
import { ownTurn } from './turns.js';
import { oneAtATime } from './waiting.js';

/** More parked keys than this mean that the consumer is broken, not the events: it stops. */
export const PARKED_MAX = 1_000;

export interface FeedOptions extends Pick<TracedDocumentsOptions, 'tracer'> {
  readonly consumer: Consumer;
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: Clock;
  /** That of the process; one of its own unless given. */
  readonly pulse?: Pulse | undefined;
  /** Names this process, unique per start. */
  readonly owner: string;
  /** Whether an owner is certainly dead (its process is gone from this host), so that a restart need not wait for the lease to expire. */
  readonly isDead?: (owner: string) => boolean;
  /** Events per batch. */
  readonly batch?: number;
  readonly maxBytes?: number;
  /** Called after each batch. applied + notMine + parked + duplicate + discarded = seen: nothing is skipped silently. */
  readonly onBatch?: (counts: BatchCounts, lagSeconds: number) => void;
  /** Called once for each key that is parked. */
  readonly onParked?: (parked: ParkedEvent) => void;
  /** Where it looks for documents that are to be made anew: the feeds of views do that. */
  readonly repairs?: NextRepair;
  /** Whether its checkpoint's record says which documents were written last: those of views, which others keep in memory. */
  readonly announces?: boolean;
  /** Where to begin without a checkpoint, instead of at the origin (named by an operator, or by a rebuild's partition). */
  readonly startAt?: Position;
}

/** Beside it, `lagSeconds`: how long ago the first event of the batch happened, 0 where nothing was to be done. */
export interface BatchCounts {
  readonly seen: number;
  readonly applied: number;
  readonly notMine: number;
  readonly parked: number;
  readonly duplicate: number;
  readonly discarded: number;
}

const NOTHING: BatchCounts = { seen: 0, applied: 0, notMine: 0, parked: 0, duplicate: 0, discarded: 0 };

export interface Feed {
  readonly name: string;
  /** Takes or confirms the lease and processes one batch; returns the number of events seen, 0 on standby or at the head. */
  step(): Promise<number>;
  /** Steps until the head is reached. */
  catchUp(): Promise<void>;
  /** Runs until aborted: wakes on appends, retries transient errors with back-off, then releases the lease. Rejects with FeedStopped or StoreFailed. */
  run(signal: AbortSignal): Promise<void>;
  /** Retries some of the parked keys that are marked for retry; false where none is. Called by `run` at batch boundaries. */
  retryParked(): Promise<boolean>;
  /** Does a part of a repair that is asked for; returns whether more is to be done at once. Called by `run` at batch boundaries. */
  repair(): Promise<boolean>;
  position(): Position;
  /** Position the consumer has reached, whichever process runs it; on standby it is read from the record. */
  reachedPosition(): Promise<Position>;
  standing(): FeedStanding;
  /** Asks the stores: what it is behind by is counted in the log. */
  status(): Promise<FeedStatus>;
  /** Gives the lease back so that another may take it at once. */
  release(): Promise<void>;
}

export function createFeed(options: FeedOptions): Feed {
  const { consumer, events, clock, owner, isDead, startAt, pulse = createPulse(options) } = options;
  const { reads, written } = options.announces
    ? noting(options.reads, consumer.collection)
    : { reads: options.reads, written: undefined };
  const bounds = { limit: options.batch ?? 1_000, maxBytes: options.maxBytes };
  const documents = openTracedDocuments({
    ...{ consumer, reads, clock, tracer: options.tracer, stop },
    onParked: options.onParked,
    stayActive: () => lease.stayActive(),
  });
  const { declare: prepare, parkedKeys } = documents;
  const discards = knownDiscards(events, consumer.name);
  const begin = async () => {
    await discards.load();
    await documents.countParked();
    await releaseDiscarded();
  };
  const lease = createLease({
    ...{ consumer, events, reads, clock, pulse, owner, isDead, startAt, written },
    prepare,
    begin,
    stop,
  });
  const repairs =
    options.repairs &&
    repairing({
      ...{ consumer, events, reads, next: options.repairs, clock, owner, bounds },
      confirm: () => lease.confirm(),
      countParked: documents.countParked,
      isDiscarded: (event) => discards.has(event),
    });
  /** Whether there may be more to read at once. Then it gives way first, so that no request waits for more than one batch. */
  let isBehind = true;
  let stopped = false;
  let failure: string | null = null;
  /** Steps, retries, the release and what is stored never overlap. */
  const inTurn = oneAtATime();
  let atWork = 0;

  async function exclusively<T>(work: () => Promise<T>): Promise<T> {
    atWork += 1;
    try {
      return await inTurn(work);
    } finally {
      atWork -= 1;
    }
  }

  function role(): FeedStatus['role'] {
    if (stopped) return 'stopped';
    return lease.held() ? 'active' : 'standby';
  }

  function stop(reason: string): never {
    stopped = true;
    failure = reason;
    throw new FeedStopped(`${consumer.name}: ${reason}`);
  }

  function stopIfTooManyParked(): void {
    if (parkedKeys() > PARKED_MAX) stop(`more than ${PARKED_MAX} keys are parked`);
  }

  async function step(): Promise<number> {
    passing.tell();
    if (stopped) throw new FeedStopped(`${consumer.name}: ${failure}`);
    if (!(await lease.acquire())) return 0;
    try {
      await lease.stayActive();
      while (parkedKeys() > PARKED_MAX && (await retryParked()));
      stopIfTooManyParked();
      if (isBehind) await ownTurn();
      const batch = await events.readAll({ after: position(), ...bounds, recent: true });
      isBehind = batch.length > 0;
      const last = batch.at(-1);
      if (!last) return 0;
      const discarded = batch.filter((event) => discards.has(event) && consumer.takes(event));
      const outcome = { ...(await applyUndiscarded(batch)), discarded: discarded.length };
      stopIfTooManyParked();
      const mine = outcome.applied + outcome.parked + outcome.duplicate + outcome.discarded;
      if (mine === 0) lease.advanceInMemory(last);
      else if (!(await lease.moveTo(last))) return 0;
      options.onBatch?.({ seen: batch.length, notMine: batch.length - mine, ...outcome }, secondsSince(batch, clock));
      return batch.length;
    } catch (error) {
      if (error instanceof LeaseLost) return 0;
      throw error;
    }
  }

  /** What this batch discards may hold keys in an earlier one. */
  async function applyUndiscarded(batch: readonly RecordedEvent[]): Promise<BatchOutcome> {
    const outcome = await documents.apply(batch.filter((event) => !discards.has(event)));
    if (discards.learn(batch)) await releaseDiscarded();
    return outcome;
  }

  /** Keys that a discarded event holds are tried again, without it. */
  async function releaseDiscarded(): Promise<void> {
    repairs?.forget();
    if (parkedKeys() > 0) await documents.markForRetry((id) => discards.has({ id }));
  }

  /**
   * Reads the log again, once for a bounded number of marked keys, from where they were parked. Their marks are removed only when the
   * checkpoint is reached; if it is interrupted, they stay parked, at a later position. Memory is bounded however many events were held.
   */
  async function retryParked(): Promise<boolean> {
    if (parkedKeys() === 0 || role() !== 'active') return false;
    const heldFrom = await documents.markedForRetry();
    if (heldFrom.size === 0) return false;
    const until = position();
    let after = [...heldFrom.values()].reduce((least, from) => (from < least ? from : least)) - 1n;
    while (after < until) {
      await ownTurn();
      const page = await events.readAll({ after, ...bounds });
      const last = page.at(-1);
      if (!last) break;
      await documents.applyHeld(
        heldFrom,
        page.filter((event) => event.position <= until && !discards.has(event)),
      );
      after = last.position;
      await lease.stayActive();
    }
    await documents.unpark([...heldFrom.keys()]);
    return true;
  }

  async function repair(): Promise<boolean> {
    if (role() === 'active') return (await repairs?.step(position())) ?? false;
    repairs?.forget();
    return false;
  }

  const passing = createPassing({
    ...{ consumer, discards, lease, inTurn, position: () => position(), isAtRest: () => atWork === 0 },
    onPassed: (seen) => options.onBatch?.({ ...NOTHING, seen, notMine: seen }, 0),
  });

  const position = () => lease.checkpoint()?.position ?? 0n;
  const reachedPosition = async () => (await lease.record())?.position ?? 0n;

  const feed: Feed = {
    name: consumer.name,
    step: () => passing.storing(exclusively(step)),
    async catchUp() {
      while ((await feed.step()) > 0);
    },
    async run(signal) {
      const step = async (): Promise<Work> => {
        const seen = await feed.step();
        const retried = await feed.retryParked();
        return (await feed.repair()) || retried ? 'much' : workOf(seen, bounds.limit);
      };
      const onStep = (fault: string | null) => void (failure = fault);
      const { restMs } = consumer;
      const isActive = () => role() === 'active';
      try {
        await runSteps({ events, clock, pulse, follower: passing.follower, step, restMs, isActive, onStep }, signal);
      } finally {
        await exclusively(lease.release).catch(() => undefined); // then the lease runs out
      }
    },
    retryParked: () => exclusively(retryParked),
    repair: () => exclusively(repair),
    position,
    reachedPosition,
    standing: () => ({ name: consumer.name, role: role(), error: failure }),
    async status() {
      const lag = await lagOf(events, clock, await reachedPosition());
      const oldest = await documents.oldestParked();
      const oldestParkedSeconds = oldest === null ? 0 : Math.max(0, clock.now() - fromInstant(oldest)) / SECOND;
      const parked = { parkedKeys: parkedKeys(), oldestParkedSeconds };
      return { ...feed.standing(), ...lag, ...parked };
    },
    release: () => exclusively(lease.release),
  };
  return feed;
}
