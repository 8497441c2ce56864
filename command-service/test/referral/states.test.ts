/** What each event changes in the states of referral links and rewards, and that it changes nothing else. */
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { referralLink, type ReferralLinkState } from '../../src/domain/referral-link.js';
import { referral } from '../../src/domain/referral.js';
import { referralReward } from '../../src/domain/referral-reward.js';
import { eachEventChangesOnly } from '../support/evolving.js';

const sealed = (ciphertext: string): Sealed<string> => sealedValue('user-1', ciphertext);
const closed = (commandId: string) => ({ commandId, code: 'referral.link.interrupted' as const });

const full: ReferralLinkState = {
  userId: 'user-1',
  linkId: 'link-1',
  code: sealed('ada'),
  codeDigest: 'ada1',
  codes: ['early1', 'ada1'],
  active: true,
  abandoned: { count: 5, newest: [closed('command-9')] },
};

describe('The state of a referral link', () => {
  eachEventChangesOnly(referralLink, full, {
    ReferralLinkCreated: [
      { linkId: 'link-2', userId: 'user-2', code: sealed('cleo'), codeDigest: 'cleo1' },
      { userId: 'user-2', linkId: 'link-2', code: sealed('cleo'), codeDigest: 'cleo1', codes: ['cleo1'], active: true },
      { active: false },
    ],
    ReferralCodeRepointed: [
      { oldCode: sealed('ada'), newCode: sealed('bea'), oldCodeDigest: 'ada1', newCodeDigest: 'bea1' },
      { code: sealed('bea'), codeDigest: 'bea1', codes: ['early1', 'ada1', 'bea1'] },
    ],
    ReferralLinkDisabled: [{}, { active: false }],
    ReferralLinkEnabled: [{}, { active: true }, { active: false }],
    CommandAbandoned: [
      { userId: 'user-1', ...closed('command-1') },
      { abandoned: { count: 6, newest: [closed('command-9'), closed('command-1')] } },
    ],
  });
});

describe('The state of a referral reward', () => {
  const standing = { linkId: 'link-1', linkActive: true, referrerStatus: 'ACTIVE' } as const;
  const referred = { rewardId: 'reward-1', referrerId: 'user-2', referredUserId: 'payer-1', standing };
  const full = { referrerId: 'user-1', amount: 500, clawedBack: true };
  eachEventChangesOnly(referralReward, full, {
    ReferralSignupRecorded: [referred, { referrerId: 'user-2', amount: 0 }],
    ReferralRewardGranted: [
      { ...referred, triggerType: 'FIRST_PAYMENT', amount: '7.50', sourceMessageId: 'm' },
      { referrerId: 'user-2', amount: 750 },
    ],
    ReferralRewardClawedBack: [
      { rewardId: 'reward-1', amount: '5.00', cause: 'ADMIN' },
      { clawedBack: true },
      { clawedBack: false },
    ],
  });
});

describe('The state of a referred user', () => {
  const full = { firstPayment: 'message-1' };
  eachEventChangesOnly(referral, full, {
    FirstPaymentClaimed: [{ messageId: 'message-2' }, { firstPayment: 'message-2' }],
  });
});
