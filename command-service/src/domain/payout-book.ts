import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { CreatorStatus, PayoutMethod } from '@creator-dashboards/shared/events/define';
import type { PayoutEvent, PayoutStatus } from '@creator-dashboards/shared/events/payout';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, plus, type Instant } from '@creator-dashboards/shared/time';
import type { Decider } from '../decider.js';
import type { CreatorWallet } from './creator-wallet.js';

/**
 * All payouts of one creator in one stream: headroom and cooldown are decided under one expected revision, so of two
 * concurrent requests one sees the other.
 */
export function payoutBookStream(creatorId: string): string {
  return `payoutBook-${creatorId}`;
}

export type PayoutCommand = { readonly creatorId: string; readonly userId: string; readonly payoutId: string } & (
  | ({ readonly type: 'RequestPayout'; readonly at: Instant } & PayoutWish & PayoutGrounds)
  | { readonly type: 'ApprovePayout'; readonly by: string | null }
  | { readonly type: 'RejectPayout'; readonly by: string | null }
  | { readonly type: 'CancelPayout'; readonly by: string | null }
  /** `walletFrozen` as read after the book (G17). */
  | { readonly type: 'StartProcessing'; readonly walletFrozen: boolean }
  /** The wallet refused the debit; nothing was paid. */
  | { readonly type: 'FailUndebited'; readonly at: Instant }
  /** What the provider says. `debited`: whether the wallet paid for this payout, without which the provider was never asked. */
  | {
      readonly type: 'RecordResult';
      readonly result: 'paid' | 'failed';
      readonly debited: boolean;
      readonly at: Instant;
      readonly error: Sealed<string> | null;
    }
);

/** What the creator asks for. */
export interface PayoutWish {
  /** Null when it is not an amount. */
  readonly amount: Cents | null;
  /** As asked; null for the preferred one. */
  readonly method: string | null;
}

/** What a request is judged by besides the book; read after it (domain 9.6). */
export interface PayoutGrounds {
  /** Null without a creator profile. */
  readonly creator: PayoutCreator | null;
  readonly wallet: Pick<CreatorWallet, 'opened' | 'frozen' | 'balance' | 'payouts'>;
  readonly minimum: Cents;
  readonly cooldownDays: number;
}

export interface PayoutCreator {
  readonly status: CreatorStatus;
  readonly kycApproved: boolean;
  readonly taxFormApproved: boolean;
  readonly readyMethods: readonly PayoutMethod[];
  readonly preferredMethod: PayoutMethod | null;
}

export interface Payout {
  readonly amount: Cents;
  readonly method: PayoutMethod;
  readonly status: PayoutStatus;
  readonly requestedAt: Instant;
}

export interface PayoutBook {
  /** By payoutId. Few: the cooldown bounds them. */
  readonly payouts: Readonly<Record<string, Payout>>;
}

export const payoutBook: Decider<PayoutBook, PayoutCommand, PayoutEvent> = {
  category: 'payoutBook',
  snapshotVersion: 1,
  streamOf: ({ creatorId }) => payoutBookStream(creatorId),
  initial: { payouts: {} },

  evolve(book, { type, data }) {
    switch (type) {
      case 'PayoutRequested': {
        const { amount, method, requestedAt } = data;
        const payout: Payout = { amount: toCents(amount), method, status: 'PENDING', requestedAt };
        return { payouts: { ...book.payouts, [data.payoutId]: payout } };
      }
      case 'PayoutApproved':
        return moved(book, data.payoutId, 'APPROVED');
      case 'PayoutRejected':
        return moved(book, data.payoutId, 'REJECTED');
      case 'PayoutCancelled':
        return moved(book, data.payoutId, 'CANCELLED');
      case 'PayoutProcessingStarted':
        return moved(book, data.payoutId, 'PROCESSING');
      case 'PayoutProcessed':
        return moved(book, data.payoutId, 'PROCESSED');
      case 'PayoutFailed':
        return moved(book, data.payoutId, 'FAILED');
      case 'PayoutResultConflict':
        return book;
    }
  },

  decide(command, book) {
    const { payoutId } = command;
    const payout = book.payouts[payoutId];
    if (command.type === 'RequestPayout') return payout ? [] : request(command, book);
    if (!payout) return refuse('payment.payout.error.not_found');
    const amount = toDecimal(payout.amount);
    const from = payout.status;
    const unless = (...allowed: PayoutStatus[]) =>
      allowed.includes(from) ? null : refuse('payment.payout.error.invalid_status', { status: from });
    switch (command.type) {
      case 'ApprovePayout':
        return unless('PENDING') ?? [{ type: 'PayoutApproved', data: { payoutId, amount, by: command.by } }];
      case 'RejectPayout':
        return (
          unless('PENDING', 'APPROVED') ?? [
            { type: 'PayoutRejected', data: { payoutId, amount, from, by: command.by } },
          ]
        );
      case 'CancelPayout':
        return unless('PENDING') ?? [{ type: 'PayoutCancelled', data: { payoutId, amount, from, by: command.by } }];
      case 'StartProcessing':
        return (
          unless('APPROVED') ??
          (command.walletFrozen
            ? refuse('payment.payout.error.wallet_frozen')
            : [{ type: 'PayoutProcessingStarted', data: { payoutId, amount, method: payout.method } }])
        );
      case 'FailUndebited':
        if (from !== 'PROCESSING') return [];
        return [{ type: 'PayoutFailed', data: { payoutId, amount, debited: false, at: command.at, error: null } }];
      case 'RecordResult':
        return record(command, payout);
    }
  },

  keysOf: (_book, { userId, creatorId, payoutId }) => ({ userId, creatorId, payoutId }),
};

