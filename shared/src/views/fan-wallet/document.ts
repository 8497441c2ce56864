import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';

/** GET /wallet/balance; key: userId. */
export interface FanWalletDocument extends FoldedDocument {
  readonly balance: Cents;
  readonly frozen: boolean;
}
