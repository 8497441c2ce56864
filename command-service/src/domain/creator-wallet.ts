import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { CreatorWalletEvent } from '@creator-dashboards/shared/events/wallet';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Decider } from './decider.js';
import { balanceAfter, movement, remembering } from './movement.js';

/** The wallet a creator's earnings come to and payouts leave from. Only a chargeback takes it below zero (domain 9.5). */
export function creatorWalletStream(userId: string): string {
  return `creatorWallet-${userId}`;
}

/** What was paid for one message: gross = commission + net (G7). */
export interface Earnings {
  readonly messageId: string;
  readonly gross: Cents;
  readonly commission: Cents;
  readonly net: Cents;
}

export type CreatorWalletCommand = { readonly userId: string; readonly creatorId: string } & (
  | ({ readonly type: 'CreditEarnings' } & Earnings)
  | ({ readonly type: 'ReverseEarnings' } & Earnings)
  /** Its outcome, PayoutDebited or PayoutDebitRefused, is an event: the payout book must be told either. */
  | { readonly type: 'DebitPayout'; readonly payoutId: string; readonly amount: Cents }
  | { readonly type: 'ReturnPayout'; readonly payoutId: string }
  | { readonly type: 'Adjust'; readonly direction: 'CREDIT' | 'DEBIT'; readonly amount: Cents }
  | { readonly type: 'Freeze' }
  | { readonly type: 'Unfreeze' }
);

/** What the wallet did about a payout. */
export type PayoutMark =
  | { readonly state: 'DEBITED' | 'RETURNED'; readonly amount: Cents }
  | { readonly state: 'REFUSED'; readonly code: string };

export interface CreatorWallet {
  readonly opened: boolean;
  readonly frozen: boolean;
  readonly balance: Cents;
  /** By payout. Few: the cooldown between payouts bounds them (G14). */
  readonly payouts: Readonly<Record<string, PayoutMark>>;
  /** Messages whose earnings were taken back, newest last: a repeated follow-up takes nothing more. */
  readonly reversed: readonly string[];
}

/** Reversals that are remembered; more than a wallet sees in years. */
const REMEMBERED_REVERSALS = 1_000;

export const creatorWallet: Decider<CreatorWallet, CreatorWalletCommand, CreatorWalletEvent> = {
  category: 'creatorWallet',
  snapshotVersion: 1,
  streamOf: ({ userId }) => creatorWalletStream(userId),
  initial: { opened: false, frozen: false, balance: 0, payouts: {}, reversed: [] },

  evolve(state, { type, data }) {
    switch (type) {
      case 'WalletOpened':
        return { ...state, opened: true };
      case 'EarningsCredited':
      case 'WalletAdjusted':
        return { ...state, balance: balanceAfter(data) };
      case 'EarningsReversed': {
        const reversed = remembering(state.reversed, data.messageId, REMEMBERED_REVERSALS);
        return { ...state, balance: balanceAfter(data), reversed };
      }
      case 'PayoutDebited':
        return marked(state, data.payoutId, { state: 'DEBITED', amount: toCents(data.amount) }, balanceAfter(data));
      case 'PayoutReturned':
        return marked(state, data.payoutId, { state: 'RETURNED', amount: toCents(data.amount) }, balanceAfter(data));
      case 'PayoutDebitRefused':
        return marked(state, data.payoutId, { state: 'REFUSED', code: data.code });
      case 'WalletFrozen':
        return { ...state, frozen: true };
      case 'WalletUnfrozen':
        return { ...state, frozen: false };
    }
  },

  decide(command, state) {
    switch (command.type) {
      case 'CreditEarnings':
        return [...opening(state), earned('EarningsCredited', state, command, command.net)];
      case 'ReverseEarnings':
        if (state.reversed.includes(command.messageId)) return [];
        return [...opening(state), earned('EarningsReversed', state, command, -command.net)];
      case 'DebitPayout':
        return debit(state, command.payoutId, command.amount);
      case 'ReturnPayout': {
        const mark = state.payouts[command.payoutId];
        if (mark?.state !== 'DEBITED') return [];
        return [
          { type: 'PayoutReturned', data: { payoutId: command.payoutId, ...movement(state.balance, mark.amount) } },
        ];
      }
      case 'Adjust':
        return adjust(state, command.direction, command.amount);
      case 'Freeze':
        if (state.frozen) return refuse('wallet.error.already_frozen');
        return [...opening(state), { type: 'WalletFrozen', data: {} }];
      case 'Unfreeze':
        return state.frozen ? [{ type: 'WalletUnfrozen', data: {} }] : refuse('wallet.error.not_frozen');
    }
  },

  keysOf: (_state, { userId, creatorId }) => ({ userId, creatorId }),
};

type Decision = readonly CreatorWalletEvent[] | Refusal;

/** Credits and reversals come to a frozen wallet too (G17): neither asks its owner. */
function earned(
  type: 'EarningsCredited' | 'EarningsReversed',
  state: CreatorWallet,
  { messageId, gross, commission, net }: Earnings,
  change: Cents,
): CreatorWalletEvent {
  const { before, after } = movement(state.balance, change);
  const settled = { gross: toDecimal(gross), commission: toDecimal(commission), net: toDecimal(net) };
  return { type, data: { messageId, ...settled, before, after } };
}

/** Decided once per payout: a second time changes nothing, whatever happened to the wallet since. */
function debit(state: CreatorWallet, payoutId: string, amount: Cents): Decision {
  if (Object.hasOwn(state.payouts, payoutId)) return [];
  const code = debitRefusal(state, amount);
  if (code) return [{ type: 'PayoutDebitRefused', data: { payoutId, amount: toDecimal(amount), code } }];
  return [{ type: 'PayoutDebited', data: { payoutId, ...movement(state.balance, -amount) } }];
}

function debitRefusal(state: CreatorWallet, amount: Cents): ErrorKey | null {
  if (!state.opened) return 'payment.payout.error.wallet_not_found';
  if (state.frozen) return 'payment.payout.error.wallet_frozen';
  if (state.balance < amount) return 'payment.payout.error.insufficient_balance';
  return null;
}

function adjust(state: CreatorWallet, direction: 'CREDIT' | 'DEBIT', amount: Cents): Decision {
  if (amount <= 0) return refuse('wallet.error.invalid_amount');
  if (direction === 'DEBIT' && state.frozen) return refuse('wallet.error.frozen');
  if (direction === 'DEBIT' && state.balance < amount) return refuse('wallet.error.insufficient_balance');
  const change = direction === 'CREDIT' ? amount : -amount;
  return [...opening(state), { type: 'WalletAdjusted', data: { direction, ...movement(state.balance, change) } }];
}

function opening(state: CreatorWallet): CreatorWalletEvent[] {
  return state.opened ? [] : [{ type: 'WalletOpened', data: { type: 'CREATOR', currency: 'USD' } }];
}

function marked(state: CreatorWallet, payoutId: string, mark: PayoutMark, balance = state.balance): CreatorWallet {
  return { ...state, balance, payouts: { ...state.payouts, [payoutId]: mark } };
}
