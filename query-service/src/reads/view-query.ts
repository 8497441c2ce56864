/** What a route asks the reader of views for. */
import type { Refusal } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { versionOf } from '@creator-dashboards/shared/views/generation';
import type { Open } from '@creator-dashboards/shared/views/open';
import type { ViewName, Views } from '@creator-dashboards/shared/views/registry';
import { notBuilt } from './served-view.js';

/** The documents from which a route builds its body or decides to refuse. */
export interface Presentable<V extends ViewName> {
  readonly document: Views[V] | null;
  /** Null without `withConfig`, and before the first config event. */
  readonly config: ConfigDocument | null;
  readonly open: Open;
}

/** What a route reads, and how it shows it. */
export interface ViewQuery<V extends ViewName> {
  readonly view: V;
  readonly key: string;
  /** The body combines the document with the config document. */
  readonly withConfig?: boolean;
  /** Sealed values whose subjects can be erased without moving the document: the ETag then says how many still open. */
  readonly sealed?: (document: Views[V]) => readonly Sealed[];
  /**
   * The userId of the only person who reads it, whose account is looked at before each read: the body is kept for the next reads.
   * `show` must then be the same for each read of the view.
   */
  readonly keptFor?: string;
  /** Refuses, or returns a function that makes the body, which is not called for a 304. */
  readonly show: (presentable: Presentable<V>) => Refusal | (() => unknown);
  /** The same for a document of the view's kept version; without it such documents are not shown (503). */
  readonly showKept?: (
    presentable: Pick<Presentable<V>, 'config' | 'open'> & { readonly document: FoldedDocument | null },
  ) => Refusal | (() => unknown);
}

/** How a document of this generation is shown. Throws Refused (503) where the query cannot. */
export function showOf<V extends ViewName>(
  query: ViewQuery<V>,
  generation: string,
  kept: number | undefined,
): ViewQuery<V>['show'] {
  return versionOf(generation) === kept ? (query.showKept ?? notBuilt()) : query.show;
}
