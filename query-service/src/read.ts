/**
 * The read path of every view: one get by key, at the freshness that was asked for, with the headers that say how fresh it is.
 * It knows positions, generations and parking marks; what a body looks like is `present.ts`.
 */
import { isRefusal, Refused, refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore, Sealed } from '@creator-dashboards/shared/ports';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/route';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import {
  ALIASES,
  collectionOf,
  CONFIG_KEY,
  feedNameOf,
  type Alias,
  type ConfigDocument,
  type ViewName,
  type Views,
} from '@creator-dashboards/shared/views';
import { etagOf, matches } from './etag.js';
import type { Open } from './present.js';

/** What the store held, for the one who shows it. */
export interface Found<V extends ViewName> {
  readonly document: Views[V] | null;
  /** Null without `withConfig` too, and before the first config event. */
  readonly config: ConfigDocument | null;
  readonly open: Open;
}

export interface Asked<V extends ViewName> {
  readonly view: V;
  readonly key: string;
  /** The body combines the document with the config document. */
  readonly withConfig?: boolean;
  /** A sealed value whose subject can be erased without moving the document: the ETag then says whether it still opens. */
  readonly sealed?: (document: Views[V]) => Sealed | null;
  /** Refuses what was found, or answers what makes the body of it; that is not called where a 304 will do. */
  readonly show: (found: Found<V>) => Refusal | (() => unknown);
}

export interface ViewReader {
  /**
   * Answers a read with X-Position, ETag, Cache-Control, and X-Stale or X-Degraded where true; 304 by If-None-Match; waits
   * for Read-After. Throws Refused: 400 for a Read-After that is no position or ahead of the log, 503 while the view is not
   * built yet.
   */
  answer<V extends ViewName>(request: Pick<RouteRequest, 'header'>, asked: Asked<V>): Promise<RouteResponse>;
  /** The config document as served now, or null before the first config event. Throws Refused (503) when it cannot be told. */
  config(): Promise<ConfigDocument | null>;
}

export interface ViewReaderOptions {
  readonly reads: ReadStore;
  readonly events: Pick<EventStore, 'head'>;
  readonly sealer: Pick<Sealer, 'open' | 'forget'>;
  readonly clock: Clock;
  /** Resolves after `ms`, or earlier when views may have moved. */
  readonly pause?: (ms: number) => Promise<void>;
  /** How long a moved alias may go unnoticed, 50 ms unless given. */
  readonly aliasMs?: number;
}

/** How long a read waits for the position it asked for. */
export const READ_AFTER_WAIT_MS = SECOND;
const FIRST_POLL_MS = 5;
const ALIAS_MS = 50;
const SLOWEST_POLL_MS = 50;
const MAX_POLLS = 40;
/** Reads that wait at once; the next ones answer what there is, marked stale. */
export const MAX_WAITING = 500;
/** Documents whose position at the last opening is remembered. */
const MAX_OPENED = 10_000;
const MAX_POSITION = 2n ** 63n - 1n;

/** One look at the store. */
interface Look<V extends ViewName> {
  readonly document: Views[V] | null;
  readonly config: ConfigDocument | null;
  readonly generation: string;
  /** Everything up to here is in the answer. */
  readonly position: Position;
}

