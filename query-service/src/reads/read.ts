/**
 * The read path of every view: one get by key, as fresh as requested, with the headers that state how fresh it is. It deals with
 * positions, generations and parking marks; bodies are made by `present.ts`.
 */
import { isRefusal, Refused, refuse } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { successBody } from '@creator-dashboards/shared/http/envelope';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { Clock } from '@creator-dashboards/shared/time';
import { then, type Soon } from '@creator-dashboards/shared/waiting';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { Bus } from '../changes/bus.js';
import { createMemory } from '../changes/memory.js';
import { createOpener } from './opener.js';
import { createSnapshots, type ViewSnapshot } from './snapshots.js';
import { etagOf, matches } from './etag.js';
import type { Open } from '@creator-dashboards/shared/views/open';
import { showOf, type ViewQuery } from './view-query.js';
import { createBodies, type Body } from './bodies.js';
import { createRowsReader, type RowsReader } from './rows.js';
import { createFreshReads, type As } from './fresh.js';
import { createLogCheck } from './log-check.js';
import { createServedViews, notBuilt, type ServedView, type ServedViewsOptions } from './served-view.js';

export interface ViewReader extends RowsReader {
  /**
   * Answers a read with X-Position, ETag, Cache-Control, and X-Stale, X-Age or X-Degraded where they apply; 304 by If-None-Match; waits
   * for Read-After, unless nobody feeds what is served. Throws Refused: 400 for a Read-After that is not a position or is ahead of the log, 503 while the view is not built
   * yet.
   */
  answer<V extends ViewName>(request: Pick<RouteRequest, 'header'>, query: ViewQuery<V>): Soon<RouteResponse>;
  /** How far a view is, as the bus knows it. Throws Refused (503) while it cannot be shown. */
  served(view: ViewName): Soon<ServedView>;
  /** A document of a view as it is known here, for what is shown beside it; null where there is none. Throws Refused (503) while the view cannot be shown. */
  document<V extends ViewName>(view: V, key: string): Soon<Views[V] | null>;
  /** A user's account, null where there is none. Throws Refused (503) when its standing cannot be told. */
  account(userId: string): Soon<Views['account'] | null>;
  /** The served config document, or null before the first config event. Throws Refused (503) if it cannot be read. */
  config(): Promise<ConfigDocument | null>;
}

export interface ViewReaderOptions {
  readonly reads: Pick<ReadStore, 'get' | 'find' | 'countUpTo'>;
  readonly events: Pick<EventStore, 'head' | 'readAt'>;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly views: ServedViewsOptions['views'];
  /** Resolves after `ms`, or earlier when views may have moved: what the bus knows unless given. */
  readonly pause?: (ms: number) => Promise<void>;
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'> & Partial<Pick<Sealer, 'onForget'>>;
}

export function createViewReader(options: ViewReaderOptions): ViewReader {
  const { reads, events, sealer, clock, bus, views } = options;
  const memory = createMemory(reads, bus, clock);
  const servedViews = createServedViews({ reads, bus, memory, clock, views, logCheck: createLogCheck(events, clock) });
  const snapshots = createSnapshots({ bus, memory, servedViews });
  const fresh = createFreshReads(options);
  const openSealsOf = createOpener(sealer);
  const bodies = createBodies();
  sealer.onForget?.((subject) => bodies.forget(subject));

  /** The body that was kept of this document and config. */
  function keptOf<V extends ViewName>(
    { keptFor }: ViewQuery<V>,
    { document, config }: ViewSnapshot<V>,
  ): Body | undefined {
    const kept = keptFor !== undefined && document ? bodies.get(document) : undefined;
    return kept?.config === config ? kept : undefined;
  }

  /** An answer with a body that is made now, and kept where it may be. */
  async function made<V extends ViewName>(
    query: ViewQuery<V>,
    held: string | undefined,
    { document, config, generation, collection }: ViewSnapshot<V>,
    headers: Record<string, string>,
  ): Promise<RouteResponse> {
    const degraded = document?.parked === true || config?.parked === true;
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
        : showOf(query, generation, views[query.view].kept?.version)({ document, config, open });
    if (isRefusal(shown)) return { headers, refused: new Refused(shown.refused, { vars: shown.vars }) };

    const sealed = (document && query.sealed?.(document)) ?? [];
    const erased = await Promise.all(sealed.map(({ subject }) => sealer.isErased(subject)));
    const etag = etagOf({ generation, document, config, degraded, erased: erased.filter(Boolean).length });
    headers['ETag'] = etag;
    // Nothing moves a degraded document, not even an erasure, so it is always answered in full.
    if (!degraded && matches(held, etag)) return { status: 304, headers };
    const data = await shown();
    if (query.keptFor === undefined || document === null || degraded) return { headers, data };
    const text = successBody(data);
    bodies.keep({ name: `${collection}/${query.key}`, subjects, document, config, etag, text }, begun);
    return { headers, json: text };
  }

  return {
    ...createRowsReader({ reads, fresh, servedViews, sealer, views }),

    answer(request, query) {
      const held = request.header('if-none-match');
      const look = (as: As) => snapshots.look(query, as);
      /** Who holds what was kept has seen no more. */
      const current = () =>
        then(look('known'), (known) =>
          held === undefined || keptOf(query, known)?.etag === held ? known : snapshots.notBehind(query, held, known),
        );
      return then(fresh.read(request.header('read-after'), look, current), (seen) => {
        const { document, config } = seen.snapshot;
        const headers = fresh.headersOf(seen, document?.parked === true || config?.parked === true);
        const kept = keptOf(query, seen.snapshot);
        if (!kept) return made(query, held, seen.snapshot, headers);
        headers['ETag'] = kept.etag;
        return matches(held, kept.etag) ? { status: 304, headers } : { headers, json: kept.text };
      });
    },

    served: servedViews.recent,

    document: (view, key) => then(snapshots.look({ view, key }, 'known'), ({ document }) => document),

    account: (userId) =>
      then(snapshots.look({ view: 'account', key: userId }, 'known'), ({ document }) => {
        if (document?.parked) throw new Refused('common.view_degraded'); // what followed may have been a suspension
        return document;
      }),

    async config() {
      const { config } = await servedViews.recent('config');
      return nothingApplied(config) ? notBuilt() : config;
    },
  };
}

/** Whether a document was parked before its first event: there is nothing in it to show. */
export function nothingApplied(document: FoldedDocument | null): boolean {
  return document?.parked === true && document.position === 0n;
}
