/** Reads EventStoreDB in bounded pages. */
import type { ResolvedEvent } from '@eventstore/db-client';
import type { Position, RecordedEvent, Revision, Suffixes } from '../../ports.js';
import { mayBeNoPosition, type Connection } from './client.js';
import { logRequest, namesOf, streamRequest, type Direction } from './read-request.js';
import { read } from './read.js';
import { fromWire, isOurs, positionOf } from './wire.js';

export interface PageBounds {
  readonly after: Position;
  readonly limit: number;
  readonly maxBytes?: number | undefined;
  readonly suffixes?: Suffixes | undefined;
}

export interface Pages {
  stream(name: string, from: Revision | null, direction: Direction, limit: number): Promise<RecordedEvent[]>;
  /** As EventStore.readAll. */
  all(bounds: PageBounds): Promise<RecordedEvent[]>;
  at(position: Position): Promise<RecordedEvent | null>;
  /** The newest event that is not the server's own. */
  last(): Promise<RecordedEvent | null>;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** Most events are ours. Where they are not, the following reads are larger. */
const FIRST_LOOK_BACK = 8;
const LOOK_FURTHER = 1_000;

export function createPages(connection: Connection): Pages {
  const { attempt } = connection;
  /**
   * Where a filtered read found nothing, failed or was silent. From there on all streams are read: a filter only saves, and what it does
   * not find must not be there, whatever the server makes of it.
   */
  let barren: { readonly names: string; readonly after: Position } | null = null;
  /** At the last look at the end of the log: the newest record, and the newest event of ours. */
  let looked: { readonly id: string; readonly last: RecordedEvent | null } | null = null;

  /** The next page of the log, including system events, until `take` has enough; returns how many there were. */
  async function scan(
    after: Position,
    count: number,
    take: (resolved: ResolvedEvent) => boolean,
    names?: string,
  ): Promise<number> {
    let seen = 0;
    // The server starts at the position itself, which was read before.
    const more = after > 0n ? count + 1 : count;
    await read(connection, logRequest(after, 'forwards', more, names), (resolved) => {
      seen += 1;
      return positionOf(resolved) <= after || take(resolved);
    });
    return after > 0n ? seen - 1 : seen;
  }

  async function all({ after, limit, maxBytes = DEFAULT_MAX_BYTES, suffixes }: PageBounds): Promise<RecordedEvent[]> {
    const page: RecordedEvent[] = [];
    if (limit < 1) return page;
    let at = after;
    /** Positions are byte offsets in the log, so their difference is the size of what is between them. */
    const isFull = () => {
      const [first, last] = [page[0], page.at(-1)];
      return page.length >= limit || (first && last ? last.position - first.position > BigInt(maxBytes) : false);
    };
    const take = (resolved: ResolvedEvent) => {
      at = positionOf(resolved);
      if (isOurs(resolved)) page.push(fromWire(resolved));
      return !isFull();
    };
    const names = suffixes && namesOf(suffixes);
    if (names !== undefined && !(names === barren?.names && after >= barren.after)) {
      await scan(after, limit, take, names).catch(() => undefined);
      if (page.length > 0) return withinBytes(page, maxBytes);
      barren = { names, after };
      at = after;
    }
    for (let count = limit; ; count = Math.max(limit, LOOK_FURTHER)) {
      const seen = await scan(at, count, take);
      if (isFull()) return withinBytes(page, maxBytes);
      if (seen < count) return page; // the end of the log
    }
  }

  /** The event of ours at exactly this position. */
  async function one(position: Position): Promise<RecordedEvent | null> {
    const found: RecordedEvent[] = [];
    await read(connection, logRequest(position, 'forwards', 1), (resolved) => {
      if (positionOf(resolved) === position && isOurs(resolved)) found.push(fromWire(resolved));
      return false;
    });
    return found[0] ?? null;
  }

  /** Does not read again what was read before: a server may write many events of its own while we write none. */
  async function last(): Promise<RecordedEvent | null> {
    let newest: string | undefined;
    let from: Position | 'end' = 'end';
    const note = (found: RecordedEvent | null) => {
      looked = newest === undefined ? null : { id: newest, last: found };
      return found;
    };
    for (let count = FIRST_LOOK_BACK; ; count = LOOK_FURTHER) {
      const page: ResolvedEvent[] = [];
      await read(connection, logRequest(from, 'backwards', count), (resolved) => page.push(resolved) > 0);
      newest ??= page[0]?.event?.id;
      for (const resolved of page) {
        if (looked && resolved.event?.id === looked.id) return note(looked.last);
        if (isOurs(resolved)) return note(fromWire(resolved));
        from = positionOf(resolved);
      }
      if (page.length < count) return note(null);
    }
  }

  return {
    stream: (name, from, direction, limit) =>
      attempt(async () => {
        const events: RecordedEvent[] = [];
        if (limit < 1) return events;
        await read(
          connection,
          streamRequest(name, from, direction, limit),
          (resolved) => events.push(fromWire(resolved)) > 0,
        );
        return events;
      }),
    all: (bounds) =>
      attempt(async () => {
        try {
          return await all(bounds);
        } catch (error) {
          // No record begins at the position. Beyond the end of the log that is not an error: nothing is there.
          if (mayBeNoPosition(error) && bounds.after > ((await last())?.position ?? 0n)) return [];
          throw error;
        }
      }),
    at: (position) =>
      attempt(async () => {
        if (position <= 0n) return null;
        try {
          return await one(position);
        } catch (error) {
          if (!mayBeNoPosition(error)) throw error;
        }
        await last(); // fails here if the server is in trouble
        try {
          return await one(position);
        } catch (error) {
          if (!mayBeNoPosition(error)) throw error;
          return null; // the position is inside a record: no event is there
        }
      }),
    last: () => attempt(last),
  };
}

/** The events of a page that fit, at least one. The size of the last one only shows in the position of the next. */
export function withinBytes(page: RecordedEvent[], maxBytes = DEFAULT_MAX_BYTES): RecordedEvent[] {
  const start = page[0]?.position ?? 0n;
  const beyond = page.findIndex(({ position }) => position - start > BigInt(maxBytes));
  return beyond < 0 ? page : page.slice(0, Math.max(1, beyond - 1));
}

/** About how large each of these is, as all events after a position: positions are byte offsets in the log. */
export function sizesOf(after: Position, page: readonly RecordedEvent[]): number[] {
  return page.map(({ position }, index) => Number(position - (page[index - 1]?.position ?? after)));
}
