import { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import type { RoutingKeys } from '@creator-dashboards/shared/ports';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';

/** Whose book a payout is in; key: payoutId. Webhooks and admin routes name only the payout. */
export interface PayoutOwner extends FoldedDocument {
  readonly userId: CreatorUserId;
  readonly creatorId: CreatorId;
}

const ownerIn = ({ userId = '', creatorId = '' }: RoutingKeys) => ({
  userId: CreatorUserId(userId),
  creatorId: CreatorId(creatorId),
});

export const payoutOwners: Fold<PayoutOwner> = {
  name: 'payoutOwners',
  version: 1,
  categories: ['payoutBook'],
  keyOf: ({ metadata }) => metadata.keys.payoutId,
  initial: ownerIn({}),
  handlers: { PayoutRequested: (_, { metadata }) => ownerIn(metadata.keys) },
};
