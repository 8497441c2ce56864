import type { Fold, FoldedDocument } from '../fold.js';

/** What tells code of a view from other code of it, whatever version it says it is (process/fingerprints.ts). */
export interface Fingerprints {
  /** Of all that decides what a document holds: who may write into a generation. */
  readonly fold: string;
  /** Of the document's types: who may show it. */
  readonly shape: string;
}

/** A read model: a fold that a dashboard is served from, one generation at a time. */
export interface View<D extends FoldedDocument = FoldedDocument> extends Fold<D> {
  /**
   * How several workers share one build. 'streamSuffix': every stream it reads ends in the same two digits as its document's key
   * (ids, domain 9.1), so each worker reads its own streams only.
   * 'key': each worker reads everything and keeps its share of the keys.
   */
  readonly partition: 'streamSuffix' | 'key';
  /**
   * The oldest version whose documents `present.ts` still shows rightly; `version` where it is left out. So a raised version
   * answers 503 until its own generation is built, unless it says here that the shape of the documents has stayed.
   */
  readonly presentsFrom?: number;
  /**
   * The fields in which this version's documents are meant to differ from those of the version before: paths as "totalEarnings" or
   * "levels.*", "+document" and "-document" for whole documents. A rebuild in which anything else differs is held before the switch.
   */
  readonly changes?: readonly string[];
  /**
   * The code of the version before, kept in `v<N>/` as long as a generation of it may be served: it feeds that generation while this
   * version is built. The view's route shows such documents by the kept `present.ts` (`showKept`). Not for `config` and `account`,
   * which are read by more than a route.
   */
  readonly kept?: View;
  /** Given when a process is put together. Where they are left out, the version stands for the code. */
  readonly fingerprints?: Fingerprints;
}

/**
 * The views that a process knows, each under its own name. Passed to everything that feeds, rebuilds or serves views, because in
 * a rolling deploy two versions of one view work on the same stores.
 */
export type ViewRegistry = Readonly<Record<string, View>>;
