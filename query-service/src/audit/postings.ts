/** Ordered lists of ordinals that need not be read whole: the index's lists, their unions, and the ordinals that several have in common. */
import type { AuditIndex, Direction } from '@creator-dashboards/shared/audit-index';
import { ownTurn } from '@creator-dashboards/shared/turns';

export interface Postings {
  /** The first ordinal from this one on (inclusive, in the list's direction), or null at its end. Never asked backwards of where it was. */
  from(ordinal: number): Promise<number | null>;
}

const FIRST_PAGE = 16;
const LAST_PAGE = 1_024;

/** The ordinals of a term. Pages grow: most lists end soon, and of the others only a part may be needed. */
export function postingsOf(index: Pick<AuditIndex, 'having'>, term: number, direction: Direction): Postings {
  let [page, next, limit, isWhole] = [[] as number[], 0, FIRST_PAGE, false];
  const isBefore = (a: number, b: number) => (direction === 'forwards' ? a < b : a > b);
  return {
    async from(ordinal) {
      for (;;) {
        while (next < page.length && isBefore(page[next] as number, ordinal)) next += 1;
        const found = page[next];
        if (found !== undefined) return found;
        if (isWhole) return null;
        if (limit > FIRST_PAGE) await ownTurn(); // long lists: requests go before each page
        page = await index.having(term, { from: ordinal, direction, limit });
        next = 0;
        isWhole = page.length < limit;
        limit = Math.min(LAST_PAGE, limit * 4);
      }
    },
  };
}

/** The ordinals that any of the lists has. */
export function anyOf(lists: readonly Postings[], direction: Direction): Postings {
  return {
    async from(ordinal) {
      let nearest: number | null = null;
      for (const list of lists) {
        const found = await list.from(ordinal);
        if (found === null) continue;
        if (nearest === null || (direction === 'forwards' ? found < nearest : found > nearest)) nearest = found;
      }
      return nearest;
    },
  };
}

/**
 * The ordinals that all of the lists have; each ordinal if there are none. Long lists may hardly ever agree: after `leaps` from one to
 * the next, for all calls together, it gives each ordinal of the one whose turn it is, which the others may not have.
 */
export function allOf(lists: readonly Postings[], leaps = Infinity): Postings {
  let left = leaps;
  return {
    async from(ordinal) {
      let candidate = ordinal;
      for (let agreeing = 0, at = 0; agreeing < lists.length; at = (at + 1) % lists.length) {
        const found = await lists[at]?.from(candidate);
        if (found === null || found === undefined) return null;
        agreeing = found === candidate ? agreeing + 1 : 1;
        candidate = found;
        left -= 1;
        if (left < 0) return candidate;
      }
      return candidate;
    },
  };
}
