import type { LinkStanding, ReferralRewardEvent } from '@creator-dashboards/shared/events/referral';
import { newId, rewardIdOf, signupRewardIdOf } from '@creator-dashboards/shared/ids';
import { isRefusal } from '@creator-dashboards/shared/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { referral, referralStream } from '../../src/domain/referral.js';
import { referralReward, referralRewardStream, type ReferralRewardCommand } from '../../src/domain/referral-reward.js';
import { given } from '../support/decider.js';

const [referrerId, referredUserId, receiverId, messageId] = [newId(), newId(), newId(), newId()];
const standing: LinkStanding = { linkId: newId(), linkActive: true, referrerStatus: 'ACTIVE' };
const rewardId = rewardIdOf(messageId, referrerId);

const signup = { type: 'RecordSignup' as const, rewardId, referrerId, referredUserId, standing };
const signedUp: ReferralRewardEvent = {
  type: 'ReferralSignupRecorded',
  data: { rewardId, referrerId, referredUserId, standing },
};

/** A payment of 20.00 with a commission of 4.00, with the default config: 5.00 first, then 10 %. */
const grant = {
  type: 'Grant' as const,
  ...{ rewardId, referrerId, referredUserId, receiverId, messageId, standing },
  isFirst: true,
  gross: 2_000,
  commission: 400,
  firstReward: 500,
  recurringPercent: 10,
};
const granted = (
  triggerType: 'FIRST_PAYMENT' | 'RECURRING_PAYMENT' = 'FIRST_PAYMENT',
  amount = '5.00',
): ReferralRewardEvent => ({
  type: 'ReferralRewardGranted',
  data: { rewardId, referrerId, referredUserId, sourceMessageId: messageId, standing, triggerType, amount },
});

const clawBack = (cause: 'ADMIN' | 'CHARGEBACK' = 'ADMIN') => ({ type: 'ClawBack' as const, rewardId, cause });
const clawedBack = (amount = '5.00', cause: 'ADMIN' | 'CHARGEBACK' = 'ADMIN'): ReferralRewardEvent => ({
  type: 'ReferralRewardClawedBack',
  data: { rewardId, amount, cause },
});

/** Every way in which a referrer may not earn: her link is disabled (G22), or her account is not active (G55). */
const earnsNothing: readonly LinkStanding[] = [
  { ...standing, linkActive: false },
  ...(['NONE', 'SUSPENDED', 'DEACTIVATED', 'DELETED', 'ERASED'] as const).map((referrerStatus) => ({
    ...standing,
    referrerStatus,
  })),
];

