/**
 * What this code shows of a view: which generation, how far it is, and, for the config, what it holds. A read must know it besides
 * its document. The bus knows the records, so that thousands of reads a second ask no store for them.
 *
 * Documents are only shown by code that knows their shape. In a rolling deploy old and new code read the same stores: each shows the
 * generation of its own version while somebody feeds it.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { createSilence, isSilent } from '@creator-dashboards/shared/feed/silence';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Clock, Instant } from '@creator-dashboards/shared/time';
import { collectionOf, feedNameOf, frozenSince, isBuilt, type Alias } from '@creator-dashboards/shared/views/alias';
import { generationToShow } from '@creator-dashboards/shared/views/generation';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { View } from '@creator-dashboards/shared/views/view';
import { then, type Soon } from '@creator-dashboards/shared/waiting';
import type { Bus } from '../changes/bus.js';
import type { Memory } from '../changes/memory.js';
import type { LogCheck } from './log-check.js';

export interface ServedView {
  readonly generation: string;
  /** Where its documents are. */
  readonly collection: string;
  /** Everything up to here was applied before the documents are read. */
  readonly checkpoint: Position;
  /** The config document, at least as new as the checkpoint; null for every other view, and before the first config event. */
  readonly config: ConfigDocument | null;
  /** Since when it lacks what happened, where nobody feeds it any more; else null. */
  readonly frozenSince: Instant | null;
}

export interface ServedViews {
  /**
   * As of this moment: what the bus and the memory know is passed over, and corrected. Throws Refused (503) while there is no
   * generation that this code can present, and where it is of another log (G64).
   */
  now(view: ViewName): Promise<ServedView>;
  /** As the bus knows it. Its documents still exist even if the alias has moved; its position is never ahead of them. */
  recent(view: ViewName): Soon<ServedView>;
  /** Whether a generation was dropped since it was read: then a document that is not there may have been there. */
  isDropped(view: ViewName, served: Pick<ServedView, 'generation' | 'checkpoint'>): Promise<boolean>;
  /** Notes what was shown: another generation is not shown before it has come as far, while this one can be shown. */
  noteShown(view: ViewName, generation: string, position: Position): void;
}

/** Seconds after which to retry for a view that is not built yet. */
const RETRY_AFTER = 1;
/** The same if an operator has to act first. */
const FOREIGN_RETRY_AFTER = 60;
/** How long what follows from the same records is not worked out again: silence and the check of the log follow from time, too. */
const WORKED_OUT_MS = 50;

export interface ServedViewsOptions {
  readonly reads: Pick<ReadStore, 'get'>;
  readonly bus: Pick<Bus, 'current' | 'look' | 'alias' | 'checkpoint'>;
  readonly memory: Memory;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What this code can present. */
  readonly views: Readonly<Record<ViewName, Pick<View, 'version' | 'presentsFrom' | 'kept'>>>;
  readonly logCheck: LogCheck;
}

/** A generation and how far it is, worked out of these records. */
interface WorkedOut {
  readonly alias: Alias | null;
  /** Name of the feed, and its record. */
  readonly feed: string;
  readonly record: Checkpoint | null;
  readonly until: number;
  /** Without the config, also where the view is that. */
  readonly served: ServedView;
}

export function createServedViews({ reads, bus, memory, clock, views, logCheck }: ServedViewsOptions): ServedViews {
  const silence = createSilence(clock);
  /** The furthest that was shown of a view, and of which generation. */
  const shown = new Map<ViewName, { readonly generation: string; readonly position: Position }>();
  const workedOut = new Map<ViewName, WorkedOut>();

  /**
   * This generation, or the one of before while that is further and was shown further than this one is; unless an operator has it
   * served as it stands.
   */
  function notBehind(view: ViewName, { previous, frozen }: Alias, generation: string) {
    const checkpoint = bus.checkpoint(feedNameOf(view, generation)) ?? notBuilt();
    const known = frozen ? undefined : shown.get(view);
    if (!known || known.position <= checkpoint.position || known.generation !== previous || previous === generation)
      return { generation, checkpoint };
    const before = bus.checkpoint(feedNameOf(view, previous));
    const isFurther = before !== null && before.position > checkpoint.position && !isSilent(silence(before));
    return isFurther ? { generation: previous, checkpoint: before } : { generation, checkpoint };
  }

  async function workOut(view: ViewName): Promise<WorkedOut['served']> {
    const alias = bus.alias(view) ?? notBuilt();
    const shows = generationToShow(alias, views[view]) ?? notBuilt();
    const feed = feedNameOf(view, shows);
    const record = bus.checkpoint(feed);
    const until = clock.monotonic() + WORKED_OUT_MS;
    const { generation, checkpoint } = notBehind(view, alias, shows);
    if ((await logCheck(checkpoint)) !== null)
      throw new Refused('common.unavailable', { retryAfter: FOREIGN_RETRY_AFTER });
    const isServed = generation === alias.generation;
    if (isServed ? !isBuilt(alias, checkpoint.position) : isSilent(silence(checkpoint))) notBuilt();
    const { position } = checkpoint;
    const served = {
      generation,
      collection: collectionOf(view, generation),
      checkpoint: position,
      config: null,
      frozenSince: isServed ? frozenSince(alias, position) : null,
    };
    if (generation === shows) workedOut.set(view, { alias, feed, record, until, served });
    return served;
  }

  function known(view: ViewName): Soon<WorkedOut['served']> {
    const before = workedOut.get(view);
    const isSame =
      before &&
      clock.monotonic() < before.until &&
      (shown.get(view)?.generation ?? before.served.generation) === before.served.generation &&
      before.alias === bus.alias(view) &&
      before.record === bus.checkpoint(before.feed);
    return isSame ? before.served : workOut(view);
  }

  /** The checkpoint is taken first, then the document, so that the document is never older than the stated position. */
  function servedBy(view: ViewName, read: Memory['get']): Soon<ServedView> {
    return then(known(view), (served) => {
      if (view !== 'config') return served;
      const found = read<ConfigDocument>(served.collection, CONFIG_KEY);
      return then(found, (config) => (config ? withConfig(served, config) : withoutConfig(served)));
    });
  }

  async function withoutConfig(served: ServedView): Promise<ServedView> {
    if (await isDropped('config', served)) notBuilt();
    return served;
  }

  /** Its checkpoint goes back before its documents go. */
  async function isDropped(view: ViewName, { generation, checkpoint }: Pick<ServedView, 'generation' | 'checkpoint'>) {
    const now = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation));
    return (now?.position ?? 0n) < checkpoint;
  }

  return {
    async now(view) {
      await bus.look();
      return servedBy(view, memory.anew);
    },
    recent: (view) => then(bus.current(), () => servedBy(view, memory.get)),
    isDropped,
    noteShown(view, generation, position) {
      const before = shown.get(view);
      if (before?.generation !== generation || before.position < position) shown.set(view, { generation, position });
    },
  };
}

/** Named one by one: each read does this, and spreading costs several times as much. */
function withConfig(
  { generation, collection, checkpoint, frozenSince }: ServedView,
  config: ConfigDocument,
): ServedView {
  return { generation, collection, checkpoint, config, frozenSince };
}

export function notBuilt(): never {
  throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
}
