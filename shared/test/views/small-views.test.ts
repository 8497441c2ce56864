import { documentAfter, documentsAfter, onStream, sealedValue, type Told } from '../../testing/given.js';
import { REWARDS_KEPT } from '../../src/views/referral-dashboard/document.js';
import { config as configView } from '../../src/views/config/fold.js';
import { expect } from 'chai';
import { dmConfig } from '../../src/views/dm-config/fold.js';
import { fanWallet as fanWalletView } from '../../src/views/fan-wallet/fold.js';
import { message as messageView } from '../../src/views/message/fold.js';
import { referralDashboard } from '../../src/views/referral-dashboard/fold.js';
import {
  at,
  bioPageId,
  completed,
  creator,
  creatorId,
  creatorUserId,
  creatorWallet,
  delivered,
  expired,
  fanId,
  fanWallet,
  idOf,
  later,
  message,
  messageId,
  movement,
  referralClicks,
  referralLink,
  refunded,
  rejected,
  replied,
  sent,
  settlement,
  strangerId,
  upgraded,
  user,
} from '../../testing/fixtures/cast.js';

describe('dmConfig', () => {
  const after = (...told: Told[]) => documentAfter(dmConfig, creatorId, [upgraded, ...told]);
  const updated = (dmPrice: string | null, dmActive: boolean) =>
    creator('DmConfigUpdated', {
      dmType: dmPrice === null ? 'FREE' : 'SINGLE_PAY',
      dmPrice,
      dmActive,
      previous: { dmType: null, dmPrice: null, dmActive: false },
      packageId: idOf(1),
      bioPageId,
      linkIds: [],
    });

  it('G6: nothing is configured after the upgrade', () => {
    expect(after()).to.deep.equal({
      _id: creatorId,
      position: 10n,
      userId: creatorUserId,
      dmType: null,
      dmPrice: null,
      dmActive: false,
      deletedAt: null,
    });
  });
  it('follows updates, raw: not lowered by a vacation', () => {
    expect(after(updated('9.90', true))).to.include({ dmType: 'SINGLE_PAY', dmPrice: 990, dmActive: true });
    expect(after(updated('9.90', true), updated(null, false))).to.include({ dmType: 'FREE', dmPrice: null });
    const away = creator('VacationEnabled', { start: at, end: null, statusAfter: 'VACATION' });
    expect(after(updated('9.90', true), away)).to.include({ dmActive: true, position: 20n });
  });
  it('G37: knows when the creator was deleted', () => {
    expect(after(creator('CreatorDeleted', { deletedAt: later }))).to.include({ deletedAt: later });
  });
});

describe('fanWallet', () => {
  const wallet = fanWallet();
  const opened = wallet('WalletOpened', { type: 'FAN', currency: 'USD' });
  const after = (...told: Told[]) => documentAfter(fanWalletView, fanId, [opened, ...told]);

  it('opens empty', () => expect(after()).to.include({ balance: 0, frozen: false }));

  for (const type of ['EscrowHeld', 'EscrowVoided', 'EscrowRefunded', 'EscrowReleased', 'EscrowChargedBack'] as const)
    it(`takes the balance over from ${type}`, () =>
      expect(after(wallet(type, { messageId, ...movement('4.20') }))).to.include({ balance: 420, frozen: false }));
  it('takes the balance over from FundsLoaded', () =>
    expect(after(wallet('FundsLoaded', { sessionId: idOf(1), ...movement('25.00') }))).to.include({ balance: 2500 }));
  it('takes the balance over from WalletAdjusted', () =>
    expect(after(wallet('WalletAdjusted', { ...movement('0.50'), direction: 'DEBIT' }))).to.include({ balance: 50 }));
  it('freezes and thaws', () => {
    expect(after(wallet('WalletFrozen', {}))).to.include({ frozen: true });
    expect(after(wallet('WalletFrozen', {}), wallet('WalletUnfrozen', {}))).to.include({ frozen: false });
  });
  it('takes nothing from a creator wallet', () => {
    expect(documentsAfter(fanWalletView, [creatorWallet('WalletFrozen', {})]).size).to.equal(0);
  });
});

