import type { PayoutMethod } from '../../events/define.js';
import type { PayoutStatus } from '../../events/payout.js';
import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Instant } from '../../time.js';

/** GET /payouts and below; key: payoutId. */
export interface PayoutDocument extends FoldedDocument {
  readonly userId: string;
  readonly creatorId: string;
  readonly amount: Cents;
  readonly method: PayoutMethod;
  readonly status: PayoutStatus;
  readonly createdAt: Instant;
  /** Of the newest approval; null before. */
  readonly approvedAt: Instant | null;
  /** When it was processed, failed, rejected or cancelled; null while it is none of these. */
  readonly closedAt: Instant | null;
  /** Places in the lists (list.ts) of this creator's payouts: all, and those of this status. */
  readonly requested: string | null;
  readonly requestedByStatus: string | null;
}
