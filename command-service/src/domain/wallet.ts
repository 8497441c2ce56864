/** What a fan's and a creator's wallet have in common: a balance, its movements, and what an administrator does to either. */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { WalletEvent } from '@creator-dashboards/shared/events/wallet';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';

export interface Wallet {
  /** A wallet is opened by the first event that needs one. */
  readonly opened: boolean;
  readonly frozen: boolean;
  readonly balance: Cents;
}

/** Erasure takes what is left of a wallet (G56). */
export interface ForfeitWallet {
  readonly type: 'Forfeit';
}

export type AdminWalletCommand =
  | { readonly type: 'Adjust'; readonly direction: 'CREDIT' | 'DEBIT'; readonly amount: Cents }
  | { readonly type: 'Freeze' }
  | { readonly type: 'Unfreeze' };

type Owner = 'FAN' | 'CREATOR';
type Decision = readonly WalletEvent[] | Refusal;

export function evolveWallet<S extends Wallet>(wallet: S, { type, data }: WalletEvent): S {
  switch (type) {
    case 'WalletOpened':
      return { ...wallet, opened: true };
    case 'WalletAdjusted':
    case 'WalletForfeited':
    case 'WalletWrittenOff':
      return { ...wallet, balance: balanceAfter(data) };
    case 'WalletFrozen':
      return { ...wallet, frozen: true };
    case 'WalletUnfrozen':
      return { ...wallet, frozen: false };
  }
}

/** What an administrator's command does to a wallet of this kind. */
export function administer(command: AdminWalletCommand, wallet: Wallet, owner: Owner): Decision {
  switch (command.type) {
    case 'Adjust':
      return adjustWallet(command, wallet, owner);
    case 'Freeze':
      return freezeWallet(wallet, owner);
    case 'Unfreeze':
      return wallet.frozen ? [{ type: 'WalletUnfrozen', data: {} }] : refuse('wallet.error.not_frozen');
  }
}

function adjustWallet(
  { direction, amount }: Extract<AdminWalletCommand, { type: 'Adjust' }>,
  wallet: Wallet,
  owner: Owner,
): Decision {
  if (amount <= 0) return refuse('wallet.error.invalid_amount');
  if (direction === 'DEBIT' && wallet.frozen) return refuse('wallet.error.frozen');
  if (direction === 'DEBIT' && wallet.balance < amount) return refuse('wallet.error.insufficient_balance');
  const moved = movement(wallet.balance, direction === 'CREDIT' ? amount : -amount);
  return [...opening(wallet, owner), { type: 'WalletAdjusted', data: { direction, ...moved } }];
}

function freezeWallet(wallet: Wallet, owner: Owner): Decision {
  if (wallet.frozen) return refuse('wallet.error.already_frozen');
  return [...opening(wallet, owner), { type: 'WalletFrozen', data: {} }];
}

/** Leaves nothing and owes nothing, frozen or not. Changes nothing where the balance is 0 already. */
export function forfeitWallet({ balance }: Wallet): readonly WalletEvent[] {
  if (balance === 0) return [];
  return [{ type: balance > 0 ? 'WalletForfeited' : 'WalletWrittenOff', data: movement(balance, -balance) }];
}

/** The event that opens a wallet, to go before its first other event; none if it is open. */
export function opening({ opened }: Wallet, owner: Owner): WalletEvent[] {
  return opened ? [] : [{ type: 'WalletOpened', data: { type: owner, currency: 'USD' } }];
}

/** The money fields of a wallet event. `amount` is what was moved, `change` what that does to the balance: 0 for money that was held. */
export function movement(before: Cents, change: Cents, amount: Cents = Math.abs(change)) {
  return { amount: toDecimal(amount), before: toDecimal(before), after: toDecimal(before + change) };
}

/** The balance after a movement, as its event states it. */
export function balanceAfter(moved: { readonly after: string }): Cents {
  return toCents(moved.after);
}
