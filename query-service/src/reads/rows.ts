/**
 * Reads of several documents of one view, all of one generation, as fresh as requested. Other than a single document, they have no
 * position that tells whether they have changed: their ETag is made of what is shown. Each look finds them in the store.
 */
import { isRefusal, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import type { Range, ReadStore } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { versionOf } from '@creator-dashboards/shared/views/generation';
import type { Open } from '@creator-dashboards/shared/views/open';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { createHash } from 'node:crypto';
import { matches } from './etag.js';
import type { As, FreshReads, Snapshot } from './fresh.js';
import { notBuilt, type ServedViews, type ServedViewsOptions } from './served-view.js';

/** The documents of a view in the generation that is served. */
export interface Rows<V extends ViewName> {
  find(range: Range, limit: number): Promise<Views[V][]>;
  countUpTo(range: Omit<Range, 'after' | 'descending'>, limit: number): Promise<number>;
}

/** What a route reads, and how it shows it. */
export interface RowsQuery<V extends ViewName, T extends object = object> {
  readonly view: V;
  /** Finds what is to be shown, or refuses. */
  find(rows: Rows<V>): Promise<T | Refusal>;
  show(found: T, open: Open): Promise<unknown>;
}

export interface RowsReader {
  /** Answers with the headers of a read (ViewReader), and throws Refused as that does. */
  rows<V extends ViewName, T extends object>(
    request: Pick<RouteRequest, 'header'>,
    query: RowsQuery<V, T>,
  ): Promise<RouteResponse>;
}

/** What the store contained at one moment. */
interface RowsSnapshot<T> extends Snapshot {
  readonly found: T | Refusal;
  readonly isDegraded: boolean;
}

/** Of documents whose generation is dropped each time. */
const MAX_LOOKS = 3;

export function createRowsReader({
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
}): RowsReader {
  async function look<V extends ViewName, T extends object>(
    { view, find }: RowsQuery<V, T>,
    as: As,
  ): Promise<RowsSnapshot<T>> {
    for (let tries = 0; tries < MAX_LOOKS; tries += 1) {
      const served = await (as === 'known' && tries === 0 ? servedViews.recent(view) : servedViews.now(view));
      const { generation, collection, checkpoint, frozenSince } = served;
      if (versionOf(generation) === views[view].kept?.version) notBuilt(); // it has other fields
      const found = await find({
        find: (range, limit) => reads.find<Views[V]>(collection, { range, limit }),
        countUpTo: (range, limit) => reads.countUpTo(collection, range, limit),
      });
      // A document that is parked may lack the place in a list that it would have now.
      const parked = await reads.find(collection, { where: { parked: true }, limit: 1 });
      if (await servedViews.isDropped(view, served)) continue; // rows that are missing may have gone with it
      servedViews.noteShown(view, generation, checkpoint);
      return { found, isDegraded: parked.length > 0, position: checkpoint, frozenSince };
    }
    return notBuilt();
  }

  return {
    async rows(request, query) {
      const seen = await fresh.read(request.header('read-after'), (as) => look(query, as));
      const { found, isDegraded } = seen.snapshot;
      const headers = fresh.headersOf(seen, isDegraded);
      if (isRefusal(found)) return { headers, refused: new Refused(found.refused, { vars: found.vars }) };
      const data = await query.show(found, (kind, sealed) => sealer.open(kind, sealed));
      const etag = `W/"${createHash('sha256').update(JSON.stringify(data)).digest('base64url')}"`;
      headers['ETag'] = etag;
      // Nothing moves a degraded document, so it is always answered in full.
      return !isDegraded && matches(request.header('if-none-match'), etag)
        ? { status: 304, headers }
        : { headers, data };
    },
  };
}
