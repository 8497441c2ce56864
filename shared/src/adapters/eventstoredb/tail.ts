/**
 * The end of the log, kept in memory by one live subscription of the process: all feeds read from it, and learn from it that
 * something was appended. It is a copy that may lag or stop; what it cannot answer is read from the server.
 *
 * A subscription ends for many reasons, and can fall silent without ending: it is begun again behind the last event it brought,
 * and a watch compares the log's head with what has come. Whenever it broke, the log must still hold the event it stood at:
 * otherwise an older backup was restored, and everything that was read since means nothing.
 */
import { excludeSystemEvents, START, type ResolvedEvent } from '@eventstore/db-client';
import type { Position, RecordedEvent } from '../../ports.js';
import { StoreFailed } from '../../store-errors.js';
import { named, type Connection } from './client.js';
import { withinBytes, type PageBounds, type Pages } from './pages.js';
import { fromWire, isOurs } from './wire.js';

export interface TailOptions {
  /** How often the head of the log is compared with what has come. */
  readonly watchMs?: number;
}

export interface Tail {
  /** What comes after a position, if it is known here for certain, [] at the end of the log; null where the server must be asked. */
  page(bounds: PageBounds): RecordedEvent[] | null;
  /** Resolves when the log is known to be the one that was read before; at once while nothing broke. Throws StoreFailed. */
  sameLog(): Promise<void>;
  /** An append of this process was acknowledged: nobody may be told any more that the log ends before it. */
  acknowledged(position: Position): void;
  /** Calls `wake` soon after something was appended; begins the subscription. Answers the unsubscriber. */
  subscribe(wake: () => void): () => void;
  close(): void;
}

/** Events kept, by count and by bytes of the log. Feeds further behind read from the server, in larger pages. */
const KEPT_EVENTS = 4_096;
const KEPT_BYTES = 8n * 1024n * 1024n;
const WATCH_MS = 1_000;
/** Looks, ten to a WATCH_MS, at which a subscription that is behind may have brought nothing. */
const MAX_STALLS = 5;
const RETRY_MS = { first: 5, most: 2_000 };

type Subscription = ReturnType<Connection['client']['subscribeToAll']>;

