/** What the events of a payout book add up to. */
import type { PayoutEvent, PayoutStatus } from '@creator-dashboards/shared/events/payout';
import { toCents } from '@creator-dashboards/shared/money';
import { REQUESTS_A_DAY, type OpenPayout, type PayoutBookState } from './payout-facts.js';
import { remembering } from './remembering.js';

/** How many closed payouts are remembered, so that a repeated result changes nothing (bounded memory, G51). */
const CLOSED_KEPT = 200;

/** How many payouts with a conflict that nobody has looked into are remembered; of more than that the oldest cannot be acknowledged. */
const CONFLICTS_KEPT = 200;

export const initial: PayoutBookState = {
  ...{ open: {}, closed: [], requested: [], lastCounted: null },
  ...{ isClosed: false, unnamed: {}, conflicts: [] },
};

export function evolve(book: PayoutBookState, { type, data }: PayoutEvent): PayoutBookState {
  switch (type) {
    case 'PayoutRequested': {
      const { payoutId, amount, method, requestedAt } = data;
      const payout: OpenPayout = {
        ...{ amount: toCents(amount), method, status: 'PENDING', requestedAt },
        ...{ approvedBy: null, digest: null },
      };
      const requested = remembering(book.requested, requestedAt, REQUESTS_A_DAY);
      return { ...book, open: { ...book.open, [payoutId]: payout }, requested };
    }
    case 'PayoutApproved':
      return changed(book, data.payoutId, { status: 'APPROVED', approvedBy: data.by, digest: data.digest });
    case 'PayoutProcessingStarted':
      return changed(book, data.payoutId, { status: 'PROCESSING' });
    case 'PayoutRejected':
      return closed(book, data.payoutId, 'REJECTED', false);
    case 'PayoutCancelled':
      if (data.payoutId in book.unnamed) return named(book, data.payoutId);
      return closed(book, data.payoutId, 'CANCELLED', false);
    case 'PayoutProcessed':
      return closed(book, data.payoutId, 'PROCESSED', true);
    case 'PayoutFailed':
      return closed(book, data.payoutId, 'FAILED', data.debited);
    case 'PayoutBookClosed':
      return { ...cancellable(book).reduce(cancelledUnnamed, book), isClosed: true };
    case 'PayoutResultConflict': {
      const others = book.conflicts.filter((payoutId) => payoutId !== data.payoutId);
      return { ...book, conflicts: remembering(others, data.payoutId, CONFLICTS_KEPT) };
    }
    case 'PayoutConflictAcknowledged':
      return { ...book, conflicts: book.conflicts.filter((payoutId) => payoutId !== data.payoutId) };
  }
}

/** The payouts that no provider has been asked for. */
export function cancellable({ open }: PayoutBookState): readonly string[] {
  return Object.keys(open).filter((payoutId) => open[payoutId]?.status !== 'PROCESSING');
}

/** Whether a payout of this book may still be paid, so that its owner's key must stay (G56). */
export function isPaying({ open }: PayoutBookState): boolean {
  return Object.values(open).some(({ status }) => status === 'PROCESSING');
}

export function openPayout({ open }: PayoutBookState, payoutId: string): OpenPayout {
  const payout = open[payoutId];
  if (!payout) throw new Error(`payout ${payoutId} is not open in its book`);
  return payout;
}

function changed(book: PayoutBookState, payoutId: string, change: Partial<OpenPayout>): PayoutBookState {
  return { ...book, open: { ...book.open, [payoutId]: { ...openPayout(book, payoutId), ...change } } };
}

/** `counts`: whether the next request waits for the cooldown of this one. */
function closed(book: PayoutBookState, payoutId: string, status: PayoutStatus, counts: boolean): PayoutBookState {
  const { requestedAt } = openPayout(book, payoutId);
  const { [payoutId]: _, ...open } = book.open;
  const isNewest = counts && (book.lastCounted === null || requestedAt > book.lastCounted);
  return {
    ...book,
    open,
    closed: remembering(book.closed, { payoutId, status }, CLOSED_KEPT),
    lastCounted: isNewest ? requestedAt : book.lastCounted,
  };
}

function cancelledUnnamed(book: PayoutBookState, payoutId: string): PayoutBookState {
  const { amount } = openPayout(book, payoutId);
  return { ...closed(book, payoutId, 'CANCELLED', false), unnamed: { ...book.unnamed, [payoutId]: amount } };
}

function named(book: PayoutBookState, payoutId: string): PayoutBookState {
  const { [payoutId]: _, ...unnamed } = book.unnamed;
  return { ...book, unnamed };
}

/** The payout in this book; null if it was closed so long ago that it is forgotten. */
export function statusIn({ open, closed: done }: PayoutBookState, payoutId: string): PayoutStatus | null {
  return open[payoutId]?.status ?? done.find((each) => each.payoutId === payoutId)?.status ?? null;
}
