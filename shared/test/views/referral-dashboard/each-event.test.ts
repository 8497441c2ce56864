import { referralDashboard } from '../../../src/views/referral-dashboard/fold.js';
import { sealedValue } from '../../../testing/given.js';
import {
  at,
  creatorUserId,
  idOf,
  later,
  messageId,
  referralClicks,
  referralLink,
  referralReward,
  strangerId,
  user,
} from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('referralDashboard: what each event changes', () => {
  const [code, other] = [sealedValue(creatorUserId, 'cleo'), sealedValue(creatorUserId, 'other')];
  const digest = 'a'.repeat(40);
  const link = { id: idOf(1), code, signups: 17, conversions: 5, active: true };
  const first = { id: idOf(2), triggerType: 'FIRST_PAYMENT', amount: 500, createdAt: at } as const;
  const second = { id: idOf(3), triggerType: 'RECURRING_PAYMENT', amount: 40, createdAt: at } as const;
  const full = { link, clicks: 142, totalEarnings: 2_500, rewards: [second, first] };
  const granted = { id: idOf(4), triggerType: 'FIRST_PAYMENT', amount: 750, createdAt: later } as const;
  const standing = { linkId: idOf(1), linkActive: true, referrerStatus: 'ACTIVE' } as const;
  const referred = { referrerId: creatorUserId, referredUserId: strangerId, standing };
  eachEventChangesOnly(referralDashboard, full, [
    [user()('UserErased', { userId: creatorUserId }), {}],
    [
      referralLink('ReferralLinkCreated', { linkId: idOf(9), userId: creatorUserId, code: other, codeDigest: digest }),
      { link: { id: idOf(9), code: other, signups: 0, conversions: 0, active: true } },
      { link: null },
    ],
    [
      referralLink('ReferralCodeRepointed', {
        oldCode: code,
        newCode: other,
        oldCodeDigest: digest,
        newCodeDigest: digest,
      }),
      { link: { ...link, code: other } },
    ],
    [referralLink('ReferralLinkDisabled', {}), { link: { ...link, active: false } }],
    [referralLink('ReferralLinkEnabled', {}), { link }, { link: { ...link, active: false } }],
    [referralClicks('ReferralClickTracked', { codeDigest: digest }), { clicks: 143 }],
    [
      referralReward(idOf(5))('ReferralSignupRecorded', { ...referred, rewardId: idOf(5) }, later),
      {
        link: { ...link, signups: 18 },
        rewards: [{ id: idOf(5), triggerType: 'REGISTRATION', amount: 0, createdAt: later }, second, first],
      },
    ],
    [
      referralReward(idOf(4))(
        'ReferralRewardGranted',
        {
          ...referred,
          rewardId: idOf(4),
          triggerType: 'FIRST_PAYMENT',
          amount: '7.50',
          sourceMessageId: messageId,
        },
        later,
      ),
      { link: { ...link, conversions: 6 }, totalEarnings: 3_250, rewards: [granted, second, first] },
    ],
    [
      referralReward(idOf(2))('ReferralRewardClawedBack', { rewardId: idOf(2), amount: '5.00', cause: 'ADMIN' }),
      { totalEarnings: 2_000, rewards: [second] },
    ],
  ]);
});
