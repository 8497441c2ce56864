import { expect } from 'chai';
import { sessionIdOf } from '../../../src/ids.js';
import { documentAfter, documentsAfter, sealedValue, type GivenEvent } from '../../../testing/given.js';
import type { MessageDocument } from '../../../src/views/message/document.js';
import { message as messageView } from '../../../src/views/message/fold.js';
import {
  at,
  completed,
  creatorId,
  creatorUserId,
  delivered,
  expired,
  fanId,
  idOf,
  later,
  message,
  messageId,
  refunded,
  rejected,
  replied,
  sent,
  settlement,
} from '../../../testing/fixtures/people.js';

describe('message: fold', () => {
  const session = sessionIdOf(fanId, creatorUserId);
  const after = (...given: GivenEvent[]) => documentAfter(messageView, messageId, given);
  const statusAfter = (...given: GivenEvent[]) => after(...given).status;
  const flagged = message()('MessageQuarantined', { rule: 'words', expiresAt: later });
  const reverted = message()('MessageReplyReverted', { reason: 'release failed' });
  const chargedBack = (from: 'ESCROWED' | 'QUARANTINED' | 'COMPLETED' | 'REFUNDED') =>
    message()('MessageChargedBack', { ...settlement, from, at: later });

  it('a message has the content and fields it was sent with', () => {
    const { lastEvent: _, ...fresh } = after(sent(), delivered());
    expect(fresh).to.deep.equal({
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
      reply: null,
      sent: `${fanId} ${at}`,
      sentInSession: `${session} ${at}`,
      received: `${creatorUserId} ${at}`,
      receivedInSession: `${session} ${at}`,
    });
  });
  it('a free message has no price', () => {
    expect(after(sent(messageId, null), delivered(messageId, false))).to.include({
      status: 'DELIVERED',
      priceSnapshot: null,
      dmType: 'FREE',
    });
  });

  const upheld = message()('QuarantineUpheld', { amount: '10.00' });
  const ranOut = message()('QuarantineExpired', { amount: '10.00', expiredAt: later });
  const released = message()('QuarantineReleased', {});
  for (const [expected, ...given] of [
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
    ['REFUNDED', sent(), delivered(), rejected(), refunded(), chargedBack('REFUNDED')],
  ] as [string, ...GivenEvent[]][])
    it(`a message is ${expected} after ${given.map(({ event }) => event.type).join(', ')}`, () =>
      expect(statusAfter(...given)).to.equal(expected));

  it('a free message also ends REFUNDED, by a refund of zero (G2)', () => {
    const free = [sent(messageId, null), delivered(messageId, false)];
    for (const [end, cause] of [
      [message()('MessageRejected', { reason: sealedValue(creatorUserId, 'no'), amount: null }), 'REJECTED'],
      [message()('MessageExpired', { expiredAt: later, amount: null }), 'EXPIRED'],
    ] as const)
      expect(statusAfter(...free, end, message()('MessageRefunded', { amount: '0.00', cause }))).to.equal('REFUNDED');
  });
  it('a message keeps the times when it was delivered, answered and completed', () => {
    expect(after(sent(), flagged)).to.include({ deliveredAt: null, expiresAt: later });
    expect(after(sent(), delivered(), replied())).to.include({ deliveredAt: at, repliedAt: later, completedAt: null });
    expect(after(sent(), delivered(), replied(), completed())).to.include({ repliedAt: later, completedAt: later });
    expect(after(sent(), delivered(), replied(), reverted)).to.include({ repliedAt: null });
  });
  it('a message stands in the lists of its sender at once, in those of its receiver when it is delivered', () => {
    const places = ({ sent, sentInSession, received, receivedInSession }: MessageDocument) => [
      [sent, sentInSession],
      [received, receivedInSession],
    ];
    const ofSender = [`${fanId} ${at}`, `${session} ${at}`];
    expect(places(after(sent(), flagged))).to.deep.equal([ofSender, [null, null]]);
    expect(places(after(sent(), flagged, upheld))).to.deep.equal([ofSender, [null, null]]);
    expect(places(after(sent(), flagged, released, delivered()))).to.deep.equal([
      ofSender,
      [`${creatorUserId} ${at}`, `${session} ${at}`],
    ]);
  });
  it('a message keeps its reply, unless that is taken back', () => {
    const reply = { id: idOf(1), content: sealedValue(creatorUserId, 'thanks') };
    expect(after(sent(), delivered(), replied(), completed()).reply).to.deep.equal(reply);
    expect(after(sent(), delivered(), replied(), reverted).reply).to.equal(null);
  });
  it('a message whose sending was abandoned does not exist', () => {
    const parties = { messageId, fanId, creatorId, creatorUserId };
    const abandoned = message()('MessageAbandoned', { ...parties, code: 'message.send.error.interrupted' });
    expect(documentsAfter(messageView, [abandoned]).size).to.equal(0);
  });
});
