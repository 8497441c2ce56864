/** A creator's payouts, with their states (domain 3.2). */
import { toCents } from '../../money.js';
import type { Content } from '../../fold.js';
import type { PayoutStatus } from '../../events/payout.js';
import { placeIn } from '../list.js';
import type { PayoutDocument } from './document.js';
import type { View } from '../view.js';

type Payout = Content<PayoutDocument>;

export const payout: View<PayoutDocument> = {
  name: 'payout',
  version: 1,
  partition: 'streamSuffix',
  categories: ['payoutBook'],
  keyOf: ({ metadata: { keys } }) => keys.payoutId,
  indexes: ['requested', 'requestedByStatus'],
  // PayoutRequested is the first event of every payout and sets whatever is a placeholder here.
  initial: {
    userId: '',
    creatorId: '',
    amount: 0,
    method: 'BANK_TRANSFER',
    status: 'PENDING',
    createdAt: '',
    approvedAt: null,
    closedAt: null,
    requested: null,
    requestedByStatus: null,
  },
  handlers: {
    PayoutRequested(payout, { data, metadata: { keys } }) {
      const { userId = '', creatorId = '' } = keys;
      const { method, requestedAt: createdAt } = data;
      const requested = placeIn(userId, createdAt);
      return inStatus('PENDING', {
        ...payout,
        ...{ userId, creatorId, amount: toCents(data.amount), method, createdAt, requested },
      });
    },
    PayoutApproved: (payout, { metadata }) => inStatus('APPROVED', { ...payout, approvedAt: metadata.occurredAt }),
    PayoutProcessingStarted: (payout) => inStatus('PROCESSING', payout),
    PayoutProcessed: (payout, { data }) => inStatus('PROCESSED', { ...payout, closedAt: data.at }),
    PayoutFailed: (payout, { data }) => inStatus('FAILED', { ...payout, closedAt: data.at }),
    PayoutRejected: (payout, { metadata }) => inStatus('REJECTED', { ...payout, closedAt: metadata.occurredAt }),
    PayoutCancelled: (payout, { metadata }) => inStatus('CANCELLED', { ...payout, closedAt: metadata.occurredAt }),
  },
};

/** The list of a creator's payouts of this status. */
export function listOfStatus(userId: string, status: PayoutStatus): string {
  return `${userId}/${status}`;
}

function inStatus(status: PayoutStatus, payout: Payout): Payout {
  return {
    ...payout,
    status,
    requestedByStatus: placeIn(listOfStatus(payout.userId, status), payout.createdAt),
  };
}
