/**
 * Finds events of the log by what they name, in the order of the log or backwards. What is indexed is found by the index; what was
 * appended since is read from the log itself, so an answer never lacks an event that was there before the request.
 */
import type { AuditIndex, Direction, IndexedEvent, IndexState } from '@creator-dashboards/shared/audit-index';
import { Refused } from '@creator-dashboards/shared/errors';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { HOUR } from '@creator-dashboards/shared/time';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { timeOf } from './indexer.js';
import { allOf, anyOf, postingsOf } from './postings.js';
import { namesOf, termOf, type Name } from './terms.js';

export interface Wanted {
  /** Each of these: of the names of one entry, any. */
  readonly names: readonly (readonly Name[])[];
  /** When they occurred, both inclusive, in milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** Where they are, both inclusive. */
  readonly first: Position | null;
  readonly last: Position | null;
  readonly direction: Direction;
}

export interface Found {
  readonly events: readonly RecordedEvent[];
  /** Position to go on after, or null where there is nothing more. */
  readonly next: Position | null;
}

export interface Searched {
  readonly events: Pick<EventStore, 'readStream' | 'readAll' | 'readMany' | 'head'>;
  readonly index: AuditIndex;
}

/** So many events after the index are read from the log; where there are more, the index is catching up. */
export const TAIL_MAX = 5_000;
/** So many candidates are looked at for one page. */
const LOOKED_AT_MAX = 2_000;
/** So many steps are taken in the lists of one page's filters, to find candidates that all of them have. */
const LEAPS_MAX = 20_000;
const TAIL_PAGE = 1_000;
const READ_AT_ONCE = 20;
const ALL_PAGE = 200;
/** A clock of ours is never this far from another. */
const CLOCKS_DIFFER_MS = HOUR;

/**
 * A page of at most `limit` events, after a position in the wanted direction (null: from the beginning). A page may hold fewer, or
 * none, and still have a `next`: the work of a call is bounded. Throws Refused `admin.events.catching_up` while the index is far behind.
 */
export async function search(
  searched: Searched,
  wanted: Wanted,
  { after, limit }: { after: Position | null; limit: number },
): Promise<Found> {
  const found: RecordedEvent[] = [];
  let lookedAt = 0;
  for await (const event of candidates(searched, wanted, after)) {
    lookedAt += 1;
    const isFound = fits(event, wanted);
    if (isFound && found.length === limit) return { events: found, next: found.at(-1)?.position ?? null };
    if (isFound) found.push(event);
    if (lookedAt === LOOKED_AT_MAX) return { events: found, next: event.position };
  }
  return { events: found, next: null };
}

/** What has each of these names, or one of several, wherever and whenever it occurred, in the order of the log. */
export function named(...names: Wanted['names']): Wanted {
  return { names, since: null, until: null, first: null, last: null, direction: 'forwards' };
}

/** All that is wanted, in the wanted order, `atOnce` held at a time. Throws as `search`. */
export async function* searchAll(
  searched: Searched,
  wanted: Wanted,
  atOnce = ALL_PAGE,
): AsyncGenerator<RecordedEvent, void> {
  let after: Position | null = null;
  do {
    const found: Found = await search(searched, wanted, { after, limit: atOnce });
    yield* found.events;
    after = found.next;
  } while (after !== null);
}

/** The first that is wanted, if there is any. Throws as `search`. */
export async function searchFirst(searched: Searched, wanted: Wanted): Promise<RecordedEvent | undefined> {
  for await (const event of searchAll(searched, wanted, 1)) return event;
  return undefined;
}

/** Every event after the cursor that may be wanted, in the wanted order. */
async function* candidates(
  searched: Searched,
  wanted: Wanted,
  after: Position | null,
): AsyncGenerator<RecordedEvent, void> {
  const state = await searched.index.state();
  const tail = async () =>
    (await tailOf(searched.events, state)).filter((event) => isPast(event, after, wanted.direction));
  const isPastTail = after !== null && after <= state.position; // going backwards
  if (wanted.direction === 'backwards' && !isPastTail) yield* (await tail()).reverse();
  yield* indexed(searched, state, wanted, after);
  if (wanted.direction === 'forwards') yield* await tail();
}

