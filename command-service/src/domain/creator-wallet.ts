import type { ErrorKey, Refusal } from '@creator-dashboards/shared/errors';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { CreatorWalletEvent } from '@creator-dashboards/shared/events/wallet';
import type { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Decider } from './decider.js';
import { remembering } from './remembering.js';
import {
  administer,
  balanceAfter,
  evolveWallet,
  forfeitWallet,
  movement,
  opening,
  type AdminWalletCommand,
  type ForfeitWallet,
  type Wallet,
} from './wallet.js';

/** A creator's wallet: earnings come in, payouts go out. Only a chargeback takes it below zero (domain 9.5). */
export function creatorWalletStream(userId: CreatorUserId): string {
  return `creatorWallet-${userId}`;
}

/** What was paid for one message: gross = commission + net (G7). */
export interface Earnings {
  readonly messageId: string;
  readonly gross: Cents;
  readonly commission: Cents;
  readonly net: Cents;
}

export type CreatorWalletCommand = { readonly userId: CreatorUserId; readonly creatorId: CreatorId } & (
  | ({ readonly type: 'CreditEarnings' } & Earnings)
  | ({ readonly type: 'ReverseEarnings' } & Earnings)
  /** Its outcome, PayoutDebited or PayoutDebitRefused, is an event: the payout book must hear of both. */
  | { readonly type: 'DebitPayout'; readonly payoutId: string; readonly amount: Cents }
  /** For a payout that was debited according to its book. */
  | { readonly type: 'ReturnPayout'; readonly payoutId: string; readonly amount: Cents }
  | AdminWalletCommand
  | ForfeitWallet
);

/** What this wallet has done about a payout. */
export type PayoutMark =
  | { readonly state: 'DEBITED' | 'RETURNED'; readonly amount: Cents }
  | { readonly state: 'REFUSED'; readonly code: string };

export interface CreatorWallet extends Wallet {
  /** By payoutId, the newest 200; for an older one the stream is read (bounded memory, G51). */
  readonly payouts: Readonly<Record<string, PayoutMark>>;
  /** Messages whose earnings were reversed, newest last, so that a repeated command reverses nothing twice. */
  readonly reversed: readonly string[];
}

const REMEMBERED_PAYOUTS = 200;
/** How many reversals are remembered: more than a wallet sees in years. */
const REMEMBERED_REVERSALS = 1_000;

const initial: CreatorWallet = { opened: false, frozen: false, balance: 0, payouts: {}, reversed: [] };

function evolve(wallet: CreatorWallet, event: CreatorWalletEvent): CreatorWallet {
  switch (event.type) {
    case 'EarningsCredited':
      return { ...wallet, balance: balanceAfter(event.data) };
    case 'EarningsReversed': {
      const reversed = remembering(wallet.reversed, event.data.messageId, REMEMBERED_REVERSALS);
      return { ...wallet, balance: balanceAfter(event.data), reversed };
    }
    case 'PayoutDebited':
      return afterPayout(wallet, 'DEBITED', event.data);
    case 'PayoutReturned':
      return afterPayout(wallet, 'RETURNED', event.data);
    case 'PayoutDebitRefused':
      return marked(wallet, event.data.payoutId, { state: 'REFUSED', code: event.data.code });
    case 'WalletOpened':
    case 'WalletAdjusted':
    case 'WalletFrozen':
    case 'WalletUnfrozen':
    case 'WalletForfeited':
    case 'WalletWrittenOff':
      return evolveWallet(wallet, event);
  }
}

function afterPayout(
  wallet: CreatorWallet,
  state: 'DEBITED' | 'RETURNED',
  data: EventNamed<'PayoutDebited' | 'PayoutReturned'>['data'],
): CreatorWallet {
  const mark = { state, amount: toCents(data.amount) };
  return { ...marked(wallet, data.payoutId, mark), balance: balanceAfter(data) };
}

