/**
 * A share of a rebuild: the windows of some slots of keys, folded by one worker at a time. One record is its lease and says what is to
 * fold still, so that any worker goes on where the one before has stored.
 */
import { PARKED_MAX } from '@creator-dashboards/shared/feed';
import { FeedStopped, type Consumer } from '@creator-dashboards/shared/feed/consumer';
import { createLease, LeaseLost, type Checkpoint, type ShareWork } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import type { Tracer } from '@creator-dashboards/shared/tracing/tracer';
import type { View } from '@creator-dashboards/shared/views/view';
import { aheadOf, type Ahead, type Held } from './ahead.js';
import { NO_COST, plus, type Cost } from './estimate.js';
import { isAll, partOfLog, slotsOfShare } from './slots.js';
import { openWindow, type Window } from './window.js';

export interface ShareOptions {
  readonly view: View;
  readonly consumer: Consumer;
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: Clock;
  readonly owner: string;
  readonly isDead?: ((owner: string) => boolean) | undefined;
  /** Into how many shares the slots are divided. */
  readonly shares: number;
  /** Position of the last event to fold, the same for all shares. */
  readonly upTo: Position;
  readonly page: number;
  readonly pageBytes: number;
  /** Memory for documents. */
  readonly bytes: number;
  /** Documents of a slot of keys, at most, as far as is known: Infinity where nothing is. */
  readonly mostPerSlot: number;
  /** Unless given, nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

export interface Share {
  /** Takes its lease if it is free or may be taken over; returns whether it is held now. */
  acquire(): Promise<boolean>;
  isDone(): boolean;
  /**
   * Reads and folds one page, or stores a batch of documents. Returns how many events were read; null where there is nothing to do yet.
   * Throws LeaseLost when another worker has taken over.
   */
  step(): Promise<number | null>;
  /** What is done up to now, with the keys that are parked in memory. */
  work(): ShareWork;
  /** How much of the log is read for so many slots, as of late: an engine may leave out the streams of others, and types that the view does not handle. */
  partOf(slots: number): number;
  /** Where its window is. */
  position(): Position;
  /** What it took this worker to store windows that had reached their end. */
  storing(): Cost;
  /** Stores what is folded, unless another worker has taken over, and gives the lease back. */
  release(): Promise<void>;
}

interface Snapshot extends Held {
  /** Events of the log from where the window began, with those that were not read. */
  readonly passed: number;
}

/** Collection of the records of shares. */
export const SHARES = 'rebuild-shares';
export const MAX_SHARES = 64;
/** What a kill may cost: documents are stored after so long, also where the window has not reached its end. */
const STORE_MS = 60 * SECOND;
/** How often the record tells how far it is. */
const NOTE_MS = 250;
/** New documents come on as since so much of the window was folded. */
const LATE = 0.8;
const NOTHING: Snapshot = { events: 0, passed: 0, perSlot: 0 };

export function shareName({ name }: Pick<Consumer, 'name'>, share: number): string {
  return `${name}/${share}`;
}

/** The names of the records of a feed's shares. */
export async function sharesOf(reads: Pick<ReadStore, 'find'>, feed: string): Promise<string[]> {
  const found = await reads.find<Checkpoint>(SHARES, { afterId: `${feed}/`, limit: MAX_SHARES });
  return found.flatMap(({ _id }) => (_id.startsWith(`${feed}/`) ? [_id] : []));
}

