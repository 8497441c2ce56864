/** Where the documents of a view are: its served generation, the collection of each generation, and the feed that builds it. */
import type { Document } from '../ports.js';

/** The collection that holds one generation of a view. */
export function collectionOf(view: string, generation: string): string {
  return `view.${view}.${generation}`;
}

/** Name of the feed, and of its checkpoint (collection `feeds`), that builds one generation of a view. */
export function feedNameOf(view: string, generation: string): string {
  return `${view}.${generation}`;
}

/** Which generation of a view is served; key: the view's name. Moved by compare-and-set on `generation`. */
export interface Alias extends Document {
  readonly generation: string;
}
export const ALIASES = 'aliases';
