/**
 * What a read is answered from: a document, the config beside it, and how far both are. As the bus and the memory know it, which is never
 * less than this process has shown before; as the store has it where the caller may have seen more in another process.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock, type Instant } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { Bus } from '../changes/bus.js';
import { createMemory } from '../changes/memory.js';
import { stampsIn } from './etag.js';
import { createLogCheck } from './log-check.js';
import { createServedViews, notBuilt, type ServedView, type ServedViewsOptions } from './served-view.js';
import type { ViewQuery } from './view-query.js';

/** What the store contained at one moment. */
export interface ViewSnapshot<V extends ViewName> {
  readonly document: Views[V] | null;
  readonly config: ConfigDocument | null;
  readonly generation: string;
  /** Everything up to here is included. */
  readonly position: Position;
  /** Since when it lacks what happened, where nobody feeds it, or the config, any more; else null. */
  readonly frozenSince: Instant | null;
}

/** What a read asks for by its key: how it is shown does not matter here. */
type Asked<V extends ViewName> = Pick<ViewQuery<V>, 'view' | 'key' | 'withConfig'>;

export interface Snapshots {
  /** Waits until the position is reached, at most a second; `stale` where it is not. Throws Refused: 400 for one ahead of the log. */
  after<V extends ViewName>(
    query: Asked<V>,
    position: Position,
  ): Promise<{ snapshot: ViewSnapshot<V>; stale: boolean }>;
  /** At once. `held`: the caller's If-None-Match. */
  current<V extends ViewName>(query: Asked<V>, held?: string): Promise<ViewSnapshot<V>>;
  served(view: ViewName): Promise<ServedView>;
}

export interface SnapshotsOptions {
  readonly reads: Pick<ReadStore, 'get'>;
  readonly events: Pick<EventStore, 'head' | 'readAt'>;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly views: ServedViewsOptions['views'];
  /** Resolves after `ms`, or earlier when views may have moved: what the bus knows unless given. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** How long a read waits for its Read-After position. */
const READ_AFTER_WAIT_MS = SECOND;
/** How often a waiting read looks, however often views move. */
const MAX_LOOKS = 1_000;
/** Of a document whose generation is dropped each time. */
const MAX_FINDS = 3;
/** How many reads may wait at the same time; further ones answer at once, marked stale. */
export const MAX_WAITING = 500;

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { reads, events, clock, bus, views } = options;
  const memory = createMemory(reads, bus, clock);
  const servedViews = createServedViews({ reads, bus, memory, clock, views, logCheck: createLogCheck(events, clock) });
  let waiting = 0;

  /** As the bus and the memory know it, or with both passed over as it is now. */
  async function look<V extends ViewName>(
    { view, key, withConfig }: Asked<V>,
    as: 'known' | 'now',
  ): Promise<ViewSnapshot<V>> {
    const [{ own, document }, config] = await Promise.all([
      find(view, key, as),
      withConfig ? (as === 'now' ? servedViews.now('config') : servedViews.recent('config')) : null,
    ]);
    const { generation } = own;
    const reached = reachedBy(view, own, document);
    const position = config ? earliest(reached, reachedBy('config', config, config.config)) : reached;
    const since = [own.frozenSince, config?.frozenSince ?? null].filter((one) => one !== null).sort()[0] ?? null;
    return { document, config: config?.config ?? null, generation, position, frozenSince: since };
  }

  /** A document, and of what it is. That of a generation which is dropped meanwhile is looked for in what is served instead. */
  async function find<V extends ViewName>(view: V, key: string, as: 'known' | 'now') {
    for (let tries = 0; tries < MAX_FINDS; tries += 1) {
      const isKnown = as === 'known' && tries === 0;
      const own = await (isKnown ? servedViews.recent(view) : servedViews.now(view));
      const collection = collectionOf(view, own.generation);
      const document = await (isKnown ? memory.get<Views[V]>(collection, key) : memory.anew<Views[V]>(collection, key));
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
    query: Asked<V>,
    after: Position,
  ): Promise<{ snapshot: ViewSnapshot<V>; stale: boolean }> {
    const deadline = clock.monotonic() + READ_AFTER_WAIT_MS;
    let turn = bus.turn();
    let snapshot = await look(query, 'now');
    if (snapshot.position >= after) return { snapshot, stale: false };
    if (after > (await events.head())) throw new Refused('common.position_ahead');
    if (waiting >= MAX_WAITING || snapshot.frozenSince !== null) return { snapshot, stale: true };
    waiting += 1;
    try {
      for (let looks = 0; looks < MAX_LOOKS && clock.monotonic() < deadline; looks += 1) {
        const ms = deadline - clock.monotonic();
        await (options.pause ? options.pause(ms) : bus.next(turn, ms));
        turn = bus.turn();
        snapshot = await look(query, 'known');
        if (snapshot.position >= after) return { snapshot, stale: false };
      }
    } finally {
      waiting -= 1;
    }
    return { snapshot, stale: true };
  }

  /**
   * What is known, unless the caller may have seen more elsewhere: an ETag of this generation and a later position, or of a
   * generation that this process has never heard of.
   */
  async function lookFor<V extends ViewName>(query: Asked<V>, held: string | undefined): Promise<ViewSnapshot<V>> {
    const snapshot = await look(query, 'known');
    if (held === undefined) return snapshot;
    const { generation, document, config } = snapshot;
    const { generation: served, previous, earlier = [] } = bus.alias(query.view) ?? { generation };
    const seenMore = stampsIn(held).some((seen) =>
      seen.generation === generation
        ? seen.document.position > (document?.position ?? 0n) || seen.config.position > (config?.position ?? 0n)
        : ![served, previous, ...earlier].includes(seen.generation),
    );
    return seenMore ? look(query, 'now') : snapshot;
  }

  return { after: lookAfter, current: lookFor, served: servedViews.recent };
}

function earliest(a: Position, b: Position): Position {
  return a < b ? a : b;
}
