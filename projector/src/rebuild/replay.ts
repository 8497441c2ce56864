/**
 * The first part of a rebuild: the log up to its present end, folded window by window. The record of the candidate's feed says which
 * windows are open, under the same lease; when none is, its position is that end, and the feed goes on from there.
 */
import { createLease, LeaseLost, type OpenWindows } from '@creator-dashboards/shared/feed/lease';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { PARKED_MAX } from '@creator-dashboards/shared/feed';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { consumerOf } from '../generations.js';
import { ALL_SLOTS } from './slots.js';
import { openWindow, type Window } from './window.js';

export interface ReplayOptions {
  readonly view: View;
  readonly generation: string;
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: Clock;
  readonly owner: string;
  readonly isDead?: ((owner: string) => boolean) | undefined;
  readonly page: number;
  readonly pageBytes: number;
  /** Memory for documents. */
  readonly bytes: number;
}

export interface ReplayStep {
  /** Standby: another process holds the lease. Over: there is no window left, and the feed has the rest. */
  readonly state: 'folding' | 'standby' | 'over';
  readonly seen: number;
  readonly position: Position;
  /** Events still to read, where the same one is read by each window. An estimate. */
  readonly left: number;
  /** Milliseconds, about, to store what is in memory. */
  readonly msToStore: number;
}

export interface Replay {
  /** Reads and folds one page. */
  step(): Promise<ReplayStep>;
  /** Documents in memory that are not in the store yet. */
  unstored(): number;
  /** Stores what is folded, so that another worker goes on from there, and gives the lease back. */
  release(): Promise<void>;
}

/** What a kill may cost: documents are stored after so long, also where the window has not reached its end. */
const STORE_MS = 60 * SECOND;
/** What a document takes to be stored, before the first were: measured on files. */
const MS_A_DOCUMENT = 0.03;

export function createReplay(options: ReplayOptions): Replay {
  const { view, generation, events, reads, clock } = options;
  const consumer = consumerOf(view, generation);
  const prepare = () => reads.declare(consumer.collection, [...consumer.indexes, 'parked']);
  const lease = createLease({ ...options, consumer, prepare, begin: async () => undefined, stop });
  let isOver = false;
  let windows: OpenWindows | null = null;
  let window: Window | null = null;
  let parkedBefore = 0;
  let storedAt = 0;
  let msADocument = MS_A_DOCUMENT;

  function stop(reason: string): never {
    throw new FeedStopped(`${consumer.name}: ${reason}`);
  }

  /** What the record says, or all slots up to the present end of the log; null where the feed has begun already. */
  async function begun(): Promise<OpenWindows | null> {
    const checkpoint = lease.checkpoint();
    const head = await events.head();
    if (!checkpoint || checkpoint.position > 0n || head === 0n) return null;
    return checkpoint.windows ?? { upTo: head.toString(), slices: [{ ...ALL_SLOTS, position: '0' }] };
  }

  async function open({ upTo, slices: [slice] }: OpenWindows): Promise<Window | null> {
    const pages = { page: options.page, pageBytes: options.pageBytes, bytes: options.bytes };
    const { stayActive } = lease;
    storedAt = clock.monotonic();
    return slice
      ? openWindow({ view, consumer, events, reads, slice, upTo: BigInt(upTo), ...pages, stayActive, stop })
      : null;
  }

  /** Stores the documents, then notes what is open still. */
  async function store(of: Window, { upTo, slices }: OpenWindows): Promise<OpenWindows> {
    await lease.stayActive();
    const [began, size] = [clock.monotonic(), of.size()];
    const noted = { upTo, slices: [...(await of.store()), ...slices.slice(1)] };
    if (size > 0) msADocument = (clock.monotonic() - began) / size;
    if (!(await lease.noteWindows(noted))) throw new LeaseLost(`${consumer.name}: another worker has taken over`);
    storedAt = clock.monotonic();
    return noted;
  }

  /** Every window has reached the end: the feed begins there. */
  async function finish(upTo: Position): Promise<ReplayStep> {
    const last = await events.readAt(upTo);
    if (!last) stop(`the log has no event at position ${upTo} any more`);
    return (await lease.moveTo(last)) ? over() : standby();
  }

  async function over(): Promise<ReplayStep> {
    isOver = true;
    await lease.release();
    return { state: 'over', seen: 0, position: 0n, left: 0, msToStore: 0 };
  }

  function standby(): ReplayStep {
    [windows, window] = [null, null];
    return { state: 'standby', seen: 0, position: 0n, left: 0, msToStore: 0 };
  }

  async function fold(): Promise<ReplayStep> {
    windows ??= await begun();
    if (!windows) return over();
    window ??= await open(windows);
    if (!window) return finish(BigInt(windows.upTo));
    await lease.stayActive();
    const seen = await window.step();
    if (parkedBefore + window.parkedKeys() > PARKED_MAX) stop(`more than ${PARKED_MAX} keys are parked`);
    const position = window.position();
    const isDone = position >= BigInt(windows.upTo);
    const left = await leftOf(windows, window);
    if (isDone || clock.monotonic() - storedAt >= STORE_MS) windows = await store(window, windows);
    if (isDone) {
      parkedBefore += window.parkedKeys();
      window = null;
    }
    return { state: 'folding', seen, position, left, msToStore: window ? window.size() * msADocument : 0 };
  }

  /** The rest of this window, and the log once more for each further one: as many as this one was made smaller. */
  async function leftOf({ upTo, slices }: OpenWindows, of: Window): Promise<number> {
    const beyond = await events.countAfter(BigInt(upTo));
    const [here, all] = await Promise.all([of.position(), 0n].map((after) => events.countAfter(after)));
    const { from, to } = of.slots();
    const open = slices.reduce((sum, slice) => sum + slice.to - slice.from, 0);
    const further = Math.ceil(open / (to - from)) - 1;
    return (here ?? 0) + further * ((all ?? 0) - beyond);
  }

  return {
    async step() {
      if (isOver) return over();
      if (!(await lease.acquire())) return standby();
      try {
        return await fold();
      } catch (error) {
        if (error instanceof LeaseLost) return standby();
        throw error;
      }
    },
    unstored: () => window?.unstored() ?? 0,
    async release() {
      if (isOver) return;
      try {
        if (window && windows) await store(window, windows);
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error; // else it is another worker's by now
      } finally {
        [windows, window] = [null, null];
        await lease.release();
      }
    },
  };
}
