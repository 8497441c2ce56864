/** The balance of each wallet by the ledger, and where a wallet's own word differs from it; key: the wallet's stream. */
import type { DifferenceKind } from '@creator-dashboards/shared/events/money';
import type { EventType, Recorded } from '@creator-dashboards/shared/events/index';
import type { Content, Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import { changeOf } from '@creator-dashboards/shared/ledger/postings';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import { faultless, settles, withFaults, type Faulty } from './faults.js';

export interface MoneyWallet extends FoldedDocument, Faulty {
  readonly balance: Cents;
}

type Content_ = Content<MoneyWallet>;

const MOVEMENTS = [
  ...(['FundsLoaded', 'EscrowHeld', 'EscrowVoided', 'EscrowRefunded', 'EscrowReleased'] as const),
  ...(['EscrowChargedBack', 'ChargebackDebited', 'EarningsCredited', 'EarningsReversed', 'PayoutDebited'] as const),
  ...(['PayoutReturned', 'WalletAdjusted', 'WalletForfeited', 'WalletWrittenOff'] as const),
] as const satisfies readonly EventType[];

/** Only these may leave less than nothing (chargebacks, G48 and 9.5), or less than nothing less than before. */
const MAY_OVERDRAW: readonly EventType[] = ['ChargebackDebited', 'EarningsReversed'];

export const moneyWallets: Fold<MoneyWallet> = {
  name: 'moneyWallets',
  version: 1,
  categories: ['fanWallet', 'creatorWallet'],
  takesUnknown: true,
  keyOf: ({ stream }) => stream,
  initial: { balance: 0, ...faultless },
  handlers: Object.fromEntries(MOVEMENTS.map((type) => [type, moved])),
  indexes: ['fault'],
};

/** The wallet goes on from what the event says, so that one wrong balance is told once. */
function moved(wallet: Content_, event: Recorded): Content_ {
  if (!('after' in event.data)) return wallet;
  const [before, after] = [toCents(event.data.before), toCents(event.data.after)];
  const change = changeOf(event.stream, event);
  const kinds: DifferenceKind[] = [];
  if (before !== wallet.balance) kinds.push('CHAIN');
  if (after !== before + change) kinds.push('SUM');
  if (!settles(event)) kinds.push('SETTLEMENT');
  if (change < 0 && after < 0 && !MAY_OVERDRAW.includes(event.type)) kinds.push('OVERDRAWN');
  return withFaults({ ...wallet, balance: after }, event, event.stream, kinds);
}
