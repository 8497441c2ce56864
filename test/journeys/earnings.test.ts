/** What happens to earnings: payouts, returns, chargebacks, levels (domain 3.2, 9.5, 9.6, G8). */
import type { ReferralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import { expect } from 'chai';
import { DAY, MINUTE } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import {
  answered,
  creatorWithDms,
  dashboards,
  fanWith,
  mayBePaid,
  read,
  register,
  send,
  webhookId,
  type Creator,
} from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

const reason = 'as asked';

journey('earnings', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  const admin = (path: string) => system.admin.post(`/admin/${path}`, { reason });
  const result = (payoutId: string, status: 'paid' | 'failed') => {
    const error = status === 'failed' ? 'account closed' : undefined;
    return system.provider.post('/webhooks/payouts', { id: webhookId(), payoutId, status, error });
  };
  const walletOf = async (person: Creator) => {
    const { dashboard } = await dashboards(person, String(await system.head()));
    return [dashboard.walletBalance, dashboard.pendingPayouts] as unknown[];
  };

  it('are paid out once every precondition holds; each missing one is refused with its own key, in order (G12)', async () => {
    const { done, refused } = system;
    const paula = await creatorWithDms(system, 'paula', 'PER_MESSAGE', 100);
    const finn = await fanWith(system, 'finn', '100.00');
    const key = (name: string) => `payment.payout.error.${name}`;
    const ask = (amount: string, method?: string) => paula.post('/payouts/request', { amount, method });

    await refused(finn.post('/payouts/request', { amount: '50.00' }), 404, key('creator_not_found'));
    await refused(ask('0'), 400, key('invalid_amount'));
    await refused(ask('50.00'), 400, key('invalid_method'));
    await refused(ask('50.00', 'CASH'), 400, key('invalid_method'));
    await refused(ask('50.00', 'BANK_TRANSFER'), 403, key('kyc_required'));
    const kyc = await done(paula.post('/creators/kyc/start'), 201, ['KycStarted', 'PointerSet']);
    const verdict = { id: webhookId(), sessionId: kyc.sessionId, status: 'APPROVED' };
    const approval = await done(system.provider.post('/webhooks/kyc', verdict), 200, ['KycApproved']);
    expect(await read(paula, '/creators/profile', approval.position)).to.include({ kycStatus: 'APPROVED' });
    await refused(ask('50.00', 'BANK_TRANSFER'), 403, key('tax_form_required'));
    await done(admin(`creators/${paula.creatorId}/tax-form`), 200, ['TaxFormApproved']);
    await refused(ask('50.00', 'BANK_TRANSFER'), 409, key('method_not_ready'));
    const bank = { iban: 'DE89370400440532013000', bankName: 'Bank', preferredPayoutMethod: 'BANK_TRANSFER' };
    const set = paula.patch('/creators/bank-details', bank);
    await done(set, 200, ['BankDetailsUpdated', 'PreferredPayoutMethodSet']);
    await refused(ask('50.00'), 409, key('method_not_ready'));
    const verified = await done(admin(`creators/${paula.creatorId}/bank-account/verify`), 200, ['BankAccountVerified']);
    const profile = await read(paula, '/creators/profile', verified.position);
    expect(profile).to.include({ iban: 'DE89370400440532013000', bankName: 'Bank', bankAccountVerified: true });
    await refused(ask('50.00'), 404, key('wallet_not_found'));

    await answered(finn, paula, 'PER_MESSAGE', 'how much?');
    expect(await walletOf(paula)).to.deep.equal(['80.00', 0]);
    await done(admin(`wallets/${paula.userId}/freeze`), 200, ['WalletFrozen']);
    await refused(ask('50.00'), 403, key('wallet_frozen'));
    await done(admin(`wallets/${paula.userId}/unfreeze`), 200, ['WalletUnfrozen']);
    await refused(ask('9.99'), 400, key('below_minimum'));
    await refused(ask('80.01'), 409, key('insufficient_balance'));
    const { payoutId } = await done(ask('50.00'), 201, ['PayoutRequested']);
    expect(await walletOf(paula)).to.deep.equal(['80.00', 1]);
    await refused(ask('30.01'), 409, key('insufficient_balance'));
    await refused(ask('30.00'), 429, key('frequency_limit'));

    await refused(admin(`payouts/${payoutId}/process`), 409, key('invalid_status'));
    await done(admin(`payouts/${payoutId}/approve`), 200, ['PayoutApproved']);
    expect(await walletOf(paula)).to.deep.equal(['80.00', 0]);
    await refused(paula.post(`/payouts/${payoutId}/cancel`), 409, key('invalid_status'));
    await done(admin(`payouts/${payoutId}/process`), 200, ['PayoutProcessingStarted', 'PayoutDebited']);
    expect(await walletOf(paula)).to.deep.equal(['30.00', 0]);
    await done(result(payoutId, 'paid'), 200, ['PayoutProcessed']);
    await done(result(payoutId, 'failed'), 200, ['PayoutResultConflict']);
    expect(await walletOf(paula)).to.deep.equal(['30.00', 0]);
    expect((await dashboards(paula, String(await system.head()))).dashboard).to.include({ totalEarnings: '80.00' });
  });

  it('are returned when the transfer fails, and can be requested again after the cooldown (G14, G16)', async () => {
    const { done, refused } = system;
    const paula = await creatorWithDms(system, 'paula', 'PER_MESSAGE', 100);
    await mayBePaid(system, paula);
    await answered(await fanWith(system, 'finn', '100.00'), paula, 'PER_MESSAGE', 'how much?');
    const ask = () => paula.post('/payouts/request', { amount: '80.00' });

    const { payoutId: first } = await done(ask(), 201, ['PayoutRequested']);
    await admin(`payouts/${first}/approve`);
    await admin(`payouts/${first}/process`);
    expect(await walletOf(paula)).to.deep.equal(['0.00', 0]);
    await done(result(first, 'failed'), 200, ['PayoutFailed', 'PayoutReturned']);
    expect(await walletOf(paula)).to.deep.equal(['80.00', 0]);
    await system.pass(7 * DAY - MINUTE);
    await refused(ask(), 429, 'payment.payout.error.frequency_limit');
    await system.pass(MINUTE);

    const { payoutId: second } = await done(ask(), 201, ['PayoutRequested']);
    await done(paula.post(`/payouts/${second}/cancel`), 200, ['PayoutCancelled']);
    expect(await walletOf(paula)).to.deep.equal(['80.00', 0]);
    await system.pass(7 * DAY);

    const { payoutId: third } = await done(ask(), 201, ['PayoutRequested']);
    const stranger = await creatorWithDms(system, 'sally', 'FREE');
    await refused(stranger.post(`/payouts/${third}/cancel`), 403, 'creator.ownership.forbidden');
    await done(admin(`payouts/${third}/reject`), 200, ['PayoutRejected']);
    await done(ask(), 201, ['PayoutRequested']); // A rejected payout starts no cooldown.
  });

  it('are taken back by a chargeback: negative wallet, reward clawed back, level and rates unchanged (9.5)', async () => {
    const { done } = system;
    const rita = await register(system, 'rita');
    await rita.get('/referral/link');
    const paula = await creatorWithDms(system, 'paula', 'PER_MESSAGE', 100);
    await mayBePaid(system, paula);
    const finn = await fanWith(system, 'finn', '200.00', 'rita');
    const messageId = await answered(finn, paula, 'PER_MESSAGE', 'how much?');
    const before = await read<ReferralBody>(rita, '/referral/dashboard', String(await system.head()));
    expect(before.link).to.include({ conversions: 1, signups: 1, totalEarnings: '5.00' });
    expect(before.rewards.map(({ triggerType, amount }) => [triggerType, amount])).to.have.deep.members([
      ['FIRST_PAYMENT', '5.00'],
      ['REGISTRATION', '0'],
    ]);
    const { payoutId } = (await paula.post('/payouts/request', { amount: '80.00' })).body.data as Answer;
    await admin(`payouts/${payoutId}/approve`);
    await admin(`payouts/${payoutId}/process`);
    await result(payoutId, 'paid');
    const chargeback = (amount: string) =>
      system.provider.post('/webhooks/payments', { id: webhookId(), type: 'chargeback', messageId, amount });

    await done(chargeback('99.99'), 200, ['ChargebackMismatch']);
    const { position } = await done(chargeback('100.00'), 200, [
      ...['MessageChargedBack', 'EarningsReversed', 'WalletFrozen', 'ReferralRewardClawedBack'],
    ]);
    const { dashboard, profile } = await dashboards(paula, position);
    expect(dashboard).to.include({
      walletBalance: '-80.00',
      totalEarnings: '0.00',
      totalMessages: 1,
      responseRate: 100,
    });
    expect(profile).to.include({ totalEarnings: '0.00', level: 'BRONZE' });
    const referral = await read<ReferralBody>(rita, '/referral/dashboard', position);
    expect(referral.totalEarnings).to.equal('0');
    expect(referral.link).to.include({ conversions: 1, signups: 1, totalEarnings: '0' });
    expect(referral.rewards.map(({ triggerType }) => triggerType)).to.deep.equal(['REGISTRATION']);
    // Later earnings fill the debt first.
    const unfreeze = { type: 'FAN', reason };
    await done(system.admin.post(`/admin/wallets/${finn.userId}/unfreeze`, unfreeze), 200, ['WalletUnfrozen']);
    await answered(finn, paula, 'PER_MESSAGE', 'and again?');
    expect(await walletOf(paula)).to.deep.equal(['0.00', 0]);
  });

  it('are none for a message charged back while in escrow', async () => {
    const paula = await creatorWithDms(system, 'paula', 'PER_MESSAGE', 10);
    const finn = await fanWith(system, 'finn', '10.00');
    const messageId = await send(finn, paula, 'PER_MESSAGE', 'hello');
    const chargeback = { id: webhookId(), type: 'chargeback', messageId, amount: '10.00' };
    await system.done(system.provider.post('/webhooks/payments', chargeback), 200, [
      ...['MessageChargedBack', 'MessageRefunded', 'AdmissionSettled', 'EscrowChargedBack', 'WalletFrozen'],
    ]);
    const position = String(await system.head());
    expect(await read(finn, `/messages/${messageId}`, position)).to.include({ status: 'REFUNDED' });
    expect(await read(finn, '/wallet/balance', position)).to.include({ balance: '0.00' });
  });

  it('are none for a message refunded and then charged back: the fan owes the refund, and no number moves (G48)', async () => {
    const { done } = system;
    const paula = await creatorWithDms(system, 'paula', 'PER_MESSAGE', 10);
    const finn = await fanWith(system, 'finn', '15.00');
    const messageId = await send(finn, paula, 'PER_MESSAGE', 'hello');
    await paula.post(`/messages/${messageId}/reject`, {});
    await send(finn, paula, 'PER_MESSAGE', 'hello again');
    const before = await dashboards(paula, String(await system.head()));
    const chargeback = { id: webhookId(), type: 'chargeback', messageId, amount: '10.00' };
    const { position } = await done(system.provider.post('/webhooks/payments', chargeback), 200, [
      ...['MessageChargedBack', 'ChargebackDebited', 'WalletFrozen'],
    ]);
    expect(await read(finn, '/wallet/balance', position)).to.include({ balance: '-5.00', frozen: true });
    expect(await dashboards(paula, position)).to.deep.equal(before);
  });

  it('and messages together raise the level, by the thresholds and rates in force (G7, G8)', async () => {
    const { done } = system;
    const put = (key: string, value: number) => system.admin.put(`/admin/config/${key}`, { value, reason });
    await done(put('creator.silver_min_messages', 2), 200, ['ConfigValueSet']);
    await done(put('creator.silver_min_earnings', 12.5), 200, ['ConfigValueSet']);
    await done(put('creator.commission_silver', 15), 200, ['ConfigValueSet']);
    const paula = await creatorWithDms(system, 'paula', 'PER_MESSAGE', 10);
    const finn = await fanWith(system, 'finn', '30.00');
    await answered(finn, paula, 'PER_MESSAGE', 'one');
    const before = (await dashboards(paula, String(await system.head()))).dashboard;
    // 1 of 2 messages is 50 %, 8.00 of 12.50 is 64 %.
    expect(before).to.include({ level: 'BRONZE', commissionRate: 20, nextLevel: 'SILVER', nextLevelProgress: 50 });

    const second = await send(finn, paula, 'PER_MESSAGE', 'two');
    const answer = paula.post(`/messages/${second}/reply`, { content: 'yes' });
    const { position } = await done(answer, 200, [
      ...['MessageReplied', 'EscrowReleased', 'EarningsCredited', 'MessageCompleted'],
      ...['CreatorLevelChanged', 'AdmissionSettled'],
    ]);
    const after = await dashboards(paula, position);
    expect(after.dashboard).to.deep.include({
      ...{ level: 'SILVER', commissionRate: 15, totalEarnings: '16.00', nextLevel: 'GOLD', nextLevelProgress: 0 },
      nextLevelRequirements: {
        messages: { current: 2, required: 500 },
        earnings: { current: 16, required: 25_000 },
      },
    });
    expect(after.profile).to.include({ level: 'SILVER' });

    await answered(finn, paula, 'PER_MESSAGE', 'three'); // 10.00 less 15 %
    expect((await dashboards(paula, String(await system.head()))).dashboard).to.include({ totalEarnings: '24.50' });
  });
});
