import { expect } from 'chai';
import { documentAfter, sealedValue, type GivenEvent } from '../../../testing/given.js';
import { REWARDS_KEPT } from '../../../src/views/referral-dashboard/document.js';
import { referralDashboard } from '../../../src/views/referral-dashboard/fold.js';
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

describe('referralDashboard: fold', () => {
  const after = (...given: GivenEvent[]) => documentAfter(referralDashboard, creatorUserId, given);
  const code = sealedValue(creatorUserId, 'cleo');
  const created = referralLink('ReferralLinkCreated', {
    linkId: idOf(1),
    userId: creatorUserId,
    code,
    codeDigest: 'a'.repeat(40),
  });
  const standing = { linkId: idOf(1), linkActive: true, referrerStatus: 'ACTIVE' } as const;
  const referred = { referrerId: creatorUserId, referredUserId: strangerId, standing };
  const granted = (n: number, amount: string, when?: string) =>
    referralReward(idOf(n))(
      'ReferralRewardGranted',
      { ...referred, rewardId: idOf(n), triggerType: 'RECURRING_PAYMENT', amount, sourceMessageId: messageId },
      when,
    );
  const clawedBack = (n: number, amount: string) =>
    referralReward(idOf(n))('ReferralRewardClawedBack', { rewardId: idOf(n), amount, cause: 'ADMIN' });
  const signedUp = referralReward(idOf(9))('ReferralSignupRecorded', { ...referred, rewardId: idOf(9) }, at);

  it('a new referral link starts with zeros', () => {
    const { lastEvent: _, ...fresh } = after(created);
    expect(fresh).to.deep.equal({
      _id: creatorUserId,
      position: 10n,
      link: { id: idOf(1), code, signups: 0, conversions: 0, active: true },
      clicks: 0,
      totalEarnings: 0,
      rewards: [],
    });
  });
  it('referral clicks are counted from their own stream', () => {
    const click = referralClicks('ReferralClickTracked', { codeDigest: 'a'.repeat(40) });
    expect(after(created, click, click)).to.include({ clicks: 2 });
  });
  it('a signup creates a reward of zero', () => {
    const referral = after(created, signedUp);
    expect(referral.link).to.include({ signups: 1, conversions: 0 });
    expect(referral).to.deep.include({
      totalEarnings: 0,
      rewards: [{ id: idOf(9), triggerType: 'REGISTRATION', amount: 0, createdAt: at }],
    });
  });
  it('rewards are summed and listed newest first', () => {
    const referral = after(created, granted(1, '5.00', at), granted(2, '0.50', later));
    expect(referral).to.include({ totalEarnings: 550 });
    expect(referral.link).to.include({ conversions: 2 });
    expect(referral.rewards).to.deep.equal([
      { id: idOf(2), triggerType: 'RECURRING_PAYMENT', amount: 50, createdAt: later },
      { id: idOf(1), triggerType: 'RECURRING_PAYMENT', amount: 500, createdAt: at },
    ]);
  });
  it('rewards of the same moment are listed by id, descending, before older ones (G38)', () => {
    const { rewards } = after(
      created,
      granted(2, '1.00', at),
      granted(3, '1.00', at),
      granted(1, '1.00', at),
      granted(9, '1.00', '2026-04-01T00:00:00.000Z'),
    );
    expect(rewards.map(({ id }) => id)).to.deep.equal([idOf(3), idOf(2), idOf(1), idOf(9)]);
  });
  it('a clawback hides the reward and lowers the money, never a counter', () => {
    const referral = after(created, granted(1, '5.00'), granted(2, '2.00'), clawedBack(1, '5.00'));
    expect(referral).to.include({ totalEarnings: 200 });
    expect(referral.rewards.map(({ id }) => id)).to.deep.equal([idOf(2)]);
    expect(referral.link).to.include({ conversions: 2 });
  });
  it('the reward of a registration can be clawed back and disappears (G21)', () => {
    const referral = after(created, signedUp, clawedBack(9, '0.00'));
    expect(referral).to.deep.include({ totalEarnings: 0, rewards: [] });
    expect(referral.link).to.include({ signups: 1 });
  });
  it(`the newest ${REWARDS_KEPT} rewards are kept; older ones count in the total only`, () => {
    const many = Array.from({ length: REWARDS_KEPT + 5 }, (_, n) => granted(n, '1.00'));
    const referral = after(created, ...many);
    expect(referral.rewards).to.have.length(REWARDS_KEPT);
    expect(referral.rewards.at(-1)?.id).to.equal(idOf(5));
    expect(referral.totalEarnings).to.equal((REWARDS_KEPT + 5) * 100);
    expect(after(created, ...many, clawedBack(2, '1.00')).totalEarnings).to.equal((REWARDS_KEPT + 4) * 100);
  });
  it('a referral link follows a rename, and shows when an admin disabled it', () => {
    const newCode = sealedValue(creatorUserId, 'cleopatra');
    const digests = { oldCodeDigest: 'a'.repeat(40), newCodeDigest: 'b'.repeat(40) };
    const repointed = referralLink('ReferralCodeRepointed', { oldCode: code, newCode, ...digests });
    const disabled = referralLink('ReferralLinkDisabled', {});
    expect(after(created, repointed).link).to.deep.include({ code: newCode });
    expect(after(created, disabled).link).to.include({ active: false });
    expect(after(created, disabled, referralLink('ReferralLinkEnabled', {})).link).to.include({ active: true });
  });
  it('an erasure of the referrer moves the position of the dashboard, and so its ETag (9.8)', () => {
    const erased = user()('UserErased', { userId: creatorUserId });
    expect(after(created, erased)).to.deep.include({ position: 20n, clicks: 0 });
    expect(after(erased)).to.include({ link: null });
  });
  it('a signup by a referral link that was never created is an error', () => {
    expect(() => after(signedUp)).to.throw('never created');
  });
});
