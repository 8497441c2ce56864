/** All that the reads of a log return, whichever way they take, as text that can be compared. */
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { ifReadable } from '@creator-dashboards/query-service/audit/show';

/** By position where the log is read by positions; whole streams by their names. */
export interface LogReads {
  readonly positions: ReadonlyMap<Position, string>;
  readonly streams: ReadonlyMap<string, string>;
}

/** The order of keys counts. */
function textOf({ position, stream, revision, id, type, ...event }: RecordedEvent): string {
  const [data, metadata] = [ifReadable(() => event.data), ifReadable(() => event.metadata)];
  return JSON.stringify([`${position}`, stream, `${revision}`, id, type, data, metadata]);
}

const PAGE = 64;

/** Up to a position, inclusive: in pages, one by one, many at once; each of these streams from both ends and from its middle. */
export async function readsOf(
  events: Pick<EventStore, 'readAll' | 'readAt' | 'readMany' | 'readStream'>,
  { upTo, streams: names }: { readonly upTo: Position; readonly streams: Iterable<string> },
): Promise<LogReads> {
  const positions = new Map<Position, string>();
  const note = (key: Position, text: string) => positions.set(key, `${positions.get(key) ?? ''}${text}\n`);
  const within = (page: readonly RecordedEvent[]) => page.filter(({ position }) => position <= upTo);
  for (let after = 0n; ;) {
    const page = within(await events.readAll({ after, limit: PAGE }));
    for (const event of page) note(event.position, textOf(event));
    const last = page.at(-1);
    if (!last) break;
    if (last.position <= after) throw new Error('positions do not rise');
    after = last.position;
  }
  const all = Array.from({ length: Number(upTo) }, (_, n) => BigInt(n + 1));
  for (const position of all) note(position, textIfAny(await events.readAt(position)));
  for (let from = 0; from < all.length; from += PAGE)
    for (const event of await events.readMany(all.slice(from, from + PAGE))) note(event.position, textOf(event));

  const streams = new Map<string, string>();
  for (const name of names) {
    const forwards = within(await events.readStream(name));
    const backwards = within(await events.readStream(name, { direction: 'backwards' }));
    const from = forwards[forwards.length >> 1]?.revision ?? 0n;
    const middle = within(await events.readStream(name, { from, limit: PAGE }));
    streams.set(name, [forwards, backwards, middle].map((read) => read.map(textOf).join('\n')).join('\n\n'));
  }
  return { positions, streams };
}

const textIfAny = (event: RecordedEvent | null) => (event ? textOf(event) : 'none');

/** Positions and streams of which any read is another one. */
export function differences(before: LogReads, now: LogReads): { positions: Position[]; streams: string[] } {
  const among = <K>(a: ReadonlyMap<K, string>, b: ReadonlyMap<K, string>) =>
    [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
  return { positions: among(before.positions, now.positions), streams: among(before.streams, now.streams) };
}
