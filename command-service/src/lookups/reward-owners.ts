import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';

/** Whose link a reward stands on; key: rewardId. Admins know the reward alone. */
export interface RewardOwner extends FoldedDocument {
  readonly userId: string;
}

const owner = (_: unknown, { metadata }: { metadata: { keys: { userId?: string } } }) => ({
  userId: metadata.keys.userId ?? '',
});

export const rewardOwners: Fold<RewardOwner> = {
  name: 'rewardOwners',
  version: 1,
  categories: ['referralLink'],
  keyOf: ({ metadata }) => metadata.keys.rewardId,
  initial: { userId: '' },
  handlers: { ReferralSignupRecorded: owner, ReferralRewardGranted: owner },
};
