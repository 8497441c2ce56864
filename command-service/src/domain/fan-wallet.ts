import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { FanWalletEvent } from '@creator-dashboards/shared/events/wallet';
import type { FanId } from '@creator-dashboards/shared/ids';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import type { Decider } from './decider.js';
import { remembering } from './remembering.js';
import {
  administer,
  balanceAfter,
  evolveWallet,
  forfeitWallet,
  movement,
  opening,
  type AdminWalletCommand,
  type ForfeitWallet,
  type Wallet,
} from './wallet.js';

/** The wallet a fan pays for messages from. Held money has left the balance; each hold is kept by message until it is closed. */
export function fanWalletStream(userId: FanId): string {
  return `fanWallet-${userId}`;
}

export type FanWalletCommand = { readonly userId: FanId } & (
  | { readonly type: 'HoldEscrow'; readonly messageId: string; readonly amount: Cents }
  /** Undoes a send (domain 9.2): gives back the hold, if there is one, and refuses any later hold for the message. */
  | { readonly type: 'VoidEscrow'; readonly messageId: string }
  | { readonly type: 'RefundEscrow'; readonly messageId: string }
  | { readonly type: 'ReleaseEscrow'; readonly messageId: string }
  | { readonly type: 'ChargeBackEscrow'; readonly messageId: string }
  | { readonly type: 'LoadFunds'; readonly sessionId: string; readonly amount: Cents }
  /** The card holder took back what the fan has or had here: a refund of a message, or a load (G48). One of both is named. */
  | {
      readonly type: 'DebitChargeback';
      readonly messageId: string | null;
      readonly sessionId: string | null;
      readonly amount: Cents;
    }
  | AdminWalletCommand
  | ForfeitWallet
);

/** The balance is what can be spent: held money is not part of it. Only a chargeback takes it below zero (G48). */
export interface FanWallet extends Wallet {
  /** Open holds by message. */
  readonly holds: Readonly<Record<string, Cents>>;
  /** Messages for which any further hold is refused, newest last. */
  readonly voided: readonly string[];
  /** Checkout sessions that were credited, newest last. */
  readonly sessions: readonly string[];
  /** Messages and sessions whose chargeback was debited, newest last. */
  readonly debited: readonly string[];
}

/**
 * How many voided messages are remembered. A hold that arrives after its message was forgotten does no lasting harm: the
 * message stream decides the send and refuses it (domain 9.2), and the undo that follows gives the hold back.
 */
export const REMEMBERED_VOIDS = 1_000;
/** How many credited sessions are remembered. A session completes once in its own stream; this only catches a repeated command. */
export const REMEMBERED_SESSIONS = 1_000;
/** How many debited chargebacks are remembered. Each is decided once in its own stream; this only catches a repeated command. */
const REMEMBERED_CHARGEBACKS = 1_000;

const initial: FanWallet = {
  ...{ opened: false, frozen: false, balance: 0 },
  ...{ holds: {}, voided: [], sessions: [], debited: [] },
};

function evolve(wallet: FanWallet, event: FanWalletEvent): FanWallet {
  switch (event.type) {
    case 'FundsLoaded':
      return {
        ...wallet,
        balance: balanceAfter(event.data),
        sessions: remembering(wallet.sessions, event.data.sessionId, REMEMBERED_SESSIONS),
      };
    case 'EscrowHeld': {
      const { messageId, amount } = event.data;
      return { ...wallet, balance: balanceAfter(event.data), holds: { ...wallet.holds, [messageId]: toCents(amount) } };
    }
    case 'EscrowVoided': {
      const voided = remembering(wallet.voided, event.data.messageId, REMEMBERED_VOIDS);
      return { ...withoutHold(wallet, event.data), voided };
    }
    case 'EscrowRefunded':
    case 'EscrowReleased':
    case 'EscrowChargedBack':
      return withoutHold(wallet, event.data);
    case 'ChargebackDebited': {
      const debited = remembering(wallet.debited, chargedIn(event.data), REMEMBERED_CHARGEBACKS);
      return { ...wallet, balance: balanceAfter(event.data), debited };
    }
    case 'WalletOpened':
    case 'WalletAdjusted':
    case 'WalletFrozen':
    case 'WalletUnfrozen':
    case 'WalletForfeited':
    case 'WalletWrittenOff':
      return evolveWallet(wallet, event);
  }
}

function withoutHold(wallet: FanWallet, closed: { readonly messageId: string; readonly after: string }): FanWallet {
  const { [closed.messageId]: _, ...holds } = wallet.holds;
  return { ...wallet, balance: balanceAfter(closed), holds };
}

