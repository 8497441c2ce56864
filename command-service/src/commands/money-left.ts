import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { creatorIdOf, CreatorUserId, FanId } from '@creator-dashboards/shared/ids';
import { toDecimal, type Cents } from '@creator-dashboards/shared/money';
import { creatorWallet, creatorWalletStream } from '../domain/creator-wallet.js';
import { fanWallet, fanWalletStream } from '../domain/fan-wallet.js';
import { payoutBook, payoutBookStream } from '../domain/payout-book.js';
import type { CommandService } from '../runtime/service.js';

/**
 * The refusal to delete an account with money in it, or null (G56): `balance` and `held` of what she loaded as a fan, `earnings` of
 * her wallet as a creator, `payouts` that are open. Decimals in USD. A debt keeps nobody.
 */
export async function moneyLeft({ commands }: CommandService, userId: string): Promise<Refusal | null> {
  const fan = (await commands.load(fanWallet, fanWalletStream(FanId(userId)))).state;
  const creator = (await commands.load(creatorWallet, creatorWalletStream(CreatorUserId(userId)))).state;
  const book = (await commands.load(payoutBook, payoutBookStream(creatorIdOf(userId)))).state;
  const held = Object.values(fan.holds);
  const payouts = Object.values(book.open).map(({ amount }) => amount);
  if (fan.balance <= 0 && creator.balance <= 0 && held.length === 0 && payouts.length === 0) return null;
  const amounts = { balance: fan.balance, held: sum(held), earnings: creator.balance, payouts: sum(payouts) };
  return refuse(
    'user.delete.balance_left',
    Object.fromEntries(Object.entries(amounts).map(([name, cents]) => [name, toDecimal(cents)])),
  );
}

const sum = (amounts: readonly Cents[]) => amounts.reduce((total, cents) => total + cents, 0);
