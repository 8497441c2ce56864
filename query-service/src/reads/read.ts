/**
 * The read path of every view: one get by key, as fresh as requested, with the headers that state how fresh it is. It deals with
 * positions, generations and parking marks; bodies are made by `present.ts`.
 */
import { isRefusal, Refused, refuse } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { successBody } from '@creator-dashboards/shared/http/envelope';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { fromInstant, SECOND, type Clock, type Instant } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import { LRUCache } from 'lru-cache';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { etagOf, matches } from './etag.js';
import type { Open } from '@creator-dashboards/shared/views/open';
import { showOf, type ViewQuery } from './view-query.js';
import { createBodies } from './bodies.js';
import { createLogCheck } from './log-check.js';
import {
  createServedViews,
  notBuilt,
  type ServedView,
  type ServedViews,
  type ServedViewsOptions,
} from './served-view.js';

export interface ViewReader {
  /**
   * Answers a read with X-Position, ETag, Cache-Control, and X-Stale, X-Age or X-Degraded where they apply; 304 by If-None-Match; waits
   * for Read-After, unless nobody feeds what is served. Throws Refused: 400 for a Read-After that is not a position or is ahead of the log, 503 while the view is not built
   * yet.
   */
  answer<V extends ViewName>(request: Pick<RouteRequest, 'header'>, query: ViewQuery<V>): Promise<RouteResponse>;
  /** How far a view is, as reads without Read-After know it. Throws Refused (503) while it cannot be shown. */
  served(view: ViewName): Promise<ServedView>;
  /** A user's account, null where there is none. Throws Refused (503) when its standing cannot be told. */
  account(userId: string): Promise<Views['account'] | null>;
  /** The served config document, or null before the first config event. Throws Refused (503) if it cannot be read. */
  config(): Promise<ConfigDocument | null>;
}

export interface ViewReaderOptions {
  readonly reads: ReadStore;
  readonly events: Pick<EventStore, 'head' | 'readAt'>;
  readonly sealer: Pick<Sealer, 'open' | 'isErased' | 'forget'> & Partial<Pick<Sealer, 'onForget'>>;
  readonly clock: Clock;
  readonly views: ServedViewsOptions['views'];
  /** Resolves after `ms`, or earlier when views may have moved. */
  readonly pause?: (ms: number) => Promise<void>;
  /** How old a read's knowledge of the served generation, its checkpoint and the config may be; default 50 ms. */
  readonly rememberMs?: number;
}

/** How long a read waits for its Read-After position. */
export const READ_AFTER_WAIT_MS = SECOND;
const FIRST_POLL_MS = 5;
const REMEMBER_MS = 50;
const SLOWEST_POLL_MS = 50;
const MAX_POLLS = 40;
/** Of a document whose generation is dropped each time. */
const MAX_FINDS = 3;
/** How many reads may wait at the same time; further ones answer at once, marked stale. */
export const MAX_WAITING = 500;
/** For how many documents the position at the last opening of seals is remembered. */
const MAX_OPENED = 10_000;
const MAX_POSITION = 2n ** 63n - 1n;

/** What the store contained at one moment. */
interface ViewSnapshot<V extends ViewName> {
  readonly document: Views[V] | null;
  readonly config: ConfigDocument | null;
  readonly generation: string;
  /** Everything up to here is included. */
  readonly position: Position;
  /** Since when it lacks what happened, where nobody feeds it, or the config, any more; else null. */
  readonly frozenSince: Instant | null;
}