/** What was charged back: the id of a message or of a checkout session. */
function chargedIn({ messageId, sessionId }: { messageId: string | null; sessionId: string | null }): string {
  const id = messageId ?? sessionId;
  if (id === null) throw new Error('a chargeback of neither a message nor a load');
  return id;
}

type Decision = readonly FanWalletEvent[] | Refusal;
type CommandNamed<T extends FanWalletCommand['type']> = Extract<FanWalletCommand, { type: T }>;

function decide(command: FanWalletCommand, wallet: FanWallet): Decision {
  switch (command.type) {
    case 'HoldEscrow':
      return holdEscrow(command, wallet);
    case 'VoidEscrow':
      return voidEscrow(command, wallet);
    case 'RefundEscrow':
    case 'ReleaseEscrow':
    case 'ChargeBackEscrow':
      return closeEscrow(command, wallet);
    case 'LoadFunds':
      return loadFunds(command, wallet);
    case 'DebitChargeback':
      return debitChargeback(command, wallet);
    case 'Forfeit':
      return forfeitWallet(wallet);
    case 'Adjust':
    case 'Freeze':
    case 'Unfreeze':
      return administer(command, wallet, 'FAN');
  }
}

/** At most this many open holds per wallet: a state must not grow with its history (G44b). */
export const HOLDS_MAX = 1_000;

/** Why this amount cannot be held now, or null. A send asks before it writes anything (domain 9.2). */
export function holdRefusal(wallet: FanWallet, amount: Cents): Refusal | null {
  if (wallet.frozen) return refuse('message.send.error.wallet_frozen');
  if (wallet.balance < amount) return refuse('message.send.error.insufficient_balance');
  if (Object.keys(wallet.holds).length >= HOLDS_MAX) return refuse('message.send.error.pending_limit');
  return null;
}

function holdEscrow({ messageId, amount }: CommandNamed<'HoldEscrow'>, wallet: FanWallet): Decision {
  if (wallet.voided.includes(messageId)) return refuse('message.send.error.interrupted');
  if (Object.hasOwn(wallet.holds, messageId)) return [];
  const refused = holdRefusal(wallet, amount);
  return refused ?? [{ type: 'EscrowHeld', data: { messageId, ...movement(wallet.balance, -amount) } }];
}

function voidEscrow({ messageId }: CommandNamed<'VoidEscrow'>, wallet: FanWallet): Decision {
  const held = wallet.holds[messageId];
  if (held === undefined && wallet.voided.includes(messageId)) return [];
  return [{ type: 'EscrowVoided', data: { messageId, ...movement(wallet.balance, held ?? 0) } }];
}

const closings = {
  /** Back to the fan. */
  RefundEscrow: { event: 'EscrowRefunded', returns: true },
  /** On to the creator. */
  ReleaseEscrow: { event: 'EscrowReleased', returns: false },
  /** Back to the card it was loaded from, bypassing the wallet (chargeback, domain 9.5). */
  ChargeBackEscrow: { event: 'EscrowChargedBack', returns: false },
} as const;

/** A hold is closed once; a repeat changes nothing. Refunds reach a frozen wallet too (G18). */
function closeEscrow({ type, messageId }: CommandNamed<keyof typeof closings>, wallet: FanWallet): Decision {
  const held = wallet.holds[messageId];
  if (held === undefined) return [];
  const { event, returns } = closings[type];
  return [{ type: event, data: { messageId, ...movement(wallet.balance, returns ? held : 0, held) } }];
}

function loadFunds({ sessionId, amount }: CommandNamed<'LoadFunds'>, wallet: FanWallet): Decision {
  if (wallet.sessions.includes(sessionId)) return [];
  const loaded = { sessionId, ...movement(wallet.balance, amount) };
  return [...opening(wallet, 'FAN'), { type: 'FundsLoaded', data: loaded }];
}

/** Whoever charged it back has the money, so it is debited whatever is left, of a frozen wallet too. Later credits fill the debt first. */
function debitChargeback(command: CommandNamed<'DebitChargeback'>, wallet: FanWallet): Decision {
  if (wallet.debited.includes(chargedIn(command))) return [];
  const { messageId, sessionId, amount } = command;
  const data = { messageId, sessionId, ...movement(wallet.balance, -amount) };
  return [...opening(wallet, 'FAN'), { type: 'ChargebackDebited', data }];
}

export const fanWallet: Decider<FanWallet, FanWalletCommand, FanWalletEvent> = {
  category: 'fanWallet',
  snapshotVersion: 2,
  streamOf: ({ userId }) => fanWalletStream(userId),
  initial,
  evolve,
  decide,
  keysOf: (_wallet, { userId }) => ({ userId }),
};
