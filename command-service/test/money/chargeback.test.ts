import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { DomainEvent, EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import type { CheckoutEvent } from '@creator-dashboards/shared/events/wallet';
import { creatorIdOf, CreatorUserId, FanId, MessageId, newId } from '@creator-dashboards/shared/ids';
import { rejection } from '@creator-dashboards/shared/testing/contract';
import { expect } from 'chai';
import { ZodError } from 'zod';
import { money } from '../../src/features/money.js';
import { chargebackMoney } from '../../src/policies/chargeback-money.js';
import { createHarness, type Harness } from '../support/harness.js';
import { happened } from './people.js';

/** The money side of a chargeback; the status of the message is tested elsewhere. */
describe('A chargeback (G39, 9.5)', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features: [money] });
    await h.catchUp();
  });
  afterEach(() => h.close());

  const webhook = 'POST /webhooks/payments';
  const settled = { gross: '25.00', commission: '5.00', net: '20.00' };

  /** A paid message with 25.00 held, and what happened to it after delivery. */
  async function paidMessage(...after: DomainEvent[]) {
    const [fanId, creatorUserId, messageId] = [FanId(newId()), CreatorUserId(newId()), MessageId(newId())];
    const creatorId = creatorIdOf(creatorUserId);
    const parties = { messageId, fanId, creatorId, creatorUserId };
    const at = h.now();
    const content = await h.service.sealer.seal(kinds.messageContent, fanId, 'hello');
    await happened(h, `fanWallet-${fanId}`, { userId: fanId }, [
      { type: 'WalletOpened', data: { type: 'FAN', currency: 'USD' } },
      { type: 'FundsLoaded', data: { sessionId: newId(), amount: '30.00', before: '0.00', after: '30.00' } },
      { type: 'EscrowHeld', data: { messageId, amount: '25.00', before: '30.00', after: '5.00' } },
    ]);
    await happened(h, `message-${messageId}`, parties, [
      {
        type: 'MessageSent',
        data: {
          ...parties,
          dmType: 'PER_MESSAGE',
          priceSnapshot: '25.00',
          commissionRate: 20,
          timeoutHours: 72,
          sentAt: at,
          content,
        },
      },
      { type: 'MessageDelivered', data: { paid: true, statusAfter: 'ESCROWED', deliveredAt: at, expiresAt: at } },
      ...after,
    ]);
    return parties;
  }

  /** The same message answered, settled, and part of the earnings spent. */
  async function completedMessage(spent: string | null) {
    const content = await h.service.sealer.seal(kinds.messageContent, newId(), 'hello');
    const parties = await paidMessage(
      { type: 'MessageReplied', data: { replyMessageId: newId(), repliedAt: h.now(), settlement: settled, content } },
      { type: 'MessageCompleted', data: { completedAt: h.now(), settlement: settled } },
    );
    const { fanId, creatorUserId, creatorId, messageId } = parties;
    await happened(h, `fanWallet-${fanId}`, { userId: fanId }, [
      { type: 'EscrowReleased', data: { messageId, amount: '25.00', before: '5.00', after: '5.00' } },
    ]);
    const spending: DomainEvent[] = spent
      ? [{ type: 'WalletAdjusted', data: { direction: 'DEBIT', amount: spent, before: '20.00', after: '2.00' } }]
      : [];
    await happened(h, `creatorWallet-${creatorUserId}`, { userId: creatorUserId, creatorId }, [
      { type: 'WalletOpened', data: { type: 'CREATOR', currency: 'USD' } },
      { type: 'EarningsCredited', data: { messageId, ...settled, before: '0.00', after: '20.00' } },
      ...spending,
    ]);
    return parties;
  }

  const chargeback = (messageId: string, amount = '25.00', id = newId()) => ({
    body: { id, type: 'chargeback', messageId, amount },
  });

  it('of a COMPLETED message takes the net amount from the creator', async () => {
    const { messageId, creatorUserId, creatorId, fanId } = await completedMessage(null);
    const { position } = await h.data(webhook, chargeback(messageId));
    const reversed = (await h.log(`creatorWallet-${creatorUserId}`)).at(-1);
    expect(reversed?.type).to.equal('EarningsReversed');
    expect(reversed?.data).to.deep.equal({ messageId, ...settled, before: '20.00', after: '0.00' });
    expect(reversed?.metadata.keys).to.deep.equal({ userId: creatorUserId, creatorId });
    const [before, frozen] = (await h.log(`fanWallet-${fanId}`)).slice(-2);
    expect(before?.type, 'the fan is paid back by the card').to.equal('EscrowReleased');
    expect(frozen?.type).to.equal('WalletFrozen');
    expect(position).to.equal(frozen?.position.toString());
  });

  it('can make a wallet negative', async () => {
    const { messageId, creatorUserId } = await completedMessage('18.00');
    await h.call(webhook, chargeback(messageId));
    expect((await h.log(`creatorWallet-${creatorUserId}`)).at(-1)?.data).to.include({
      before: '2.00',
      after: '-18.00',
    });
  });

  it('of an ESCROWED message closes the escrow without crediting the fan', async () => {
    const { messageId, fanId, creatorUserId } = await paidMessage();
    await h.call(webhook, chargeback(messageId));
    const [closed, frozen] = (await h.log(`fanWallet-${fanId}`)).slice(-2);
    expect(frozen?.type).to.equal('WalletFrozen');
    expect(closed?.type).to.equal('EscrowChargedBack');
    expect(closed?.data).to.deep.equal({ messageId, amount: '25.00', before: '5.00', after: '5.00' });
    expect(await h.log(`creatorWallet-${creatorUserId}`)).to.deep.equal([]);
  });

  /** The same message rejected, and its price given back. */
  async function refundedMessage() {
    const reason = await h.service.sealer.seal(kinds.reason, newId(), 'no');
    const parties = await paidMessage(
      { type: 'MessageRejected', data: { reason, amount: '25.00' } },
      { type: 'MessageRefunded', data: { amount: '25.00', cause: 'REJECTED' } },
    );
    const { fanId, messageId } = parties;
    await happened(h, `fanWallet-${fanId}`, { userId: fanId }, [
      { type: 'EscrowRefunded', data: { messageId, amount: '25.00', before: '5.00', after: '30.00' } },
    ]);
    return parties;
  }

  it('of a REFUNDED message takes the refund back from the fan, once, and freezes the wallet after it (G48)', async () => {
    const { messageId, fanId, creatorUserId } = await refundedMessage();
    await h.call(webhook, chargeback(messageId));
    await h.call(webhook, chargeback(messageId));
    await h.catchUp();
    const [refund, debited, ...more] = (await h.log(`fanWallet-${fanId}`)).slice(3);
    expect(refund?.type).to.equal('EscrowRefunded');
    expect(debited?.type).to.equal('ChargebackDebited');
    expect(debited?.data).to.deep.equal({
      ...{ messageId, sessionId: null },
      ...{ amount: '25.00', before: '30.00', after: '5.00' },
    });
    expect(more.map(({ type }) => type)).to.deep.equal(['WalletFrozen']);
    expect(await h.log(`creatorWallet-${creatorUserId}`), 'the creator never had it').to.deep.equal([]);
  });

  it('of a REFUNDED message takes the wallet below zero where the refund was spent (G48)', async () => {
    const { messageId, fanId } = await refundedMessage();
    await happened(h, `fanWallet-${fanId}`, { userId: fanId }, [
      { type: 'WalletAdjusted', data: { direction: 'DEBIT', amount: '28.00', before: '30.00', after: '2.00' } },
    ]);
    await h.call(webhook, chargeback(messageId));
    expect((await h.log(`fanWallet-${fanId}`)).at(-2)?.data).to.include({ before: '2.00', after: '-23.00' });
  });

  it('leaves a wallet frozen that is frozen already (G48)', async () => {
    const { messageId, fanId } = await refundedMessage();
    await happened(h, `fanWallet-${fanId}`, { userId: fanId }, [{ type: 'WalletFrozen', data: {} }]);
    await h.call(webhook, chargeback(messageId));
    expect((await h.types(`fanWallet-${fanId}`)).slice(-2)).to.deep.equal(['WalletFrozen', 'ChargebackDebited']);
  });

  it('is debited once, even if the wallet has forgotten it (G48)', async () => {
    const { messageId, fanId } = await refundedMessage();
    await h.call(webhook, chargeback(messageId));
    const event = (await h.log(`message-${messageId}`)).at(-1) as Recorded<EventNamed<'MessageChargedBack'>>;
    // More commands (200) and more chargebacks (1,000) than the wallet remembers.
    const other = (): DomainEvent => {
      const data = { messageId: newId(), sessionId: null, amount: '0.00', before: '5.00', after: '5.00' };
      return { type: 'ChargebackDebited', data };
    };
    for (let command = 0; command < 201; command += 1)
      await happened(h, `fanWallet-${fanId}`, { userId: fanId }, Array.from({ length: 5 }, other));
    await chargebackMoney.react(event, h.service);
    const debits = (await h.log(`fanWallet-${fanId}`)).filter(
      ({ type, data }) => type === 'ChargebackDebited' && data.messageId === messageId,
    );
    expect(debits).to.have.length(1);
  });

  describe('of a load (G48)', () => {
    /** A checkout of 30.00; what it did to the wallet is there already. */
    async function checkout(...after: CheckoutEvent[]) {
      const [fanId, sessionId] = [FanId(newId()), newId()];
      const checkoutUrl = await h.service.sealer.seal(kinds.checkoutUrl, fanId, 'https://pay.example.org');
      await happened(h, `checkout-${sessionId}`, { userId: fanId }, [
        { type: 'CheckoutStarted', data: { sessionId, userId: fanId, amount: '30.00', checkoutUrl } },
        ...after.map((event) => ({ ...event, data: { ...event.data, sessionId, userId: fanId } }) as CheckoutEvent),
      ]);
      await happened(h, `fanWallet-${fanId}`, { userId: fanId }, [
        { type: 'WalletOpened', data: { type: 'FAN', currency: 'USD' } },
        { type: 'FundsLoaded', data: { sessionId, amount: '30.00', before: '0.00', after: '30.00' } },
        { type: 'WalletAdjusted', data: { direction: 'DEBIT', amount: '10.00', before: '30.00', after: '20.00' } },
      ]);
      return { fanId, sessionId };
    }
    const completed: CheckoutEvent = {
      type: 'CheckoutCompleted',
      data: { sessionId: '', userId: '', amount: '30.00' },
    };
    const ofLoad = (sessionId: string, amount = '30.00') => ({
      body: { id: newId(), type: 'chargeback', sessionId, amount },
    });

    it('takes it back from the fan, once, and freezes the wallet', async () => {
      const { fanId, sessionId } = await checkout(completed);
      await h.call(webhook, ofLoad(sessionId));
      await h.call(webhook, ofLoad(sessionId));
      await h.catchUp();
      const [debited, ...more] = (await h.log(`fanWallet-${fanId}`)).slice(3);
      expect(debited?.type).to.equal('ChargebackDebited');
      expect(debited?.data).to.deep.equal({
        ...{ messageId: null, sessionId },
        ...{ amount: '30.00', before: '20.00', after: '-10.00' },
      });
      expect(more.map(({ type }) => type)).to.deep.equal(['WalletFrozen']);
      expect((await h.types(`checkout-${sessionId}`)).slice(-1)).to.deep.equal(['CheckoutChargedBack']);
    });
    it('of another amount moves nothing', async () => {
      const { fanId, sessionId } = await checkout(completed);
      await h.call(webhook, ofLoad(sessionId, '29.99'));
      expect((await h.types(`checkout-${sessionId}`)).at(-1)).to.equal('CheckoutMismatch');
      expect(await h.types(`fanWallet-${fanId}`)).to.have.length(3);
    });
    it('is 409 before it is completed, so that the provider comes again', async () => {
      const { sessionId } = await checkout();
      await h.refused('wallet.checkout.error.not_completed', webhook, ofLoad(sessionId));
    });
  });

  it('names either a message or a load', async () => {
    const body = { id: newId(), type: 'chargeback', amount: '25.00' };
    for (const ids of [{}, { messageId: newId(), sessionId: newId() }])
      expect(await rejection(h.call(webhook, { body: { ...body, ...ids } }))).to.be.instanceOf(ZodError);
  });

  it('moves money once, however often it is reported and whoever runs the follow-up', async () => {
    const { messageId, creatorUserId } = await completedMessage(null);
    await h.call(webhook, chargeback(messageId, '25.00', 'evt_1'));
    await h.call(webhook, chargeback(messageId, '25.00', 'evt_1'));
    await h.call(webhook, chargeback(messageId));
    await h.catchUp();
    const reversals = (await h.types(`creatorWallet-${creatorUserId}`)).filter((type) => type === 'EarningsReversed');
    expect(reversals).to.have.length(1);
  });

  it('of another amount moves nothing', async () => {
    const { messageId, fanId } = await paidMessage();
    await h.call(webhook, chargeback(messageId, '24.00'));
    expect((await h.types(`message-${messageId}`)).at(-1)).to.equal('ChargebackMismatch');
    expect((await h.types(`fanWallet-${fanId}`)).at(-1)).to.equal('EscrowHeld');
  });

  it('of an unknown message answers 404, so that the provider retries', () =>
    h.refused('message.error.not_found', webhook, chargeback(newId())));
  it('without an amount is refused', async () => {
    const { messageId } = await paidMessage();
    await h.refused('wallet.error.invalid_amount', webhook, chargeback(messageId, '0.00'));
  });
});
