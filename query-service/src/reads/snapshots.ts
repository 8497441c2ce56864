/**
 * What a read is answered from: a document, the config beside it, and how far both are. As the bus and the memory know it, which is never
 * less than this process has shown before; as the store has it where the caller may have seen more in another process.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
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
}

/** What a read asks for by its key: how it is shown does not matter here. */
type Asked<V extends ViewName> = Pick<ViewQuery<V>, 'view' | 'key' | 'withConfig'>;

export interface Snapshots {
  /** At once. */
  look<V extends ViewName>(query: Asked<V>, as: As): Promise<ViewSnapshot<V>>;
  /**
   * What is known, unless the caller may have seen more elsewhere: by its If-None-Match, an ETag of this generation and a later
   * position, or of a generation that this process has never heard of.
   */
  current<V extends ViewName>(query: Asked<V>, held?: string): Promise<ViewSnapshot<V>>;
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
  async function look<V extends ViewName>({ view, key, withConfig }: Asked<V>, as: As): Promise<ViewSnapshot<V>> {
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
  async function find<V extends ViewName>(view: V, key: string, as: As) {
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

  async function current<V extends ViewName>(query: Asked<V>, held: string | undefined): Promise<ViewSnapshot<V>> {
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

  return { look, current };
}

function earliest(a: Position, b: Position): Position {
  return a < b ? a : b;
}
