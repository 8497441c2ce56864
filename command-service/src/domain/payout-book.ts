import { isRefusal, refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { PayoutEvent, PayoutStatus } from '@creator-dashboards/shared/events/payout';
import { toCents, toDecimal } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';
import { judge, type Payout, type PayoutGrounds, type Payouts, type PayoutWish } from './payout-grounds.js';

/**
 * All payouts of one creator in one stream: headroom and cooldown are decided under one expected revision, so of two
 * concurrent requests one sees the other.
 */
export function payoutBookStream(creatorId: string): string {
  return `payoutBook-${creatorId}`;
}

export type PayoutCommand = { readonly creatorId: string; readonly userId: string; readonly payoutId: string } & (
  | ({ readonly type: 'RequestPayout' } & PayoutWish & PayoutGrounds)
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

export interface PayoutBook {
  /** By payoutId. Few: the cooldown bounds them. */
  readonly payouts: Payouts;
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
    if (command.type === 'RequestPayout') {
      if (payout) return [];
      const judged = judge(command, command, book.payouts);
      if (isRefusal(judged)) return judged;
      const { amount, method } = judged;
      const requested = { payoutId, amount: toDecimal(amount), method, requestedAt: command.at };
      return [{ type: 'PayoutRequested', data: requested }];
    }
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

/**
 * The first result counts, the same again changes nothing, another one is kept for the operator: money moved that the book
 * does not know of. While the debit is open the provider was not asked yet, so its answer cannot be meant.
 */
function record(
  command: Extract<PayoutCommand, { type: 'RecordResult' }>,
  payout: Payout,
): readonly PayoutEvent[] | Refusal {
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
