import { toDecimal } from '../../money.js';
import type { WalletBody } from './body.js';
import type { FanWalletDocument } from './document.js';

export function presentWallet(document: FanWalletDocument | null): WalletBody {
  return { balance: toDecimal(document?.balance ?? 0), frozen: document?.frozen ?? false };
}
