/**
 * What a read is answered from: a document, the config beside it, and how far both are. As the bus and the memory know it, which is never
 * less than this process has shown before; as the store has it where the caller may have seen more in another process.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { then, type Soon } from '@creator-dashboards/shared/waiting';
import type { Bus } from '../changes/bus.js';
import type { Memory } from '../changes/memory.js';
import { stampsIn } from './etag.js';
import type { As, Snapshot } from './fresh.js';
import { notBuilt, type ServedView, type ServedViews } from './served-view.js';
import type { ViewQuery } from './view-query.js';

/** What the store contained at one moment. */
export interface ViewSnapshot<V extends ViewName> extends Snapshot {
  readonly document: Views[V] | null;
  readonly config: ConfigDocument | null;
  readonly generation: string;
  readonly collection: string;
}

/** What a read asks for by its key: how it is shown does not matter here. */
type Asked<V extends ViewName> = Pick<ViewQuery<V>, 'view' | 'key' | 'withConfig'>;

export interface Snapshots {
  /** At once. */
  look<V extends ViewName>(query: Asked<V>, as: As): Soon<ViewSnapshot<V>>;
  /**
   * What is known, unless the caller may have seen more elsewhere: by its If-None-Match, an ETag of this generation and a later
   * position, or of a generation that this process has never heard of.
   */
  notBehind<V extends ViewName>(query: Asked<V>, held: string, known: ViewSnapshot<V>): Soon<ViewSnapshot<V>>;
}

/** A document, or null, and of what it is. */
interface Found<V extends ViewName> {
  readonly own: ServedView;
  readonly document: Views[V] | null;
}

/** Of a document whose generation is dropped each time. */
const MAX_FINDS = 3;

export function createSnapshots({
  bus,
  memory,
  servedViews,
}: {
  readonly bus: Pick<Bus, 'alias'>;
  readonly memory: Memory;
  readonly servedViews: ServedViews;
}): Snapshots {
  function look<V extends ViewName>({ view, key, withConfig }: Asked<V>, as: As): Soon<ViewSnapshot<V>> {
    const beside = () => (withConfig ? servedAs(as, 'config') : null);
    const found = find(view, key, as);
    if (found instanceof Promise)
      return Promise.all([found, Promise.resolve().then(beside)]).then((both) => snapshotOf(view, ...both));
    return then(beside(), (config) => snapshotOf(view, found, config));
  }

  const servedAs = (as: As, view: ViewName) => (as === 'now' ? servedViews.now(view) : servedViews.recent(view));

  function snapshotOf<V extends ViewName>(
    view: V,
    { own, document }: Found<V>,
    config: ServedView | null,
  ): ViewSnapshot<V> {
    const { generation, collection } = own;
    const reached = reachedBy(view, own, document);
    const position = config ? earliest(reached, reachedBy('config', config, config.config)) : reached;
    const frozenSince = earliestOf(own.frozenSince, config?.frozenSince ?? null);
    return { document, config: config?.config ?? null, generation, collection, position, frozenSince };
  }

  /** One of a generation that is dropped meanwhile is looked for in what is served instead. */
  function find<V extends ViewName>(view: V, key: string, as: As, tries = MAX_FINDS): Soon<Found<V>> {
    const read = as === 'now' ? memory.anew : memory.get;
    return then(servedAs(as, view), (own) =>
      then(read<Views[V]>(own.collection, key), (document) => {
        if (document !== null) return { own, document };
        return servedViews.isDropped(view, own).then((isDropped) => {
          if (!isDropped) return { own, document };
          return tries > 1 ? find(view, key, 'now', tries - 1) : notBuilt();
        });
      }),
    );
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

  function seenMore<V extends ViewName>({ view }: Asked<V>, held: string, snapshot: ViewSnapshot<V>): boolean {
    const { generation, document, config } = snapshot;
    const { generation: served, previous, earlier = [] } = bus.alias(view) ?? { generation };
    return stampsIn(held).some((seen) =>
      seen.generation === generation
        ? seen.document.position > (document?.position ?? 0n) || seen.config.position > (config?.position ?? 0n)
        : ![served, previous, ...earlier].includes(seen.generation),
    );
  }

  return { look, notBehind: (query, held, known) => (seenMore(query, held, known) ? look(query, 'now') : known) };
}

function earliestOf(a: Instant | null, b: Instant | null): Instant | null {
  return a === null || (b !== null && b < a) ? b : a;
}

function earliest(a: Position, b: Position): Position {
  return a < b ? a : b;
}
