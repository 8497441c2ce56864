import type { FoldedDocument } from '../../fold.js';

/** GET /messages/conversations: all that a fan and a creator ever wrote to each other. */
export interface ConversationDocument extends FoldedDocument {
  readonly fanId: string;
  readonly creatorId: string;
  readonly creatorUserId: string;
  /** Messages that reached the creator and wait for her answer. */
  readonly open: number;
  /** Places in the lists (list.ts) of this fan's and of this creator's conversations, by the newest message that each may see. */
  readonly withCreators: string | null;
  readonly withFans: string | null;
}
