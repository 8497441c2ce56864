import { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { PayoutDestination } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';

/** Payouts in processing that wait for their provider's result; key: payoutId. The clock asks the provider about them (G47). */
export interface PayoutTransfer extends FoldedDocument {
  readonly waiting: boolean;
  readonly startedAt: Instant;
  readonly userId: CreatorUserId;
  readonly creatorId: CreatorId;
  readonly amount: string;
  readonly destination: Sealed<PayoutDestination> | null;
}

export const payoutTransfers: Fold<PayoutTransfer> = {
  name: 'payoutTransfers',
  version: 1,
  categories: ['payoutBook'],
  keyOf: ({ metadata }) => metadata.keys.payoutId,
  initial: {
    waiting: false,
    startedAt: '',
    userId: CreatorUserId(''),
    creatorId: CreatorId(''),
    amount: '0.00',
    destination: null,
  },
  handlers: {
    PayoutProcessingStarted: (_, { data: { amount, destination }, metadata: { keys, occurredAt } }) => ({
      waiting: true,
      startedAt: occurredAt,
      userId: CreatorUserId(keys.userId ?? ''),
      creatorId: CreatorId(keys.creatorId ?? ''),
      amount,
      destination,
    }),
    PayoutProcessed: (transfer) => ({ ...transfer, waiting: false }),
    PayoutFailed: (transfer) => ({ ...transfer, waiting: false }),
  },
  indexes: ['waiting', 'startedAt'],
};
