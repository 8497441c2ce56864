/**
 * What happens too often for an event each: counted in memory, and recorded once for an actor and a minute or hour. A process that
 * is killed loses what it has counted in that time.
 */
import { Refused } from '../errors.js';
import { HOUR, MINUTE, toInstant } from '../time.js';
import { actorIdOf, type Access, type Accessor } from './record.js';

/** What was asked for: the names of the filters, and an HMAC over their values. */
export interface Query {
  readonly filters: readonly string[];
  readonly digest: string;
}

/** One that is counted. `means`: the route as declared, or the command. */
export type Counted =
  | { readonly kind: 'history'; readonly means: string; readonly person: string }
  | { readonly kind: 'search'; readonly means: string; readonly query: Query }
  | { readonly kind: 'denied'; readonly means: string };

/** What one event will say. */
export interface Tally {
  readonly accessor: Accessor;
  readonly access: Access;
}

export interface Tallies {
  /**
   * Counts one. False for the first denied attempt of an hour: it is not counted, since it is to be recorded at once. Throws
   * Refused (503) while too many wait to be recorded.
   */
  count(accessor: Accessor, counted: Counted): boolean;
  /** Takes out what is complete, or all. What cannot be recorded then is to be given back. */
  take(which: 'complete' | 'all'): Tally[];
  giveBack(tally: Tally): void;
}

const WINDOW_MS = { history: MINUTE, search: MINUTE, denied: HOUR } as const;
/** How many events may wait to be recorded. */
const MAX_WAITING = 10_000;
/** How many different searches one event names. */
const MAX_SEARCHES = 100;

interface Window {
  readonly accessor: Accessor;
  readonly endsAt: number;
  readonly since: string;
  readonly first: Counted;
  readonly counts: Map<string, { readonly counted: Counted; count: number }>;
  more: number;
}

export function createTallies(now: () => number): Tallies {
  const open = new Map<string, Window>();
  const returned: Tally[] = [];

  function begin(accessor: Accessor, counted: Counted, began: number): Window {
    if (open.size + returned.length >= MAX_WAITING) throw new Refused('common.unavailable', { retryAfter: 1 });
    const [since, endsAt] = [toInstant(began), began + WINDOW_MS[counted.kind]];
    return { accessor, since, endsAt, first: counted, counts: new Map(), more: 0 };
  }

  return {
    count(accessor, counted) {
      const began = now() - (now() % WINDOW_MS[counted.kind]);
      const person = counted.kind === 'history' ? counted.person : '';
      const key = [counted.kind, actorIdOf(accessor), accessor.by ?? '', person, began].join(' ');
      const window = open.get(key) ?? begin(accessor, counted, began);
      const isFirst = !open.has(key);
      open.set(key, window);
      if (counted.kind === 'denied' && isFirst) return false;
      add(window, counted);
      return true;
    },
    take(which) {
      const taken = returned.splice(0);
      for (const [key, window] of open) {
        if (which === 'complete' && now() < window.endsAt) continue;
        open.delete(key);
        if (window.counts.size > 0) taken.push({ accessor: window.accessor, access: accessOf(window) });
      }
      return taken;
    },
    giveBack: (tally) => void returned.push(tally),
  };
}

function add(window: Window, counted: Counted): void {
  const which = counted.kind === 'search' ? `${counted.means} ${counted.query.digest}` : counted.means;
  const known = window.counts.get(which);
  if (known) known.count += 1;
  else if (counted.kind === 'search' && window.counts.size >= MAX_SEARCHES) window.more += 1;
  else window.counts.set(which, { counted, count: 1 });
}

function accessOf({ first, since, counts, more }: Window): Access {
  const all = [...counts.values()];
  if (first.kind === 'search') {
    const searches = all.flatMap(({ counted: { means, ...one }, count }) =>
      'query' in one ? [{ means, ...one.query, count }] : [],
    );
    return { type: 'LogSearched', data: { since, searches, more } };
  }
  const byMeans = Object.fromEntries(all.map(({ counted: { means }, count }) => [means, count]));
  if (first.kind === 'denied') return { type: 'AccessDenied', data: { since, counts: byMeans } };
  return { type: 'PersonHistoryRead', data: { person: first.person, since, counts: byMeans } };
}