describe('The referral reward aggregate', () => {
  describe('recording a signup (3.4)', () => {
    it('happens once, and says how link and referrer stood', () => {
      given(referralReward).when(signup).then(signedUp);
      given(referralReward, signedUp).when(signup).nothing();
      given(referralReward, signedUp, clawedBack('0.00')).when(signup).nothing();
    });
    it('does nothing while the link is disabled or the referrer is not active (G22, G55)', () => {
      for (const other of earnsNothing)
        given(referralReward)
          .when({ ...signup, standing: other })
          .nothing();
    });
  });

  describe('granting (G19)', () => {
    it('gives a fixed amount for the first payment', () => given(referralReward).when(grant).then(granted()));
    it('gives a share of the commission for later payments', () =>
      given(referralReward)
        .when({ ...grant, isFirst: false })
        .then(granted('RECURRING_PAYMENT', '0.40')));
    it('rounds the share half up to cents', () =>
      given(referralReward)
        .when({ ...grant, isFirst: false, commission: 45 })
        .then(granted('RECURRING_PAYMENT', '0.05')));
    it('happens once per message, also after its clawback', () => {
      given(referralReward, granted()).when(grant).nothing();
      given(referralReward, granted(), clawedBack()).when(grant).nothing();
    });
    it('gives nothing while the link is disabled or the referrer is not active (G22, G55)', () => {
      for (const other of earnsNothing)
        given(referralReward)
          .when({ ...grant, standing: other })
          .nothing();
    });
    it('gives nothing for a payment to the referrer herself (G55)', () =>
      given(referralReward)
        .when({ ...grant, receiverId: referrerId })
        .nothing());
    it('gives nothing for a payment of nothing (G55)', () => {
      given(referralReward)
        .when({ ...grant, gross: 0 })
        .nothing();
      given(referralReward)
        .when({ ...grant, gross: 1 })
        .then(granted());
    });
  });

  describe('clawing back (G21)', () => {
    it('takes back the amount that was granted', () =>
      given(referralReward, granted()).when(clawBack('CHARGEBACK')).then(clawedBack('5.00', 'CHARGEBACK')));
    it('happens once; a second time does nothing', () =>
      given(referralReward, granted(), clawedBack()).when(clawBack()).nothing());
    it('takes back zero for a registration', () =>
      given(referralReward, signedUp).when(clawBack()).then(clawedBack('0.00')));
    it('of an unknown reward is a 404 to an admin and does nothing for a chargeback', () => {
      given(referralReward).when(clawBack()).refused('referral.reward.not_found');
      given(referralReward).when(clawBack('CHARGEBACK')).nothing();
    });
  });

  it('grants once and takes back once what was granted, after any commands in any order', () => {
    const command: fc.Arbitrary<ReferralRewardCommand> = fc.oneof(
      fc.record({ commission: fc.nat(100_000), isFirst: fc.boolean(), gross: fc.nat(2) }).map((payment) => ({
        ...grant,
        ...payment,
      })),
      fc.constantFrom(clawBack('ADMIN'), clawBack('CHARGEBACK'), signup),
      fc.constantFrom(...earnsNothing).map((other) => ({ ...grant, standing: other })),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        let state = referralReward.initial;
        const events: ReferralRewardEvent[] = [];
        for (const each of commands) {
          const decided = referralReward.decide(each, state);
          if (isRefusal(decided)) continue;
          for (const event of decided) state = referralReward.evolve(state, event);
          events.push(...decided);
        }
        const [first, second, ...more] = events;
        expect(more).to.deep.equal([]);
        if (first) expect(first.type).not.to.equal('ReferralRewardClawedBack');
        if (second?.type !== 'ReferralRewardClawedBack') return void expect(second).to.equal(undefined);
        expect(second.data.amount).to.equal(first?.type === 'ReferralRewardGranted' ? first.data.amount : '0.00');
      }),
    );
  });

  it('has the referrer and the reward in its routing keys, at a clawback too (9.1)', () => {
    expect(referralRewardStream(rewardId)).to.equal(`referralReward-${rewardId}`);
    expect(referralReward.streamOf(clawBack())).to.equal(referralRewardStream(rewardId));
    const keys = { userId: referrerId, rewardId };
    expect(referralReward.keysOf(given(referralReward, granted()).state, clawBack())).to.deep.equal(keys);
    expect(referralReward.keysOf(given(referralReward, signedUp).state, signup)).to.deep.equal(keys);
  });

  it('has an id that follows from message or signup and ends like the referrer (9.1)', () => {
    for (const idOf of [rewardIdOf, signupRewardIdOf]) {
      const id = idOf(messageId, referrerId.toUpperCase());
      expect(id).to.equal(idOf(messageId, referrerId.toUpperCase()));
      expect(id.slice(-2)).to.equal(referrerId.slice(-2));
      expect(id).not.to.equal(idOf(receiverId, referrerId));
    }
    expect(rewardIdOf(messageId, referrerId)).not.to.equal(signupRewardIdOf(messageId, referrerId));
  });
});

describe('The aggregate of a referred user', () => {
  const claim = (of: string) => ({ type: 'ClaimFirstPayment' as const, referredUserId, messageId: of });
  const claimed = { type: 'FirstPaymentClaimed' as const, data: { messageId } };

  it('lets one payment be the first, for ever', () => {
    given(referral).when(claim(messageId)).then(claimed);
    given(referral, claimed).when(claim(newId())).nothing();
    given(referral, claimed).when(claim(messageId)).nothing();
  });
  it('has a stream of its own, with its owner in the routing keys (9.1)', () => {
    expect(referralStream(referredUserId)).to.equal(`referral-${referredUserId}`);
    expect(referral.streamOf(claim(messageId))).to.equal(referralStream(referredUserId));
    expect(referral.keysOf(referral.initial, claim(messageId))).to.deep.equal({ userId: referredUserId });
  });
});
