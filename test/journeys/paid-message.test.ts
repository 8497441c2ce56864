/** How a paid message moves money and numbers, whatever happens to it (domain 3.1, 7, 9.3). */
import { expect } from 'chai';
import { mismatches } from '@creator-dashboards/shared/testing/fixtures/golden';
import { creatorDashboard } from '@creator-dashboards/shared/testing/fixtures/seeds';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import {
  answered,
  creatorWithDms,
  dashboards,
  fanWith,
  read,
  register,
  registration,
  reply,
  send,
  webhookId,
  type Creator,
} from '../support/people.js';
import type { TestSystem } from '../support/system.js';

const ESCROWED = ['MessageAdmitted', 'EscrowHeld', 'MessageSent', 'MessageDelivered'];
const REFUNDED = ['EscrowRefunded', 'MessageRefunded', 'AdmissionSettled'];

journey('a paid message', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  it('leads from two registrations to the right numbers on all four dashboards', async () => {
    const { anybody, provider, done } = system;
    const joined = ['Reserved', 'Reserved', 'UserRegistered'];

    const { userId } = await done(anybody.post('/auth/register', registration('alice')), 201, joined);
    const me = system.as(userId);
    const upgrade = { displayName: 'Alice', bio: 'I answer.' };
    const { creatorId } = await done(me.post('/creators/upgrade', upgrade), 201, ['CreatorUpgraded']);
    const alice: Creator = { ...me, userId, creatorId, email: 'alice@example.org', username: 'alice' };
    const { code } = await done(me.get('/referral/link'), 200, ['ReferralLinkCreated']);
    expect(code).to.equal('alice');
    const dms = { dmType: 'PER_MESSAGE', dmPrice: 9.99, dmActive: true };
    const set = await done(me.patch(`/creators/${creatorId}/dm-config`, dms), 200, ['DmConfigUpdated']);
    expect(set).to.include({ dmType: 'PER_MESSAGE', dmPrice: '9.99', dmActive: true });

    await system.pass(MINUTE);
    const invited = registration('finn', { referralCode: 'alice' });
    const { userId: fanId } = await done(anybody.post('/auth/register', invited), 201, [
      ...joined,
      'ReferralSignupRecorded',
    ]);
    const finn = system.as(fanId);
    const { sessionId } = await done(finn.post('/wallet/load', { amount: '50' }), 201, ['CheckoutStarted']);
    const paid = { id: webhookId(), type: 'checkout.completed', sessionId, amount: '50.00' };
    await done(provider.post('/webhooks/payments', paid), 200, ['CheckoutCompleted', 'WalletOpened', 'FundsLoaded']);

    await system.pass(MINUTE);
    const message = { creatorId, dmType: 'PER_MESSAGE', content: 'What should I read next?' };
    const sent = await done(finn.post('/messages', message), 201, ESCROWED);
    expect(sent).to.include({ status: 'ESCROWED' });
    expect(await read(finn, '/wallet/balance', sent.position)).to.deep.equal({ balance: '40.01', frozen: false });

    await system.pass(MINUTE);
    const answer = me.post(`/messages/${sent.messageId}/reply`, { content: 'Borges.' });
    const { position } = await done(answer, 200, [
      ...['MessageReplied', 'EscrowReleased', 'WalletOpened', 'EarningsCredited', 'MessageCompleted'],
      'AdmissionSettled', // and no reward for alice, who is paid herself (G55)
    ]);

    // 9.99 less 20 % commission, 1.998 rounded half up to 2.00, is 7.99 (G7).
    const { dashboard, profile, dmConfig, referral } = await dashboards(alice, position);
    expect(mismatches(creatorDashboard.shape, dashboard)).to.deep.equal([]);
    expect(dashboard).to.deep.include({
      level: 'BRONZE',
      commissionRate: 20,
      totalMessages: 1,
      totalEarnings: '7.99',
      walletBalance: '7.99',
      walletFrozen: false,
      pendingPayouts: 0,
      dmActive: true,
      dmType: 'PER_MESSAGE',
      dmPrice: '9.99',
      responseRate: 100,
      nextLevel: 'SILVER',
      nextLevelProgress: 0,
      nextLevelRequirements: {
        messages: { current: 1, required: 100 },
        earnings: { current: 7.99, required: 5000 },
      },
      hasSocialAccounts: false,
      avatarUrl: null,
    });
    expect(profile).to.include({ id: creatorId, userId, totalEarnings: '7.99', totalMessages: 1, dmPrice: '9.99' });
    expect(dmConfig).to.deep.equal({ dmType: 'PER_MESSAGE', dmPrice: '9.99', dmActive: true });
    expect(referral.link).to.deep.include({
      ...{ code: 'alice', clicks: 0, signups: 1, conversions: 0, totalEarnings: '0', active: true },
    });
    expect(referral.rewards.map(({ triggerType, amount }) => [triggerType, amount])).to.deep.equal([
      ['REGISTRATION', '0'],
    ]);

    // What the fan sees of it, and how he rates it.
    const shown = await read(finn, `/messages/${sent.messageId}`, position);
    expect(shown).to.include({
      ...{ content: 'What should I read next?', status: 'COMPLETED', priceSnapshot: '9.99', timeoutHours: 72 },
      ...{ senderId: fanId, receiverId: userId },
    });
    const rated = await done(finn.post(`/messages/${sent.messageId}/rate`, { rating: 4 }), 200, ['MessageRated']);
    expect(await read(alice, '/creators/profile', rated.position)).to.include({
      avgRating: '4.00',
      ratingCount: 1,
    });
  });

  it('of a referred fan earns the referrer 5.00 first and 10 % of the commission later (G19)', async () => {
    const rita = await register(system, 'rita');
    await rita.get('/referral/link');
    const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 20);
    const finn = await fanWith(system, 'finn', '100.00', 'rita');
    await answered(finn, alice, 'PER_MESSAGE', 'one');
    await answered(finn, alice, 'PER_MESSAGE', 'two');
    await answered(finn, alice, 'PER_MESSAGE', 'three');
    const { link, totalEarnings } = await read(rita, '/referral/dashboard', String(await system.head()));
    // 20 % of 20.00 is 4.00, a tenth of it 0.40, twice.
    expect(totalEarnings).to.equal('5.80');
    expect(link).to.include({ signups: 1, conversions: 3, totalEarnings: '5.80' });
  });

  it('that is rejected is refunded in full and counts against the response rate (G1)', async () => {
    const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
    const finn = await fanWith(system, 'finn', '30.00');
    await answered(finn, alice, 'PER_MESSAGE', 'one');
    const id = await send(finn, alice, 'PER_MESSAGE', 'two');
    const rejection = alice.post(`/messages/${id}/reject`, { reason: 'not today' });
    const { position } = await system.done(rejection, 200, ['MessageRejected', ...REFUNDED]);
    const { dashboard } = await dashboards(alice, position);
    expect(dashboard).to.include({ responseRate: 50, totalMessages: 2, totalEarnings: '8.00', walletBalance: '8.00' });
    expect(await read(finn, '/wallet/balance', position)).to.include({ balance: '20.00' });
    expect(await read(finn, `/messages/${id}`, position)).to.include({ status: 'REFUNDED' });
    const late = alice.post(`/messages/${id}/reply`, { content: 'after all' });
    await system.refused(late, 400, 'message.reply.error.invalid_status');
  });

  it('that nobody answers is refunded by the clock after 72 hours, and not a moment before', async () => {
    const alice = await creatorWithDms(system, 'alice', 'SINGLE_PAY', 10);
    const finn = await fanWith(system, 'finn', '10.00');
    await send(finn, alice, 'SINGLE_PAY', 'anybody there?');
    expect(await system.pass(72 * HOUR - 1)).to.deep.equal([]);
    expect(await system.pass(1)).to.deep.equal(['MessageExpired', ...REFUNDED]);
    const position = String(await system.head());
    expect(await read(finn, '/wallet/balance', position)).to.include({ balance: '10.00' });
    expect((await dashboards(alice, position)).dashboard).to.include({ responseRate: 0, totalMessages: 1 });
  });

  it('that opened a SINGLE_PAY conversation makes the next ones free (G24)', async () => {
    const alice = await creatorWithDms(system, 'alice', 'SINGLE_PAY', 10);
    const finn = await fanWith(system, 'finn', '10.00');
    await answered(finn, alice, 'SINGLE_PAY', 'one');
    const second = { creatorId: alice.creatorId, dmType: 'SINGLE_PAY', content: 'two' };
    const sent = system.done(finn.post('/messages', second), 201, [
      ...['MessageAdmitted', 'MessageSent', 'MessageDelivered'],
    ]);
    expect(await sent).to.include({ status: 'DELIVERED' });
  });

  it('is refused before anything is written when the wallet is too low, and can take the whole balance', async () => {
    const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
    const poor = await fanWith(system, 'poor', '9.99');
    const message = { creatorId: alice.creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
    await system.refused(poor.post('/messages', message), 402, 'message.send.error.insufficient_balance');
    const other = { ...message, dmType: 'FREE' };
    await system.refused(poor.post('/messages', other), 409, 'message.send.error.type_mismatch');
    await system.refused(alice.post('/messages', message), 400, 'message.send.error.self');
  });

  describe('flagged by moderation', () => {
    const content = 'please quarantine-me';

    it('looks PENDING to the fan, does not exist for the creator, and is delivered by an admin', async () => {
      const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
      const finn = await fanWith(system, 'finn', '10.00');
      const message = { creatorId: alice.creatorId, dmType: 'PER_MESSAGE', content };
      const held = ['MessageAdmitted', 'EscrowHeld', 'MessageSent', 'MessageQuarantined'];
      const { messageId: id, status, position } = await system.done(finn.post('/messages', message), 201, held);
      expect(status).to.equal('PENDING');
      expect(await read(finn, `/messages/${id}`, position)).to.include({ status: 'PENDING', content });
      await system.refused(alice.get(`/messages/${id}`), 404, 'message.error.not_found');
      const early = alice.post(`/messages/${id}/reply`, { content: 'I saw it' });
      await system.refused(early, 404, 'message.error.not_found');
      expect((await dashboards(alice, position)).dashboard).to.include({ totalMessages: 0 });

      const release = system.admin.post(`/admin/messages/${id}/release`, { reason: 'harmless' });
      const released = await system.done(release, 200, ['QuarantineReleased', 'MessageDelivered']);
      expect((await dashboards(alice, released.position)).dashboard).to.include({ totalMessages: 1 });
      expect(await read(alice, `/messages/${id}`, released.position)).to.include({ status: 'ESCROWED', content });
      await reply(alice, id);
      const again = system.admin.post(`/admin/messages/${id}/release`, { reason: 'again' });
      await system.refused(again, 409, 'message.quarantine.error.invalid_status');
    });

    it('is refunded when an admin upholds the flag, and counts nowhere (G1)', async () => {
      const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
      const finn = await fanWith(system, 'finn', '10.00');
      const id = await send(finn, alice, 'PER_MESSAGE', content);
      const refusal = system.admin.post(`/admin/messages/${id}/refuse`, { reason: 'spam' });
      const { position } = await system.done(refusal, 200, ['QuarantineUpheld', ...REFUNDED]);
      expect(await read(finn, '/wallet/balance', position)).to.include({ balance: '10.00' });
      expect((await dashboards(alice, position)).dashboard).to.include({ totalMessages: 0, responseRate: 100 });
    });

    it('is refunded by the clock when no admin reviews it', async () => {
      const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 10);
      const finn = await fanWith(system, 'finn', '10.00');
      await send(finn, alice, 'PER_MESSAGE', content);
      expect(await system.pass(72 * HOUR)).to.deep.equal(['QuarantineExpired', ...REFUNDED]);
      const { dashboard } = await dashboards(alice, String(await system.head()));
      expect(dashboard).to.include({ totalMessages: 0, responseRate: 100 });
    });
  });
});
