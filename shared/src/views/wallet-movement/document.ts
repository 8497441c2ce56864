import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Instant } from '../../time.js';

export type WalletType = 'FAN' | 'CREATOR';
export type MovementType = 'CREDIT' | 'DEBIT' | 'EXPIRY' | 'CHARGEBACK' | 'PAYOUT';

/** What a movement is for: a checkout session, a message or a payout, with its id; or staff and erasures, without one. */
export type Reference =
  | { readonly type: 'STRIPE_CHECKOUT' | 'MESSAGE' | 'PAYOUT'; readonly id: string }
  | { readonly type: 'ADJUSTMENT' | 'ERASURE'; readonly id: null };

/** GET /wallet/activity: one movement of a wallet's balance. */
export interface WalletMovementDocument extends FoldedDocument {
  /** The id of its event. */
  readonly eventId: string;
  /** The wallet's stream. */
  readonly wallet: string;
  readonly type: MovementType;
  readonly before: Cents;
  readonly after: Cents;
  readonly reference: Reference;
  readonly createdAt: Instant;
  /** Places in the lists (list.ts) of this wallet: all movements, and those of this type. None where the balance stayed. */
  readonly moved: string | null;
  readonly movedByType: string | null;
}