export function createViewReader(options: ViewReaderOptions): ViewReader {
  const { reads, events, sealer, clock, aliasMs = ALIAS_MS } = options;
  const pause = options.pause ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const opened = new Map<string, Position>();
  const generations = new Map<ViewName, { name: string; until: number }>();
  let waiting = 0;

  /** Aliases move once in a rebuild: what was read a moment ago is served on. Its documents stand; Read-After sees them stand still. */
  async function generationsOf(views: readonly ViewName[]): Promise<string[]> {
    const now = performance.now();
    const known = views.map((view) => generations.get(view));
    if (known.every((each) => each !== undefined && now < each.until))
      return known.map((each) => each?.name ?? notBuilt());
    const aliases = await reads.getMany<Alias>(ALIASES, views);
    return views.map((view) => {
      const name = aliases.get(view)?.generation ?? notBuilt();
      generations.set(view, { name, until: now + aliasMs });
      return name;
    });
  }

  /** The checkpoint first, then the document: so the document is never older than the position that is claimed for it. */
  async function look<V extends ViewName>(asked: Asked<V>): Promise<Look<V>> {
    const views: ViewName[] = asked.withConfig ? [asked.view, 'config'] : [asked.view];
    const [generation = notBuilt(), configGeneration] = await generationsOf(views);
    const feed = feedNameOf(asked.view, generation);
    const configFeed = configGeneration === undefined ? undefined : feedNameOf('config', configGeneration);
    const checkpoints = await reads.getMany<Checkpoint>(CHECKPOINTS, configFeed ? [feed, configFeed] : [feed]);
    const [document, config] = await Promise.all([
      reads.get<Views[V]>(collectionOf(asked.view, generation), asked.key),
      configGeneration === undefined ? null : readConfig(configGeneration),
    ]);
    const reached = later(document, checkpoints.get(feed));
    const position = configFeed ? earliest(reached, later(config, checkpoints.get(configFeed))) : reached;
    return { document, config, generation, position };
  }

  const readConfig = (generation: string) => reads.get<ConfigDocument>(collectionOf('config', generation), CONFIG_KEY);

  /** Looks until the position is reached or the time is over; `stale` says which. */
  async function lookAfter<V extends ViewName>(
    asked: Asked<V>,
    after: Position | null,
  ): Promise<{ found: Look<V>; stale: boolean }> {
    const deadline = clock.now() + READ_AFTER_WAIT_MS;
    let found = await look(asked);
    if (after === null || found.position >= after) return { found, stale: false };
    if (after > (await events.head())) throw new Refused('common.position_ahead');
    if (waiting >= MAX_WAITING) return { found, stale: true };
    waiting += 1;
    try {
      let wait = FIRST_POLL_MS;
      for (let polls = 0; polls < MAX_POLLS && clock.now() < deadline; polls += 1) {
        await pause(Math.min(wait, deadline - clock.now()));
        found = await look(asked);
        if (found.position >= after) return { found, stale: false };
        wait = Math.min(2 * wait, SLOWEST_POLL_MS);
      }
    } finally {
      waiting -= 1;
    }
    return { found, stale: true };
  }

  /**
   * Opens the seals of one document. A key cached before the document moved may have been destroyed since (UserErased moves it):
   * it is forgotten, so that a body with erased values never goes out under the ETag of the erased document.
   */
  function openerOf(name: string, position: Position): Open {
    const current = opened.get(name) === position ? null : new Set<string>();
    opened.delete(name);
    if (opened.size >= MAX_OPENED) opened.delete(opened.keys().next().value as string);
    opened.set(name, position);
    return (sealed) => {
      if (sealed && current && !current.has(sealed.subject)) {
        current.add(sealed.subject);
        sealer.forget(sealed.subject);
      }
      return sealer.open(sealed);
    };
  }

  return {
    async answer(request, asked) {
      const { found, stale } = await lookAfter(asked, readAfterOf(request.header('read-after')));
      const { document, config, generation, position } = found;
      const degraded = document?.parked === true || config?.parked === true;
      const headers: Record<string, string> = {
        'X-Position': position.toString(),
        'Cache-Control': 'private, no-cache',
        ...(stale && { 'X-Stale': 'true' }),
        ...(degraded && { 'X-Degraded': 'true' }),
      };
      const open = openerOf(`${asked.view}:${asked.key}`, document?.position ?? 0n);
      const shown =
        nothingApplied(document) || nothingApplied(config)
          ? refuse('common.view_degraded')
          : asked.show({ document, config, open });
      if (isRefusal(shown)) return { headers, refused: new Refused(shown.refused, { vars: shown.vars }) };

      const sealed = (document && asked.sealed?.(document)) ?? null;
      const etag = etagOf({
        generation,
        position: document?.position ?? 0n,
        configPosition: config?.position ?? 0n,
        degraded,
        erased: sealed !== null && (await open(sealed)) === null,
      });
      headers['ETag'] = etag;
      // Nothing moves a degraded document, an erasure neither: it is always answered in full.
      if (!degraded && matches(request.header('if-none-match'), etag)) return { status: 304, headers };
      return { headers, data: await shown() };
    },

    async config() {
      const [generation = notBuilt()] = await generationsOf(['config']);
      const config = await readConfig(generation);
      return nothingApplied(config) ? notBuilt() : config;
    },
  };
}

/** Seconds after which a view that is not there yet may be asked for again. */
const RETRY_AFTER = 1;

function notBuilt(): never {
  throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
}

/** A document that was parked before its first event: there is nothing in it to show. */
function nothingApplied(document: Views[ViewName] | null): boolean {
  return document?.parked === true && document.position === 0n;
}

function later(document: { position: Position } | null, checkpoint: Checkpoint | undefined): Position {
  if (!checkpoint) return notBuilt();
  return document && document.position > checkpoint.position ? document.position : checkpoint.position;
}

function earliest(a: Position, b: Position): Position {
  return a < b ? a : b;
}

/** The position a caller wants to see at least; null when it does not care. */
function readAfterOf(header: string | undefined): Position | null {
  if (header === undefined) return null;
  const position = /^\d{1,19}$/.test(header) ? BigInt(header) : MAX_POSITION + 1n;
  if (position > MAX_POSITION)
    throw new Refused('common.validation_failed', { details: [{ message: 'Read-After: must be a position' }] });
  return position;
}
