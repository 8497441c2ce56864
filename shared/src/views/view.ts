import type { Fold, FoldedDocument } from '../fold.js';

/** A read model: a fold that a dashboard is served from, one generation after the other. */
export interface View<D extends FoldedDocument = FoldedDocument> extends Fold<D> {
  /**
   * How several workers may share one build of it. 'streamSuffix': every stream it reads ends like its document's key
   * (ids, 9.1), so each reads its own streams only. 'key': each reads all and keeps its share of the keys.
   */
  readonly partition: 'streamSuffix' | 'key';
}

/**
 * The views that a process knows, each under its own name. An argument of everything that feeds, rebuilds or serves views: in
 * a rolling deploy two versions of one view are at work on the same stores.
 */
export type ViewRegistry = Readonly<Record<string, View>>;
