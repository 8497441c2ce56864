import { isRefusal, refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { PayoutEvent, PayoutStatus } from '@creator-dashboards/shared/events/payout';
import type { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import { toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { PayoutDestination } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';
import {
  judgePayee,
  judgeRequest,
  type OpenPayout,
  type Payee,
  type PayoutBookState,
  type PayoutFacts,
  type PayoutRequest,
} from './payout-facts.js';
import { cancellable, evolve, initial, openPayout, statusIn } from './payout-book-state.js';

/**
 * All payouts of one creator in one stream: headroom and cooldown are decided under one expected revision, so of two
 * concurrent requests the second sees the first.
 */
export function payoutBookStream(creatorId: CreatorId): string {
  return `payoutBook-${creatorId}`;
}

/** Who acts, and whom and where the money goes to, as just read: for approval and for processing, which both judge it (G47). */
export interface PayoutJudgement extends Payee {
  readonly by: string | null;
  /** The present destination for the payout's method; null if there is none. */
  readonly destination: { readonly sealed: Sealed<PayoutDestination> | null; readonly digest: string } | null;
}

/** Whose book it is. */
interface Owner {
  readonly creatorId: CreatorId;
  readonly userId: CreatorUserId;
}

/** The creator is erased: cancels what no provider was asked for, and takes no request any more (G56). */
type CloseBook = Owner & { readonly type: 'CloseBook' };

export type PayoutCommand = CloseBook | OnePayoutCommand;

/** About one payout. */
export type OnePayoutCommand = Owner & { readonly payoutId: string } & (
    | ({ readonly type: 'RequestPayout' } & PayoutRequest & PayoutFacts)
    | ({ readonly type: 'ApprovePayout' } & PayoutJudgement)
    | { readonly type: 'RejectPayout'; readonly by: string | null }
    | { readonly type: 'CancelPayout'; readonly by: string | null }
    /** `walletFrozen`: a frozen wallet pays nothing out (G17). `fourEyes`: not by whoever approved it. */
    | ({
        readonly type: 'StartProcessing';
        readonly walletFrozen: boolean;
        readonly fourEyes: boolean;
      } & PayoutJudgement)
    /** The wallet refused the debit; nothing was paid. */
    | { readonly type: 'FailUndebited'; readonly at: Instant }
    /** The provider's result. `debited`: whether the wallet was debited, before which the provider is never asked. */
    | ({ readonly type: 'RecordResult' } & PayoutResult)
    /** The result found out by staff, for a payout whose provider never answered (G47). */
    | ({ readonly type: 'SettleResult'; readonly by: string | null; readonly fourEyes: boolean } & PayoutResult)
    /** Staff have looked into the conflicting results. */
    | { readonly type: 'AcknowledgeConflict'; readonly by: string | null }
  );

interface PayoutResult {
  readonly result: 'paid' | 'failed';
  readonly debited: boolean;
  readonly at: Instant;
  readonly error: Sealed<string> | null;
}

type Decision = readonly PayoutEvent[] | Refusal;
type CommandNamed<T extends PayoutCommand['type']> = Extract<PayoutCommand, { type: T }>;

function decide(command: PayoutCommand, book: PayoutBookState): Decision {
  if (command.type === 'CloseBook') return closeBook(book);
  if (command.type === 'RequestPayout') return requestPayout(command, book);
  if (command.type === 'RecordResult') return recordResult(command, book);
  if (command.type === 'AcknowledgeConflict') return acknowledgeConflict(command, book);
  const payout = book.open[command.payoutId];
  if (command.type === 'FailUndebited') return failUndebited(command, payout);
  if (!payout) return closedRefusal(statusIn(book, command.payoutId));
  switch (command.type) {
    case 'ApprovePayout':
      return approvePayout(command, payout);
    case 'RejectPayout':
      return rejectPayout(command, payout);
    case 'CancelPayout':
      return cancelPayout(command, payout);
    case 'StartProcessing':
      return startProcessing(command, payout);
    case 'SettleResult':
      return settleResult(command, payout);
  }
}

/**
 * Each payout that it cancels is named by an event of its own, which whoever follows that payout takes. A book that an older version
 * closed without these gets them now, as of payouts that were cancelled before.
 */
function closeBook(book: PayoutBookState): Decision {
  if (book.isClosed)
    return Object.entries(book.unnamed).map(([payoutId, amount]) =>
      cancelledBy(null, payoutId, { status: 'CANCELLED', amount }),
    );
  const cancelled = cancellable(book).map((payoutId) => cancelledBy(null, payoutId, openPayout(book, payoutId)));
  return [...cancelled, { type: 'PayoutBookClosed', data: { reason: 'ERASED' } }];
}

function requestPayout(command: CommandNamed<'RequestPayout'>, book: PayoutBookState): Decision {
  const { payoutId, at: requestedAt } = command;
  if (statusIn(book, payoutId)) return [];
  if (book.isClosed) return refuse('payment.payout.error.creator_inactive');
  const judged = judgeRequest(command, command, book);
  if (isRefusal(judged)) return judged;
  const { amount, method } = judged;
  return [{ type: 'PayoutRequested', data: { payoutId, amount: toDecimal(amount), method, requestedAt } }];
}

function approvePayout(command: CommandNamed<'ApprovePayout'>, payout: OpenPayout): Decision {
  const { status: from, method } = payout;
  if (from === 'PROCESSING') return invalidStatus(payout);
  const judged = judgeDestination(command, method);
  if (isRefusal(judged)) return judged;
  const { payoutId, by } = command;
  const { sealed: destination, digest } = judged;
  if (from === 'APPROVED' && digest === payout.digest) return invalidStatus(payout);
  return [
    { type: 'PayoutApproved', data: { payoutId, amount: toDecimal(payout.amount), by, from, destination, digest } },
  ];
}

/** Refuses who decides about a payout to herself, a creator who must not be paid, and a missing destination. */
function judgeDestination(
  { by, userId, destination, ...payee }: PayoutJudgement & { userId: string },
  method: OpenPayout['method'],
) {
  if (by === userId) return refuse('admin.four_eyes.own_money');
  const refused = judgePayee(payee, method);
  if (refused) return refused;
  return destination ?? refuse('payment.payout.error.method_not_ready');
}

function rejectPayout({ payoutId, by, userId }: CommandNamed<'RejectPayout'>, payout: OpenPayout): Decision {
  const { status: from, amount } = payout;
  if (from === 'PROCESSING') return invalidStatus(payout);
  if (by === userId) return refuse('admin.four_eyes.own_money');
  return [{ type: 'PayoutRejected', data: { payoutId, amount: toDecimal(amount), from, by } }];
}

function cancelPayout({ payoutId, by }: CommandNamed<'CancelPayout'>, payout: OpenPayout): Decision {
  if (payout.status !== 'PENDING') return invalidStatus(payout);
  return [cancelledBy(by, payoutId, payout)];
}

interface Cancelled {
  readonly status: PayoutStatus;
  readonly amount: Cents;
}

function cancelledBy(by: string | null, payoutId: string, { status: from, amount }: Cancelled): PayoutEvent {
  return { type: 'PayoutCancelled', data: { payoutId, amount: toDecimal(amount), from, by } };
}

function startProcessing(command: CommandNamed<'StartProcessing'>, payout: OpenPayout): Decision {
  const { payoutId, by, walletFrozen, fourEyes } = command;
  if (payout.status !== 'APPROVED') return invalidStatus(payout);
  const judged = judgeDestination(command, payout.method);
  if (isRefusal(judged)) return judged;
  if (judged.digest !== payout.digest) return refuse('payment.payout.error.destination_changed');
  if (fourEyes && by === payout.approvedBy) return refuse('admin.four_eyes.approver');
  if (walletFrozen) return refuse('payment.payout.error.wallet_frozen');
  const { amount, method } = payout;
  const data = { payoutId, amount: toDecimal(amount), method, destination: judged.sealed };
  return [{ type: 'PayoutProcessingStarted', data }];
}

function failUndebited({ payoutId, at }: CommandNamed<'FailUndebited'>, payout: OpenPayout | undefined): Decision {
  if (payout?.status !== 'PROCESSING') return [];
  const amount = toDecimal(payout.amount);
  return [{ type: 'PayoutFailed', data: { payoutId, amount, debited: false, at, error: null } }];
}

/**
 * The first result counts and a repeat changes nothing. A contradicting one is recorded for the operator: money moved that the
 * book does not know of. Before the debit the provider has not been asked yet, so no result can belong to this payout.
 */
function recordResult(command: CommandNamed<'RecordResult'>, book: PayoutBookState): Decision {
  const { payoutId, result } = command;
  const payout = book.open[payoutId];
  if (payout?.status === 'PROCESSING') return resultOf(command, payout);
  const from = statusIn(book, payoutId);
  if (from === (result === 'paid' ? 'PROCESSED' : 'FAILED')) return [];
  return [{ type: 'PayoutResultConflict', data: { payoutId, from, result } }];
}

function acknowledgeConflict(command: CommandNamed<'AcknowledgeConflict'>, book: PayoutBookState): Decision {
  const { payoutId, by, userId } = command;
  if (by === userId) return refuse('admin.four_eyes.own_money');
  if (!book.conflicts.includes(payoutId)) return refuse('admin.work.nothing_to_acknowledge');
  return [{ type: 'PayoutConflictAcknowledged', data: { payoutId, by } }];
}

function settleResult(command: CommandNamed<'SettleResult'>, payout: OpenPayout): Decision {
  if (payout.status !== 'PROCESSING') return invalidStatus(payout);
  if (command.by === command.userId) return refuse('admin.four_eyes.own_money');
  if (command.fourEyes && command.by === payout.approvedBy) return refuse('admin.four_eyes.approver');
  return resultOf(command, payout);
}

function resultOf(
  { payoutId, result, debited, at, error }: PayoutResult & { payoutId: string },
  payout: OpenPayout,
): Decision {
  if (!debited) return invalidStatus(payout);
  const amount = toDecimal(payout.amount);
  if (result === 'paid') return [{ type: 'PayoutProcessed', data: { payoutId, amount, at } }];
  return [{ type: 'PayoutFailed', data: { payoutId, amount, debited, at, error } }];
}

function invalidStatus({ status }: { readonly status: PayoutStatus }): Refusal {
  return refuse('payment.payout.error.invalid_status', { status });
}

function closedRefusal(status: PayoutStatus | null): Refusal {
  return status ? invalidStatus({ status }) : refuse('payment.payout.error.not_found');
}

export const payoutBook: Decider<PayoutBookState, PayoutCommand, PayoutEvent> = {
  category: 'payoutBook',
  snapshotVersion: 5,
  streamOf: ({ creatorId }) => payoutBookStream(creatorId),
  initial,
  evolve,
  decide,
  keysOf: (_book, { userId, creatorId }) => ({ userId, creatorId }),
  keysOfEvent: ({ data }) => ('payoutId' in data ? { payoutId: data.payoutId } : {}),
};
