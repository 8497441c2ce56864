import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { FanWalletEvent } from '@creator-dashboards/shared/events/wallet';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import type { Decider } from './decider.js';
import { balanceAfter, movement, remembering } from './movement.js';

/** The wallet a fan pays messages from. Held money has left the balance; what is held stands by message until it is closed. */
export function fanWalletStream(userId: string): string {
  return `fanWallet-${userId}`;
}

export type FanWalletCommand = { readonly userId: string } & (
  | { readonly type: 'HoldEscrow'; readonly messageId: string; readonly amount: Cents }
  /** Undo of a send (domain 9.2): gives the hold back, if there is one, and refuses any later hold for the message. */
  | { readonly type: 'VoidEscrow'; readonly messageId: string }
  | { readonly type: 'RefundEscrow'; readonly messageId: string }
  | { readonly type: 'ReleaseEscrow'; readonly messageId: string }
  | { readonly type: 'ChargeBackEscrow'; readonly messageId: string }
  | { readonly type: 'LoadFunds'; readonly sessionId: string; readonly amount: Cents }
  | { readonly type: 'Adjust'; readonly direction: 'CREDIT' | 'DEBIT'; readonly amount: Cents }
  | { readonly type: 'Freeze' }
  | { readonly type: 'Unfreeze' }
);

export interface FanWallet {
  readonly opened: boolean;
  readonly frozen: boolean;
  /** What can be spent; held money is not in it. */
  readonly balance: Cents;
  /** Open holds by message. */
  readonly holds: Readonly<Record<string, Cents>>;
  /** Messages that no hold is taken for any more, newest last. */
  readonly voided: readonly string[];
  /** Checkout sessions that were credited, newest last. */
  readonly sessions: readonly string[];
}

/**
 * Voided messages that are remembered. A hold that comes so late that its message is forgotten does no lasting harm: the
 * message stream is the judge of the send (domain 9.2), it refuses it, and the undo that follows gives the hold back.
 */
export const REMEMBERED_VOIDS = 1_000;
/** Credited sessions that are remembered; a session completes once in its own stream, so this only guards a repeated follow-up. */
export const REMEMBERED_SESSIONS = 1_000;

export const fanWallet: Decider<FanWallet, FanWalletCommand, FanWalletEvent> = {
  category: 'fanWallet',
  snapshotVersion: 1,
  streamOf: ({ userId }) => fanWalletStream(userId),
  initial: { opened: false, frozen: false, balance: 0, holds: {}, voided: [], sessions: [] },

  evolve(state, { type, data }) {
    switch (type) {
      case 'WalletOpened':
        return { ...state, opened: true };
      case 'FundsLoaded': {
        const sessions = remembering(state.sessions, data.sessionId, REMEMBERED_SESSIONS);
        return { ...state, balance: balanceAfter(data), sessions };
      }
      case 'EscrowHeld':
        return {
          ...state,
          balance: balanceAfter(data),
          holds: { ...state.holds, [data.messageId]: toCents(data.amount) },
        };
      case 'EscrowVoided': {
        const voided = remembering(state.voided, data.messageId, REMEMBERED_VOIDS);
        return { ...state, balance: balanceAfter(data), holds: without(state.holds, data.messageId), voided };
      }
      case 'EscrowRefunded':
      case 'EscrowReleased':
      case 'EscrowChargedBack':
        return { ...state, balance: balanceAfter(data), holds: without(state.holds, data.messageId) };
      case 'WalletAdjusted':
        return { ...state, balance: balanceAfter(data) };
      case 'WalletFrozen':
        return { ...state, frozen: true };
      case 'WalletUnfrozen':
        return { ...state, frozen: false };
    }
  },

  decide(command, state) {
    switch (command.type) {
      case 'HoldEscrow':
        return hold(state, command.messageId, command.amount);
      case 'VoidEscrow':
        return voidHold(state, command.messageId);
      case 'RefundEscrow':
      case 'ReleaseEscrow':
      case 'ChargeBackEscrow':
        return closeHold(state, command.type, command.messageId);
      case 'LoadFunds': {
        const { sessionId, amount } = command;
        if (state.sessions.includes(sessionId)) return [];
        return [
          ...opening(state),
          { type: 'FundsLoaded', data: { sessionId, ...movement(state.balance, amount) } },
        ] satisfies FanWalletEvent[];
      }
      case 'Adjust':
        return adjust(state, command.direction, command.amount);
      case 'Freeze':
        if (state.frozen) return refuse('wallet.error.already_frozen');
        return [...opening(state), { type: 'WalletFrozen', data: {} }];
      case 'Unfreeze':
        return state.frozen ? [{ type: 'WalletUnfrozen', data: {} }] : refuse('wallet.error.not_frozen');
    }
  },

  keysOf: (_state, { userId }) => ({ userId }),
};

type Decision = readonly FanWalletEvent[] | Refusal;

/** Why this much cannot be held now, or null. A send asks before it writes anything (domain 9.2). */
export function holdRefusal(state: FanWallet, amount: Cents): Refusal | null {
  if (state.frozen) return refuse('message.send.error.wallet_frozen');
  if (state.balance < amount) return refuse('message.send.error.insufficient_balance');
  return null;
}

function hold(state: FanWallet, messageId: string, amount: Cents): Decision {
  if (state.voided.includes(messageId)) return refuse('message.send.error.interrupted');
  if (Object.hasOwn(state.holds, messageId)) return [];
  return (
    holdRefusal(state, amount) ?? [{ type: 'EscrowHeld', data: { messageId, ...movement(state.balance, -amount) } }]
  );
}

function voidHold(state: FanWallet, messageId: string): Decision {
  const held = state.holds[messageId];
  if (held === undefined && state.voided.includes(messageId)) return [];
  return [{ type: 'EscrowVoided', data: { messageId, ...movement(state.balance, held ?? 0) } }];
}

const closings = {
  /** Back to the fan. */
  RefundEscrow: { type: 'EscrowRefunded', returns: true },
  /** On to the creator. */
  ReleaseEscrow: { type: 'EscrowReleased', returns: false },
  /** Back to the card it was loaded from, past the wallet (domain 9.5). */
  ChargeBackEscrow: { type: 'EscrowChargedBack', returns: false },
} as const;

/** Each hold is closed once; what is closed stays closed. A frozen wallet does not keep money from coming back (G18). */
function closeHold(state: FanWallet, how: keyof typeof closings, messageId: string): Decision {
  const held = state.holds[messageId];
  if (held === undefined) return [];
  const { type, returns } = closings[how];
  return [{ type, data: { messageId, ...movement(state.balance, returns ? held : 0, held) } }];
}

function adjust(state: FanWallet, direction: 'CREDIT' | 'DEBIT', amount: Cents): Decision {
  if (amount <= 0) return refuse('wallet.error.invalid_amount');
  if (direction === 'DEBIT' && state.frozen) return refuse('wallet.error.frozen');
  if (direction === 'DEBIT' && state.balance < amount) return refuse('wallet.error.insufficient_balance');
  const change = direction === 'CREDIT' ? amount : -amount;
  return [...opening(state), { type: 'WalletAdjusted', data: { direction, ...movement(state.balance, change) } }];
}

function opening(state: FanWallet): FanWalletEvent[] {
  return state.opened ? [] : [{ type: 'WalletOpened', data: { type: 'FAN', currency: 'USD' } }];
}

function without(holds: FanWallet['holds'], messageId: string): FanWallet['holds'] {
  const { [messageId]: _, ...others } = holds;
  return others;
}