type Decision = readonly PayoutEvent[] | Refusal;

/** The twelve checks of a payout request, in the order of G12; the first that fails answers (G13). */
function request(command: Extract<PayoutCommand, { type: 'RequestPayout' }>, book: PayoutBook): Decision {
  const { payoutId, creator, amount, wallet, minimum, at } = command;
  const no = (name: PayoutErrorName, vars = {}) => refuse(`payment.payout.error.${name}`, vars);
  if (!creator) return no('creator_not_found');
  if (inactive.includes(creator.status)) return no('creator_inactive');
  if (amount === null || amount <= 0) return no('invalid_amount');
  const method = methodOf(command.method ?? creator.preferredMethod);
  if (!method) return no('invalid_method');
  if (!creator.kycApproved) return no('kyc_required');
  if (!creator.taxFormApproved) return no('tax_form_required');
  if (!creator.readyMethods.includes(method)) return no('method_not_ready');
  if (!wallet.opened) return no('wallet_not_found');
  if (wallet.frozen) return no('wallet_frozen');
  if (amount < minimum) return no('below_minimum', { min: toDecimal(minimum) });
  if (amount > headroom(book, wallet)) return no('insufficient_balance');
  const availableAt = cooldownEnd(book, command.cooldownDays);
  if (availableAt !== null && fromInstant(at) < fromInstant(availableAt)) return no('frequency_limit', { availableAt });
  return [{ type: 'PayoutRequested', data: { payoutId, amount: toDecimal(amount), method, requestedAt: at } }];
}

type PayoutErrorName = ErrorKey extends infer K ? (K extends `payment.payout.error.${infer N}` ? N : never) : never;

const inactive: readonly CreatorStatus[] = ['SUSPENDED', 'BANNED', 'DEACTIVATED'];
const methods: readonly PayoutMethod[] = ['STRIPE_CONNECT', 'BANK_TRANSFER'];

function methodOf(name: string | null): PayoutMethod | undefined {
  return methods.find((method) => method === name);
}

/** What the wallet can still pay out: its balance less what is promised and not debited yet (domain 9.6). */
export function headroom(book: PayoutBook, wallet: Pick<CreatorWallet, 'balance' | 'payouts'>): Cents {
  const promised = Object.entries(book.payouts).filter(
    ([payoutId, { status }]) =>
      status === 'PENDING' ||
      status === 'APPROVED' ||
      (status === 'PROCESSING' && !Object.hasOwn(wallet.payouts, payoutId)),
  );
  return promised.reduce((rest, [, { amount }]) => rest - amount, wallet.balance);
}

/** When the next payout may be requested; every payout but a rejected one counts (G14). Null before the first. */
function cooldownEnd(book: PayoutBook, days: number): Instant | null {
  const counted = Object.values(book.payouts).filter(({ status }) => status !== 'REJECTED');
  const last = counted.reduce<Instant | null>(
    (latest, { requestedAt }) => (latest === null || requestedAt > latest ? requestedAt : latest),
    null,
  );
  return last === null ? null : plus(last, days * DAY);
}

/**
 * The first result counts, the same again changes nothing, another one is kept for the operator: money moved that the book
 * does not know of. While the debit is open the provider was not asked yet, so its answer cannot be meant.
 */
function record(command: Extract<PayoutCommand, { type: 'RecordResult' }>, payout: Payout): Decision {
  const { payoutId, result, debited, at, error } = command;
  const amount = toDecimal(payout.amount);
  if (payout.status === 'PROCESSING') {
    if (!debited) return refuse('payment.payout.error.invalid_status', { status: payout.status });
    if (result === 'paid') return [{ type: 'PayoutProcessed', data: { payoutId, amount, at } }];
    return [{ type: 'PayoutFailed', data: { payoutId, amount, debited, at, error } }];
  }
  if (payout.status === (result === 'paid' ? 'PROCESSED' : 'FAILED')) return [];
  return [{ type: 'PayoutResultConflict', data: { payoutId, from: payout.status, result } }];
}

function moved(book: PayoutBook, payoutId: string, status: PayoutStatus): PayoutBook {
  const payout = book.payouts[payoutId];
  if (!payout) throw new Error(`payout ${payoutId} is not in its book`);
  return { payouts: { ...book.payouts, [payoutId]: { ...payout, status } } };
}
