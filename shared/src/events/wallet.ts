import { z } from 'zod';
import { amount, event, id, type EventOf } from './define.js';
import { kinds, sealed } from './sealed.js';

/** Every movement states the amount and the balance before and after it, so that anybody can check the chain. */
const movement = { amount, before: amount, after: amount };
const opened = event({ type: z.enum(['FAN', 'CREATOR']), currency: z.literal('USD') });

const ofEither = {
  WalletAdjusted: event({ ...movement, direction: z.enum(['CREDIT', 'DEBIT']) }),
  WalletFrozen: event({}),
  WalletUnfrozen: event({}),
  /** The owner is erased: what is left is nobody's any more (G56). */
  WalletForfeited: event(movement),
  /** The owner is erased and owes something: nobody will pay it (G56). */
  WalletWrittenOff: event(movement),
};
/** Events of either kind of wallet. */
export type WalletEvent = EventOf<{ readonly WalletOpened: typeof opened } & typeof ofEither>;

/** Stream fanWallet-<userId>; keys { userId }. */
export const fanWalletEvents = {
  WalletOpened: opened,
  FundsLoaded: event({ sessionId: id, ...movement }),
  EscrowHeld: event({ messageId: id, ...movement }),
  /** Gives back what is held for this message, if anything, and refuses any later hold for it. */
  EscrowVoided: event({ messageId: id, ...movement }),
  EscrowRefunded: event({ messageId: id, ...movement }),
  EscrowReleased: event({ messageId: id, ...movement }),
  EscrowChargedBack: event({ messageId: id, ...movement }),
  /** For a refunded message or for a load, one of which is named. The balance may fall below zero (chargebacks, G48). */
  ChargebackDebited: event({ messageId: id.nullable(), sessionId: id.nullable(), ...movement }),
  ...ofEither,
};
export type FanWalletEvent = EventOf<typeof fanWalletEvents>;

const settlement = { gross: amount, commission: amount, net: amount, before: amount, after: amount };

/** Stream creatorWallet-<userId>; keys { userId, creatorId }. */
export const creatorWalletEvents = {
  WalletOpened: opened,
  EarningsCredited: event({ messageId: id, ...settlement }),
  EarningsReversed: event({ messageId: id, ...settlement }),
  PayoutDebited: event({ payoutId: id, ...movement }),
  PayoutDebitRefused: event({ payoutId: id, amount, code: z.string() }),
  PayoutReturned: event({ payoutId: id, ...movement }),
  ...ofEither,
};
export type CreatorWalletEvent = EventOf<typeof creatorWalletEvents>;

/** Stream checkout-<sessionId>; keys { userId }. */
export const checkoutEvents = {
  CheckoutStarted: event({ sessionId: id, userId: id, amount, checkoutUrl: sealed(kinds.checkoutUrl) }),
  CheckoutCompleted: event({ sessionId: id, userId: id, amount }),
  CheckoutMismatch: event({ sessionId: id, amount, expected: amount }),
  CheckoutChargedBack: event({ sessionId: id, userId: id, amount }),
};
export type CheckoutEvent = EventOf<typeof checkoutEvents>;
