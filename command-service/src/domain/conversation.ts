import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { DmType } from '@creator-dashboards/shared/events/define';
import type { ConversationEvent, Parties } from '@creator-dashboards/shared/events/message';
import { fromInstant, utcDay, type Instant } from '@creator-dashboards/shared/time';
import type { Decider } from './decider.js';

export const conversationStream = (fanId: string, creatorId: string) => `conversation-${fanId}_${creatorId}`;

export type ConversationCommand = { readonly fanId: string; readonly creatorId: string } & (
  | {
      type: 'Admit';
      parties: Parties;
      bodyDigest: string;
      dmType: DmType;
      limits: AdmissionLimits;
      at: Instant;
    }
  | { type: 'Withdraw'; messageId: string; reason: string }
  | { type: 'Settle'; messageId: string; outcome: 'COMPLETED' | 'REFUNDED' | 'CHARGED_BACK' }
);

/** From config (domain 4). */
export interface AdmissionLimits {
  readonly duplicateWindowSeconds: number;
  readonly maxPendingPaid: number;
  readonly freePerDay: number;
}

/** A message's place between the two, from its admission until it is settled or withdrawn. */
export interface Admission {
  readonly messageId: string;
  readonly dmType: DmType;
  readonly paid: boolean;
  readonly at: Instant;
}

export interface ConversationState {
  readonly parties: Parties | null;
  /** Admitted and neither settled nor withdrawn. */
  readonly open: readonly Admission[];
  /** The newest bodies, settled ones too and withdrawn ones not: for duplicates. */
  readonly recent: readonly { readonly messageId: string; readonly bodyDigest: string; readonly at: Instant }[];
  /** Free messages of the newest UTC day that has any; withdrawn ones not. */
  readonly free: { readonly day: string; readonly count: number };
  /** The message whose completion opened the SINGLE_PAY session (G24). */
  readonly sessionId: string | null;
}

/** More than anybody sends within a duplicate window; a state must not grow with history. */
const RECENT_KEPT = 100;

export const conversation: Decider<ConversationState, ConversationCommand, ConversationEvent> = {
  category: 'conversation',
  snapshotVersion: 1,
  streamOf: ({ fanId, creatorId }) => conversationStream(fanId, creatorId),
  initial: { parties: null, open: [], recent: [], free: { day: '', count: 0 }, sessionId: null },

  evolve(state, { type, data }) {
    const { messageId } = data;
    const others = <T extends { readonly messageId: string }>(list: readonly T[]) =>
      list.filter((each) => each.messageId !== messageId);
    switch (type) {
      case 'MessageAdmitted': {
        const { dmType, paid, bodyDigest, at, fanId, creatorId, creatorUserId } = data;
        return {
          ...state,
          parties: { messageId, fanId, creatorId, creatorUserId },
          open: [...state.open, { messageId, dmType, paid, at }],
          recent: [...state.recent, { messageId, bodyDigest, at }].slice(-RECENT_KEPT),
          free: dmType === 'FREE' ? oneMore(state.free, utcDay(at)) : state.free,
        };
      }
      case 'AdmissionWithdrawn':
        return {
          ...concerning(state, messageId),
          open: others(state.open),
          recent: others(state.recent),
          free: withoutOne(state.free, admissionOf(state, messageId)),
        };
      case 'AdmissionSettled':
        return {
          ...concerning(state, messageId),
          open: others(state.open),
          sessionId: sessionAfter(state, messageId, data.outcome),
        };
    }
  },

  decide(command, state) {
    switch (command.type) {
      case 'Admit':
        return admit(command, state);
      case 'Withdraw': {
        const { messageId, reason } = command;
        return isOpen(state, messageId) ? [{ type: 'AdmissionWithdrawn', data: { messageId, reason } }] : [];
      }
      case 'Settle': {
        const { messageId, outcome } = command;
        const closesSession = outcome === 'CHARGED_BACK' && state.sessionId === messageId;
        if (!isOpen(state, messageId) && !closesSession) return [];
        return [{ type: 'AdmissionSettled', data: { messageId, outcome } }];
      }
    }
  },

  keysOf: ({ parties }) => parties ?? {},
};

/** The place a message has now; undefined when it never had one, or not any more. */
export function admissionOf(state: ConversationState, messageId: string): Admission | undefined {
  return state.open.find((each) => each.messageId === messageId);
}

const isOpen = (state: ConversationState, messageId: string) => admissionOf(state, messageId) !== undefined;

type FreeOfDay = ConversationState['free'];

/** A send that was admitted late, for a day that is over, counts for the newest day. */
function oneMore(free: FreeOfDay, day: string): FreeOfDay {
  return day > free.day ? { day, count: 1 } : { ...free, count: free.count + 1 };
}

function withoutOne(free: FreeOfDay, withdrawn: Admission | undefined): FreeOfDay {
  const counted = withdrawn?.dmType === 'FREE' && utcDay(withdrawn.at) === free.day;
  return counted ? { ...free, count: free.count - 1 } : free;
}

/** Keys of the next event name the message it is about. */
function concerning(state: ConversationState, messageId: string): ConversationState {
  return { ...state, parties: state.parties && { ...state.parties, messageId } };
}

function sessionAfter(state: ConversationState, messageId: string, outcome: string): string | null {
  if (outcome === 'CHARGED_BACK' && state.sessionId === messageId) return null;
  const settled = admissionOf(state, messageId);
  const opens = outcome === 'COMPLETED' && settled?.paid && settled.dmType === 'SINGLE_PAY';
  return opens ? (state.sessionId ?? messageId) : state.sessionId;
}

/** Whether the next message of this type is paid: PER_MESSAGE always, SINGLE_PAY until its session is open (G24). */
export function isPaid(dmType: DmType, { sessionId }: ConversationState): boolean {
  return dmType === 'PER_MESSAGE' || (dmType === 'SINGLE_PAY' && sessionId === null);
}

/** Duplicate window and pending cap (G40), then the free messages of the UTC day. */
function admit(
  { parties, bodyDigest, dmType, limits, at }: Extract<ConversationCommand, { type: 'Admit' }>,
  state: ConversationState,
): ConversationEvent[] | Refusal {
  if (isOpen(state, parties.messageId)) return [];
  const windowStart = fromInstant(at) - limits.duplicateWindowSeconds * 1_000;
  if (state.recent.some((each) => each.bodyDigest === bodyDigest && fromInstant(each.at) > windowStart))
    return refuse('message.send.error.duplicate');
  const paid = isPaid(dmType, state);
  if (paid && state.open.filter((each) => each.paid).length >= limits.maxPendingPaid)
    return refuse('message.send.error.pending_limit');
  const freeToday = utcDay(at) > state.free.day ? 0 : state.free.count;
  if (dmType === 'FREE' && freeToday >= limits.freePerDay) return refuse('message.send.error.free_creator_limit');
  const sessionId = dmType === 'SINGLE_PAY' && !paid ? state.sessionId : null;
  return [{ type: 'MessageAdmitted', data: { ...parties, bodyDigest, dmType, paid, sessionId, at } }];
}
