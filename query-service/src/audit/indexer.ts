/**
 * Reads the log into the audit's index: one process at a time does, by a lease like that of a feed. Events that cannot be read are in
 * it, too. It may be stopped at any moment: the index says itself how far it is.
 */
import type { AuditIndex, IndexState, NewIndexedEvent } from '@creator-dashboards/shared/audit-index';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { createLease, LeaseLost } from '@creator-dashboards/shared/feed/lease';
import { createPulse, type Pulse } from '@creator-dashboards/shared/feed/pulse';
import { runSteps, workOf, type Work } from '@creator-dashboards/shared/feed/run-steps';
import { leafOf, withLeaf, type Tree } from '@creator-dashboards/shared/merkle';
import type { EventStore, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { Clock } from '@creator-dashboards/shared/time';
import { oneAtATime } from '@creator-dashboards/shared/waiting';
import { entryOf } from './entry.js';
import { HEAD_TERM, type Heads } from './heads.js';
import type { RoundsToDo } from './rounds.js';
import { ifReadable } from './show.js';
import { namesOf, termOf } from './terms.js';

const INDEXER = 'audit.index';

export interface IndexerOptions {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly index: AuditIndex;
  readonly clock: Clock;
  /** That of the process; one of its own unless given. */
  readonly pulse?: Pulse | undefined;
  /** Names this process, unique per start. */
  readonly owner: string;
  readonly isDead?: (owner: string) => boolean;
  /** Of the log that is indexed here. */
  readonly heads: Pick<Heads, 'learn' | 'tend'>;
  /** A turn is done between two batches, by the one that holds the lease. */
  readonly rounds?: RoundsToDo;
}

export interface Indexer {
  /** Takes or confirms the lease and indexes one batch; returns the number of events, 0 on standby or at the head. */
  step(): Promise<number>;
  catchUp(): Promise<void>;
  /** Runs until stopped. `onStopped` is called when it cannot go on without an operator. */
  start(onStopped: (error: unknown) => void): void;
  stop(): Promise<void>;
}

/** Between two batches requests have their turn: one is well below 20 ms of work, in one synchronous transaction. */
const BATCH = { limit: 30, maxBytes: 1024 * 1024, whole: true, recent: true };
/** How long it waits for more after a batch that is not full. Nobody waits for the index: searches read in the log what follows it. */
const REST_MS = 200;
const CHECK_ASKED = 'IntegrityCheckAsked';
const CHECK_TERM = termOf(['type', CHECK_ASKED]);
/** So many of the newest events may hold heads that nobody has kept yet: more than a batch ever had. */
const LEARNT_AGAIN = 1_000;

export function createIndexer(options: IndexerOptions): Indexer {
  const { events, reads, index, clock, owner, isDead, heads, rounds, pulse = createPulse(options) } = options;
  const exclusively = oneAtATime();
  const stop = (reason: string): never => {
    throw new FeedStopped(`${INDEXER}: ${reason}`);
  };
  let state: IndexState | null = null;
  const lease = createLease({
    ...{ consumer: { name: INDEXER }, events, reads, clock, pulse, owner, isDead, stop },
    prepare: () => Promise.resolve(),
    async begin() {
      state = await index.state();
      await checkLog(state);
      await learnAgain(state.size);
    },
  });

  /** An index of another log would find events that are not there. */
  async function checkLog({ position, eventId }: IndexState): Promise<void> {
    if (eventId === null || (await events.readAt(position))?.id === eventId) return;
    stop(
      `the index is of another log (event ${eventId} is not at position ${position}): move audit.db away; it is made anew`,
    );
  }

  /** Who held the lease before may have died between a batch and the heads in it. */
  async function learnAgain(size: number): Promise<void> {
    const first = Math.max(0, size - LEARNT_AGAIN);
    const ordinals = await index.having(HEAD_TERM, { from: first, direction: 'forwards', limit: LEARNT_AGAIN });
    await learn(await events.readMany(await index.positionsOf(ordinals)));
    const asked = await index.having(CHECK_TERM, { from: size, direction: 'backwards', limit: 1 });
    await learn(await events.readMany(await index.positionsOf(asked)));
  }

  async function learn(seen: readonly RecordedEvent[]): Promise<void> {
    await heads.learn(seen);
    for (const { type, metadata } of seen) if (type === CHECK_ASKED) rounds?.ask(metadata.occurredAt);
  }

  async function step(): Promise<number> {
    if (!(await lease.acquire())) return 0;
    try {
      await lease.stayActive();
      state ??= await index.state();
      const batch = await events.readAll({ after: state.position, ...BATCH });
      const last = batch.at(-1);
      if (!last) return 0;
      const added = entriesOf(state, batch);
      const isAdded = await index.add(added.entries, added.next);
      state = isAdded ? added.next : null;
      if (isAdded) await learn(batch);
      return isAdded && (await lease.moveTo(last)) ? batch.length : 0;
    } catch (error) {
      if (error instanceof LeaseLost) return 0;
      throw error;
    }
  }

  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const stepInTurn = () => exclusively(step);
  return {
    step: stepInTurn,
    async catchUp() {
      while ((await stepInTurn()) > 0);
    },
    start(onStopped) {
      const step = async (): Promise<Work> => {
        const seen = await stepInTurn();
        if (lease.held() && state) {
          await heads.tend(state);
          await rounds?.turn(state.size);
        }
        return workOf(seen, BATCH.limit);
      };
      const steps = { events, clock, pulse, step, restMs: REST_MS, isActive: lease.held };
      running = runSteps(steps, stopping.signal).catch(onStopped);
    },
    async stop() {
      stopping.abort();
      await running;
      await exclusively(lease.release).catch(() => undefined); // then the lease runs out
    },
  };
}

/** The entries of the events that follow an index, and its state after them. */
export function entriesOf(
  state: IndexState,
  batch: readonly RecordedEvent[],
): { entries: NewIndexedEvent[]; next: IndexState } {
  let tree: Tree = { size: state.size, peaks: state.peaks.map((peak) => Buffer.from(peak, 'hex')) };
  let { time, position, eventId } = state;
  const entries = batch.map((event): NewIndexedEvent => {
    const ordinal = tree.size;
    const leaf = leafOf(entryOf(ordinal, event));
    const grown = withLeaf(tree, leaf);
    tree = grown.tree;
    time = Math.max(time, timeOf(event) ?? 0);
    ({ position, id: eventId } = event);
    const terms = [...new Set(namesOf(event).map(termOf))];
    return { ordinal, position, time, leaf, block: grown.block, terms };
  });
  const peaks = tree.peaks.map((peak) => peak.toString('hex'));
  return { entries, next: { size: tree.size, position, eventId, time, peaks } };
}

/** When it occurred, in milliseconds since the epoch; null if that cannot be read. */
export function timeOf(event: RecordedEvent): number | null {
  const occurredAt = (ifReadable(() => event.metadata) as Partial<RecordedEvent['metadata']> | null)?.occurredAt;
  const time = Date.parse(String(occurredAt));
  return Number.isNaN(time) ? null : time;
}
