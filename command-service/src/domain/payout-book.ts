import { isRefusal, refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { PayoutEvent, PayoutStatus } from '@creator-dashboards/shared/events/payout';
import type { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';
import { judge, type Payout, type PayoutFacts, type Payouts, type PayoutRequest } from './payout-facts.js';

/**
 * All payouts of one creator in one stream: headroom and cooldown are decided under one expected revision, so of two
 * concurrent requests the second sees the first.
 */
export function payoutBookStream(creatorId: CreatorId): string {
  return `payoutBook-${creatorId}`;
}

export type PayoutCommand = {
  readonly creatorId: CreatorId;
  readonly userId: CreatorUserId;
  readonly payoutId: string;
} & (
  | ({ readonly type: 'RequestPayout' } & PayoutRequest & PayoutFacts)
  | { readonly type: 'ApprovePayout'; readonly by: string | null }
  | { readonly type: 'RejectPayout'; readonly by: string | null }
  | { readonly type: 'CancelPayout'; readonly by: string | null }
  /** `walletFrozen`, read after the book: a frozen wallet pays nothing out (G17). */
  | { readonly type: 'StartProcessing'; readonly walletFrozen: boolean }
  /** The wallet refused the debit; nothing was paid. */
  | { readonly type: 'FailUndebited'; readonly at: Instant }
  /** The provider's result. `debited`: whether the wallet was debited, before which the provider is never asked. */
  | {
      readonly type: 'RecordResult';
      readonly result: 'paid' | 'failed';
      readonly debited: boolean;
      readonly at: Instant;
      readonly error: Sealed<string> | null;
    }
);

export interface PayoutBook {
  /** By payoutId. Few: the cooldown bounds them. */
  readonly payouts: Payouts;
}

const initial: PayoutBook = { payouts: {} };

function evolve(book: PayoutBook, { type, data }: PayoutEvent): PayoutBook {
  switch (type) {
    case 'PayoutRequested': {
      const { payoutId, amount, method, requestedAt } = data;
      const payout: Payout = { amount: toCents(amount), method, status: 'PENDING', requestedAt };
      return { payouts: { ...book.payouts, [payoutId]: payout } };
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
}

function moved(book: PayoutBook, payoutId: string, status: PayoutStatus): PayoutBook {
  const payout = book.payouts[payoutId];
  if (!payout) throw new Error(`payout ${payoutId} is not in its book`);
  return { payouts: { ...book.payouts, [payoutId]: { ...payout, status } } };
}

type Decision = readonly PayoutEvent[] | Refusal;
type CommandNamed<T extends PayoutCommand['type']> = Extract<PayoutCommand, { type: T }>;

function decide(command: PayoutCommand, book: PayoutBook): Decision {
  if (command.type === 'RequestPayout') return requestPayout(command, book);
  const payout = book.payouts[command.payoutId];
  if (!payout) return refuse('payment.payout.error.not_found');
  switch (command.type) {
    case 'ApprovePayout':
      return approvePayout(command, payout);
    case 'RejectPayout':
      return rejectPayout(command, payout);
    case 'CancelPayout':
      return cancelPayout(command, payout);
    case 'StartProcessing':
      return startProcessing(command, payout);
    case 'FailUndebited':
      return failUndebited(command, payout);
    case 'RecordResult':
      return recordResult(command, payout);
  }
}

function requestPayout(command: CommandNamed<'RequestPayout'>, { payouts }: PayoutBook): Decision {
  const { payoutId, at: requestedAt } = command;
  if (payouts[payoutId]) return [];
  const judged = judge(command, command, payouts);
  if (isRefusal(judged)) return judged;
  const { amount, method } = judged;
  return [{ type: 'PayoutRequested', data: { payoutId, amount: toDecimal(amount), method, requestedAt } }];
}

function approvePayout({ payoutId, by }: CommandNamed<'ApprovePayout'>, payout: Payout): Decision {
  if (payout.status !== 'PENDING') return invalidStatus(payout);
  return [{ type: 'PayoutApproved', data: { payoutId, amount: toDecimal(payout.amount), by } }];
}

function rejectPayout({ payoutId, by }: CommandNamed<'RejectPayout'>, payout: Payout): Decision {
  const { status: from, amount } = payout;
  if (from !== 'PENDING' && from !== 'APPROVED') return invalidStatus(payout);
  return [{ type: 'PayoutRejected', data: { payoutId, amount: toDecimal(amount), from, by } }];
}

function cancelPayout({ payoutId, by }: CommandNamed<'CancelPayout'>, payout: Payout): Decision {
  const { status: from, amount } = payout;
  if (from !== 'PENDING') return invalidStatus(payout);
  return [{ type: 'PayoutCancelled', data: { payoutId, amount: toDecimal(amount), from, by } }];
}

function startProcessing({ payoutId, walletFrozen }: CommandNamed<'StartProcessing'>, payout: Payout): Decision {
  if (payout.status !== 'APPROVED') return invalidStatus(payout);
  if (walletFrozen) return refuse('payment.payout.error.wallet_frozen');
  const { amount, method } = payout;
  return [{ type: 'PayoutProcessingStarted', data: { payoutId, amount: toDecimal(amount), method } }];
}

function failUndebited({ payoutId, at }: CommandNamed<'FailUndebited'>, { status, amount }: Payout): Decision {
  if (status !== 'PROCESSING') return [];
  return [{ type: 'PayoutFailed', data: { payoutId, amount: toDecimal(amount), debited: false, at, error: null } }];
}

/**
 * The first result counts and a repeat changes nothing. A contradicting one is recorded for the operator: money moved that the
 * book does not know of. Before the debit the provider has not been asked yet, so no result can belong to this payout.
 */
function recordResult(command: CommandNamed<'RecordResult'>, payout: Payout): Decision {
  const { payoutId, result, debited, at, error } = command;
  const amount = toDecimal(payout.amount);
  if (payout.status === 'PROCESSING') {
    if (!debited) return invalidStatus(payout);
    if (result === 'paid') return [{ type: 'PayoutProcessed', data: { payoutId, amount, at } }];
    return [{ type: 'PayoutFailed', data: { payoutId, amount, debited, at, error } }];
  }
  if (payout.status === (result === 'paid' ? 'PROCESSED' : 'FAILED')) return [];
  return [{ type: 'PayoutResultConflict', data: { payoutId, from: payout.status, result } }];
}

function invalidStatus({ status }: Payout): Refusal {
  return refuse('payment.payout.error.invalid_status', { status });
}

export const payoutBook: Decider<PayoutBook, PayoutCommand, PayoutEvent> = {
  category: 'payoutBook',
  snapshotVersion: 1,
  streamOf: ({ creatorId }) => payoutBookStream(creatorId),
  initial,
  evolve,
  decide,
  keysOf: (_book, { userId, creatorId, payoutId }) => ({ userId, creatorId, payoutId }),
};
