/**
 * What is served of a view: which generation, its position and, for the config, its content. A read needs it besides its document.
 * Cached for a moment, so that each of thousands of reads a second gets just one document from the store.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Clock } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, feedNameOf, isBuilt, type Alias } from '@creator-dashboards/shared/views/alias';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { LogCheck } from './log-check.js';

export interface ServedView {
  readonly generation: string;
  /** Everything up to here was applied before the documents are read. */
  readonly checkpoint: Position;
  /** The config document, at least as new as the checkpoint; null for every other view, and before the first config event. */
  readonly config: ConfigDocument | null;
}

export interface ServedViews {
  /** As of now. Throws Refused (503) while the view is not built yet, or if it belongs to another log (G64). */
  now(view: ViewName): Promise<ServedView>;
  /** As of a moment ago. Its documents still exist even if the alias has moved; its position is never ahead of them. */
  recent(view: ViewName): Promise<ServedView>;
}

/** Seconds after which to retry for a view that is not built yet. */
const RETRY_AFTER = 1;
/** The same if an operator has to act first. */
const FOREIGN_RETRY_AFTER = 60;

/** `rememberMs`: how old the result of `recent` may be. */
export function createServedViews(
  reads: Pick<ReadStore, 'get'>,
  clock: Pick<Clock, 'monotonic'>,
  rememberMs: number,
  logCheck: LogCheck,
): ServedViews {
  const remembered = new Map<ViewName, { readonly asked: Promise<ServedView>; readonly until: number }>();

  /** Reads the checkpoint first, then the document, so that the document is never older than the stated position. */
  async function now(view: ViewName): Promise<ServedView> {
    const alias = (await reads.get<Alias>(ALIASES, view)) ?? notBuilt();
    const { generation } = alias;
    const checkpoint = (await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation))) ?? notBuilt();
    if ((await logCheck(checkpoint)) !== null)
      throw new Refused('common.unavailable', { retryAfter: FOREIGN_RETRY_AFTER });
    if (!isBuilt(alias, checkpoint.position)) notBuilt();
    const config =
      view === 'config' ? await reads.get<ConfigDocument>(collectionOf(view, generation), CONFIG_KEY) : null;
    return { generation, checkpoint: checkpoint.position, config };
  }

  return {
    now,
    recent(view) {
      const at = clock.monotonic();
      const known = remembered.get(view);
      if (known && at < known.until) return known.asked;
      const asked = now(view);
      const entry = { asked, until: at + rememberMs };
      remembered.set(view, entry);
      asked.catch(() => remembered.get(view) === entry && remembered.delete(view));
      return asked;
    },
  };
}

export function notBuilt(): never {
  throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
}
