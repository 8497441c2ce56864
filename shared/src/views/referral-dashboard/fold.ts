/**
 * GET /referral/dashboard. The total is what was granted minus what was clawed back. Counters are lifetime: a clawback lowers
 * none. Rewards older than the newest REWARDS_KEPT are only part of the total.
 */
import type { Content } from '../../fold.js';
import { toCents } from '../../money.js';
import { REWARDS_KEPT, type ReferralDashboardDocument, type RewardDocument } from './document.js';
import type { View } from '../view.js';

type Referral = Content<ReferralDashboardDocument>;
type Link = NonNullable<Referral['link']>;

export const referralDashboard: View<ReferralDashboardDocument> = {
  name: 'referralDashboard',
  version: 1,
  partition: 'streamSuffix',
  categories: ['user', 'referralLink', 'referralReward', 'referralClicks'],
  keyOf: ({ metadata: { keys } }) => keys.userId,
  initial: { link: null, clicks: 0, totalEarnings: 0, rewards: [] },
  handlers: {
    // The sealed code stays and reads as null, since its key is destroyed (domain 9.8). The position moves, and with it the ETag.
    UserErased: (referral) => referral,
    ReferralLinkCreated: (referral, { data }) => ({
      ...referral,
      link: { id: data.linkId, code: data.code, signups: 0, conversions: 0, active: true },
    }),
    ReferralCodeRepointed: (referral, { data }) => withLink(referral, () => ({ code: data.newCode })),
    ReferralLinkDisabled: (referral) => withLink(referral, () => ({ active: false })),
    ReferralLinkEnabled: (referral) => withLink(referral, () => ({ active: true })),
    ReferralClickTracked: (referral) => ({ ...referral, clicks: referral.clicks + 1 }),
    /** A registration is tracked, not paid: its reward is zero (domain 1.4). */
    ReferralSignupRecorded: (referral, { data, metadata }) => ({
      ...withLink(referral, (link) => ({ signups: link.signups + 1 })),
      rewards: withReward(referral.rewards, {
        id: data.rewardId,
        triggerType: 'REGISTRATION',
        amount: 0,
        createdAt: metadata.occurredAt,
      }),
    }),
    ReferralRewardGranted: (referral, { data, metadata }) => ({
      ...withLink(referral, (link) => ({ conversions: link.conversions + 1 })),
      totalEarnings: referral.totalEarnings + toCents(data.amount),
      rewards: withReward(referral.rewards, {
        id: data.rewardId,
        triggerType: data.triggerType,
        amount: toCents(data.amount),
        createdAt: metadata.occurredAt,
      }),
    }),
    ReferralRewardClawedBack: (referral, { data }) => ({
      ...referral,
      totalEarnings: referral.totalEarnings - toCents(data.amount),
      rewards: referral.rewards.filter((reward) => reward.id !== data.rewardId),
    }),
  },
};

function withLink(referral: Referral, change: (link: Link) => Partial<Link>): Referral {
  if (!referral.link) throw new Error('an event of a referral link that was never created');
  return { ...referral, link: { ...referral.link, ...change(referral.link) } };
}

function withReward(rewards: readonly RewardDocument[], reward: RewardDocument): readonly RewardDocument[] {
  const place = rewards.findIndex((other) => isNewer(reward, other));
  return rewards.toSpliced(place < 0 ? rewards.length : place, 0, reward).slice(0, REWARDS_KEPT);
}

/** Newest first by createdAt, then by id, both descending (G38). */
function isNewer(a: RewardDocument, b: RewardDocument): boolean {
  return a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt;
}