export function createShare(options: ShareOptions, index: number): Share {
  const { consumer, events, reads, clock, upTo } = options;
  const name = shareName(consumer, index);
  const prepare = () => reads.declare(consumer.collection, [...consumer.indexes, 'parked']);
  const begin = async () => undefined;
  const lease = createLease({ ...options, consumer: { name }, collection: SHARES, prepare, begin, stop });
  let window: Window | null = null;
  /** Whether some of its documents are to be stored before it goes on. */
  let isStoring = false;
  /** Where the window began, and how many events had been seen then. */
  let begun = { position: 0n, seen: 0 };
  let leavesOut = true;
  /** How much of its streams was read, of late: the rest is of types that the view does not handle. */
  let given = 1;
  let parkedBefore = 0;
  let [seen, seenThen] = [0, 0];
  let [storedAt, notedAt] = [0, -Infinity];
  let storing = NO_COST;
  /** What the window held when it had folded two thirds of what it has, or four fifths, and after that. */
  let [earlier, later]: readonly [Snapshot, Snapshot] = [NOTHING, NOTHING];

  function stop(reason: string): never {
    throw new FeedStopped(`${name}: ${reason}`);
  }

  /** As its record says. */
  const noted = () => lease.checkpoint()?.share ?? newWork(options, index);

  async function open(): Promise<Window> {
    const { view, page, pageBytes, bytes, tracer } = options;
    const slice = noted().slices[0] ?? stop('nothing is left to fold');
    storedAt = clock.monotonic();
    begun = { position: BigInt(slice.position), seen };
    [earlier, later] = [NOTHING, NOTHING];
    const { stayActive } = lease;
    const folding = { view, consumer, events, reads, tracer, slice, upTo };
    return openWindow({ ...folding, page, pageBytes, bytes, stayActive, stop });
  }

  async function note(next: ShareWork): Promise<void> {
    await lease.note(next);
    [seenThen, notedAt] = [next.seen, clock.monotonic()];
  }

  const isFolded = (of: Window) => of.position() >= upTo;

  /** Stores a batch of documents; when all are stored, notes what is to fold still. */
  async function store(of: Window): Promise<void> {
    const [began, changed] = [clock.monotonic(), of.changed()];
    await lease.confirm();
    const own = await of.store();
    storedAt = clock.monotonic();
    if (isFolded(of)) storing = plus(storing, { units: changed - of.changed(), ms: storedAt - began });
    isStoring = own === null;
    if (own === null) return;
    const slices = [...own, ...noted().slices.slice(1)];
    await note({ ...work(), slices, ...(await ahead(of, slices)) });
    if (isFolded(of)) [window, parkedBefore] = [null, noted().parked];
  }

  /** Folds a page; returns how many events were read. */
  async function fold(of: Window): Promise<number> {
    const read = await of.step();
    seen += read;
    if (work().parked > PARKED_MAX) stop(`more than ${PARKED_MAX} keys are parked`);
    const now = clock.monotonic();
    isStoring = isFolded(of) || now - storedAt >= STORE_MS;
    if (!isStoring && now - notedAt >= NOTE_MS) {
      const more = await ahead(of, noted().slices);
      await note({ ...work(), ...more, parked: noted().parked });
    }
    return read;
  }

  /** What is ahead when only these slices are left, the first of which is the window's own unless it has reached its end. */
  async function ahead(of: Window, slices: ShareWork['slices']): Promise<Ahead> {
    const at = of.position();
    const [beyond = 0, here = 0, start = 0, all = 0] = await Promise.all(
      [upTo, at, begun.position, 0n].map((after) => events.countAfter(after)),
    );
    const { from, to } = of.slots();
    const slots = to - from;
    const now = { events: seen - begun.seen, passed: Math.max(0, start - here), perSlot: of.size() / slots };
    if (now.passed > 0 && !isAll(of.slots())) leavesOut = now.events < now.passed;
    if (now.events >= later.events / LATE) [earlier, later] = [later, now];
    const [read, passed] = [now.events - earlier.events, now.passed - earlier.passed];
    if (read > 0 && passed > 0) given = Math.min(1, read / (passed * partOfStreams(slots)));
    const { left, toStore } = aheadOf({
      ...{ now, earlier, slots, bytes: of.bytes(), limit: options.bytes, mostPerSlot: options.mostPerSlot },
      open: slices.reduce((sum, one) => sum + one.to - one.from, isFolded(of) ? slots : 0),
      rest: Math.max(0, here - beyond),
      pass: all - beyond,
      partOf,
    });
    return { left, toStore: Math.max(0, toStore - (isFolded(of) ? of.size() : 0)) };
  }

  const partOfStreams = (slots: number) => (leavesOut ? partOfLog(options.view, slots) : 1);
  const partOf = (slots: number) => given * partOfStreams(slots);

  function work(): ShareWork {
    const parked = parkedBefore + (window?.parkedKeys() ?? 0);
    const { stored = 0, toStore = 0, ...before } = noted();
    const left = Math.max(0, before.left + seenThen - seen);
    const [open, all] = window && isFolded(window) ? [window.changed(), window.size()] : [0, 0];
    const documents = { stored: stored + all - open, toStore: Math.max(open, toStore - (all - open)) };
    return { ...before, ...documents, unstored: window?.unstored() ?? 0, seen, left, parked };
  }

  return {
    async acquire() {
      if (!(await lease.acquire())) return false;
      [window, isStoring] = [null, false]; // one of before the lease was lost: others may have stored its slots since
      seen = seenThen = noted().seen;
      parkedBefore = noted().parked;
      return true;
    },
    isDone: () => noted().slices.length === 0,
    async step() {
      await lease.stayActive();
      window ??= await open();
      const read = isStoring ? 0 : await fold(window);
      if (!isStoring) return read > 0 ? read : null;
      await store(window);
      return read;
    },
    work,
    position: () => window?.position() ?? upTo,
    partOf,
    storing: () => storing,
    async release() {
      try {
        const open = window;
        if (open && lease.held())
          do await store(open);
          while (isStoring);
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error; // else it is another worker's by now
      } finally {
        window = null;
        await lease.release();
      }
    },
  };
}

/** What a share begins with. */
function newWork({ shares }: Pick<ShareOptions, 'shares'>, share: number): ShareWork {
  const slices = [{ ...slotsOfShare(share, shares), position: '0' }];
  return { slices, seen: 0, left: 0, unstored: 0, stored: 0, toStore: 0, parked: 0 };
}
