import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { creatorIdOf, CreatorUserId, FanId, MessageId, newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { money } from '../../src/features/money.js';
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
    expect(position).to.equal(reversed?.position.toString());
    expect((await h.types(`fanWallet-${fanId}`)).at(-1), 'the fan is paid back by the card').to.equal('EscrowReleased');
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
    const closed = (await h.log(`fanWallet-${fanId}`)).at(-1);
    expect(closed?.type).to.equal('EscrowChargedBack');
    expect(closed?.data).to.deep.equal({ messageId, amount: '25.00', before: '5.00', after: '5.00' });
    expect(await h.log(`creatorWallet-${creatorUserId}`)).to.deep.equal([]);
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
