/** Every command and refusal of a message (domain 3.1, 5). */
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { MessageEvent } from '@creator-dashboards/shared/events/message';
import { creatorIdOf, CreatorUserId, FanId, inPartitionOf, MessageId, newId } from '@creator-dashboards/shared/ids';
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import { plus, HOUR } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { message, messageStream, type MessageCommand } from '../../src/domain/message.js';
import { given } from '../support/decider.js';

const [fanId, creatorUserId] = [FanId(newId()), CreatorUserId(newId())];
const messageId = MessageId(inPartitionOf(creatorUserId, newId()));
const parties = { messageId, fanId, creatorId: creatorIdOf(creatorUserId), creatorUserId };
const sentAt = '2026-04-29T20:00:00.000Z';
const expiresAt = '2026-05-02T20:00:00.000Z';
const content = sealedValue(fanId, 'hello');
const answer = sealedValue(creatorUserId, 'thank you');
const replyMessageId = newId();

type Send = Extract<MessageCommand, { type: 'Send' }>;
const send = (changes: Partial<Send> = {}): Send => ({
  type: 'Send',
  messageId,
  parties,
  dmType: 'PER_MESSAGE',
  price: 1_250,
  commissionRate: 20,
  timeoutHours: 72,
  content,
  flagged: false,
  rule: null,
  at: sentAt,
  ...changes,
});
const free = send({ dmType: 'FREE', price: null });
const reply = { type: 'Reply', messageId, replyMessageId, content: answer, at: plus(sentAt, HOUR) } as const;
const reject = { type: 'Reject', messageId, reason: answer } as const;
const at = (type: 'Complete' | 'Expire' | 'ExpireQuarantine' | 'ReleaseQuarantine', when = sentAt) =>
  ({ type, messageId, at: when }) as const;
const refund = { type: 'Refund', messageId } as const;
const uphold = { type: 'UpholdQuarantine', messageId } as const;
const rate = (rating: number) => ({ type: 'Rate', messageId, rating }) as const;
const chargeBack = (amount: number) => ({ type: 'ChargeBack', messageId, amount, at: expiresAt }) as const;
const abandon = { type: 'Abandon', messageId, parties, code: 'message.send.error.interrupted' } as const;

const settlement = { gross: '12.50', commission: '2.50', net: '10.00' };
const event = <T extends MessageEvent['type']>(type: T, data: EventNamed<T>['data']) =>
  ({ type, data }) as MessageEvent;

/** The events that these commands produce, one after the other. */
function after(...commands: MessageCommand[]): MessageEvent[] {
  return commands.reduce<MessageEvent[]>((events, command) => {
    const { decided } = given(message, ...events).when(command);
    expect(decided, command.type).to.be.an('array').that.is.not.empty;
    return [...events, ...(decided as MessageEvent[])];
  }, []);
}

/** One history for each status. */
const flagged = send({ flagged: true, rule: 'rude' });
const histories = {
  QUARANTINED: after(flagged),
  ESCROWED: after(send()),
  DELIVERED: after(free),
  REPLIED: after(send(), reply),
  COMPLETED: after(send(), reply, at('Complete')),
  REJECTED: after(send(), reject),
  EXPIRED: after(send(), at('Expire', expiresAt)),
  UPHELD: after(flagged, uphold),
  REFUNDED: after(send(), reject, refund),
} as const;
type Status = keyof typeof histories;
const statuses = Object.keys(histories) as Status[];
const allBut = (...some: Status[]) => statuses.filter((status) => !some.includes(status));

