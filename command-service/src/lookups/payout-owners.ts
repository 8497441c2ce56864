import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';

/** Whose book a payout stands in; key: payoutId. Providers and admins know the payout alone. */
export interface PayoutOwner extends FoldedDocument {
  readonly userId: string;
  readonly creatorId: string;
}

export const payoutOwners: Fold<PayoutOwner> = {
  name: 'payoutOwners',
  version: 1,
  categories: ['payoutBook'],
  keyOf: ({ metadata }) => metadata.keys.payoutId,
  initial: { userId: '', creatorId: '' },
  handlers: {
    PayoutRequested: (_, { metadata: { keys } }) => ({ userId: keys.userId ?? '', creatorId: keys.creatorId ?? '' }),
  },
};
