/** What each event changes in the state of a message and of a conversation, and that it changes nothing else. */
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { MessageEvent } from '@creator-dashboards/shared/events/message';
import { CreatorId, CreatorUserId, FanId, MessageId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { conversation, type ConversationState } from '../../src/domain/conversation.js';
import { message, type MessageState } from '../../src/domain/message.js';
import { eachEventChangesOnly } from '../support/evolving.js';

const at = '2026-04-29T20:00:00.000Z';
const later = '2026-05-02T20:00:00.000Z';
const between = (messageId: string, fan: string, creator: string, owner: string) => ({
  messageId: MessageId(messageId),
  fanId: FanId(fan),
  creatorId: CreatorId(creator),
  creatorUserId: CreatorUserId(owner),
});
const parties = between('first', 'fan', 'creator', 'owner');
const sealed = (ciphertext: string): Sealed<string> => sealedValue('fan', ciphertext);
const settlement = { gross: '12.50', commission: '2.50', net: '10.00' };

describe('The state of a message', () => {
  const full: MessageState = {
    status: 'ESCROWED',
    parties,
    price: 1_250,
    commissionRate: 20,
    timeoutHours: 48,
    expiresAt: at,
    delivered: true,
    chargedBack: true,
    mismatched: true,
  };
  const others = between('other', 'fan-2', 'creator-2', 'owner-2');
  eachEventChangesOnly<MessageState, Exclude<MessageEvent, { type: 'MessageAbandoned' }>>(message, full, {
    MessageSent: [
      {
        ...others,
        dmType: 'PER_MESSAGE',
        priceSnapshot: '4.50',
        commissionRate: 15,
        timeoutHours: 72,
        sentAt: at,
        content: sealed('hello'),
      },
      {
        status: 'PENDING',
        parties: others,
        price: 450,
        commissionRate: 15,
        timeoutHours: 72,
        expiresAt: later,
        delivered: false,
        chargedBack: false,
        mismatched: false,
      },
    ],
    MessageDelivered: [
      { paid: true, statusAfter: 'ESCROWED', deliveredAt: at, expiresAt: later },
      { status: 'ESCROWED', expiresAt: later, delivered: true },
      { status: 'PENDING', delivered: false },
    ],
    MessageQuarantined: [
      { rule: 'rude', expiresAt: later },
      { status: 'QUARANTINED', expiresAt: later },
    ],
    QuarantineReleased: [{}, { status: 'PENDING' }],
    QuarantineUpheld: [{ amount: '12.50' }, { status: 'UPHELD', cause: 'QUARANTINE_UPHELD' }],
    QuarantineExpired: [
      { amount: '12.50', expiredAt: later },
      { status: 'UPHELD', cause: 'QUARANTINE_EXPIRED' },
    ],
    MessageReplied: [
      { replyMessageId: 'reply', repliedAt: at, settlement, content: sealed('thank you') },
      { status: 'REPLIED' },
    ],
    MessageReplyReverted: [{ reason: 'release failed' }, { status: 'ESCROWED' }, { status: 'REPLIED' }],
    MessageCompleted: [
      { completedAt: at, settlement },
      { status: 'COMPLETED', rated: false },
    ],
    MessageRejected: [
      { reason: sealed('no'), amount: '12.50' },
      { status: 'REJECTED', cause: 'REJECTED' },
    ],
    MessageExpired: [
      { expiredAt: later, amount: '12.50' },
      { status: 'EXPIRED', cause: 'EXPIRED' },
    ],
    MessageRefunded: [
      { amount: '12.50', cause: 'CHARGED_BACK' },
      { status: 'REFUNDED', cause: 'CHARGED_BACK' },
    ],
    MessageRated: [{ rating: 5 }, { rated: true }, { status: 'COMPLETED', rated: false }],
    MessageChargedBack: [{ ...settlement, from: 'ESCROWED', at }, { chargedBack: true }, { chargedBack: false }],
    ChargebackMismatch: [
      { amount: '1.00', expected: '12.50', status: 'ESCROWED' },
      { mismatched: true },
      { mismatched: false },
    ],
    ChargebackMismatchAcknowledged: [{ by: null }, { mismatched: false }],
  });
});

describe('The state of a conversation', () => {
  const [paid, free] = [
    { messageId: MessageId('paid'), dmType: 'SINGLE_PAY', paid: true, at },
    { messageId: MessageId('free'), dmType: 'FREE', paid: false, at },
  ] as const;
  const bodyOf = (messageId: string) => ({ messageId: MessageId(messageId), bodyDigest: `digest of ${messageId}`, at });
  const full: ConversationState = {
    creatorUserId: parties.creatorUserId,
    open: [paid, free],
    recent: [bodyOf('settled'), bodyOf('paid'), bodyOf('free')],
    free: { day: '2026-04-29', count: 2 },
    sessionId: 'session',
  };
  const third = { messageId: MessageId('third'), dmType: 'FREE', paid: false, at } as const;
  eachEventChangesOnly(conversation, full, {
    MessageAdmitted: [
      {
        ...parties,
        ...third,
        bodyDigest: 'digest of third',
        sessionId: null,
      },
      { open: [paid, free, third], recent: [...full.recent, bodyOf('third')], free: { day: '2026-04-29', count: 3 } },
    ],
    AdmissionWithdrawn: [
      { messageId: free.messageId, reason: 'message.send.error.interrupted' },
      { open: [paid], recent: [bodyOf('settled'), bodyOf('paid')], free: { day: '2026-04-29', count: 1 } },
    ],
    AdmissionSettled: [{ messageId: free.messageId, outcome: 'COMPLETED' }, { open: [paid] }],
  });
});
