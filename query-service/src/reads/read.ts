/**
 * The read path of every view: one get by key, as fresh as requested, with the headers that state how fresh it is. It deals with
 * positions, generations and parking marks; bodies are made by `present.ts`.
 */
import { isRefusal, Refused, refuse } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { successBody } from '@creator-dashboards/shared/http/envelope';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { fromInstant, SECOND, type Instant } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { createOpener } from './opener.js';
import { createSnapshots, type SnapshotsOptions, type ViewSnapshot } from './snapshots.js';
import { etagOf, matches } from './etag.js';
import type { Open } from '@creator-dashboards/shared/views/open';
import { showOf, type ViewQuery } from './view-query.js';
import { createBodies } from './bodies.js';
import { notBuilt, type ServedView } from './served-view.js';

export interface ViewReader {
  /**
   * Answers a read with X-Position, ETag, Cache-Control, and X-Stale, X-Age or X-Degraded where they apply; 304 by If-None-Match; waits
   * for Read-After, unless nobody feeds what is served. Throws Refused: 400 for a Read-After that is not a position or is ahead of the log, 503 while the view is not built
   * yet.
   */
  answer<V extends ViewName>(request: Pick<RouteRequest, 'header'>, query: ViewQuery<V>): Promise<RouteResponse>;
  /** How far a view is, as the bus knows it. Throws Refused (503) while it cannot be shown. */
  served(view: ViewName): Promise<ServedView>;
  /** A user's account, null where there is none. Throws Refused (503) when its standing cannot be told. */
  account(userId: string): Promise<Views['account'] | null>;
  /** The served config document, or null before the first config event. Throws Refused (503) if it cannot be read. */
  config(): Promise<ConfigDocument | null>;
}

export interface ViewReaderOptions extends SnapshotsOptions {
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'> & Partial<Pick<Sealer, 'onForget'>>;
}

const MAX_POSITION = 2n ** 63n - 1n;

export function createViewReader(options: ViewReaderOptions): ViewReader {
  const { sealer, clock } = options;
  const snapshots = createSnapshots(options);
  const openSealsOf = createOpener(sealer);
  const bodies = createBodies();
  sealer.onForget?.((subject) => bodies.forget(subject));

  const secondsSince = (at: Instant) => Math.max(0, Math.floor((clock.now() - fromInstant(at)) / SECOND));

  return {
    async answer(request, query) {
      const after = readAfterOf(request.header('read-after'));
      const held = request.header('if-none-match');
      const { snapshot, stale } =
        after === null
          ? { snapshot: await snapshots.current(query, held), stale: false }
          : await snapshots.after(query, after);
      const { document, config, generation, position, frozenSince } = snapshot;
      const degraded = document?.parked === true || config?.parked === true;
      const headers: Record<string, string> = {
        'X-Position': position.toString(),
        'Cache-Control': 'private, no-cache',
        ...((stale || frozenSince !== null) && { 'X-Stale': 'true' }),
        ...(frozenSince !== null && { 'X-Age': secondsSince(frozenSince).toString() }),
        ...(degraded && { 'X-Degraded': 'true' }),
      };
      const name = nameIn(query, snapshot);
      const kept = query.keptFor === undefined ? undefined : bodies.get(name);
      if (kept && kept.document === document && kept.config === config) {
        headers['ETag'] = kept.etag;
        return matches(held, kept.etag) ? { status: 304, headers } : { headers, json: kept.text };
      }
      const begun = bodies.begin();
      const subjects = new Set(query.keptFor === undefined ? [] : [query.keptFor]);
      const openSeal = openSealsOf(`${query.view}:${query.key}`, document?.position ?? 0n);
      const open: Open = (kind, sealed) => {
        if (sealed) subjects.add(sealed.subject);
        return openSeal(kind, sealed);
      };
      const shown =
        nothingApplied(document) || nothingApplied(config)
          ? refuse('common.view_degraded')
          : showOf(query, generation, options.views[query.view].kept?.version)({ document, config, open });
      if (isRefusal(shown)) return { headers, refused: new Refused(shown.refused, { vars: shown.vars }) };

      const sealed = (document && query.sealed?.(document)) ?? null;
      const etag = etagOf({
        generation,
        document,
        config,
        degraded,
        erased: sealed !== null && (await sealer.isErased(sealed.subject)),
      });
      headers['ETag'] = etag;
      // Nothing moves a degraded document, not even an erasure, so it is always answered in full.
      if (!degraded && matches(held, etag)) return { status: 304, headers };
      const data = await shown();
      if (query.keptFor === undefined || document === null || degraded) return { headers, data };
      const text = successBody(data);
      bodies.keep({ name, subjects, document, config, etag, text }, begun);
      return { headers, json: text };
    },

    served: snapshots.served,

    async account(userId) {
      const { document } = await snapshots.current({ view: 'account', key: userId });
      if (document?.parked) throw new Refused('common.view_degraded'); // what followed may have been a suspension
      return document;
    },

    async config() {
      const { config } = await snapshots.served('config');
      return nothingApplied(config) ? notBuilt() : config;
    },
  };
}

/** Whether a document was parked before its first event: there is nothing in it to show. */
export function nothingApplied(document: FoldedDocument | null): boolean {
  return document?.parked === true && document.position === 0n;
}

/** Of a kept body. */
function nameIn(
  { view, key }: Pick<ViewQuery<ViewName>, 'view' | 'key'>,
  { generation }: Pick<ViewSnapshot<ViewName>, 'generation'>,
): string {
  return `${collectionOf(view, generation)}/${key}`;
}

/** The position that the caller wants to see at least; null without Read-After. */
function readAfterOf(header: string | undefined): Position | null {
  if (header === undefined) return null;
  const position = /^\d{1,19}$/.test(header) ? BigInt(header) : MAX_POSITION + 1n;
  if (position > MAX_POSITION)
    throw new Refused('common.validation_failed', { details: [{ message: 'Read-After: must be a position' }] });
  return position;
}
