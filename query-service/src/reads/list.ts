/**
 * Lists (docs/lists.md): one page of a view's documents, as fresh as requested. The rows of a page are all of one generation. Other
 * than a single document, a list has no position of its own that tells whether it has changed: its ETag is made of what it shows.
 */
import { isRefusal, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import type { Range, ReadStore } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { versionOf } from '@creator-dashboards/shared/views/generation';
import { rowAt, rowsOf, wholeList } from '@creator-dashboards/shared/views/list';
import type { Open } from '@creator-dashboards/shared/views/open';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { createHash } from 'node:crypto';
import { matches } from './etag.js';
import type { As, FreshReads, Snapshot } from './fresh.js';
import { decodeCursor, encodeCursor, PAGED, pageNumber, type PageAsked } from './page.js';
import { notBuilt, type ServedViews, type ServedViewsOptions } from './served-view.js';

/** A list of a view: the field that its documents' places are in, and what tells it from the other lists of that field. */
export interface ListNamed {
  readonly field: string;
  readonly list: string;
}

/** What a route reads, and how it shows a row. */
export interface ListQuery<V extends ViewName> {
  readonly view: V;
  readonly page: PageAsked;
  /** Chooses the list, or refuses, perhaps by other documents of the view. */
  readonly list: (find: (range: Range, limit: number) => Promise<Views[V][]>) => Promise<ListNamed | Refusal>;
  readonly show: (document: Views[V], open: Open) => Promise<unknown>;
}

export interface Lists {
  /** Answers a page with the headers of a read (ViewReader). Throws Refused as that does, and 400 for a cursor of another list. */
  list<V extends ViewName>(request: Pick<RouteRequest, 'header'>, query: ListQuery<V>): Promise<RouteResponse>;
}

/** A page as the store has it, with a row more if there is one. */
interface Found<V extends ViewName> {
  readonly named: ListNamed;
  readonly rows: readonly Views[V][];
  readonly total: number;
}

interface ListSnapshot<V extends ViewName> extends Snapshot {
  readonly found: Found<V> | Refusal;
  readonly isDegraded: boolean;
}

/** Of a list whose generation is dropped each time. */
const MAX_LOOKS = 3;

export function createLists({
  reads,
  fresh,
  servedViews,
  sealer,
  views,
}: {
  readonly reads: Pick<ReadStore, 'find' | 'countUpTo'>;
  readonly fresh: FreshReads;
  readonly servedViews: ServedViews;
  readonly sealer: Pick<Sealer, 'open'>;
  readonly views: ServedViewsOptions['views'];
}): Lists {
  async function look<V extends ViewName>(query: ListQuery<V>, as: As): Promise<ListSnapshot<V>> {
    const { view } = query;
    for (let tries = 0; tries < MAX_LOOKS; tries += 1) {
      const served = await (as === 'known' && tries === 0 ? servedViews.recent(view) : servedViews.now(view));
      const { generation, checkpoint, frozenSince } = served;
      if (versionOf(generation) === views[view].kept?.version) notBuilt(); // it has other fields
      const found = await pageOf(query, generation);
      // A document that is parked may lack the place that it would have now.
      const parked = await reads.find(collectionOf(view, generation), { where: { parked: true }, limit: 1 });
      if (await servedViews.isDropped(view, served)) continue; // rows that are missing may have gone with it
      servedViews.noteShown(view, generation, checkpoint);
      return { found, isDegraded: parked.length > 0, position: checkpoint, frozenSince };
    }
    return notBuilt();
  }

  async function pageOf<V extends ViewName>(query: ListQuery<V>, generation: string): Promise<Found<V> | Refusal> {
    const collection = collectionOf(query.view, generation);
    const find = (range: Range, limit: number) => reads.find<Views[V]>(collection, { range, limit });
    const named = await query.list(find);
    if (isRefusal(named)) return named;
    const { field, list } = named;
    const { cursor, limit } = query.page;
    const skipped = cursor === undefined ? (pageNumber(query.page) - 1) * limit : 0;
    const after = cursor === undefined ? undefined : decodeCursor(nameOf(named), cursor);
    const [found, total] = await Promise.all([
      find(rowsOf(field, list, after), skipped + limit + 1),
      reads.countUpTo(collection, { field, ...wholeList(list) }, PAGED + 1),
    ]);
    return { named, rows: found.slice(skipped), total };
  }

  return {
    async list(request, query) {
      const { page } = query;
      const seen = await fresh.read(request.header('read-after'), (as) => look(query, as));
      const { snapshot } = seen;
      const headers = fresh.headersOf(seen, snapshot.isDegraded);
      const { found } = snapshot;
      if (isRefusal(found)) return { headers, refused: new Refused(found.refused, { vars: found.vars }) };
      const { named, rows, total } = found;
      const shown = rows.slice(0, page.limit);
      const open: Open = (kind, sealed) => sealer.open(kind, sealed);
      const counted = Math.min(total, PAGED);
      const data = {
        items: await Promise.all(shown.map((document) => query.show(document, open))),
        total: counted,
        page: page.cursor === undefined ? pageNumber(page) : null,
        limit: page.limit,
        totalPages: Math.ceil(counted / page.limit),
        truncated: total > PAGED,
        nextCursor: rows.length > shown.length ? cursorAfter(named, shown.at(-1)) : null,
      };
      const etag = `W/"${createHash('sha256').update(JSON.stringify(data)).digest('base64url')}"`;
      const answer = { ...headers, ETag: etag };
      if (!snapshot.isDegraded && matches(request.header('if-none-match'), etag))
        return { status: 304, headers: answer };
      return { headers: answer, data };
    },
  };
}

const nameOf = ({ field, list }: ListNamed) => `${field} ${list}`;

function cursorAfter(named: ListNamed, last: FoldedDocument | undefined): string | null {
  if (!last) return null;
  const place: unknown = last[named.field as keyof FoldedDocument];
  return encodeCursor(nameOf(named), rowAt(String(place), last._id));
}
