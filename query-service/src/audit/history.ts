/** The events of one document, found by the index: each of them names the document's key among its routing keys, in some part. */
import type { AuditIndex } from '@creator-dashboards/shared/audit-index';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { ownTurn } from '@creator-dashboards/shared/turns';
import type { View } from '@creator-dashboards/shared/views/view';
import { timeOf } from './indexer.js';
import { firstOrdinal, tailOf, type Searched } from './search.js';
import { termOf, type Name } from './terms.js';

/** So many events are folded for one answer, which then holds for where the last of them is. */
export const HISTORY_MAX = 100_000;
const PAGE = 1_024;
/** Between so many, other requests have their turn: well below 20 ms of work. */
const BATCH = 100;

/** What finds every event that this view may apply to the document with this key. The view's own `keyOf` decides then. */
export function namesOfDocument(view: Pick<View, 'name' | 'categories'>, key: string): Name[] {
  // The one document that takes all events of its streams, whatever they name.
  if (view.name === 'config') return view.categories.map((category) => ['category', category]);
  const [id = key] = key.split('_'); // of a key that names two ids, the first is that of the document's owner
  return [
    ['userId', id],
    ['creatorId', id],
    ['about', id],
    ...view.categories.map((category): Name => ['stream', `${category}-${id}`]), // of a stream without routing keys
  ];
}

export interface History {
  /** In the order of the log; more than the document's own. */
  readonly batches: AsyncIterable<readonly RecordedEvent[]>;
  /** Everything up to here is among them: what was asked for, or less where there are more than HISTORY_MAX. */
  readonly upTo: Position;
  readonly isTruncated: boolean;
}

/** The events up to a position (inclusive) that have any of these names, and maybe others. Throws Refused while the index is far behind. */
export async function historyOf(
  { events, index }: Pick<Searched, 'events' | 'index'>,
  names: readonly Name[],
  until: Position,
  most = HISTORY_MAX,
): Promise<History> {
  const state = await index.state();
  const end = await firstOrdinal(index, state.size, ({ position }) => position > until);
  const all = await ordinalsOf(index, names, end, most + 1);
  const isTruncated = all.length > most;
  const ordinals = all.slice(0, most);
  const last = isTruncated ? (await index.get(ordinals.slice(-1)))[0] : undefined;

  async function* batches() {
    for (let from = 0; from < ordinals.length; from += BATCH) {
      yield await events.readMany(await index.positionsOf(ordinals.slice(from, from + BATCH)));
      await ownTurn();
    }
    if (isTruncated || until <= state.position) return;
    yield (await tailOf(events, state)).filter(({ position }) => position <= until);
  }
  return { batches: batches(), upTo: last?.position ?? until, isTruncated };
}

/** The lowest ordinals below `end` that any of the names has, at most so many. */
async function ordinalsOf(index: AuditIndex, names: readonly Name[], end: number, most: number): Promise<number[]> {
  const found = new Set<number>();
  for (const name of names) {
    let [from, taken] = [0, 0];
    while (taken < most) {
      const page = await index.having(termOf(name), { from, direction: 'forwards', limit: PAGE });
      const within = page.filter((ordinal) => ordinal < end);
      for (const ordinal of within) found.add(ordinal);
      taken += within.length;
      if (within.length < PAGE) break;
      from = (page.at(-1) ?? 0) + 1;
      await ownTurn();
    }
  }
  return [...Float64Array.from(found).sort().subarray(0, most)]; // sorted without a call for each pair: nobody waits for it
}

/** The last position before the first event that occurred after this time, in milliseconds since the epoch; 0n if there is none. */
export async function positionAt({ events, index }: Pick<Searched, 'events' | 'index'>, at: number): Promise<Position> {
  const state = await index.state();
  const later = await firstOrdinal(index, state.size, ({ time }) => time > at);
  if (later < state.size) return later === 0 ? 0n : ((await index.get([later - 1]))[0]?.position ?? 0n);
  let position = state.position;
  for (const event of await tailOf(events, state)) {
    if ((timeOf(event) ?? 0) > at) break;
    position = event.position;
  }
  return position;
}
