import { z } from 'zod';
import {
  amount,
  creatorId,
  creatorUserId,
  digest,
  dmType,
  event,
  fanId,
  id,
  instant,
  messageId,
  type EventOf,
} from './define.js';
import { kinds, sealed } from './sealed.js';

/** Who a message is between. messageId ends in the last two digits of creatorUserId: the log is split by them (domain 9.1). */
const parties = { messageId, fanId, creatorId, creatorUserId };
export type Parties = Readonly<z.infer<z.ZodObject<typeof parties>>>;
const settlement = { gross: amount, commission: amount, net: amount };

const rating = z.number().int().min(1).max(5);

/** Whether a fan may give this rating (domain 2.1): a whole number from 1 to 5. */
export function isRating(value: number): boolean {
  return rating.safeParse(value).success;
}

/** Stream message-<messageId>, which alone decides whether the message exists; keys { messageId, fanId, creatorId, creatorUserId }. */
export const messageEvents = {
  MessageSent: event({
    ...parties,
    dmType,
    /** Null when nothing is paid: FREE, or a follow-up in an open SINGLE_PAY session (G24). */
    priceSnapshot: amount.nullable(),
    /** Percent: the rate of the creator's level at the time of sending (G7). */
    commissionRate: z.number().min(0).max(100),
    timeoutHours: z.number().positive(),
    sentAt: instant,
    content: sealed(kinds.messageContent),
  }),
  MessageDelivered: event({
    paid: z.boolean(),
    statusAfter: z.enum(['ESCROWED', 'DELIVERED']),
    deliveredAt: instant,
    expiresAt: instant,
  }),
  MessageQuarantined: event({ rule: z.string().nullable(), expiresAt: instant }),
  QuarantineReleased: event({}),
  QuarantineUpheld: event({ amount: amount.nullable() }),
  QuarantineExpired: event({ amount: amount.nullable(), expiredAt: instant }),
  /** Closes a send that never reached MessageSent; nothing can be sent under this id any more. */
  MessageAbandoned: event({ ...parties, code: z.string() }),
  MessageReplied: event({
    replyMessageId: id,
    repliedAt: instant,
    /** Null when nothing was paid. */
    settlement: z.strictObject(settlement).nullable(),
    content: sealed(kinds.replyContent),
  }),
  /** Handled but never emitted: releasing the escrow cannot fail for good, since the policy repeats it until it is done. */
  MessageReplyReverted: event({ reason: z.string() }),
  MessageCompleted: event({ completedAt: instant, settlement: z.strictObject(settlement).nullable() }),
  MessageRejected: event({ reason: sealed(kinds.reason), amount: amount.nullable() }),
  MessageExpired: event({ expiredAt: instant, amount: amount.nullable() }),
  MessageRefunded: event({
    amount,
    cause: z.enum(['REJECTED', 'EXPIRED', 'QUARANTINE_UPHELD', 'QUARANTINE_EXPIRED', 'CHARGED_BACK']),
  }),
  MessageRated: event({ rating }),
  /**
   * `from` is the status before the chargeback (G39): COMPLETED reverses earnings, ESCROWED and QUARANTINED close the escrow, and
   * REFUNDED debits the fan, who would have the money twice (G48).
   */
  MessageChargedBack: event({
    ...settlement,
    from: z.enum(['ESCROWED', 'QUARANTINED', 'COMPLETED', 'REFUNDED']),
    at: instant,
  }),
  ChargebackMismatch: event({ amount, expected: amount.nullable(), status: z.string() }),
  /** Somebody has looked into the mismatches about this message; what came of it is in the metadata. */
  ChargebackMismatchAcknowledged: event({ by: id.nullable() }),
};
export type MessageEvent = EventOf<typeof messageEvents>;

/** Stream conversation-<fanId>_<creatorId>: what may be sent next between these two; keys as message. */
export const conversationEvents = {
  MessageAdmitted: event({
    ...parties,
    bodyDigest: digest,
    dmType,
    paid: z.boolean(),
    /** The open SINGLE_PAY session in which this message is free, else null (G24). */
    sessionId: id.nullable(),
    at: instant,
  }),
  AdmissionWithdrawn: event({ messageId, reason: z.string() }),
  AdmissionSettled: event({
    messageId,
    outcome: z.enum(['COMPLETED', 'REFUNDED', 'CHARGED_BACK', 'ABANDONED']),
  }),
};
export type ConversationEvent = EventOf<typeof conversationEvents>;
