/** The EventStore on EventStoreDB / KurrentDB, by its own client. The leader answers; the expected revision alone decides. */
import { NO_STREAM } from '@eventstore/db-client';
import type { AppendResult, EventStore, RecordedEvent, Revision } from '../../ports.js';
import { isUnavailable } from '../../store-errors.js';
import type { Clock } from '../../time.js';
import { retry, SERVER_PATIENCE_MS } from '../../waiting.js';
import { createDispatch } from '../../reader/dispatch.js';
import { createRecent, LEAST_PAGE } from '../../reader/recent.js';
import { encodeBatch, type EncodedEvent } from '../encode-batch.js';
import { isFault, openConnection, type ConnectionOptions } from './client.js';
import { createPages, sizesOf, type PageBounds, type Pages } from './pages.js';
import { createSharedAppend } from './shared-append.js';
import { createTail, type TailOptions } from './tail.js';
import { forClient, toWire, type WireEvent } from './wire.js';

export interface EventStoreDbOptions extends ConnectionOptions, TailOptions {
  /** How long to wait for the server when opening. */
  readonly patienceMs?: number;
}

const KNOCK_MS = 250;
/** How many calls one call of `readMany` has open. */
const READ_AT_ONCE = 50;
/** How many events are counted one by one; the rest is estimated from its size in bytes. */
const COUNTED = 100;

/**
 * Opens the log at esdb://… or kurrentdb://… Throws StoreUnavailable if no server answers in time, StoreFailed for an invalid address
 * or a user who may not read the log.
 */
export async function openEventStoreDb(url: string, options: EventStoreDbOptions = {}): Promise<EventStore> {
  const connection = openConnection(url, options);
  const { client, attempt } = connection;
  const pages = createPages(connection);
  const appends = createSharedAppend(connection);
  const recent = createRecent();
  const dispatch = createDispatch({
    next: (after, limit) => recent.page({ after, limit }) ?? (after >= tail.end() ? [] : null),
    end: () => tail.end(),
    clock: connection.clock,
  });
  const tail = createTail(connection, pages, { recent, dispatch }, options);
  /** By what they ask for. */
  const underWay = new Map<string, Promise<RecordedEvent[]>>();
  let closing: Promise<void> | null = null;

  function whileOpen(): void {
    if (closing) throw new Error('the connection to EventStoreDB is closed');
  }

  /** By a call of its own, as `SharedAppend.append`, but it says what is wrong. */
  async function appendAlone(stream: string, expected: Revision | 'no_stream', wire: readonly WireEvent[]) {
    const expectedRevision = expected === 'no_stream' ? NO_STREAM : expected;
    try {
      const events = wire.map(forClient);
      const found = await client.appendToStream(stream, events, { ...connection.options, expectedRevision });
      return found.position ? { revision: found.nextExpectedRevision, position: found.position.commit } : null;
    } catch (error) {
      if (isFault(error, 'wrong-expected-version')) return null;
      throw error;
    }
  }

  /** What a refused append means: either exactly these events are already there, or others are. */
  async function firstResult(
    stream: string,
    expected: Revision,
    batch: readonly EncodedEvent[],
  ): Promise<AppendResult> {
    const written = await pages.stream(stream, expected + 1n, 'forwards', batch.length);
    const last = written.at(-1);
    const same = batch.every(({ id }, index) => written[index]?.id === id);
    if (!same || !last) return { ok: false };
    tail.acknowledged(last.position);
    return { ok: true, repeated: true, revision: last.revision, position: last.position };
  }

  /** Consumers that ask for the same page at once share one call. */
  function readShared({ after, limit, maxBytes }: PageBounds): Promise<RecordedEvent[]> {
    const key = [after, limit, maxBytes].join();
    const reading =
      underWay.get(key) ??
      pages
        .all({ after, limit, maxBytes })
        .then((page) => {
          if (limit >= LEAST_PAGE) recent.put(after, page, sizesOf(after, page));
          return page;
        })
        .finally(() => underWay.delete(key));
    underWay.set(key, reading);
    return reading;
  }

  /** Whoever is far behind finds the next page there, or on its way, once this one is done with. An error meets whoever asks for it then. */
  function readAhead(page: readonly RecordedEvent[], { limit, maxBytes }: PageBounds): void {
    const after = page.at(-1)?.position;
    if (after === undefined || page.length < limit || limit < LEAST_PAGE || after >= tail.end()) return;
    if (!recent.page({ after, limit: 1 })) readShared({ after, limit, maxBytes }).catch(() => undefined);
  }

  try {
    await reach(pages, connection.clock, options.patienceMs ?? SERVER_PATIENCE_MS);
  } catch (error) {
    await connection.close();
    throw error;
  }

  return {
    async append(stream, expected, events) {
      whileOpen();
      const batch = encodeBatch(stream, events);
      if (expected !== 'no_stream' && expected < 0n) throw new RangeError(`${expected} is not a revision`);
      const wire = batch.map(toWire); // built once, so that the server recognises a repeated try whose answer was lost
      let isRepeated = false;
      const appended = await attempt(() => {
        const by = isRepeated ? appendAlone : appends.append;
        isRepeated = true;
        return by(stream, expected, wire);
      });
      if (!appended) return firstResult(stream, expected === 'no_stream' ? -1n : expected, batch);
      tail.acknowledged(appended.position);
      return { ok: true, repeated: false, ...appended };
    },
    async readStream(stream, { from, direction = 'forwards', limit = Infinity } = {}) {
      whileOpen();
      return pages.stream(stream, from ?? null, direction, limit);
    },
    async readAll({ recent: mayBeRecent, ...bounds }) {
      whileOpen();
      const isNarrowed = bounds.suffixes ?? bounds.types; // then "nothing" must be true of the whole log, whose end the tail may not know yet
      const isShared = mayBeRecent && !isNarrowed;
      const known = isShared ? tail.page(bounds) : null;
      if (!known) await tail.sameLog();
      if (!isShared) return pages.all(bounds);
      const page = known ?? (await readShared(bounds));
      readAhead(page, bounds);
      return page;
    },
    async readAt(position) {
      whileOpen();
      return pages.at(position);
    },
    async readMany(positions) {
      whileOpen();
      const found: (RecordedEvent | null)[] = [];
      for (let from = 0; from < positions.length; from += READ_AT_ONCE)
        found.push(...(await Promise.all(positions.slice(from, from + READ_AT_ONCE).map((at) => pages.at(at)))));
      return found.filter((event) => event !== null);
    },
    async head() {
      whileOpen();
      return (await pages.last())?.position ?? 0n;
    },
    async countAfter(position) {
      whileOpen();
      const next =
        tail.page({ after: position, limit: COUNTED }) ?? (await pages.all({ after: position, limit: COUNTED }));
      const [first, last] = [next[0], next.at(-1)];
      if (!first || !last || next.length < COUNTED) return next.length;
      const head = (await pages.last())?.position ?? last.position;
      const bytesEach = Number(last.position - first.position) / (next.length - 1);
      return next.length + Math.round(Number(head - last.position) / bytesEach);
    },
    onAppend: tail.subscribe,
    damage: () => Promise.resolve([]),
    close() {
      tail.close();
      appends.close();
      return (closing ??= connection.close());
    },
  };
}

/** Waits until the server answers. */
async function reach(pages: Pages, clock: Clock, patienceMs: number): Promise<void> {
  await retry(clock, { patienceMs, pauseMs: KNOCK_MS, isTransient: isUnavailable }, () => pages.last());
}
