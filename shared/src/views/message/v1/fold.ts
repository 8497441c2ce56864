/** GET /messages/:id, with the states of a message (domain 3.1). An abandoned send never makes a document. */
import type { Content } from '../../../fold.js';
import { toCents } from '../../../money.js';
import type { MessageDocument } from './document.js';
import type { View } from '../../view.js';

type Message = Content<MessageDocument>;

export const message: View<MessageDocument> = {
  name: 'message',
  version: 1,
  partition: 'streamSuffix',
  categories: ['message'],
  keyOf: ({ metadata: { keys } }) => keys.messageId,
  // MessageSent is the first event of every message and sets whatever is a placeholder here.
  initial: {
    fanId: '',
    creatorUserId: '',
    content: { subject: '', keyId: '', nonce: '', ciphertext: '', tag: '' },
    status: 'QUARANTINED',
    dmType: 'FREE',
    priceSnapshot: null,
    createdAt: '',
    deliveredAt: null,
    expiresAt: null,
    repliedAt: null,
    completedAt: null,
    timeoutHours: 0,
  },
  handlers: {
    /** Until the verdict of moderation, the next event in the stream, the message is hidden from the creator like a flagged one. */
    MessageSent: (sent, { data }) => ({
      ...sent,
      fanId: data.fanId,
      creatorUserId: data.creatorUserId,
      content: data.content,
      dmType: data.dmType,
      priceSnapshot: data.priceSnapshot === null ? null : toCents(data.priceSnapshot),
      createdAt: data.sentAt,
      timeoutHours: data.timeoutHours,
    }),
    MessageDelivered: (sent, { data }) => ({
      ...sent,
      status: data.statusAfter,
      deliveredAt: data.deliveredAt,
      expiresAt: data.expiresAt,
    }),
    MessageQuarantined: (sent, { data }) => ({ ...sent, status: 'QUARANTINED', expiresAt: data.expiresAt }),
    QuarantineUpheld: (sent) => ({ ...sent, status: 'REJECTED' }),
    QuarantineExpired: (sent) => ({ ...sent, status: 'EXPIRED' }),
    MessageReplied: (sent, { data }) => ({ ...sent, status: 'REPLIED', repliedAt: data.repliedAt }),
    MessageReplyReverted: (sent) => ({
      ...sent,
      status: sent.priceSnapshot === null ? 'DELIVERED' : 'ESCROWED',
      repliedAt: null,
    }),
    MessageCompleted: (sent, { data }) => ({ ...sent, status: 'COMPLETED', completedAt: data.completedAt }),
    MessageRejected: (sent) => ({ ...sent, status: 'REJECTED' }),
    MessageExpired: (sent) => ({ ...sent, status: 'EXPIRED' }),
    MessageRefunded: refunded,
    /** A chargeback closes an open escrow as refunded; what is completed or refunded stays so, only its money moves (G39, G48). */
    MessageChargedBack: (sent, { data }) =>
      data.from === 'ESCROWED' || data.from === 'QUARANTINED' ? refunded(sent) : sent,
  },
};

function refunded(sent: Message): Message {
  return { ...sent, status: 'REFUNDED' };
}
