import type { FoldedDocument } from '../../fold.js';

/** GET /users/blocked; a document for each person whom somebody has blocked. */
export interface BlockDocument extends FoldedDocument {
  readonly blockedId: string;
  /** The place in the list (list.ts) of whom its owner blocks; null after it was lifted. */
  readonly blocked: string | null;
}
