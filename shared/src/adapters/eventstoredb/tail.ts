/**
 * The end of the log as one live subscription per process delivers it, into what all consumers share (reader/recent.ts), which it wakes.
 * It may lag or stop; what it cannot answer is read from the server.
 *
 * A subscription can end for many reasons, or go silent without ending: it is restarted after the last event it delivered, and a
 * watch compares the log's head with what was delivered. After every break, the log must still hold the event it had reached:
 * otherwise an older backup was restored, and everything read since is void.
 */
import { excludeSystemEvents, START, type ResolvedEvent } from '@eventstore/db-client';
import type { EventStore, Position, RecordedEvent } from '../../ports.js';
import type { Dispatch } from '../../reader/dispatch.js';
import type { Recent } from '../../reader/recent.js';
import { StoreFailed } from '../../store-errors.js';
import { wait } from '../../waiting.js';
import { named, type Connection } from './client.js';
import { sizesOf, withinBytes, type PageBounds, type Pages } from './pages.js';
import { fromWire, isOurs } from './wire.js';

export interface TailOptions {
  /** How often the head of the log is compared with what was delivered. */
  readonly watchMs?: number;
}

export interface Tail {
  /** The events after a position if they are known here for certain, [] at the end of the log; null if the server must be asked. */
  page(bounds: PageBounds): RecordedEvent[] | null;
  /** Resolves once the log is known to be the same as before; at once if nothing broke. Throws StoreFailed. */
  sameLog(): Promise<void>;
  /** An append of this process was acknowledged: from now on no reader may be told that the log ends before it. */
  acknowledged(position: Position): void;
  /** As EventStore.onAppend; starts the subscription. */
  readonly subscribe: EventStore['onAppend'];
  /** Delivered up to here. */
  end(): Position;
  close(): void;
}

const WATCH_MS = 1_000;
/** What the head of the log shows may be on its way for a tenth of WATCH_MS. */
const ON_ITS_WAY = 1 / 10;
/** Number of checks, each of which waits so long, at which a subscription that is behind may have delivered nothing. */
const MAX_STALLS = 5;
const RETRY_MS = { first: 5, most: 2_000 };

type Subscription = ReturnType<Connection['client']['subscribeToAll']>;

export function createTail(
  { client, options, clock }: Connection,
  pages: Pages,
  { recent, dispatch }: { readonly recent: Recent; readonly dispatch: Dispatch },
  tailOptions: TailOptions = {},
): Tail {
  const { watchMs = WATCH_MS } = tailOptions;
  /** Whether the subscription has ever started. */
  let begun = false;
  /** Delivered up to here. */
  let last: Pick<RecordedEvent, 'id' | 'position'> = { id: '', position: 0n };
  let newestOfOurs: Position = 0n;
  let subscription: Subscription | null = null;
  /** Whether the subscription had delivered everything, or did so soon, at the last check. */
  let live = false;
  /** Whether the log is known to hold `last` since the connection last broke. */
  let sure = true;
  let failure: StoreFailed | null = null;
  let stalls = 0;
  let telling: 'appended' | 'wakeAll' | null = null;
  let retryMs = RETRY_MS.first;
  let cancelRetry = () => {};
  let cancelWatch = () => {};
  const closing = new AbortController();
  let started = false;

  /** Soon, once for all that comes meanwhile. */
  function tell(what: 'appended' | 'wakeAll'): void {
    const isUnderWay = telling !== null;
    if (telling !== 'wakeAll') telling = what;
    if (isUnderWay) return;
    setImmediate(() => {
      const told = telling ?? what;
      telling = null;
      dispatch[told]();
    });
  }

  function take(resolved: ResolvedEvent): void {
    if (!isOurs(resolved)) return;
    const event = fromWire(resolved);
    if (event.position <= last.position) return; // delivered again
    recent.put(last.position, [event], sizesOf(last.position, [event]));
    last = event;
    retryMs = RETRY_MS.first;
    tell('appended');
  }

  async function begin(): Promise<void> {
    try {
      if (!begun) {
        const head = await pages.last();
        if (head) last = head;
        begun = true;
      } else await sameLog();
      if (closing.signal.aborted || subscription) return;
      subscribeBehind(last.position);
    } catch (error) {
      return broken(error);
    }
    await compare();
  }

  function subscribeBehind(position: Position): void {
    const fromPosition = position > 0n ? { commit: position, prepare: position } : START;
    // A long run of the server's own events delivers only checkpoints.
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

  /** Ends the subscription, if there is one, and soon starts another. */
  function broken(error?: unknown): void {
    end();
    const fault = named(error);
    if (fault instanceof StoreFailed) failure = fault;
    tell('wakeAll'); // readers learn what is wrong, and read from the server meanwhile
    if (closing.signal.aborted || failure) return;
    cancelRetry();
    cancelRetry = clock.after(retryMs, () => void begin());
    retryMs = Math.min(2 * retryMs, RETRY_MS.most);
  }

  function end(): void {
    const ending = subscription;
    subscription = null;
    live = false;
    stalls = 0;
    sure = !begun;
    ending?.unsubscribe().catch(() => undefined); // it may never have started
  }

  /** Checks whether everything in the log was delivered. A subscription that is behind and delivers nothing is dead. */
  async function compare(): Promise<void> {
    const own = subscription;
    if (!own) return;
    const before = last.position;
    const head = await pages.last().then(
      (event) => event?.position ?? 0n,
      (error: unknown) => error,
    );
    const onItsWay = typeof head === 'bigint' && head > last.position;
    if (onItsWay) await wait(clock, watchMs * ON_ITS_WAY, closing.signal); // where much is appended, something always is
    if (subscription !== own) return; // the result is about an earlier subscription
    if (typeof head !== 'bigint') return broken(head);
    const behind = head > last.position;
    stalls = behind && before === last.position ? stalls + 1 : 0;
    if (stalls >= MAX_STALLS) return broken();
    if (live && behind) tell('wakeAll');
    live = !behind;
    if (live) retryMs = RETRY_MS.first;
  }

  function watch(): void {
    cancelWatch = clock.after(live || !subscription ? watchMs : 0, () => {
      void compare().finally(() => closing.signal.aborted || watch());
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
      if (!sure || limit < 1) return null;
      const known = recent.page({ after, limit });
      if (known) return withinBytes(known, maxBytes);
      return subscription && live && after === last.position && newestOfOurs <= after ? [] : null;
    },
    sameLog,
    acknowledged(position) {
      if (position > newestOfOurs) newestOfOurs = position;
      if (!live) tell('wakeAll');
    },
    end: () => last.position,
    subscribe(wake, follower) {
      if (closing.signal.aborted) return () => {};
      const unfollow = dispatch.follow(wake, follower);
      if (!started) {
        started = true;
        void begin();
        watch();
      }
      return unfollow;
    },
    close() {
      closing.abort();
      cancelRetry();
      cancelWatch();
      dispatch.close();
      end();
    },
  };
}
