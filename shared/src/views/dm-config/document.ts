import type { DmType } from '../../events/define.js';
import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Instant } from '../../time.js';

/** GET /creators/:creatorId/dm-config; key: creatorId. `userId` is the owner, for the ownership check. */
export interface DmConfigDocument extends FoldedDocument {
  readonly userId: string;
  readonly dmType: DmType | null;
  readonly dmPrice: Cents | null;
  readonly dmActive: boolean;
  readonly deletedAt: Instant | null;
}
