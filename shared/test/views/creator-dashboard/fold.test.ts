import { documentAfter, documentsAfter, sealedValue, type GivenEvent } from '../../../testing/given.js';
import { expect } from 'chai';
import { creatorDashboard } from '../../../src/views/creator-dashboard/fold.js';
import {
  at,
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
  movement,
  payoutBook,
  payoutId,
  refunded,
  rejected,
  replied,
  sent,
  settlement,
  upgraded,
  user,
  clicked,
} from '../../../testing/fixtures/people.js';

const after = (...given: GivenEvent[]) => documentAfter(creatorDashboard, creatorUserId, given);

describe('creatorDashboard: fold', () => {
  it('a fresh creator has the default dashboard (G6)', () => {
    const { lastEvent: _, ...fresh } = after(upgraded);
    expect(fresh).to.deep.equal({
      _id: creatorUserId,
      position: 10n,
      creatorId,
      level: 'BRONZE',
      totalMessages: 0,
      totalEarnings: 0,
      wallet: null,
      pendingPayouts: 0,
      dmActive: false,
      dmType: null,
      dmPrice: null,
      responded: 0,
      resolvable: 0,
      socialAccounts: 0,
      avatarUrl: null,
      deletedAt: null,
    });
  });

  describe('from events of the owner', () => {
    const avatarUrl = sealedValue(creatorUserId, 'https://example.com/a.png');
    const avatar = user()('UserAvatarChanged', { userId: creatorUserId, avatarUrl });

    it('the dashboard shows the avatar, also one from before the upgrade', () => {
      expect(after(avatar)).to.deep.include({ creatorId: null, avatarUrl });
      expect(after(avatar, upgraded)).to.deep.include({ creatorId, avatarUrl });
      expect(after(avatar, user()('UserAvatarChanged', { userId: creatorUserId, avatarUrl: null }))).to.include({
        avatarUrl: null,
      });
    });
    it('an erasure marks the dashboard deleted and keeps the sealed avatar, which nobody can open any more', () => {
      const erased = user()('UserErased', { userId: creatorUserId }, later);
      expect(after(upgraded, avatar, erased)).to.deep.include({ position: 30n, avatarUrl, deletedAt: later });
      expect(after(upgraded, creator('CreatorDeleted', { deletedAt: at }), erased)).to.include({ deletedAt: at });
    });
    it('the dashboard keeps the time when the creator was deleted (G37)', () => {
      expect(after(upgraded, creator('CreatorDeleted', { deletedAt: later }))).to.include({ deletedAt: later });
    });
  });

  describe('from events of the creator', () => {
    it('the dashboard shows the level of the creator', () => {
      const promoted = creator('CreatorLevelChanged', { from: 'BRONZE', to: 'SILVER', cause: 'EARNED', pinned: false });
      expect(after(upgraded, promoted)).to.include({ level: 'SILVER' });
    });
    it('the dashboard never raises the level itself, whatever the totals (G8)', () => {
      const many = Array.from({ length: 100 }, (_, n) => [
        sent(idOf(n)),
        delivered(idOf(n)),
        completed(idOf(n)),
      ]).flat();
      expect(after(upgraded, ...many)).to.include({ level: 'BRONZE', totalMessages: 100, totalEarnings: 80_000 });
    });
    it('the dashboard shows the DM settings as chosen: a vacation does not lower dmActive', () => {
      const previous = { dmType: null, dmPrice: null, dmActive: false };
      const common = { previous, packageId: idOf(1) };
      const paid = creator('DmConfigUpdated', { ...common, dmType: 'PER_MESSAGE', dmPrice: '12.50', dmActive: true });
      const free = creator('DmConfigUpdated', { ...common, dmType: 'FREE', dmPrice: null, dmActive: false });
      const away = creator('VacationEnabled', { start: at, end: null, statusAfter: 'VACATION' });
      expect(after(upgraded, paid, away)).to.include({ dmType: 'PER_MESSAGE', dmPrice: 1250, dmActive: true });
      expect(after(upgraded, paid, free)).to.include({ dmType: 'FREE', dmPrice: null, dmActive: false });
    });
    it('the dashboard counts connected social accounts', () => {
      const account = (platform: 'X' | 'TIKTOK') => ({ userId: creatorUserId, platform, accountDigest: 'd' });
      const connected = (platform: 'X' | 'TIKTOK') =>
        creator('SocialAccountConnected', { ...account(platform), followerCount: 7 });
      const disconnected = creator('SocialAccountDisconnected', account('X'));
      expect(after(upgraded, connected('X'), connected('TIKTOK'))).to.include({ socialAccounts: 2 });
      expect(after(upgraded, connected('X'), disconnected)).to.include({ socialAccounts: 0 });
    });
  });

  describe('from events of messages', () => {
    const counts = (...given: GivenEvent[]) => {
      const { responded, resolvable, totalMessages, totalEarnings } = after(upgraded, ...given);
      return { responded, resolvable, totalMessages, totalEarnings };
    };
    const none = { responded: 0, resolvable: 0, totalMessages: 0, totalEarnings: 0 };

    it('a rejected message stays in the denominator of the response rate after its refund (G1)', () => {
      expect(counts(sent(), delivered(), rejected())).to.deep.equal({ ...none, totalMessages: 1, resolvable: 1 });
      expect(counts(sent(), delivered(), rejected(), refunded())).to.include({ responded: 0, resolvable: 1 });
    });
    it('an expired message stays in the denominator of the response rate after its refund (G1)', () => {
      expect(counts(sent(), delivered(), expired(), refunded(undefined, 'EXPIRED'))).to.include({
        responded: 0,
        resolvable: 1,
      });
    });
    it('a message that is REPLIED and then COMPLETED counts as one response (G1)', () => {
      expect(counts(sent(), delivered(), replied())).to.include({ responded: 1, resolvable: 1 });
      expect(counts(sent(), delivered(), replied(), completed())).to.include({ responded: 1, resolvable: 1 });
    });
    it('a reverted reply counts in no part of the response rate (G1)', () => {
      const reverted = message()('MessageReplyReverted', { reason: 'release failed' });
      expect(counts(sent(), delivered(), replied(), reverted)).to.include({ responded: 0, resolvable: 0 });
    });
    it('a quarantine that was upheld or expired counts in no part of the response rate (G1)', () => {
      const flagged = message()('MessageQuarantined', { rule: 'words', expiresAt: later });
      const upheld = message()('QuarantineUpheld', { amount: '10.00' });
      const ranOut = message()('QuarantineExpired', { amount: '10.00', expiredAt: later });
      for (const end of [upheld, ranOut])
        expect(counts(sent(), flagged, end, refunded(undefined, 'QUARANTINE_UPHELD'))).to.deep.equal(none);
    });
    it('a message counts once it reaches the creator, from quarantine too, and never stops counting (G4)', () => {
      const flagged = message()('MessageQuarantined', { rule: null, expiresAt: later });
      expect(counts(sent())).to.include({ totalMessages: 0 });
      expect(counts(sent(), flagged)).to.include({ totalMessages: 0 });
      expect(counts(sent(), flagged, message()('QuarantineReleased', {}), delivered())).to.include({
        totalMessages: 1,
      });
      expect(counts(sent(), delivered(), rejected(), refunded())).to.include({ totalMessages: 1 });
      expect(counts(sent(messageId2, null), delivered(messageId2, false))).to.include({ totalMessages: 1 });
    });
    it('earnings grow by the net at completion, not at the reply, and by nothing for a free message (G5)', () => {
      expect(counts(sent(), delivered(), replied())).to.include({ totalEarnings: 0 });
      expect(counts(sent(), delivered(), replied(), completed())).to.include({ totalEarnings: 800 });
      const free = message(messageId2)('MessageCompleted', { completedAt: later, settlement: null });
      expect(counts(free)).to.include({ totalEarnings: 0 });
    });
    it('only a reversal lowers earnings, and it leaves the response counters alone (G5, 9.5)', () => {
      const reversal = { messageId: idOf(1), ...settlement, before: '8.00', after: '0.00' };
      const reversed = creatorWallet('EarningsReversed', reversal);
      expect(counts(sent(), delivered(), replied(), completed(), reversed)).to.deep.equal({
        responded: 1,
        resolvable: 1,
        totalMessages: 1,
        totalEarnings: 0,
      });
      const debited = creatorWallet('PayoutDebited', { payoutId, ...movement('0.00') });
      expect(counts(completed(), debited)).to.include({ totalEarnings: 800 });
    });
    it('a sent message creates no dashboard for its sender', () => {
      expect([...documentsAfter(creatorDashboard, [sent(), delivered(), replied()]).keys()]).to.deep.equal([
        creatorUserId,
      ]);
    });
  });

  describe('from events of the creator wallet', () => {
    const opened = creatorWallet('WalletOpened', { type: 'CREATOR', currency: 'USD' });
    const wallet = (...given: GivenEvent[]) => after(upgraded, ...given).wallet;

    it('a creator wallet opens empty', () => expect(wallet(opened)).to.deep.equal({ balance: 0, frozen: false }));

    const earnings = { messageId: idOf(1), ...settlement, before: '0.00' };
    for (const [name, given, balance] of [
      ['EarningsCredited', creatorWallet('EarningsCredited', { ...earnings, after: '8.00' }), 800],
      ['EarningsReversed, below zero too', creatorWallet('EarningsReversed', { ...earnings, after: '-8.00' }), -800],
      ['PayoutDebited', creatorWallet('PayoutDebited', { payoutId, ...movement('3.10') }), 310],
      ['PayoutReturned', creatorWallet('PayoutReturned', { payoutId, ...movement('9.99') }), 999],
      ['WalletAdjusted', creatorWallet('WalletAdjusted', { ...movement('0.01'), direction: 'CREDIT' }), 1],
    ] as const)
      it(`a creator wallet takes its balance from ${name}`, () =>
        expect(wallet(opened, given)).to.deep.equal({ balance, frozen: false }));

    it('a creator wallet keeps its balance when frozen and unfrozen (G17)', () => {
      const adjusted = creatorWallet('WalletAdjusted', { ...movement('5.00'), direction: 'CREDIT' });
      const frozen = creatorWallet('WalletFrozen', {});
      expect(wallet(opened, adjusted, frozen)).to.deep.equal({ balance: 500, frozen: true });
      expect(wallet(opened, adjusted, frozen, creatorWallet('WalletUnfrozen', {}))).to.deep.equal({
        balance: 500,
        frozen: false,
      });
    });
    it('the fan wallet of the same user does not touch the creator wallet', () => {
      const fan = fanWallet(creatorUserId);
      expect(
        wallet(opened, fan('WalletFrozen', {}), fan('WalletAdjusted', { ...movement('7.00'), direction: 'CREDIT' })),
      ).to.deep.equal({ balance: 0, frozen: false });
    });
  });

  describe('from events of payouts', () => {
    const requested = payoutBook('PayoutRequested', {
      payoutId,
      amount: '10.00',
      method: 'BANK_TRANSFER',
      requestedAt: at,
    });
    const approval = { from: 'PENDING' as const, destination: null, digest: 'd'.repeat(40) };
    const approved = payoutBook('PayoutApproved', { payoutId, amount: '10.00', by: null, ...approval });
    const closed = (from: 'PENDING' | 'APPROVED') => ({ payoutId, amount: '10.00', from, by: null });
    const pending = (...given: GivenEvent[]) => after(upgraded, ...given).pendingPayouts;

    it('pendingPayouts counts payouts that are exactly PENDING', () => {
      expect(pending(requested)).to.equal(1);
      expect(pending(requested, requested)).to.equal(2);
      expect(pending(requested, approved)).to.equal(0);
    });
    it('pendingPayouts is not changed by a second approval', () => {
      const again = payoutBook('PayoutApproved', {
        ...{ payoutId, amount: '10.00', by: null },
        ...{ ...approval, from: 'APPROVED' as const },
      });
      expect(pending(requested, requested, approved, again)).to.equal(1);
    });
    it('pendingPayouts decreases only by rejection or cancellation of a pending payout', () => {
      for (const type of ['PayoutRejected', 'PayoutCancelled'] as const) {
        expect(pending(requested, payoutBook(type, closed('PENDING')))).to.equal(0);
        expect(pending(requested, requested, approved, payoutBook(type, closed('APPROVED')))).to.equal(1);
      }
    });
    it('pendingPayouts is not changed by anything after the approval', () => {
      const started = payoutBook('PayoutProcessingStarted', {
        ...{ payoutId, amount: '10.00', method: 'BANK_TRANSFER' as const, destination: null },
      });
      const failed = payoutBook('PayoutFailed', { payoutId, amount: '10.00', debited: true, at, error: null });
      const processed = payoutBook('PayoutProcessed', { payoutId, amount: '10.00', at });
      expect(pending(requested, approved, started, failed, processed)).to.equal(0);
    });
  });

  it('the dashboard ignores streams of other kinds', () => {
    const given = [
      upgraded,
      clicked(idOf(1)),
      fanWallet(fanId)('WalletOpened', { type: 'FAN', currency: 'USD' }),
      creator('TaxFormApproved', { at }),
    ];
    expect(documentsAfter(creatorDashboard, given).get(creatorUserId)).to.include({ position: 10n });
    expect(documentsAfter(creatorDashboard, given).size).to.equal(1);
  });
});

const messageId2 = idOf(2);
