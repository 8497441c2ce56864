import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { MessageEvent } from '@creator-dashboards/shared/events/message';
import { percentOf, toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { fromInstant, HOUR, plus, type Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';

export const messageStream = (messageId: string) => `message-${messageId}`;

export interface Parties {
  readonly messageId: string;
  readonly fanId: string;
  readonly creatorId: string;
  readonly creatorUserId: string;
}

export type MessageCommand = { readonly messageId: string } & (
  | {
      type: 'Send';
      parties: Parties;
      dmType: DmType;
      /** Null when nothing is paid. */
      price: Cents | null;
      commissionRate: number;
      timeoutHours: number;
      content: Sealed<string>;
      /** What moderation said; a flagged message goes to quarantine. */
      flagged: boolean;
      rule: string | null;
      at: Instant;
    }
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
);

export type MessageState = {
  readonly status:
    | 'NONE'
    | 'ABANDONED'
    | 'PENDING'
    | 'QUARANTINED'
    | 'ESCROWED'
    | 'DELIVERED'
    | 'REPLIED'
    | 'COMPLETED'
    | 'REJECTED'
    | 'EXPIRED'
    | 'UPHELD'
    | 'REFUNDED';
  readonly parties: Parties | null;
  readonly dmType: DmType | null;
  readonly price: Cents | null;
  readonly commissionRate: number;
  readonly timeoutHours: number;
  readonly sentAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly rated: boolean;
  readonly chargedBack: boolean;
  readonly refundCause: 'REJECTED' | 'EXPIRED' | 'QUARANTINE_UPHELD' | 'QUARANTINE_EXPIRED' | null;
  readonly abandonedCode: ErrorKey | null;
};

export const message: Decider<MessageState, MessageCommand, MessageEvent> = {
  category: 'message',
  snapshotVersion: 1,
  streamOf: ({ messageId }) => messageStream(messageId),
  initial: {
    status: 'NONE',
    parties: null,
    dmType: null,
    price: null,
    commissionRate: 0,
    timeoutHours: 0,
    sentAt: null,
    expiresAt: null,
    rated: false,
    chargedBack: false,
    refundCause: null,
    abandonedCode: null,
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'MessageSent':
        return {
          ...state,
          status: 'PENDING',
          parties: partiesOf(data),
          dmType: data.dmType,
          price: data.priceSnapshot === null ? null : toCents(data.priceSnapshot),
          commissionRate: data.commissionRate,
          timeoutHours: data.timeoutHours,
          sentAt: data.sentAt,
        };
      case 'MessageDelivered':
        return { ...state, status: data.statusAfter, expiresAt: data.expiresAt };
      case 'MessageQuarantined':
        return { ...state, status: 'QUARANTINED', expiresAt: data.expiresAt };
      case 'QuarantineReleased':
        return { ...state, status: 'PENDING' };
      case 'QuarantineUpheld':
        return { ...state, status: 'UPHELD', refundCause: 'QUARANTINE_UPHELD' };
      case 'QuarantineExpired':
        return { ...state, status: 'UPHELD', refundCause: 'QUARANTINE_EXPIRED' };
      case 'MessageAbandoned':
        return { ...state, status: 'ABANDONED', parties: partiesOf(data), abandonedCode: data.code as ErrorKey };
      case 'MessageReplied':
        return { ...state, status: 'REPLIED' };
      case 'MessageReplyReverted':
        return { ...state, status: state.price === null ? 'DELIVERED' : 'ESCROWED' };
      case 'MessageCompleted':
        return { ...state, status: 'COMPLETED' };
      case 'MessageRejected':
        return { ...state, status: 'REJECTED', refundCause: 'REJECTED' };
      case 'MessageExpired':
        return { ...state, status: 'EXPIRED', refundCause: 'EXPIRED' };
      case 'MessageRefunded':
        return { ...state, status: 'REFUNDED' };
      case 'MessageRated':
        return { ...state, rated: true };
      case 'MessageChargedBack':
        return { ...state, chargedBack: true };
      case 'ChargebackMismatch':
        return state;
    }
  },

  decide(command, state) {
    if (command.type === 'Send') return send(command, state);
    if (command.type === 'Abandon')
      return state.status === 'NONE'
        ? [{ type: 'MessageAbandoned', data: { ...command.parties, code: command.code } }]
        : [];
    if (state.status === 'NONE' || state.status === 'ABANDONED') return refuse('message.error.not_found');
    const amount = state.price === null ? null : toDecimal(state.price);
    switch (command.type) {
      case 'ReleaseQuarantine':
        if (state.status !== 'QUARANTINED') return refuse('message.quarantine.error.invalid_status');
        return [{ type: 'QuarantineReleased', data: {} }, delivered(state, command.at)];
      case 'UpholdQuarantine':
        if (state.status !== 'QUARANTINED') return refuse('message.quarantine.error.invalid_status');
        return [{ type: 'QuarantineUpheld', data: { amount } }];
      case 'ExpireQuarantine':
        if (state.status !== 'QUARANTINED' || !isDue(state, command.at)) return [];
        return [{ type: 'QuarantineExpired', data: { amount, expiredAt: command.at } }];
      case 'Reply': {
        if (!isOpen(state)) return refuse('message.reply.error.invalid_status');
        const { replyMessageId, content, at } = command;
        const data = { replyMessageId, repliedAt: at, settlement: settlementOf(state), content };
        return [{ type: 'MessageReplied', data }];
      }
      case 'Complete':
        if (state.status !== 'REPLIED') return [];
        return [{ type: 'MessageCompleted', data: { completedAt: command.at, settlement: settlementOf(state) } }];
      case 'Reject':
        if (!isOpen(state)) return refuse('message.reject.error.invalid_status');
        return [{ type: 'MessageRejected', data: { reason: command.reason, amount } }];
      case 'Expire':
        if (!isOpen(state) || !isDue(state, command.at)) return [];
        return [{ type: 'MessageExpired', data: { expiredAt: command.at, amount } }];
      case 'Refund':
        if (!isRefundable(state) || state.refundCause === null) return [];
        return [{ type: 'MessageRefunded', data: { amount: amount ?? '0.00', cause: state.refundCause } }];
      case 'Rate':
        if (!Number.isInteger(command.rating) || command.rating < 1 || command.rating > 5)
          return refuse('message.rate.error.invalid_range');
        if (state.status !== 'COMPLETED') return refuse('message.rate.error.invalid_status');
        if (state.rated) return refuse('message.rate.error.already_rated');
        return [{ type: 'MessageRated', data: { rating: command.rating } }];
      case 'ChargeBack':
        return chargeBack(command, state);
    }
  },

  keysOf: ({ parties }) => parties ?? {},
};

/** Waiting for the creator: she may reply or reject, the clock may expire it. */
export const isOpen = ({ status }: MessageState) => status === 'ESCROWED' || status === 'DELIVERED';

/** An outcome is decided, the refund not booked yet. */
export const isRefundable = ({ status }: MessageState) =>
  status === 'REJECTED' || status === 'EXPIRED' || status === 'UPHELD';

const isDue = ({ expiresAt }: MessageState, at: Instant) =>
  expiresAt !== null && fromInstant(at) >= fromInstant(expiresAt);

function partiesOf({ messageId, fanId, creatorId, creatorUserId }: Parties): Parties {
  return { messageId, fanId, creatorId, creatorUserId };
}

function send(command: Extract<MessageCommand, { type: 'Send' }>, state: MessageState): MessageEvent[] | Refusal {
  if (state.status === 'ABANDONED') return refuse(state.abandonedCode ?? 'message.send.error.interrupted');
  if (state.status !== 'NONE') return [];
  const { parties, dmType, price, commissionRate, timeoutHours, content, at } = command;
  const sent: MessageEvent = {
    type: 'MessageSent',
    data: {
      ...parties,
      dmType,
      priceSnapshot: price === null ? null : toDecimal(price),
      commissionRate,
      timeoutHours,
      sentAt: at,
      content,
    },
  };
  const after = message.evolve(state, sent);
  if (!command.flagged) return [sent, delivered(after, at)];
  const expiresAt = plus(at, timeoutHours * HOUR);
  return [sent, { type: 'MessageQuarantined', data: { rule: command.rule, expiresAt } }];
}

function delivered({ price, timeoutHours }: MessageState, at: Instant): MessageEvent {
  const paid = price !== null;
  const expiresAt = plus(at, timeoutHours * HOUR);
  const statusAfter = paid ? 'ESCROWED' : 'DELIVERED';
  return { type: 'MessageDelivered', data: { paid, statusAfter, deliveredAt: at, expiresAt } };
}

/** What the creator gets of the price, by the rate at the time of sending (G7); null when nothing was paid. */
function settlementOf({ price, commissionRate }: MessageState) {
  if (price === null) return null;
  const commission = percentOf(price, commissionRate);
  return { gross: toDecimal(price), commission: toDecimal(commission), net: toDecimal(price - commission) };
}

/** Domain 9.5. A wrong amount, and money that went back to the fan already, are noted and move nothing. */
function chargeBack(
  { amount, at }: Extract<MessageCommand, { type: 'ChargeBack' }>,
  state: MessageState,
): MessageEvent[] | Refusal {
  if (state.chargedBack) return [];
  const { status } = state;
  if (status === 'REPLIED') return refuse('message.chargeback.error.invalid_status'); // being settled: the provider asks again
  const settlement = settlementOf(state);
  const takesBack = status === 'COMPLETED' || status === 'ESCROWED' || status === 'QUARANTINED';
  if (!settlement || amount !== state.price || !takesBack) {
    const expected = settlement?.gross ?? null;
    return [{ type: 'ChargebackMismatch', data: { amount: toDecimal(amount), expected, status } }];
  }
  const charged: MessageEvent = { type: 'MessageChargedBack', data: { ...settlement, from: status, at } };
  if (status === 'COMPLETED') return [charged];
  return [charged, { type: 'MessageRefunded', data: { amount: settlement.gross, cause: 'CHARGED_BACK' } }];
}
