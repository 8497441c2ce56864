import type { DmType, Level } from '../../events/define.js';
import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Sealed } from '../../ports.js';
import type { Instant } from '../../time.js';

/** GET /creators/dashboard; key: the owner's userId. A stub (creatorId null) may exist before the upgrade and is still a 404. */
export interface CreatorDashboardDocument extends FoldedDocument {
  readonly creatorId: string | null;
  readonly level: Level;
  readonly totalMessages: number;
  readonly totalEarnings: Cents;
  /** Null until the CREATOR wallet was opened. */
  readonly wallet: { readonly balance: Cents; readonly frozen: boolean } | null;
  readonly pendingPayouts: number;
  readonly dmActive: boolean;
  readonly dmType: DmType | null;
  readonly dmPrice: Cents | null;
  /** Messages the creator answered, and messages that have an outcome (G1): the response rate is their quotient. */
  readonly responded: number;
  readonly resolvable: number;
  readonly socialAccounts: number;
  readonly avatarUrl: Sealed<string> | null;
  readonly deletedAt: Instant | null;
}