describe('The message aggregate', () => {
  it('knows its status after each history', () => {
    for (const status of statuses) expect(given(message, ...histories[status]).state.status).to.equal(status);
  });

  it('has its own stream and the routing keys of both sides (9.1)', () => {
    expect(message.streamOf(send())).to.equal(`message-${messageId}`);
    expect(messageStream(messageId)).to.equal(`message-${messageId}`);
    for (const status of statuses)
      expect(message.keysOf(given(message, ...histories[status]).state, refund)).to.deep.equal(parties);
    expect(message.keysOf(message.initial, refund), 'before it is sent').to.deep.equal({});
  });

  it('has no history that starts with anything but sending', () =>
    expect(() => given(message, event('MessageRated', { rating: 5 }))).to.throw(
      'MessageRated of a message that was not sent',
    ));

  describe('when sent', () => {
    const sent = (changes = {}) =>
      event('MessageSent', {
        ...parties,
        dmType: 'PER_MESSAGE',
        priceSnapshot: '12.50',
        commissionRate: 20,
        timeoutHours: 72,
        sentAt,
        content,
        ...changes,
      });

    it('delivers, with ESCROWED status when paid', () =>
      given(message)
        .when(send())
        .then(
          sent(),
          event('MessageDelivered', { paid: true, statusAfter: 'ESCROWED', deliveredAt: sentAt, expiresAt }),
        ));
    it('delivers, with DELIVERED status when free', () =>
      given(message)
        .when(free)
        .then(
          sent({ dmType: 'FREE', priceSnapshot: null }),
          event('MessageDelivered', { paid: false, statusAfter: 'DELIVERED', deliveredAt: sentAt, expiresAt }),
        ));
    it('quarantines when moderation flags the message', () =>
      given(message)
        .when(flagged)
        .then(sent(), event('MessageQuarantined', { rule: 'rude', expiresAt })));
    it('is sent only once', () =>
      given(message, ...histories.ESCROWED)
        .when(send())
        .nothing());
    it('is refused after it was abandoned, with the error it was abandoned for (9.2)', () =>
      given(message, ...after({ ...abandon, code: 'message.send.error.wallet_frozen' }))
        .when(send())
        .refused('message.send.error.wallet_frozen'));
  });

  describe('when abandoned', () => {
    it('records it before the message was sent', () =>
      given(message)
        .when(abandon)
        .then(event('MessageAbandoned', { ...parties, code: 'message.send.error.interrupted' })));
    it('records it once', () =>
      given(message, ...after(abandon))
        .when(abandon)
        .nothing());
    for (const status of statuses)
      it(`records nothing when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(abandon)
          .nothing());
    it('still does not exist', () => {
      for (const command of [reply, reject, refund, uphold, rate(5), chargeBack(1_250), at('Complete'), at('Expire')]) {
        given(message, ...after(abandon))
          .when(command)
          .refused('message.error.not_found');
        given(message).when(command).refused('message.error.not_found');
      }
    });
  });

  describe('in quarantine', () => {
    const released = plus(sentAt, 10 * HOUR);
    it('can be released: delivered then, with the full time to answer', () =>
      given(message, ...histories.QUARANTINED)
        .when(at('ReleaseQuarantine', released))
        .then(
          event('QuarantineReleased', {}),
          event('MessageDelivered', {
            paid: true,
            statusAfter: 'ESCROWED',
            deliveredAt: released,
            expiresAt: plus(released, 72 * HOUR),
          }),
        ));
    it('can be released when free, without escrow', () => {
      const { decided } = given(message, ...after({ ...free, flagged: true })).when(at('ReleaseQuarantine', released));
      expect(decided).to.have.nested.property('[1].data.statusAfter', 'DELIVERED');
    });
    it('can be upheld', () =>
      given(message, ...histories.QUARANTINED)
        .when(uphold)
        .then(event('QuarantineUpheld', { amount: '12.50' })));
    it('expires when nobody reviewed it', () =>
      given(message, ...histories.QUARANTINED)
        .when(at('ExpireQuarantine', expiresAt))
        .then(event('QuarantineExpired', { amount: '12.50', expiredAt: expiresAt })));
    it('does not expire a moment too early', () =>
      given(message, ...histories.QUARANTINED)
        .when(at('ExpireQuarantine', plus(expiresAt, -1)))
        .nothing());
    it('can be neither answered nor rejected nor rated, and does not expire like a delivered message', () => {
      const held = given(message, ...histories.QUARANTINED);
      held.when(reply).refused('message.reply.error.invalid_status');
      held.when(reject).refused('message.reject.error.invalid_status');
      held.when(rate(5)).refused('message.rate.error.invalid_status');
      held.when(at('Expire', expiresAt)).nothing();
    });
    for (const status of allBut('QUARANTINED'))
      it(`can be neither released nor upheld when the message is ${status}`, () => {
        const other = given(message, ...histories[status]);
        other.when(at('ReleaseQuarantine')).refused('message.quarantine.error.invalid_status');
        other.when(uphold).refused('message.quarantine.error.invalid_status');
        other.when(at('ExpireQuarantine', plus(expiresAt, 999 * HOUR))).nothing();
      });
  });

  describe('when answered', () => {
    it('settles by the commission rate of the time it was sent', () =>
      given(message, ...histories.ESCROWED)
        .when(reply)
        .then(event('MessageReplied', { replyMessageId, repliedAt: reply.at, settlement, content: answer })));
    it('settles with zero when free', () =>
      given(message, ...histories.DELIVERED)
        .when(reply)
        .then(event('MessageReplied', { replyMessageId, repliedAt: reply.at, settlement: null, content: answer })));
    for (const status of allBut('ESCROWED', 'DELIVERED'))
      it(`is refused when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(reply)
          .refused('message.reply.error.invalid_status'));
    it('rounds the commission half up to the cent (G7)', () => {
      // price, percent -> commission, net; by hand
      const cases = [
        [1_250, 20, '2.50', '10.00'],
        [1_025, 20, '2.05', '8.20'],
        [333, 15, '0.50', '2.83'], // 0.4995
        [330, 15, '0.50', '2.80'], // 0.495: half goes up
        [329, 15, '0.49', '2.80'], // 0.4935
        [1, 50, '0.01', '0.00'], // 0.005: half goes up
        [1, 49, '0.00', '0.01'], // 0.0049
        [50_000, 12.5, '62.50', '437.50'],
        [1_999, 100, '19.99', '0.00'],
        [1_999, 0, '0.00', '19.99'],
      ] as const;
      for (const [price, commissionRate, commission, net] of cases) {
        const { decided } = given(message, ...after(send({ price, commissionRate }))).when(reply);
        expect(decided, `${price} at ${commissionRate} %`).to.have.deep.nested.property('[0].data.settlement', {
          gross: (price / 100).toFixed(2),
          commission,
          net,
        });
      }
    });
    it('completes once it is settled', () => {
      const completedAt = plus(sentAt, 2 * HOUR);
      given(message, ...histories.REPLIED)
        .when(at('Complete', completedAt))
        .then(event('MessageCompleted', { completedAt, settlement }));
      for (const status of allBut('REPLIED'))
        given(message, ...histories[status])
          .when(at('Complete'))
          .nothing();
    });
    it('can be answered again after the reply was reverted', () => {
      const reverted = event('MessageReplyReverted', { reason: 'release failed' });
      expect(given(message, ...histories.REPLIED, reverted).state.status).to.equal('ESCROWED');
      expect(given(message, ...after(free, reply), reverted).state.status).to.equal('DELIVERED');
    });
  });

  describe('when rejected', () => {
    it('records the reason and the amount of the refund', () =>
      given(message, ...histories.ESCROWED)
        .when(reject)
        .then(event('MessageRejected', { reason: answer, amount: '12.50' })));
    it('can be rejected when free', () =>
      given(message, ...histories.DELIVERED)
        .when(reject)
        .then(event('MessageRejected', { reason: answer, amount: null })));
    for (const status of allBut('ESCROWED', 'DELIVERED'))
      it(`is refused when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(reject)
          .refused('message.reject.error.invalid_status'));
  });

  describe('when it expires', () => {
    it('expires at expiresAt', () =>
      given(message, ...histories.ESCROWED)
        .when(at('Expire', expiresAt))
        .then(event('MessageExpired', { expiredAt: expiresAt, amount: '12.50' })));
    it('does not expire a moment too early', () =>
      given(message, ...histories.ESCROWED)
        .when(at('Expire', plus(expiresAt, -1)))
        .nothing());
    for (const status of allBut('ESCROWED', 'DELIVERED'))
      it(`does nothing when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(at('Expire', plus(expiresAt, 999 * HOUR)))
          .nothing());
  });

  describe('when refunded', () => {
    const causes = { REJECTED: 'REJECTED', EXPIRED: 'EXPIRED', UPHELD: 'QUARANTINE_UPHELD' } as const;
    for (const [status, cause] of Object.entries(causes) as [keyof typeof causes, 'REJECTED'][])
      it(`refunds in full when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(refund)
          .then(event('MessageRefunded', { amount: '12.50', cause })));
    it('refunds in full when the quarantine expired', () =>
      given(message, ...after(flagged, at('ExpireQuarantine', expiresAt)))
        .when(refund)
        .then(event('MessageRefunded', { amount: '12.50', cause: 'QUARANTINE_EXPIRED' })));
    it('refunds zero when free (G2)', () =>
      given(message, ...after(free, reject))
        .when(refund)
        .then(event('MessageRefunded', { amount: '0.00', cause: 'REJECTED' })));
    for (const status of allBut('REJECTED', 'EXPIRED', 'UPHELD'))
      it(`does nothing when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(refund)
          .nothing());
  });

  describe('when rated', () => {
    for (const rating of [1, 2, 3, 4, 5])
      it(`takes a rating of ${rating}`, () =>
        given(message, ...histories.COMPLETED)
          .when(rate(rating))
          .then(event('MessageRated', { rating })));
    for (const rating of [0, 6, -1, 4.5, Number.NaN])
      it(`refuses a rating of ${rating}`, () =>
        given(message, ...histories.COMPLETED)
          .when(rate(rating))
          .refused('message.rate.error.invalid_range'));
    it('is rated once', () =>
      given(message, ...histories.COMPLETED, ...after(send(), reply, at('Complete'), rate(4)).slice(-1))
        .when(rate(4))
        .refused('message.rate.error.already_rated'));
    for (const status of allBut('COMPLETED'))
      it(`is refused when the message is ${status}`, () =>
        given(message, ...histories[status])
          .when(rate(5))
          .refused('message.rate.error.invalid_status'));
  });

  describe('when charged back (G39, 9.5)', () => {
    it('records it after the message was COMPLETED', () =>
      given(message, ...histories.COMPLETED)
        .when(chargeBack(1_250))
        .then(event('MessageChargedBack', { ...settlement, from: 'COMPLETED', at: expiresAt })));
    for (const from of ['ESCROWED', 'QUARANTINED'] as const)
      it(`closes the message as refunded while it is ${from}`, () =>
        given(message, ...histories[from])
          .when(chargeBack(1_250))
          .then(
            event('MessageChargedBack', { ...settlement, from, at: expiresAt }),
            event('MessageRefunded', { amount: '12.50', cause: 'CHARGED_BACK' }),
          ));
    it('records it once', () => {
      for (const status of ['COMPLETED', 'ESCROWED', 'QUARANTINED'] as const) {
        const charged = given(message, ...histories[status]).when(chargeBack(1_250)).decided as MessageEvent[];
        const { decided } = given(message, ...histories[status], ...charged).when(chargeBack(1_250));
        expect(decided).to.have.length(1).and.have.nested.property('[0].type', 'ChargebackMismatch');
      }
    });
    it('records it after the message was REFUNDED, since the fan would have the money twice (G48)', () => {
      const charged = event('MessageChargedBack', { ...settlement, from: 'REFUNDED', at: expiresAt });
      given(message, ...histories.REFUNDED)
        .when(chargeBack(1_250))
        .then(charged);
      given(message, ...histories.REFUNDED, charged)
        .when(chargeBack(1_250))
        .then(event('ChargebackMismatch', { amount: '12.50', expected: '12.50', status: 'REFUNDED' }));
    });
    it('can no longer be rated (G48)', () => {
      const charged = event('MessageChargedBack', { ...settlement, from: 'COMPLETED', at: expiresAt });
      given(message, ...histories.COMPLETED, charged)
        .when(rate(5))
        .refused('message.rate.error.invalid_status');
    });
    for (const status of ['REPLIED', 'REJECTED', 'EXPIRED', 'UPHELD'] as const)
      it(`is refused while the message is ${status} and its settlement in progress: the provider must come again (G48)`, () =>
        given(message, ...histories[status])
          .when(chargeBack(1_250))
          .refused('message.chargeback.error.invalid_status'));
    it('needs the whole price; another amount is recorded as a mismatch, and the right one can still follow', () => {
      for (const amount of [1_249, 1_251, 1]) {
        const noted = event('ChargebackMismatch', {
          amount: (amount / 100).toFixed(2),
          expected: '12.50',
          status: 'COMPLETED',
        });
        given(message, ...histories.COMPLETED)
          .when(chargeBack(amount))
          .then(noted);
        const { decided } = given(message, ...histories.COMPLETED, noted).when(chargeBack(1_250));
        expect(decided).to.have.nested.property('[0].type', 'MessageChargedBack');
      }
    });
    it('refuses it when free', () =>
      given(message, ...histories.DELIVERED)
        .when(chargeBack(1_250))
        .then(event('ChargebackMismatch', { amount: '12.50', expected: null, status: 'DELIVERED' })));

    it('that did not fit is acknowledged once, by anybody but its fan and its creator', () => {
      const noted = event('ChargebackMismatch', { amount: '1.00', expected: '12.50', status: 'COMPLETED' });
      const staff = newId();
      const acknowledge = (by: string) => ({ type: 'AcknowledgeMismatch', messageId, by }) as const;
      const acknowledged = event('ChargebackMismatchAcknowledged', { by: staff });
      const mismatched = given(message, ...histories.COMPLETED, noted, noted);
      for (const owner of [fanId, creatorUserId])
        mismatched.when(acknowledge(owner)).refused('admin.four_eyes.own_money');
      mismatched.when(acknowledge(staff)).then(acknowledged);
      for (const past of [[], [noted, acknowledged]])
        given(message, ...histories.COMPLETED, ...past)
          .when(acknowledge(staff))
          .refused('admin.work.nothing_to_acknowledge');
    });
  });
});
