/**
 * A share of a rebuild: the windows of some slots of keys, folded by one worker at a time. One record is its lease and says what is to
 * fold still, so that any worker goes on where the one before has stored.
 */
import { PARKED_MAX } from '@creator-dashboards/shared/feed';
import { FeedStopped, type Consumer } from '@creator-dashboards/shared/feed/consumer';
import { createLease, LeaseLost, type Checkpoint, type ShareWork } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { slotsOfShare } from './slots.js';
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
  /** Called while documents are written: that takes a while. */
  readonly stayActive?: (() => Promise<void>) | undefined;
}

export interface Share {
  /** Takes its lease if it is free or may be taken over; returns whether it is held now. */
  acquire(): Promise<boolean>;
  isDone(): boolean;
  /** Reads and folds one page; returns how many events that were, 0 where there is none to read yet. Throws LeaseLost when another worker has taken over. */
  step(): Promise<number>;
  /** What is done up to now, with the keys that are parked in memory. */
  work(): ShareWork;
  /** Which part of the log it reads: all of it, unless the engine leaves out the streams of other shares. */
  part(): number;
  /** Where its window is. */
  position(): Position;
  /** Milliseconds, about, to store what is in memory. */
  msToStore(): number;
  /** Stores what is folded, unless another worker has taken over, and gives the lease back. */
  release(): Promise<void>;
}

/** Collection of the records of shares. */
export const SHARES = 'rebuild-shares';
export const MAX_SHARES = 64;
/** What a kill may cost: documents are stored after so long, also where the window has not reached its end. */
const STORE_MS = 60 * SECOND;
/** How often the record tells how far it is. */
const NOTE_MS = 250;
/** What a document takes to be stored, before the first were: measured on files. */
const MS_A_DOCUMENT = 0.03;

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
  /** Where the window began, and how many events had been seen then. */
  let begun = { position: 0n, seen: 0 };
  let part = 1;
  let parkedBefore = 0;
  let [seen, seenThen] = [0, 0];
  let [storedAt, notedAt] = [0, -Infinity];
  let msADocument = MS_A_DOCUMENT;

  function stop(reason: string): never {
    throw new FeedStopped(`${name}: ${reason}`);
  }

  /** As its record says. */
  const noted = () => lease.checkpoint()?.share ?? newWork(options, index);

  async function open(): Promise<Window> {
    const { view, page, pageBytes, bytes } = options;
    const slice = noted().slices[0] ?? stop('nothing is left to fold');
    storedAt = clock.monotonic();
    begun = { position: BigInt(slice.position), seen };
    const { stayActive } = lease;
    return openWindow({ view, consumer, events, reads, slice, upTo, page, pageBytes, bytes, stayActive, stop });
  }

  async function note(next: ShareWork): Promise<void> {
    await lease.note(next);
    [seenThen, notedAt] = [next.seen, clock.monotonic()];
  }

  /** Stores the documents, then notes what is to fold still. */
  async function store(of: Window): Promise<void> {
    const [began, size] = [clock.monotonic(), of.size()];
    const confirm = async () => {
      await options.stayActive?.();
      await lease.confirm();
    };
    const slices = [...(await of.store(confirm)), ...noted().slices.slice(1)];
    if (size > 0) msADocument = (clock.monotonic() - began) / size;
    await note({ ...work(), slices, unstored: 0, left: await leftOf(slices) });
    storedAt = clock.monotonic();
  }

  /** Where a window was made smaller, those after it are as small. */
  async function leftOf(slices: ShareWork['slices'], position?: Position): Promise<number> {
    const [slice, ...further] = slices;
    if (!slice) return 0;
    const at = position ?? BigInt(slice.position);
    const [beyond = 0, here = 0, start = 0, all = 0] = await Promise.all(
      [upTo, at, begun.position, 0n].map((after) => events.countAfter(after)),
    );
    if (start > here) part = Math.min(1, (seen - begun.seen) / (start - here));
    const { from, to } = window?.slots() ?? slice;
    const open = further.reduce((sum, one) => sum + one.to - one.from, slice.to - from);
    const passes = Math.ceil(open / (to - from)) - 1;
    return Math.max(0, Math.round((here - beyond + passes * (all - beyond)) * part));
  }

  function work(): ShareWork {
    const parked = parkedBefore + (window?.parkedKeys() ?? 0);
    const left = Math.max(0, noted().left + seenThen - seen);
    return { ...noted(), seen, left, unstored: window?.unstored() ?? 0, parked };
  }

  return {
    async acquire() {
      if (!(await lease.acquire())) return false;
      seen = seenThen = noted().seen;
      parkedBefore = noted().parked;
      return true;
    },
    isDone: () => noted().slices.length === 0,
    async step() {
      await lease.stayActive();
      window ??= await open();
      const read = await window.step();
      seen += read;
      if (work().parked > PARKED_MAX) stop(`more than ${PARKED_MAX} keys are parked`);
      const now = clock.monotonic();
      const isFolded = window.position() >= upTo;
      if (isFolded || now - storedAt >= STORE_MS) await store(window);
      else if (now - notedAt >= NOTE_MS) {
        const left = await leftOf(noted().slices, window.position());
        await note({ ...work(), left, parked: noted().parked });
      }
      if (isFolded) [window, parkedBefore] = [null, noted().parked];
      return read;
    },
    work,
    part: () => part,
    position: () => window?.position() ?? upTo,
    msToStore: () => (window ? window.size() * msADocument : 0),
    async release() {
      try {
        if (window && lease.held()) await store(window);
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
  return { slices, seen: 0, left: 0, unstored: 0, parked: 0 };
}