export function createTail({ client, options, clock }: Connection, pages: Pages, tailOptions: TailOptions = {}): Tail {
  const { watchMs = WATCH_MS } = tailOptions;
  const wakes = new Set<{ wake: () => void }>();
  let kept: RecordedEvent[] = [];
  /** Everything behind `from` and up to `last` is kept. Null until the subscription began for the first time. */
  let from: Position | null = null;
  let last: Pick<RecordedEvent, 'id' | 'position'> = { id: '', position: 0n };
  let newestOfOurs: Position = 0n;
  let subscription: Subscription | null = null;
  /** Whether the subscription had brought all there was when the watch last looked. */
  let live = false;
  /** Whether the log was seen to hold `last` since the connection last broke. */
  let sure = true;
  let failure: StoreFailed | null = null;
  let comparedAt: Position = -1n;
  let stalls = 0;
  let waking = false;
  let retryMs = RETRY_MS.first;
  let cancelRetry = () => {};
  let cancelWatch = () => {};
  let closed = false;
  let started = false;

  function wakeAll(): void {
    if (waking) return;
    waking = true;
    setImmediate(() => {
      waking = false;
      for (const { wake } of wakes) wake();
    });
  }

  function take(resolved: ResolvedEvent): void {
    if (!isOurs(resolved)) return;
    const event = fromWire(resolved);
    if (event.position <= last.position) return; // delivered again
    kept.push(event);
    last = event;
    retryMs = RETRY_MS.first;
    const start = kept[0]?.position ?? 0n;
    if (kept.length > 2 * KEPT_EVENTS || last.position - start > 2n * KEPT_BYTES) forget();
    wakeAll();
  }

  /** Drops the oldest, seldom and many at once. */
  function forget(): void {
    const fits = kept.findIndex(
      ({ position }, index) => kept.length - index <= KEPT_EVENTS && last.position - position <= KEPT_BYTES,
    );
    from = kept[fits - 1]?.position ?? from;
    kept = kept.slice(fits);
  }

  async function begin(): Promise<void> {
    try {
      if (from === null) {
        const head = await pages.last();
        if (head) last = head;
        from = last.position;
      } else await sameLog();
      if (closed || subscription) return;
      subscribeBehind(last.position);
    } catch (error) {
      return broken(error);
    }
    await compare();
  }

  function subscribeBehind(position: Position): void {
    const fromPosition = position > 0n ? { commit: position, prepare: position } : START;
    // A long stretch of the server's own events brings nothing but checkpoints.
    const checkpointReached = async () => void (subscription === own && (stalls = 0));
    const filter = excludeSystemEvents({ checkpointInterval: 32, checkpointReached });
    const own = client.subscribeToAll({ ...options, fromPosition, filter });
    subscription = own;
    const ended = (error?: unknown) => {
      if (subscription === own) broken(error);
    };
    own.on('error', ended).on('end', ended).on('close', ended);
    own.on('data', (resolved: ResolvedEvent) => {
      if (subscription !== own) return;
      try {
        take(resolved);
      } catch (error) {
        broken(error);
      }
    });
  }

  /** Ends the subscription, if there is one, and begins another soon. */
  function broken(error?: unknown): void {
    end();
    const fault = named(error);
    if (fault instanceof StoreFailed) failure = fault;
    wakeAll(); // who reads now learns what is wrong, and reads from the server meanwhile
    if (closed || failure) return;
    cancelRetry();
    cancelRetry = clock.after(retryMs, () => void begin());
    retryMs = Math.min(2 * retryMs, RETRY_MS.most);
  }

  function end(): void {
    const ending = subscription;
    subscription = null;
    live = false;
    stalls = 0;
    comparedAt = -1n;
    sure = from === null;
    ending?.unsubscribe().catch(() => undefined); // it may never have begun
  }

  /** Looks whether all has come that the log holds. A subscription that is behind and brings nothing is not alive. */
  async function compare(): Promise<void> {
    const own = subscription;
    if (!own) return;
    const head = await pages.last().then(
      (event) => event?.position ?? 0n,
      (error: unknown) => error,
    );
    if (subscription !== own) return; // what was learned is about another one
    if (typeof head !== 'bigint') return broken(head);
    const behind = head > last.position;
    stalls = behind && comparedAt === last.position ? stalls + 1 : 0;
    comparedAt = last.position;
    if (stalls >= MAX_STALLS) return broken();
    if (live && behind) wakeAll();
    live = !behind;
    if (live) retryMs = RETRY_MS.first;
  }

  function watch(): void {
    cancelWatch = clock.after(live || !subscription ? watchMs : watchMs / 10, () => {
      void compare().finally(() => closed || watch());
    });
  }

  async function sameLog(): Promise<void> {
    if (failure) throw failure;
    if (sure || last.position === 0n) return;
    const at = last;
    const found = await pages.at(at.position);
    if (found?.id !== at.id) {
      failure = new StoreFailed(
        `EventStoreDB has ${found ? 'another' : 'no'} event at position ${at.position}, which was read before: was an older backup restored? Restore the read store of the same time too, or drop it and build the views again.`,
      );
      throw failure;
    }
    sure = true;
  }

  return {
    page({ after, limit, maxBytes }) {
      if (!subscription || !sure || from === null || after < from || after > last.position) return null;
      if (after === last.position) return live && newestOfOurs <= after ? [] : null;
      const start = indexBehind(kept, after);
      return withinBytes(kept.slice(start, start + limit), maxBytes);
    },
    sameLog,
    acknowledged(position) {
      if (position > newestOfOurs) newestOfOurs = position;
      if (!live) wakeAll();
    },
    subscribe(wake) {
      if (closed) return () => {};
      const entry = { wake };
      wakes.add(entry);
      if (!started) {
        started = true;
        void begin();
        watch();
      }
      return () => void wakes.delete(entry);
    },
    close() {
      closed = true;
      cancelRetry();
      cancelWatch();
      wakes.clear();
      end();
    },
  };
}

/** The index of the first event behind a position. */
function indexBehind(events: readonly RecordedEvent[], after: Position): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.position ?? 0n) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
