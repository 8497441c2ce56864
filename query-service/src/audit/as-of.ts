/** What a reader would have been shown of a document at some position of the log, folded anew from its events. */
import { isRefusal, Refused, refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import type { Open } from '@creator-dashboards/shared/views/open';
import { CONFIG_KEY, type ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { codeOf } from '@creator-dashboards/shared/views/generation';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import type { ReadStamp } from '../reads/etag.js';
import { nothingApplied } from '../reads/read.js';
import { shown } from '../reads/shown.js';
import { createFolding, discardedBy, type Folding } from './folding.js';
import { historyOf, namesOfDocument, type History } from './history.js';
import type { Searched } from './search.js';

export interface Past extends Searched {
  readonly views: Readonly<Record<ViewName, View>>;
}

/** Whose document, and as of when: of a position, or of an answer that had this ETag. */
export interface Moment {
  readonly view: ViewName;
  readonly key: string;
  readonly at: Position | ReadStamp;
}

/** By which code a document was folded, and whether it is the code of the generation that was asked for. */
export interface FoldUsed {
  readonly version: number;
  readonly kept: boolean;
  /** The generation that an ETag names; null where a position was asked for. */
  readonly generation: string | null;
  /** False where the code of that generation is gone: another version's fold made this body. */
  readonly sameCode: boolean;
}

export interface PastDocument {
  readonly document: FoldedDocument | null;
  readonly config: ConfigDocument | null;
  /** All events up to here were taken: what was asked for, or less where there are too many. */
  readonly upTo: Position;
  readonly isTruncated: boolean;
  /** Number of events that were read. */
  readonly read: number;
  readonly fold: FoldUsed;
}

/**
 * Folds a document and the config beside it. Throws Refused: 409 where an ETag is not one that this log ever led to, 503 while the
 * index is far behind.
 */
export async function documentAt(past: Past, { view, key, at }: Moment): Promise<PastDocument> {
  const stamp = typeof at === 'bigint' ? null : at;
  const code = (stamp && codeOf(past.views[view], stamp.generation)) ?? past.views[view];
  const until = typeof at === 'bigint' ? at : later(at.document.position, at.config.position);
  const folded = await startFolding(past, { view, code, key, until, stamp });
  let read = 0;
  for await (const batch of folded.history.batches) {
    read += batch.length;
    for (const event of batch) {
      folded.own.take(event);
      folded.config?.take(event);
    }
  }
  const document = folded.own.document();
  const config = (folded.config?.document() ?? null) as ConfigDocument | null;
  const { upTo, isTruncated } = folded.history;
  if (stamp && !isTruncated && !(agrees(document, stamp.document) && agrees(config, stamp.config)))
    throw new Refused('admin.past.etag_unknown');
  return { document, config, upTo, isTruncated, read, fold: foldUsed(past.views[view], code, stamp) };
}

export interface Started {
  readonly history: History;
  readonly own: Folding;
  /** Null where the view shows nothing of the config. */
  readonly config: Folding | null;
}

/** The events of a document, those of the config if it is shown with it, and what folds both. */
export async function startFolding(
  past: Past,
  asked: {
    readonly view: ViewName;
    readonly code: View;
    readonly key: string;
    readonly until: Position;
    readonly stamp: ReadStamp | null;
  },
): Promise<Started> {
  const { view, code, key, until, stamp } = asked;
  const configView = shown[view].withConfig ? past.views.config : null;
  // A reader whose document had passed an event that cannot be applied knew that it was discarded.
  const known = stamp ? await past.events.head() : until;
  const names = [...namesOfDocument(code, key), ...(configView ? namesOfDocument(configView, CONFIG_KEY) : [])];
  const foldingOf = async (one: View, its: string, upTo: Position) =>
    createFolding(one, its, { upTo, discarded: await discardedBy(past.events, one, known) });
  return {
    own: await foldingOf(code, key, stamp?.document.position ?? until),
    config: configView && (await foldingOf(configView, CONFIG_KEY, stamp?.config.position ?? until)),
    history: await historyOf(past, names, until),
  };
}

/** The body, with what `open` gives in place of seals; or the key of the error that a reader got. */
export async function bodyOf(
  view: ViewName,
  isKept: boolean,
  { document, config }: Pick<PastDocument, 'document' | 'config'>,
  open: Open,
): Promise<{ body: unknown } | { refused: ErrorKey }> {
  const { show, showKept } = shown[view];
  const isDegraded = nothingApplied(document) || nothingApplied(config);
  const asShown = () =>
    isKept
      ? (showKept?.({ document, config, open }) ?? refuse('common.unavailable'))
      : show({ document: document as never, config, open });
  const presented = isDegraded ? refuse('common.view_degraded') : asShown();
  return isRefusal(presented) ? { refused: presented.refused } : { body: await presented() };
}

function foldUsed(own: View, code: View, stamp: ReadStamp | null): FoldUsed {
  return {
    version: code.version,
    kept: code !== own,
    generation: stamp?.generation ?? null,
    sameCode: stamp === null || codeOf(own, stamp.generation) !== null,
  };
}

function agrees(document: FoldedDocument | null, stamp: ReadStamp['document']): boolean {
  return (document?.position ?? 0n) === stamp.position && (document?.lastEvent ?? '0') === stamp.lastEvent;
}

const later = (one: Position, other: Position) => (one > other ? one : other);
