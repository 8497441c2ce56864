/** One page of a list (docs/lists.md). */
import { isRefusal, type Refusal } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Range } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { rowAt, rowsOf, rowsUntil, wholeList, type Row } from '@creator-dashboards/shared/views/list';
import type { Open } from '@creator-dashboards/shared/views/open';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { decodeCursor, encodeCursor, PAGED, pageNumber, pagesOf, type PageAsked } from './page.js';
import type { Rows, RowsQuery } from './rows.js';

/** A list of a view: the field that its documents' places are in, and what tells it from the other lists of that field. */
export interface ListNamed {
  readonly field: string;
  readonly list: string;
  /** Where it is given, the list is that of what stands in it up to this time, and begins with the oldest. */
  readonly oldestUntil?: Instant;
}

/** What a route lists, and how it shows a row. */
export interface ListQuery<V extends ViewName> {
  readonly view: V;
  readonly page: PageAsked;
  /** Chooses the list, or refuses, perhaps by other documents of the view. */
  readonly list: (rows: Rows<V>) => Promise<ListNamed | Refusal>;
  readonly show: (document: Views[V], open: Open) => Promise<unknown>;
}

/** A page as the store has it, with a row more if there is one. */
interface Found<V extends ViewName> {
  readonly named: ListNamed;
  readonly rows: readonly Views[V][];
  readonly total: number;
}

/** The read of a page. Throws Refused `common.invalid_cursor` for a cursor of another list. */
export function listOf<V extends ViewName>({ view, page, list: choose, show }: ListQuery<V>): RowsQuery<V, Found<V>> {
  const { cursor, limit } = page;
  return {
    view,
    async find(rows) {
      const named = await choose(rows);
      if (isRefusal(named)) return named;
      const skipped = cursor === undefined ? (pageNumber(page) - 1) * limit : 0;
      const after = cursor === undefined ? undefined : decodeCursor(nameOf(named), cursor);
      const [found, total] = await Promise.all([
        rows.find(rangeOf(named, after), skipped + limit + 1),
        rows.countUpTo(boundsOf(named), PAGED + 1),
      ]);
      return { named, rows: found.slice(skipped), total };
    },
    async show({ named, rows, total }, open) {
      const shown = rows.slice(0, limit);
      return {
        items: await Promise.all(shown.map((document) => show(document, open))),
        ...pagesOf(Math.min(total, PAGED), page),
        truncated: total > PAGED,
        nextCursor: rows.length > shown.length ? cursorAfter(named, shown.at(-1)) : null,
      };
    },
  };
}

function rangeOf({ field, list, oldestUntil }: ListNamed, after: Row | undefined): Range {
  return oldestUntil === undefined ? rowsOf(field, list, after) : rowsUntil(field, list, oldestUntil, after);
}

function boundsOf({ field, list, oldestUntil }: ListNamed) {
  return oldestUntil === undefined ? { field, ...wholeList(list) } : rowsUntil(field, list, oldestUntil);
}

const nameOf = ({ field, list }: ListNamed) => `${field} ${list}`;

function cursorAfter(named: ListNamed, last: FoldedDocument | undefined): string | null {
  if (!last) return null;
  const place: unknown = last[named.field as keyof FoldedDocument];
  return encodeCursor(nameOf(named), rowAt(String(place), last._id));
}