function marked(wallet: CreatorWallet, payoutId: string, mark: PayoutMark): CreatorWallet {
  const { [payoutId]: _, ...others } = wallet.payouts;
  const newest = remembering(Object.entries(others), [payoutId, mark] as const, REMEMBERED_PAYOUTS);
  return { ...wallet, payouts: Object.fromEntries(newest) };
}

type Decision = readonly CreatorWalletEvent[] | Refusal;
type CommandNamed<T extends CreatorWalletCommand['type']> = Extract<CreatorWalletCommand, { type: T }>;

function decide(command: CreatorWalletCommand, wallet: CreatorWallet): Decision {
  switch (command.type) {
    case 'CreditEarnings':
      return creditEarnings(command, wallet);
    case 'ReverseEarnings':
      return reverseEarnings(command, wallet);
    case 'DebitPayout':
      return debitPayout(command, wallet);
    case 'ReturnPayout':
      return returnPayout(command, wallet);
    case 'Forfeit':
      return forfeitWallet(wallet);
    case 'Adjust':
    case 'Freeze':
    case 'Unfreeze':
      return administer(command, wallet, 'CREATOR');
  }
}

/** A frozen wallet still takes credits and reversals (G17): neither is up to its owner. */
function creditEarnings(earnings: Earnings, wallet: CreatorWallet): Decision {
  const data = earned(earnings, wallet, earnings.net);
  return [...opening(wallet, 'CREATOR'), { type: 'EarningsCredited', data }];
}

function reverseEarnings(earnings: Earnings, wallet: CreatorWallet): Decision {
  if (wallet.reversed.includes(earnings.messageId)) return [];
  const data = earned(earnings, wallet, -earnings.net);
  return [...opening(wallet, 'CREATOR'), { type: 'EarningsReversed', data }];
}

function earned({ messageId, gross, commission, net }: Earnings, { balance }: CreatorWallet, change: Cents) {
  const { before, after } = movement(balance, change);
  const settled = { gross: toDecimal(gross), commission: toDecimal(commission), net: toDecimal(net) };
  return { messageId, ...settled, before, after };
}

/** Decided once per payout: a repeat changes nothing, whatever has happened to the wallet since. */
function debitPayout({ payoutId, amount }: CommandNamed<'DebitPayout'>, wallet: CreatorWallet): Decision {
  if (Object.hasOwn(wallet.payouts, payoutId)) return [];
  const code = debitRefusal(wallet, amount);
  if (code) return [{ type: 'PayoutDebitRefused', data: { payoutId, amount: toDecimal(amount), code } }];
  return [{ type: 'PayoutDebited', data: { payoutId, ...movement(wallet.balance, -amount) } }];
}

function debitRefusal(wallet: CreatorWallet, amount: Cents): ErrorKey | null {
  if (!wallet.opened) return 'payment.payout.error.wallet_not_found';
  if (wallet.frozen) return 'payment.payout.error.wallet_frozen';
  if (wallet.balance < amount) return 'payment.payout.error.insufficient_balance';
  return null;
}

/** For a payout that the wallet may have forgotten, its book decides; while nothing is forgotten, an unknown one was not debited. */
function returnPayout({ payoutId, amount }: CommandNamed<'ReturnPayout'>, wallet: CreatorWallet): Decision {
  const mark = wallet.payouts[payoutId];
  const maybeForgotten = !mark && Object.keys(wallet.payouts).length >= REMEMBERED_PAYOUTS;
  if (!maybeForgotten && mark?.state !== 'DEBITED') return [];
  return [{ type: 'PayoutReturned', data: { payoutId, ...movement(wallet.balance, amount) } }];
}

export const creatorWallet: Decider<CreatorWallet, CreatorWalletCommand, CreatorWalletEvent> = {
  category: 'creatorWallet',
  snapshotVersion: 2,
  streamOf: ({ userId }) => creatorWalletStream(userId),
  initial,
  evolve,
  decide,
  keysOf: (_wallet, { userId, creatorId }) => ({ userId, creatorId }),
};
