import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { isRating, type MessageEvent, type Parties } from '@creator-dashboards/shared/events/message';
import type { MessageId } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { fromInstant, HOUR, plus, type Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';
import { paidFor, settlementOf, type Price } from './settlement.js';

export const messageStream = (messageId: MessageId) => `message-${messageId}`;

export type MessageCommand = { readonly messageId: MessageId } & (
  | ({
      type: 'Send';
      parties: Parties;
      dmType: DmType;
      timeoutHours: number;
      content: Sealed<string>;
      /** What moderation said; a flagged message goes to quarantine. */
      flagged: boolean;
      rule: string | null;
      at: Instant;
    } & Price)
  | { type: 'Abandon'; parties: Parties; code: ErrorKey }
  | { type: 'ReleaseQuarantine'; at: Instant }
  | { type: 'UpholdQuarantine' }
  | { type: 'ExpireQuarantine'; at: Instant }
  | { type: 'Reply'; replyMessageId: string; content: Sealed<string>; at: Instant }
  | { type: 'Complete'; at: Instant }
  | { type: 'Reject'; reason: Sealed<string> }
  | { type: 'Expire'; at: Instant }
  | { type: 'Refund' }
  | { type: 'Rate'; rating: number }
  | { type: 'ChargeBack'; amount: Cents; at: Instant }
  | { type: 'AcknowledgeMismatch'; by: string | null }
);

/** What every message that was sent has. */
interface Sent extends Price {
  readonly parties: Parties;
  readonly timeoutHours: number;
  /** Deadline for the creator's answer or, in quarantine, for the admin's verdict. */
  readonly expiresAt: Instant;
  /** Whether it reached the creator, for whom it does not exist before; in quarantine it has not. */
  readonly delivered: boolean;
  readonly chargedBack: boolean;
  /** A chargeback that did not fit, which nobody has looked into yet. */
  readonly mismatched: boolean;
}

type RefundCause = EventNamed<'MessageRefunded'>['data']['cause'];

/** The outcome is decided, but the refund is not booked yet. */
type Refundable = Sent & { readonly status: 'REJECTED' | 'EXPIRED' | 'UPHELD'; readonly cause: RefundCause };

export type SentMessage =
  | (Sent & { readonly status: 'PENDING' | 'QUARANTINED' | 'ESCROWED' | 'DELIVERED' | 'REPLIED' })
  | (Sent & { readonly status: 'COMPLETED'; readonly rated: boolean })
  | Refundable
  | (Sent & { readonly status: 'REFUNDED'; readonly cause: RefundCause });

export type MessageState =
  | { readonly status: 'NONE' }
  | { readonly status: 'ABANDONED'; readonly parties: Parties; readonly code: ErrorKey }
  | SentMessage;

const initial: MessageState = { status: 'NONE' };

function evolve(state: MessageState, { type, data }: MessageEvent): MessageState {
  if (type === 'MessageSent') return { ...sentBy(data), status: 'PENDING' };
  if (type === 'MessageAbandoned')
    return { status: 'ABANDONED', parties: partiesOf(data), code: data.code as ErrorKey };
  if (!isSent(state)) throw new Error(`${type} of a message that was not sent`);
  switch (type) {
    case 'MessageDelivered':
      return { ...state, status: data.statusAfter, expiresAt: data.expiresAt, delivered: true };
    case 'MessageQuarantined':
      return { ...state, status: 'QUARANTINED', expiresAt: data.expiresAt };
    case 'QuarantineReleased':
      return { ...state, status: 'PENDING' };
    case 'QuarantineUpheld':
      return { ...state, status: 'UPHELD', cause: 'QUARANTINE_UPHELD' };
    case 'QuarantineExpired':
      return { ...state, status: 'UPHELD', cause: 'QUARANTINE_EXPIRED' };
    case 'MessageReplied':
      return { ...state, status: 'REPLIED' };
    case 'MessageReplyReverted':
      return { ...state, status: state.price === null ? 'DELIVERED' : 'ESCROWED' };
    case 'MessageCompleted':
      return { ...state, status: 'COMPLETED', rated: false };
    case 'MessageRejected':
      return { ...state, status: 'REJECTED', cause: 'REJECTED' };
    case 'MessageExpired':
      return { ...state, status: 'EXPIRED', cause: 'EXPIRED' };
    case 'MessageRefunded':
      return { ...state, status: 'REFUNDED', cause: data.cause };
    case 'MessageRated':
      return { ...state, status: 'COMPLETED', rated: true };
    case 'MessageChargedBack':
      return { ...state, chargedBack: true };
    case 'ChargebackMismatch':
      return { ...state, mismatched: true };
    case 'ChargebackMismatchAcknowledged':
      return { ...state, mismatched: false };
  }
}

export const isSent = (state: MessageState): state is SentMessage =>
  state.status !== 'NONE' && state.status !== 'ABANDONED';

function sentBy(data: EventNamed<'MessageSent'>['data']): Sent {
  const { priceSnapshot, commissionRate, timeoutHours, sentAt } = data;
  return {
    parties: partiesOf(data),
    price: priceSnapshot === null ? null : toCents(priceSnapshot),
    commissionRate,
    timeoutHours,
    expiresAt: plus(sentAt, timeoutHours * HOUR),
    delivered: false,
    chargedBack: false,
    mismatched: false,
  };
}

function partiesOf({ messageId, fanId, creatorId, creatorUserId }: Parties): Parties {
  return { messageId, fanId, creatorId, creatorUserId };
}

type Decision = readonly MessageEvent[] | Refusal;
type CommandNamed<T extends MessageCommand['type']> = Extract<MessageCommand, { type: T }>;

function decide(command: MessageCommand, state: MessageState): Decision {
  if (command.type === 'Send') return sendMessage(command, state);
  if (command.type === 'Abandon') return abandonMessage(command, state);
  if (!isSent(state)) return refuse('message.error.not_found');
  switch (command.type) {
    case 'ReleaseQuarantine':
      return releaseQuarantine(command, state);
    case 'UpholdQuarantine':
      return upholdQuarantine(state);
    case 'ExpireQuarantine':
      return expireQuarantine(command, state);
    case 'Reply':
      return replyToMessage(command, state);
    case 'Complete':
      return completeMessage(command, state);
    case 'Reject':
      return rejectMessage(command, state);
    case 'Expire':
      return expireMessage(command, state);
    case 'Refund':
      return refundMessage(state);
    case 'Rate':
      return rateMessage(command, state);
    case 'ChargeBack':
      return chargeBackMessage(command, state);
    case 'AcknowledgeMismatch':
      return acknowledgeMismatch(command, state);
  }
}

function sendMessage(command: CommandNamed<'Send'>, state: MessageState): Decision {
  if (state.status === 'ABANDONED') return refuse(state.code);
  if (state.status !== 'NONE') return [];
  const { parties, dmType, commissionRate, timeoutHours, content, flagged, rule, at } = command;
  const sent: MessageEvent = {
    type: 'MessageSent',
    data: { ...parties, dmType, priceSnapshot: paidFor(command), commissionRate, timeoutHours, sentAt: at, content },
  };
  if (!flagged) return [sent, delivered(command, at)];
  return [sent, { type: 'MessageQuarantined', data: { rule, expiresAt: plus(at, timeoutHours * HOUR) } }];
}

function delivered({ price, timeoutHours }: Pick<Sent, 'price' | 'timeoutHours'>, at: Instant): MessageEvent {
  const paid = price !== null;
  const expiresAt = plus(at, timeoutHours * HOUR);
  const statusAfter = paid ? 'ESCROWED' : 'DELIVERED';
  return { type: 'MessageDelivered', data: { paid, statusAfter, deliveredAt: at, expiresAt } };
}

function abandonMessage({ parties, code }: CommandNamed<'Abandon'>, { status }: MessageState): Decision {
  return status === 'NONE' ? [{ type: 'MessageAbandoned', data: { ...parties, code } }] : [];
}

function releaseQuarantine({ at }: CommandNamed<'ReleaseQuarantine'>, state: SentMessage): Decision {
  if (state.status !== 'QUARANTINED') return refuse('message.quarantine.error.invalid_status');
  return [{ type: 'QuarantineReleased', data: {} }, delivered(state, at)];
}

function upholdQuarantine(state: SentMessage): Decision {
  if (state.status !== 'QUARANTINED') return refuse('message.quarantine.error.invalid_status');
  return [{ type: 'QuarantineUpheld', data: { amount: paidFor(state) } }];
}

function expireQuarantine({ at }: CommandNamed<'ExpireQuarantine'>, state: SentMessage): Decision {
  if (state.status !== 'QUARANTINED' || !isDue(state, at)) return [];
  return [{ type: 'QuarantineExpired', data: { amount: paidFor(state), expiredAt: at } }];
}

function replyToMessage({ replyMessageId, content, at }: CommandNamed<'Reply'>, state: SentMessage): Decision {
  if (!isOpen(state)) return refuse('message.reply.error.invalid_status');
  const settlement = settlementOf(state);
  return [{ type: 'MessageReplied', data: { replyMessageId, repliedAt: at, settlement, content } }];
}

function completeMessage({ at }: CommandNamed<'Complete'>, state: SentMessage): Decision {
  if (state.status !== 'REPLIED') return [];
  return [{ type: 'MessageCompleted', data: { completedAt: at, settlement: settlementOf(state) } }];
}

function rejectMessage({ reason }: CommandNamed<'Reject'>, state: SentMessage): Decision {
  if (!isOpen(state)) return refuse('message.reject.error.invalid_status');
  return [{ type: 'MessageRejected', data: { reason, amount: paidFor(state) } }];
}

function expireMessage({ at }: CommandNamed<'Expire'>, state: SentMessage): Decision {
  if (!isOpen(state) || !isDue(state, at)) return [];
  return [{ type: 'MessageExpired', data: { expiredAt: at, amount: paidFor(state) } }];
}

function refundMessage(state: SentMessage): Decision {
  if (!isRefundable(state)) return [];
  return [{ type: 'MessageRefunded', data: { amount: paidFor(state) ?? '0.00', cause: state.cause } }];
}

function rateMessage({ rating }: CommandNamed<'Rate'>, state: SentMessage): Decision {
  if (!isRating(rating)) return refuse('message.rate.error.invalid_range');
  if (state.status !== 'COMPLETED' || state.chargedBack) return refuse('message.rate.error.invalid_status');
  if (state.rated) return refuse('message.rate.error.already_rated');
  return [{ type: 'MessageRated', data: { rating } }];
}

/**
 * Chargeback (domain 9.5, G48). While the message is being settled the provider must come again. A wrong amount, a message that was
 * free, and a second chargeback are recorded as a mismatch and move nothing.
 */
function chargeBackMessage({ amount, at }: CommandNamed<'ChargeBack'>, state: SentMessage): Decision {
  if (state.status === 'REPLIED' || isRefundable(state)) return refuse('message.chargeback.error.invalid_status');
  const { status, chargedBack } = state;
  const settlement = settlementOf(state);
  const isPaid = status !== 'PENDING' && status !== 'DELIVERED';
  if (!settlement || amount !== state.price || chargedBack || !isPaid) {
    const expected = settlement?.gross ?? null;
    return [{ type: 'ChargebackMismatch', data: { amount: toDecimal(amount), expected, status } }];
  }
  const charged: MessageEvent = { type: 'MessageChargedBack', data: { ...settlement, from: status, at } };
  if (status === 'COMPLETED' || status === 'REFUNDED') return [charged];
  return [charged, { type: 'MessageRefunded', data: { amount: settlement.gross, cause: 'CHARGED_BACK' } }];
}

/** Not by one of the two whose money it is. */
function acknowledgeMismatch({ by }: CommandNamed<'AcknowledgeMismatch'>, state: SentMessage): Decision {
  const { fanId, creatorUserId } = state.parties;
  if (by === fanId || by === creatorUserId) return refuse('admin.four_eyes.own_money');
  if (!state.mismatched) return refuse('admin.work.nothing_to_acknowledge');
  return [{ type: 'ChargebackMismatchAcknowledged', data: { by } }];
}

/** Waiting for the creator: she may reply or reject, the clock may expire it. */
const isOpen = ({ status }: SentMessage) => status === 'ESCROWED' || status === 'DELIVERED';

export const isRefundable = (state: MessageState): state is Refundable =>
  state.status === 'REJECTED' || state.status === 'EXPIRED' || state.status === 'UPHELD';

const isDue = ({ expiresAt }: Sent, at: Instant) => fromInstant(at) >= fromInstant(expiresAt);

export const message: Decider<MessageState, MessageCommand, MessageEvent> = {
  category: 'message',
  snapshotVersion: 4,
  streamOf: ({ messageId }) => messageStream(messageId),
  initial,
  evolve,
  decide,
  keysOf: (state) => (state.status === 'NONE' ? {} : state.parties),
};