export function createViewReader(options: ViewReaderOptions): ViewReader {
  const { reads, events, sealer, clock } = options;
  const pause = options.pause ?? ((ms) => wait(clock, ms));
  const opened = new LRUCache<string, Position>({ max: MAX_OPENED });
  const rememberMs = options.rememberMs ?? REMEMBER_MS;
  const logCheck = createLogCheck(events, clock);
  const servedViews = createServedViews({ reads, clock, views: options.views, rememberMs, logCheck });
  const bodies = createBodies();
  sealer.onForget?.((subject) => bodies.forget(subject));
  let waiting = 0;

  async function look<V extends ViewName>(
    { view, key, withConfig, keptFor }: ViewQuery<V>,
    served: ServedViews['now'],
  ): Promise<ViewSnapshot<V>> {
    const [{ own, document }, config] = await Promise.all([
      find(view, key, served, keptFor !== undefined),
      withConfig ? served('config') : null,
    ]);
    const { generation } = own;
    const reached = reachedBy(view, own, document);
    const position = config ? earliest(reached, reachedBy('config', config, config.config)) : reached;
    const since = [own.frozenSince, config?.frozenSince ?? null].filter((one) => one !== null).sort()[0] ?? null;
    return { document, config: config?.config ?? null, generation, position, frozenSince: since };
  }

  /** A document, and of what it is. That of a generation which is dropped meanwhile is looked for in what is served instead. */
  async function find<V extends ViewName>(view: V, key: string, served: ServedViews['now'], isKept = false) {
    for (let tries = 0; tries < MAX_FINDS; tries += 1) {
      const own = await (tries === 0 ? served : servedViews.now)(view);
      const collection = collectionOf(view, own.generation);
      const known = isKept
        ? ((bodies.get(nameOf(collection, key))?.document as Views[V] | undefined) ?? null)
        : undefined;
      const document = await reads.get<Views[V]>(collection, key, known);
      if (document !== null || !(await servedViews.isDropped(view, own))) return { own, document };
    }
    return notBuilt();
  }

  /** Up to where everything is included in what is shown; noted, so that nothing that is behind is shown later. */
  function reachedBy(
    view: ViewName,
    { generation, checkpoint }: ServedView,
    document: FoldedDocument | null,
  ): Position {
    const position = document && document.position > checkpoint ? document.position : checkpoint;
    servedViews.noteShown(view, generation, position);
    return position;
  }

  /** Reads until the position is reached or the time is up; `stale` says which. */
  async function lookAfter<V extends ViewName>(
    query: ViewQuery<V>,
    after: Position | null,
  ): Promise<{ snapshot: ViewSnapshot<V>; stale: boolean }> {
    const deadline = clock.monotonic() + READ_AFTER_WAIT_MS;
    let snapshot = await look(query, after === null ? servedViews.recent : servedViews.now);
    if (after === null || snapshot.position >= after) return { snapshot, stale: false };
    if (after > (await events.head())) throw new Refused('common.position_ahead');
    if (waiting >= MAX_WAITING || snapshot.frozenSince !== null) return { snapshot, stale: true };
    waiting += 1;
    try {
      let pauseMs = FIRST_POLL_MS;
      for (let polls = 0; polls < MAX_POLLS && clock.monotonic() < deadline; polls += 1) {
        await pause(Math.min(pauseMs, deadline - clock.monotonic()));
        snapshot = await look(query, servedViews.now);
        if (snapshot.position >= after) return { snapshot, stale: false };
        pauseMs = Math.min(2 * pauseMs, SLOWEST_POLL_MS);
      }
    } finally {
      waiting -= 1;
    }
    return { snapshot, stale: true };
  }

  /**
   * Opens the seals of one document. A key cached before the document moved may have been destroyed since (UserErased moves it):
   * it is forgotten, so that a body with erased values never goes out under the ETag of the erased document.
   */
  function openerOf(name: string, position: Position): Open {
    const current = opened.get(name) === position ? null : new Set<string>();
    opened.set(name, position);
    return (kind, sealed) => {
      if (sealed && current && !current.has(sealed.subject)) {
        current.add(sealed.subject);
        sealer.forget(sealed.subject);
      }
      return sealer.open(kind, sealed);
    };
  }

  const secondsSince = (at: Instant) => Math.max(0, Math.floor((clock.now() - fromInstant(at)) / SECOND));

  return {
    async answer(request, query) {
      const { snapshot, stale } = await lookAfter(query, readAfterOf(request.header('read-after')));
      const { document, config, generation, position, frozenSince } = snapshot;
      const degraded = document?.parked === true || config?.parked === true;
      const headers: Record<string, string> = {
        'X-Position': position.toString(),
        'Cache-Control': 'private, no-cache',
        ...((stale || frozenSince !== null) && { 'X-Stale': 'true' }),
        ...(frozenSince !== null && { 'X-Age': secondsSince(frozenSince).toString() }),
        ...(degraded && { 'X-Degraded': 'true' }),
      };
      const name = nameOf(collectionOf(query.view, generation), query.key);
      const kept = query.keptFor === undefined ? undefined : bodies.get(name);
      if (kept && kept.document === document && kept.config === config) {
        headers['ETag'] = kept.etag;
        return matches(request.header('if-none-match'), kept.etag)
          ? { status: 304, headers }
          : { headers, json: kept.text };
      }
      const begun = bodies.begin();
      let isOwn = true;
      const openSeal = openerOf(`${query.view}:${query.key}`, document?.position ?? 0n);
      const open: Open = (kind, sealed) => {
        isOwn &&= sealed === null || sealed.subject === query.keptFor;
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
      if (!degraded && matches(request.header('if-none-match'), etag)) return { status: 304, headers };
      const data = await shown();
      const { keptFor: owner } = query;
      if (owner === undefined || document === null || degraded || !isOwn) return { headers, data };
      const text = successBody(data);
      bodies.keep({ name, owner, document, config, etag, text }, begun);
      return { headers, json: text };
    },

    served: servedViews.recent,

    async account(userId) {
      const { document } = await find('account', userId, servedViews.recent);
      if (document?.parked) throw new Refused('common.view_degraded'); // what followed may have been a suspension
      return document;
    },

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

function nameOf(collection: string, key: string): string {
  return `${collection}/${key}`;
}

function earliest(a: Position, b: Position): Position {
  return a < b ? a : b;
}

/** The position that the caller wants to see at least; null without Read-After. */
function readAfterOf(header: string | undefined): Position | null {
  if (header === undefined) return null;
  const position = /^\d{1,19}$/.test(header) ? BigInt(header) : MAX_POSITION + 1n;
  if (position > MAX_POSITION)
    throw new Refused('common.validation_failed', { details: [{ message: 'Read-After: must be a position' }] });
  return position;
}
