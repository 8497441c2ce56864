/**
 * What this code shows of a view: which generation, how far it is, and, for the config, what it holds. A read must know it besides
 * its document. Remembered for a moment, so that thousands of reads a second get one document each and nothing else.
 *
 * Documents are only shown by code that knows their shape. In a rolling deploy old and new code read the same stores: each shows the
 * generation of its own version while somebody feeds it.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { createSilence, isSilent } from '@creator-dashboards/shared/feed/silence';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Clock, Instant } from '@creator-dashboards/shared/time';
import {
  ALIASES,
  collectionOf,
  feedNameOf,
  frozenSince,
  isBuilt,
  type Alias,
} from '@creator-dashboards/shared/views/alias';
import { generationToShow } from '@creator-dashboards/shared/views/generation';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { View } from '@creator-dashboards/shared/views/view';
import type { LogCheck } from './log-check.js';

export interface ServedView {
  readonly generation: string;
  /** Everything up to here was applied before the documents are read. */
  readonly checkpoint: Position;
  /** The config document, at least as new as the checkpoint; null for every other view, and before the first config event. */
  readonly config: ConfigDocument | null;
  /** Since when it lacks what happened, where nobody feeds it any more; else null. */
  readonly frozenSince: Instant | null;
}

export interface ServedViews {
  /**
   * As of this moment. Throws Refused (503) while there is no generation that this code can present, and where it is of another
   * log (G64).
   */
  now(view: ViewName): Promise<ServedView>;
  /** As of a moment ago. Its documents still exist even if the alias has moved; its position is never ahead of them. */
  recent(view: ViewName): Promise<ServedView>;
  /** Whether a generation was dropped since it was read: then a document that is not there may have been there. */
  isDropped(view: ViewName, served: Pick<ServedView, 'generation' | 'checkpoint'>): Promise<boolean>;
  /** Notes what was shown: another generation is not shown before it has come as far, while this one can be shown. */
  noteShown(view: ViewName, generation: string, position: Position): void;
}

/** Seconds after which to retry for a view that is not built yet. */
const RETRY_AFTER = 1;
/** The same if an operator has to act first. */
const FOREIGN_RETRY_AFTER = 60;

export interface ServedViewsOptions {
  readonly reads: Pick<ReadStore, 'get'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What this code can present. */
  readonly views: Readonly<Record<ViewName, Pick<View, 'version' | 'presentsFrom' | 'kept'>>>;
  /** How old what `recent` answers may be. */
  readonly rememberMs: number;
  readonly logCheck: LogCheck;
}

export function createServedViews({ reads, clock, views, rememberMs, logCheck }: ServedViewsOptions): ServedViews {
  const silence = createSilence(clock);
  /** The furthest that was shown of a view, and of which generation. */
  const shown = new Map<ViewName, { readonly generation: string; readonly position: Position }>();
  /** By the order in which they were asked for. */
  const remembered = new Map<
    ViewName,
    { readonly asked: Promise<ServedView>; readonly serial: number; readonly until: number }
  >();
  let asks = 0;
  let newestConfig: ConfigDocument | null = null;

  /**
   * This generation, or the one of before while that is further and was shown further than this one is; unless an operator has it
   * served as it stands.
   */
  async function notBehind(view: ViewName, { previous, frozen }: Alias, generation: string) {
    const of = (one: string) => reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, one));
    const checkpoint = (await of(generation)) ?? notBuilt();
    const known = frozen ? undefined : shown.get(view);
    if (!known || known.position <= checkpoint.position || known.generation !== previous || previous === generation)
      return { generation, checkpoint };
    const before = await of(previous);
    const isFurther = before !== null && before.position > checkpoint.position && !isSilent(silence(before));
    return isFurther ? { generation: previous, checkpoint: before } : { generation, checkpoint };
  }

  /** Reads the checkpoint first, then the document, so that the document is never older than the stated position. */
  async function now(view: ViewName): Promise<ServedView> {
    const alias = (await reads.get<Alias>(ALIASES, view)) ?? notBuilt();
    const { generation, checkpoint } = await notBehind(view, alias, generationToShow(alias, views[view]) ?? notBuilt());
    if ((await logCheck(checkpoint)) !== null)
      throw new Refused('common.unavailable', { retryAfter: FOREIGN_RETRY_AFTER });
    const isServed = generation === alias.generation;
    if (isServed ? !isBuilt(alias, checkpoint.position) : isSilent(silence(checkpoint))) notBuilt();
    const { position } = checkpoint;
    const served = { generation, checkpoint: position, frozenSince: isServed ? frozenSince(alias, position) : null };
    if (view !== 'config') return { ...served, config: null };
    const config = await reads.get<ConfigDocument>(collectionOf(view, generation), CONFIG_KEY, newestConfig);
    newestConfig = config;
    if (config === null && (await isDropped(view, served))) notBuilt();
    return { ...served, config };
  }

  /** Its checkpoint goes back before its documents go. */
  async function isDropped(view: ViewName, { generation, checkpoint }: Pick<ServedView, 'generation' | 'checkpoint'>) {
    const now = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation));
    return (now?.position ?? 0n) < checkpoint;
  }

  function remember(view: ViewName, asked: Promise<ServedView>, serial: number, until: number): void {
    const known = remembered.get(view);
    if (known && known.serial > serial) return;
    const entry = { asked, serial, until };
    remembered.set(view, entry);
    asked.catch(() => remembered.get(view) === entry && remembered.delete(view));
  }

  return {
    /** Remembered, too: nobody is told less afterwards. */
    async now(view) {
      const [serial, until] = [(asks += 1), clock.monotonic() + rememberMs];
      const found = await now(view);
      remember(view, Promise.resolve(found), serial, until);
      return found;
    },
    isDropped,
    noteShown(view, generation, position) {
      const known = shown.get(view);
      if (known?.generation !== generation || known.position < position) shown.set(view, { generation, position });
    },
    recent(view) {
      const at = clock.monotonic();
      const known = remembered.get(view);
      if (known && at < known.until) return known.asked;
      const asked = now(view);
      remember(view, asked, (asks += 1), at + rememberMs);
      return asked;
    },
  };
}

export function notBuilt(): never {
  throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
}
