/** What each event changes in the state of a referral link, and that it changes nothing else. */
import type { Sealed } from '@creator-dashboards/shared/ports';
import { referralLink, type ReferralLinkState } from '../../src/domain/referral-link.js';
import { eachEventChangesOnly } from '../support/evolving.js';

const sealed = (ciphertext: string): Sealed<string> => ({ subject: 'user-1', nonce: 'n', ciphertext, tag: 't' });
const closed = (commandId: string) => ({ commandId, code: 'referral.link.interrupted' as const });

const full: ReferralLinkState = {
  userId: 'user-1',
  linkId: 'link-1',
  code: sealed('ada'),
  codeDigest: 'ada1',
  aliases: ['early1', 'bea1'],
  active: true,
  rewards: { first: 500, second: null },
  paying: ['payer-1'],
  abandoned: { count: 5, newest: [closed('command-9')] },
};

describe('The state of a referral link', () => {
  eachEventChangesOnly(referralLink, full, {
    ReferralLinkCreated: [
      { linkId: 'link-2', userId: 'user-2', code: sealed('cleo'), codeDigest: 'cleo1' },
      { userId: 'user-2', linkId: 'link-2', code: sealed('cleo'), codeDigest: 'cleo1', active: true },
      { active: false },
    ],
    ReferralCodeRepointed: [
      { oldCode: sealed('ada'), newCode: sealed('bea'), oldCodeDigest: 'ada1', newCodeDigest: 'bea1' },
      { code: sealed('bea'), codeDigest: 'bea1', aliases: ['early1', 'ada1'] },
    ],
    ReferralSignupRecorded: [
      { referredUserId: 'payer-2', rewardId: 'third' },
      { rewards: { first: 500, second: null, third: 0 } },
    ],
    ReferralRewardGranted: [
      {
        rewardId: 'third',
        triggerType: 'FIRST_PAYMENT',
        amount: '7.50',
        sourceMessageId: 'm',
        referredUserId: 'payer-2',
      },
      { rewards: { first: 500, second: null, third: 750 }, paying: ['payer-1', 'payer-2'] },
    ],
    ReferralRewardClawedBack: [
      { rewardId: 'first', amount: '5.00', cause: 'ADMIN' },
      { rewards: { first: null, second: null } },
    ],
    ReferralLinkDisabled: [{}, { active: false }],
    ReferralLinkEnabled: [{}, { active: true }, { active: false }],
    CommandAbandoned: [
      { userId: 'user-1', ...closed('command-1') },
      { abandoned: { count: 6, newest: [closed('command-9'), closed('command-1')] } },
    ],
  });
});
