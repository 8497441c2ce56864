/** Where the documents of a view are: its served generation, the collection of each generation, and the feed that builds it. */
import type { Document, Position } from '../ports.js';
import type { Instant } from '../time.js';

/** The collection that holds one generation of a view. */
export function collectionOf(view: string, generation: string): string {
  return `view.${view}.${generation}`;
}

/** Name of the feed, and of its checkpoint (collection `feeds`), that builds one generation of a view. */
export function feedNameOf(view: string, generation: string): string {
  return `${view}.${generation}`;
}

/**
 * Which generation of a view is served; key: the view's name. Moved by compare-and-set on `generation`. `position`: it is complete
 * from there on; where its checkpoint is not there yet, it is not built.
 */
export interface Alias extends Document {
  readonly generation: string;
  /** What was served before: processes of the older code go on feeding and showing it in a rolling deploy. */
  readonly previous?: string | null;
  /** What was served before that, the newest first: the same for what is left of still older releases. */
  readonly earlier?: readonly string[];
  /** Where nobody feeds it; null or absent where somebody does. */
  readonly frozen?: Frozen | null;
}

/** A generation that is served as it stands. */
export type Frozen = {
  /** When its documents were complete for the last time. */
  readonly asOf: Instant;
  /** Position, as a decimal string: once its checkpoint is beyond, somebody feeds it again. */
  readonly until: string;
};

/** Since when a generation that has come to `reached` lacks what happened; null where it is fed. */
export function frozenSince({ frozen }: Pick<Alias, 'frozen'>, reached: Position): Instant | null {
  return frozen && reached <= BigInt(frozen.until) ? frozen.asOf : null;
}

/** Whether a generation that has come to `reached` may be shown: one that is built in place has less before than it ought to. */
export function isBuilt(alias: Alias, reached: Position): boolean {
  return reached >= alias.position;
}
export const ALIASES = 'aliases';