describe('message', () => {
  const after = (...told: Told[]) => documentAfter(messageView, messageId, told);
  const statusAfter = (...told: Told[]) => after(...told).status;
  const flagged = message()('MessageQuarantined', { rule: 'words', expiresAt: later });
  const reverted = message()('MessageReplyReverted', { reason: 'release failed' });
  const chargedBack = (from: 'ESCROWED' | 'QUARANTINED' | 'REPLIED' | 'COMPLETED') =>
    message()('MessageChargedBack', { ...settlement, from, at: later });

  it('holds what was sent', () => {
    expect(after(sent(), delivered())).to.deep.equal({
      _id: messageId,
      position: 20n,
      fanId,
      creatorUserId,
      content: sealedValue(fanId, 'hello'),
      status: 'ESCROWED',
      dmType: 'PER_MESSAGE',
      priceSnapshot: 1000,
      createdAt: at,
      deliveredAt: at,
      expiresAt: later,
      repliedAt: null,
      completedAt: null,
      timeoutHours: 72,
    });
  });
  it('has no price when it is free', () => {
    expect(after(sent(messageId, null), delivered(messageId, false))).to.include({
      status: 'DELIVERED',
      priceSnapshot: null,
      dmType: 'FREE',
    });
  });

  const upheld = message()('QuarantineUpheld', { amount: '10.00' });
  const ranOut = message()('QuarantineExpired', { amount: '10.00', expiredAt: later });
  const released = message()('QuarantineReleased', {});
  for (const [expected, ...told] of [
    ['QUARANTINED', sent()],
    ['QUARANTINED', sent(), flagged],
    ['ESCROWED', sent(), flagged, released, delivered()],
    ['REJECTED', sent(), flagged, upheld],
    ['REFUNDED', sent(), flagged, upheld, refunded(messageId, 'QUARANTINE_UPHELD')],
    ['EXPIRED', sent(), flagged, ranOut],
    ['REPLIED', sent(), delivered(), replied()],
    ['ESCROWED', sent(), delivered(), replied(), reverted],
    ['DELIVERED', sent(messageId, null), delivered(messageId, false), replied(), reverted],
    ['COMPLETED', sent(), delivered(), replied(), completed()],
    ['REJECTED', sent(), delivered(), rejected()],
    ['REFUNDED', sent(), delivered(), rejected(), refunded()],
    ['EXPIRED', sent(), delivered(), expired()],
    ['REFUNDED', sent(), delivered(), expired(), refunded(messageId, 'EXPIRED')],
    ['REFUNDED', sent(), delivered(), chargedBack('ESCROWED')],
    ['REFUNDED', sent(), flagged, chargedBack('QUARANTINED')],
    ['COMPLETED', sent(), delivered(), replied(), completed(), chargedBack('COMPLETED')],
    ['REPLIED', sent(), delivered(), replied(), chargedBack('REPLIED')],
  ] as [string, ...Told[]][])
    it(`is ${expected} after ${told.map(({ event }) => event.type).join(', ')}`, () =>
      expect(statusAfter(...told)).to.equal(expected));

  it('G2: a free message ends REFUNDED too, by a refund of zero', () => {
    const free = [sent(messageId, null), delivered(messageId, false)];
    for (const [end, cause] of [
      [message()('MessageRejected', { reason: sealedValue(creatorUserId, 'no'), amount: null }), 'REJECTED'],
      [message()('MessageExpired', { expiredAt: later, amount: null }), 'EXPIRED'],
    ] as const)
      expect(statusAfter(...free, end, message()('MessageRefunded', { amount: '0.00', cause }))).to.equal('REFUNDED');
  });
  it('keeps when it was delivered, answered and completed', () => {
    expect(after(sent(), flagged)).to.include({ deliveredAt: null, expiresAt: later });
    expect(after(sent(), delivered(), replied())).to.include({ deliveredAt: at, repliedAt: later, completedAt: null });
    expect(after(sent(), delivered(), replied(), completed())).to.include({ repliedAt: later, completedAt: later });
    expect(after(sent(), delivered(), replied(), reverted)).to.include({ repliedAt: null });
  });
  it('does not exist when its sending was abandoned', () => {
    const parties = { messageId, fanId, creatorId, creatorUserId };
    const abandoned = message()('MessageAbandoned', { ...parties, code: 'message.send.error.interrupted' });
    expect(documentsAfter(messageView, [abandoned]).size).to.equal(0);
  });
});

