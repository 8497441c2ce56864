/** All that the reads of a log return, whichever way they take, as text that can be compared. */
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { ifReadable } from '@creator-dashboards/query-service/audit/show';

/** What one read returned of the event at a position. */
type Line = readonly [position: Position, text: string];

/** By position where the log is read by positions; whole streams by their names. */
export interface LogReads {
  readonly positions: ReadonlyMap<Position, string>;
  readonly streams: ReadonlyMap<string, readonly Line[]>;
}

/** The order of keys counts. */
function textOf(event: RecordedEvent): string {
  const { position, stream, revision, id, type } = event;
  const [data, metadata] = [ifReadable(() => event.data), ifReadable(() => event.metadata)];
  return JSON.stringify([`${position}`, stream, `${revision}`, id, type, data, metadata]);
}

const PAGE = 64;

/**
 * Up to a position, inclusive: in pages, one by one, many at once; each of these streams from both ends and from its middle. Where a
 * page cannot be read, its events are read one at a time, so that the difference is that of the event which cannot.
 */
export async function readsOf(
  events: Pick<EventStore, 'head' | 'readAll' | 'readAt' | 'readMany' | 'readStream'>,
  { upTo, streams: names }: { readonly upTo: Position; readonly streams: Iterable<string> },
): Promise<LogReads> {
  const positions = new Map<Position, string>();
  const note = (key: Position, text: string) => positions.set(key, `${positions.get(key) ?? ''}${text}\n`);
  const within = (page: readonly RecordedEvent[]) => page.filter(({ position }) => position <= upTo);
  const noteAll = (page: readonly RecordedEvent[]) => page.forEach((event) => note(event.position, textOf(event)));
  for (let after = 0n; after < upTo;) {
    const from = after;
    const page = await orNull(() => events.readAll({ after: from, limit: PAGE }));
    const isDense = page?.length && page.every(({ position }, n) => position === from + BigInt(n + 1));
    if (!page || !isDense) {
      const [next] = (await orNull(() => events.readAll({ after: from, limit: 1 }))) ?? [];
      after += 1n;
      const event = next?.position === after ? next : await orNull(() => events.readAt(after));
      note(after, event ? textOf(event) : UNREADABLE);
      // Reads go on from the place of an event, and stop at the end: one of these is wrong where the next event is there.
      if (event && event !== next) note(((await orNull(() => events.head())) ?? 0n) <= from ? upTo : from, UNREADABLE);
    } else {
      noteAll(within(page));
      after = page.at(-1)?.position ?? upTo;
    }
  }
  const all = Array.from({ length: Number(upTo) }, (_, n) => BigInt(n + 1));
  for (const position of all) note(position, await textAt(events, position));
  for (let from = 0; from < all.length; from += PAGE) {
    const wanted = all.slice(from, from + PAGE);
    const many = await orNull(() => events.readMany(wanted));
    if (many !== null) noteAll(many);
    else
      for (const position of wanted) {
        const one = await orNull(() => events.readMany([position]));
        if (one === null) note(position, UNREADABLE);
        else noteAll(one);
      }
  }

  const streams = new Map<string, Line[]>();
  for (const name of names) {
    const read = async (how?: Parameters<EventStore['readStream']>[1]) => {
      const found = await orNull(() => events.readStream(name, how));
      return found && within(found);
    };
    const forwards = await read();
    const backwards = await read({ direction: 'backwards' });
    const from = forwards?.[forwards.length >> 1]?.revision ?? 0n;
    const middle = await read({ from, limit: PAGE });
    const lineOf = (event: RecordedEvent): Line => [event.position, textOf(event)];
    const lines = [forwards, backwards, middle].flatMap((found) => found?.map(lineOf) ?? [[0n, UNREADABLE] as const]);
    streams.set(name, lines);
  }
  return { positions, streams };
}

const UNREADABLE = 'cannot be read';

/** Null where the file cannot be read. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}

async function textAt(events: Pick<EventStore, 'readAt'>, position: Position): Promise<string> {
  try {
    const event = await events.readAt(position);
    return event ? textOf(event) : 'none';
  } catch {
    return UNREADABLE;
  }
}

/** Positions and streams of which any read is another one, as far as this position. */
export function differences(
  before: LogReads,
  now: LogReads,
  upTo: Position,
): { positions: Position[]; streams: string[] } {
  const within = (lines: readonly Line[] = []) =>
    lines.flatMap(([position, text]) => (position <= upTo ? text : [])).join('\n');
  const keys = <K>(a: ReadonlyMap<K, unknown>, b: ReadonlyMap<K, unknown>) => [...new Set([...a.keys(), ...b.keys()])];
  return {
    positions: keys(before.positions, now.positions).filter(
      (at) => at <= upTo && before.positions.get(at) !== now.positions.get(at),
    ),
    streams: keys(before.streams, now.streams).filter(
      (name) => within(before.streams.get(name)) !== within(now.streams.get(name)),
    ),
  };
}