/** What was appended since the index was written. */
export async function tailOf(
  events: Pick<Searched['events'], 'readAll'>,
  { position }: Pick<IndexState, 'position'>,
): Promise<RecordedEvent[]> {
  const tail: RecordedEvent[] = [];
  for (;;) {
    const page = await events.readAll({ after: tail.at(-1)?.position ?? position, limit: TAIL_PAGE });
    if (page.length === 0) return tail;
    tail.push(...page);
    if (tail.length > TAIL_MAX) throw new Refused('admin.events.catching_up', { retryAfter: 5 });
    await ownTurn();
  }
}

/** The events of the index that have the names, within the bounds. */
async function* indexed(
  { events, index }: Searched,
  state: IndexState,
  wanted: Wanted,
  after: Position | null,
): AsyncGenerator<RecordedEvent, void> {
  const isForwards = wanted.direction === 'forwards';
  const { from, to } = await boundsOf(index, state.size, wanted, after);
  const lists = wanted.names.map((names) =>
    anyOf(
      names.map((name) => postingsOf(index, termOf(name), wanted.direction)),
      wanted.direction,
    ),
  );
  const matches = allOf(lists, LEAPS_MAX);
  let ordinal = isForwards ? from : to - 1;
  const isWithin = () => ordinal >= from && ordinal < to;
  while (isWithin()) {
    const ordinals: number[] = [];
    while (ordinals.length < READ_AT_ONCE && isWithin()) {
      const match = await matches.from(ordinal);
      ordinal = match ?? (isForwards ? to : from - 1);
      if (!isWithin()) break;
      ordinals.push(ordinal);
      ordinal += isForwards ? 1 : -1;
    }
    yield* await events.readMany(await index.positionsOf(ordinals));
    await ownTurn();
  }
}

/** The ordinals from `from` to before `to`, between which everything is that the bounds and the cursor allow. */
async function boundsOf(
  index: AuditIndex,
  size: number,
  { since, until, first, last, direction }: Wanted,
  after: Position | null,
): Promise<{ from: number; to: number }> {
  const firstWith = (isFar: (event: IndexedEvent) => boolean) => firstOrdinal(index, size, isFar);
  const least = [0];
  const most = [size];
  if (first !== null) least.push(await firstWith(({ position }) => position >= first));
  if (last !== null) most.push(await firstWith(({ position }) => position > last));
  if (since !== null) least.push(await firstWith(({ time }) => time >= since));
  if (until !== null) most.push(await firstWith(({ time }) => time > until + CLOCKS_DIFFER_MS));
  if (after !== null && direction === 'forwards') least.push(await firstWith(({ position }) => position > after));
  if (after !== null && direction === 'backwards') most.push(await firstWith(({ position }) => position >= after));
  return { from: Math.max(...least), to: Math.min(...most) };
}

/** The first ordinal for which this is true; it stays true from there on. The size if there is none. */
export async function firstOrdinal(
  index: Pick<AuditIndex, 'get'>,
  size: number,
  isFar: (event: IndexedEvent) => boolean,
): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = await index.get([middle]);
    if (event && !isFar(event)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isPast = ({ position }: RecordedEvent, after: Position | null, direction: Direction): boolean =>
  after === null || (direction === 'forwards' ? position > after : position < after);

/** Whether an event is wanted, by itself. */
function fits(event: RecordedEvent, { names, since, until, first, last }: Wanted): boolean {
  if ((first !== null && event.position < first) || (last !== null && event.position > last)) return false;
  if (since !== null || until !== null) {
    const time = timeOf(event);
    if (time === null || time < (since ?? time) || time > (until ?? time)) return false;
  }
  const its = namesOf(event);
  const has = ([filter, value]: Name) => its.some(([name, own]) => name === filter && own === value);
  return names.every((any) => any.some(has));
}