describe('referralDashboard', () => {
  const after = (...told: Told[]) => documentAfter(referralDashboard, creatorUserId, told);
  const code = sealedValue(creatorUserId, 'cleo');
  const created = referralLink('ReferralLinkCreated', {
    linkId: idOf(1),
    userId: creatorUserId,
    code,
    codeDigest: 'a'.repeat(40),
  });
  const granted = (n: number, amount: string, when?: string) =>
    referralLink(
      'ReferralRewardGranted',
      {
        rewardId: idOf(n),
        triggerType: 'RECURRING_PAYMENT',
        amount,
        sourceMessageId: messageId,
        referredUserId: strangerId,
      },
      when,
    );
  const clawedBack = (n: number, amount: string) =>
    referralLink('ReferralRewardClawedBack', { rewardId: idOf(n), amount, cause: 'ADMIN' });
  const signedUp = referralLink('ReferralSignupRecorded', { referredUserId: strangerId, rewardId: idOf(9) }, at);

  it('starts with zeros', () => {
    expect(after(created)).to.deep.equal({
      _id: creatorUserId,
      position: 10n,
      link: { id: idOf(1), code, signups: 0, conversions: 0, active: true },
      clicks: 0,
      totalEarnings: 0,
      rewards: [],
    });
  });
  it('counts clicks from their own stream', () => {
    const click = referralClicks('ReferralClickTracked', { codeDigest: 'a'.repeat(40) });
    expect(after(created, click, click)).to.include({ clicks: 2 });
  });
  it('tracks a signup with a reward of zero', () => {
    const referral = after(created, signedUp);
    expect(referral.link).to.include({ signups: 1, conversions: 0 });
    expect(referral).to.deep.include({
      totalEarnings: 0,
      rewards: [{ id: idOf(9), triggerType: 'REGISTRATION', amount: 0, createdAt: at }],
    });
  });
  it('adds up rewards, newest first', () => {
    const referral = after(created, granted(1, '5.00', at), granted(2, '0.50', later));
    expect(referral).to.include({ totalEarnings: 550 });
    expect(referral.link).to.include({ conversions: 2 });
    expect(referral.rewards).to.deep.equal([
      { id: idOf(2), triggerType: 'RECURRING_PAYMENT', amount: 50, createdAt: later },
      { id: idOf(1), triggerType: 'RECURRING_PAYMENT', amount: 500, createdAt: at },
    ]);
  });
  it('G38: rewards of one moment stand by id, descending; an older one goes below', () => {
    const { rewards } = after(
      created,
      granted(2, '1.00', at),
      granted(3, '1.00', at),
      granted(1, '1.00', at),
      granted(9, '1.00', '2026-04-01T00:00:00.000Z'),
    );
    expect(rewards.map(({ id }) => id)).to.deep.equal([idOf(3), idOf(2), idOf(1), idOf(9)]);
  });
  it('a clawback hides the reward and lowers money, never a counter', () => {
    const referral = after(created, granted(1, '5.00'), granted(2, '2.00'), clawedBack(1, '5.00'));
    expect(referral).to.include({ totalEarnings: 200 });
    expect(referral.rewards.map(({ id }) => id)).to.deep.equal([idOf(2)]);
    expect(referral.link).to.include({ conversions: 2 });
  });
  it('G21: a registration may be clawed back and disappears', () => {
    const referral = after(created, signedUp, clawedBack(9, '0.00'));
    expect(referral).to.deep.include({ totalEarnings: 0, rewards: [] });
    expect(referral.link).to.include({ signups: 1 });
  });
  it(`keeps the newest ${REWARDS_KEPT} rewards; older ones count in the total only`, () => {
    const many = Array.from({ length: REWARDS_KEPT + 5 }, (_, n) => granted(n, '1.00'));
    const referral = after(created, ...many);
    expect(referral.rewards).to.have.length(REWARDS_KEPT);
    expect(referral.rewards.at(-1)?.id).to.equal(idOf(5));
    expect(referral.totalEarnings).to.equal((REWARDS_KEPT + 5) * 100);
    expect(after(created, ...many, clawedBack(2, '1.00')).totalEarnings).to.equal((REWARDS_KEPT + 4) * 100);
  });
  it('follows a rename, and an admin who disables it', () => {
    const newCode = sealedValue(creatorUserId, 'cleopatra');
    const digests = { oldCodeDigest: 'a'.repeat(40), newCodeDigest: 'b'.repeat(40) };
    const repointed = referralLink('ReferralCodeRepointed', { oldCode: code, newCode, ...digests });
    const disabled = referralLink('ReferralLinkDisabled', {});
    expect(after(created, repointed).link).to.deep.include({ code: newCode });
    expect(after(created, disabled).link).to.include({ active: false });
    expect(after(created, disabled, referralLink('ReferralLinkEnabled', {})).link).to.include({ active: true });
  });
  it('moves with the erasure of its owner (9.8)', () => {
    const erased = user()('UserErased', { userId: creatorUserId });
    expect(after(created, erased)).to.deep.include({ position: 20n, clicks: 0 });
    expect(after(erased)).to.include({ link: null });
  });
  it('parks what happens to a link that was never created', () => {
    expect(() => after(signedUp)).to.throw('never created');
  });
});

describe('config', () => {
  const config = onStream('config-dm.min_price', { configKey: 'dm.min_price' });
  const killSwitch = onStream('killSwitch-PAYOUT', { configKey: 'PAYOUT' });
  const after = (...told: Told[]) => documentAfter(configView, 'config', told);

  it('holds what was set last, by whom and when', () => {
    const set = (value: number, previous: number | null, when: string) =>
      config('ConfigValueSet', { key: 'dm.min_price', value, previous }, when);
    expect(after(set(2, null, at), set(3, 2, later)).values).to.deep.equal({
      'dm.min_price': { value: 3, changedBy: null, changedAt: later },
    });
  });
  it('holds which kill switches are engaged', () => {
    const engaged = killSwitch('KillSwitchEngaged', { name: 'PAYOUT' }, at);
    expect(after(engaged).killSwitches).to.deep.equal({ PAYOUT: { engaged: true, changedBy: null, changedAt: at } });
    expect(after(engaged, killSwitch('KillSwitchReleased', { name: 'PAYOUT' }, later)).killSwitches).to.deep.equal({
      PAYOUT: { engaged: false, changedBy: null, changedAt: later },
    });
  });
});
