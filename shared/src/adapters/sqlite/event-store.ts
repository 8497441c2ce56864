/** The embedded EventStore: one SQLite file, durable group commit, any number of readers and writers on one machine. */
import type { EventStore, RecordedEvent } from '../../ports.js';
import { StoreFailed } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { createDispatch } from '../../reader/dispatch.js';
import { createRecent, LEAST_PAGE } from '../../reader/recent.js';
import { encodeBatch } from '../encode-batch.js';
import { openDatabase, type SqlDatabase } from './database.js';
import { damageIn } from './damage.js';
import { migrate, NO_STREAM, prepareReads, prepareWrites, recorded, recordedWhole, sizeOf } from './event-log.js';
import { createGroupCommit } from './group-commit.js';
import { createWakeUps } from './wake-ups.js';

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const SUFFIXES = 256;
/** How often a call that is to leave events out looks for others; a look takes milliseconds. */
const LOOKS = 16;
const MAX_INT64 = 2n ** 63n - 1n;

export interface EventStoreOptions {
  /** How often to look for appends of other processes while there is a subscriber. */
  readonly pollMs?: number;
  /** How long appends wait for another process's lock before they reject with StoreBusy. */
  readonly patienceMs?: number;
  readonly clock?: Clock;
}

type Only = Pick<Parameters<EventStore['readAll']>[0], 'suffixes' | 'types'>;

/** Opens, or makes, the log in `file`. Throws StoreFailed when the file cannot be used. */
export function openEventStore(file: string, options?: EventStoreOptions): EventStore {
  return createEventStore(openDatabase(file, { synchronous: 'FULL' }), options);
}

/** The log in an open database, which is closed with the store. */
export function createEventStore(
  database: SqlDatabase,
  { pollMs = 100, patienceMs = 10_000, clock = systemClock }: EventStoreOptions = {},
): EventStore {
  migrate(database);
  // From here on, waiting for locks happens between tries (group-commit.ts) and does not block this thread inside the driver.
  database.exec('PRAGMA busy_timeout = 250');
  const write = prepareWrites(database);
  const read = prepareReads(database);
  const recent = createRecent();
  const head = () => read.head.get()?.position ?? 0n;
  const dispatch = createDispatch({ next: sharedPage, end: head, clock });
  const wakeUps = createWakeUps(database, dispatch, clock, pollMs);
  const commits = createGroupCommit(database, { afterCommit: wakeUps.notify, patienceMs, clock });

  /** A reader that a damaged file led back would never end. */
  function rising<Row extends readonly [position: number, ...rest: unknown[]]>(after: bigint, rows: Row[]): Row[] {
    let before = Number(after);
    for (const [position] of rows) {
      if (position <= before)
        throw new StoreFailed(
          `${database.file} failed: position ${position} stands after ${before}: it is damaged; restore it from a backup.`,
        );
      before = position;
    }
    return rows;
  }

  /** How many of the next events are no larger together; at least one. */
  function fitting(start: bigint, limit: number, maxBytes: number): number {
    let count = limit;
    while (count > 1 && (read.bytes.get(start, count)?.bytes ?? 0) > maxBytes) count = Math.floor(count / 2);
    return count;
  }

  const pageOf = (start: bigint, limit: number, maxBytes: number) =>
    rising(start, read.all.all(start, fitting(start, limit, maxBytes)));

  function sharedPage(start: bigint, limit: number, maxBytes = DEFAULT_MAX_BYTES): RecordedEvent[] {
    const known = recent.page({ after: start, limit, maxBytes });
    if (known || head() <= start) return known ?? [];
    const rows = pageOf(start, limit, maxBytes);
    const events = rows.map(recordedWhole);
    if (limit >= LEAST_PAGE) recent.put(start, events, rows.map(sizeOf));
    return events;
  }

  /** Whoever looks in vain for long gets an event that may be left out: then he can do what cannot wait, and goes on from there. */
  function narrowed(start: bigint, limit: number, maxBytes: number, { suffixes, types }: Only): RecordedEvent[] {
    const suffixBounds = suffixes ? [hexOf(suffixes.from), hexOf(suffixes.to - 1)] : [null, null];
    const typeNames = types ? JSON.stringify(types) : null;
    const looked = limit * (suffixes ? Math.max(1, Math.floor(SUFFIXES / (suffixes.to - suffixes.from))) : 1);
    let from = start;
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const next = read.next.get(from)?.position ?? null;
      if (next === null) return [];
      // Positions are dense: so many events are up to there, at most.
      const to = next - 1n + BigInt(fitting(next - 1n, looked, maxBytes));
      const rows = rising(from, read.narrowed.all(from, to, ...suffixBounds, typeNames, limit));
      if (rows.length > 0) return rows.map(recordedWhole);
      from = to;
    }
    return read.all.all(from, 1).map(recorded);
  }

  return {
    async append(stream, expected, events) {
      const batch = encodeBatch(stream, events);
      if (expected !== 'no_stream' && expected < 0n) throw new RangeError(`${expected} is not a revision`);
      return commits.submit(() => write(stream, expected === 'no_stream' ? NO_STREAM : expected, batch));
    },
    async readStream(stream, { from, direction = 'forwards', limit = Infinity } = {}) {
      const rows =
        direction === 'forwards'
          ? read.forwards.all(stream, inInt64(from ?? 0n), atMost(limit))
          : read.backwards.all(stream, inInt64(from ?? MAX_INT64), atMost(limit));
      return rows.map(recorded);
    },
    async readAll({ after, limit, maxBytes = DEFAULT_MAX_BYTES, whole = false, recent: isShared, ...only }) {
      const start = inInt64(after);
      const isNarrowed = only.suffixes !== undefined || only.types !== undefined;
      if (isShared && !isNarrowed && limit > 0) return sharedPage(start, limit, maxBytes);
      if (head() <= start) return []; // cheap: most readers are at the head most of the time
      if (isNarrowed) return narrowed(start, limit, maxBytes, only);
      return pageOf(start, limit, maxBytes).map(whole ? recordedWhole : recorded);
    },
    async readAt(position) {
      const row = position === BigInt.asIntN(64, position) ? read.at.get(position) : undefined;
      return row ? recorded(row) : null;
    },
    async readMany(positions) {
      return read.many
        .all(JSON.stringify(positions.map((position) => inInt64(position).toString())))
        .map(recordedWhole);
    },
    async head() {
      return head();
    },
    async countAfter(position) {
      const last = head();
      return position < last ? Number(last - (position > 0n ? position : 0n)) : 0;
    },
    onAppend: wakeUps.subscribe,
    damage: () => Promise.resolve(damageIn(database)),
    async close() {
      await commits.idle();
      wakeUps.close();
      database.close();
    },
  };
}

/** A position beyond what the file can number is empty, like one beyond its end. */
function inInt64(place: bigint): bigint {
  return place > MAX_INT64 ? MAX_INT64 : place < -1n ? -1n : place;
}

function hexOf(suffix: number): string {
  return suffix.toString(16).padStart(2, '0');
}

/** A LIMIT of at least 0: in SQL a negative one means no limit. */
function atMost(limit: number): number {
  return limit === Infinity ? -1 : limit;
}
