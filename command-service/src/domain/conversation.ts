import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { ConversationEvent, Parties } from '@creator-dashboards/shared/events/message';
import type { CreatorId, CreatorUserId, FanId, MessageId } from '@creator-dashboards/shared/ids';
import { fromInstant, utcDay, type Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';
import { remembering } from './remembering.js';

export const conversationStream = (fanId: FanId, creatorId: CreatorId) => `conversation-${fanId}_${creatorId}`;

export type ConversationCommand = { readonly fanId: FanId; readonly creatorId: CreatorId } & (
  | {
      type: 'Admit';
      parties: Parties;
      bodyDigest: string;
      dmType: DmType;
      limits: AdmissionLimits;
      at: Instant;
    }
  | { type: 'Withdraw'; messageId: MessageId; reason: string }
  | { type: 'Settle'; messageId: MessageId; outcome: 'COMPLETED' | 'REFUNDED' | 'CHARGED_BACK' }
);

/** Limits taken from config (config keys, domain 4). */
export interface AdmissionLimits {
  readonly duplicateWindowSeconds: number;
  readonly maxPendingPaid: number;
  readonly freePerDay: number;
}

/** A message that was admitted; it counts against the limits until it is settled or withdrawn. */
export interface Admission {
  readonly messageId: MessageId;
  readonly dmType: DmType;
  readonly paid: boolean;
  readonly at: Instant;
}

export interface ConversationState {
  /** Null until the first message is admitted. */
  readonly creatorUserId: CreatorUserId | null;
  /** Admitted and neither settled nor withdrawn. */
  readonly open: readonly Admission[];
  /** The newest bodies, to find duplicates; includes settled messages, not withdrawn ones. */
  readonly recent: readonly { readonly messageId: MessageId; readonly bodyDigest: string; readonly at: Instant }[];
  /** Free messages on the newest UTC day that has any, without withdrawn ones. */
  readonly free: { readonly day: string; readonly count: number };
  /** The message whose completion opened the SINGLE_PAY session, in which messages are free (G24); null while none is open. */
  readonly sessionId: string | null;
}

/** At most this many open messages between two people, of any type: a state must not grow with its history (G44b). */
const OPEN_MAX = 200;
/** More than anybody sends within a duplicate window. Bounded: a state must not grow with its history. */
const RECENT_KEPT = 100;

const initial: ConversationState = {
  creatorUserId: null,
  open: [],
  recent: [],
  free: { day: '', count: 0 },
  sessionId: null,
};

function evolve(state: ConversationState, { type, data }: ConversationEvent): ConversationState {
  switch (type) {
    case 'MessageAdmitted':
      return admitted(state, data);
    case 'AdmissionWithdrawn':
      return {
        ...state,
        open: others(state.open, data),
        recent: others(state.recent, data),
        free: withoutOne(state.free, admissionOf(state, data.messageId)),
      };
    case 'AdmissionSettled':
      return { ...state, open: others(state.open, data), sessionId: sessionAfter(state, data) };
  }
}

function admitted(state: ConversationState, data: EventNamed<'MessageAdmitted'>['data']): ConversationState {
  const { messageId, creatorUserId, dmType, paid, bodyDigest, at } = data;
  return {
    ...state,
    creatorUserId,
    open: [...state.open, { messageId, dmType, paid, at }],
    recent: remembering(state.recent, { messageId, bodyDigest, at }, RECENT_KEPT),
    free: dmType === 'FREE' ? oneMore(state.free, utcDay(at)) : state.free,
  };
}

interface OfMessage {
  readonly messageId: MessageId;
}

function others<T extends OfMessage>(list: readonly T[], { messageId }: OfMessage): readonly T[] {
  return list.filter((each) => each.messageId !== messageId);
}

type FreeOfDay = ConversationState['free'];

/** A send admitted late, for a day that is over, counts on the newest day. */
function oneMore(free: FreeOfDay, day: string): FreeOfDay {
  return day > free.day ? { day, count: 1 } : { ...free, count: free.count + 1 };
}

function withoutOne(free: FreeOfDay, withdrawn: Admission | undefined): FreeOfDay {
  const counted = withdrawn?.dmType === 'FREE' && utcDay(withdrawn.at) === free.day;
  return counted ? { ...free, count: free.count - 1 } : free;
}

function sessionAfter(
  state: ConversationState,
  { messageId, outcome }: EventNamed<'AdmissionSettled'>['data'],
): string | null {
  if (outcome === 'CHARGED_BACK' && state.sessionId === messageId) return null;
  const settled = admissionOf(state, messageId);
  const opens = outcome === 'COMPLETED' && settled?.paid && settled.dmType === 'SINGLE_PAY';
  return opens ? (state.sessionId ?? messageId) : state.sessionId;
}

/** The open admission of a message; undefined if it was never admitted, or is already settled or withdrawn. */
export function admissionOf(state: ConversationState, messageId: MessageId): Admission | undefined {
  return state.open.find((each) => each.messageId === messageId);
}

/** Whether the next message of this type is paid: PER_MESSAGE always, SINGLE_PAY until its session is open (G24). */
export function isPaid(dmType: DmType, { sessionId }: ConversationState): boolean {
  return dmType === 'PER_MESSAGE' || (dmType === 'SINGLE_PAY' && sessionId === null);
}

type Decision = readonly ConversationEvent[] | Refusal;
type CommandNamed<T extends ConversationCommand['type']> = Extract<ConversationCommand, { type: T }>;

function decide(command: ConversationCommand, state: ConversationState): Decision {
  switch (command.type) {
    case 'Admit':
      return admitMessage(command, state);
    case 'Withdraw':
      return withdrawAdmission(command, state);
    case 'Settle':
      return settleAdmission(command, state);
  }
}

/** Checks the duplicate window and the pending cap (G40), then the creator's free messages of the UTC day. */
function admitMessage(
  { parties, bodyDigest, dmType, limits, at }: CommandNamed<'Admit'>,
  state: ConversationState,
): Decision {
  if (admissionOf(state, parties.messageId)) return [];
  const windowStart = fromInstant(at) - limits.duplicateWindowSeconds * 1_000;
  if (state.recent.some((each) => each.bodyDigest === bodyDigest && fromInstant(each.at) > windowStart))
    return refuse('message.send.error.duplicate');
  const paid = isPaid(dmType, state);
  const paidOpen = state.open.filter((each) => each.paid).length;
  if (state.open.length >= OPEN_MAX || (paid && paidOpen >= limits.maxPendingPaid))
    return refuse('message.send.error.pending_limit');
  const freeToday = utcDay(at) > state.free.day ? 0 : state.free.count;
  if (dmType === 'FREE' && freeToday >= limits.freePerDay) return refuse('message.send.error.free_creator_limit');
  const sessionId = dmType === 'SINGLE_PAY' && !paid ? state.sessionId : null;
  return [{ type: 'MessageAdmitted', data: { ...parties, bodyDigest, dmType, paid, sessionId, at } }];
}

function withdrawAdmission({ messageId, reason }: CommandNamed<'Withdraw'>, state: ConversationState): Decision {
  return admissionOf(state, messageId) ? [{ type: 'AdmissionWithdrawn', data: { messageId, reason } }] : [];
}

/** After a message is settled, a chargeback only closes the session that it opened. */
function settleAdmission({ messageId, outcome }: CommandNamed<'Settle'>, state: ConversationState): Decision {
  const closesSession = outcome === 'CHARGED_BACK' && state.sessionId === messageId;
  if (!admissionOf(state, messageId) && !closesSession) return [];
  return [{ type: 'AdmissionSettled', data: { messageId, outcome } }];
}

export const conversation: Decider<ConversationState, ConversationCommand, ConversationEvent> = {
  category: 'conversation',
  snapshotVersion: 2,
  streamOf: ({ fanId, creatorId }) => conversationStream(fanId, creatorId),
  initial,
  evolve,
  decide,
  keysOf({ creatorUserId }, command) {
    const { fanId, creatorId } = command;
    const { messageId } = command.type === 'Admit' ? command.parties : command;
    return { messageId, fanId, creatorId, creatorUserId: creatorUserId ?? undefined };
  },
};
