import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { CheckoutEvent } from '@creator-dashboards/shared/events/wallet';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Decider } from './decider.js';

/** One payment into a fan's wallet, from our request to the payment provider until it confirms that the money came, or takes it back. */
export function checkoutStream(sessionId: string): string {
  return `checkout-${sessionId}`;
}

export type CheckoutCommand = { readonly sessionId: string } & (
  | {
      readonly type: 'StartCheckout';
      readonly userId: string;
      readonly amount: Cents;
      readonly checkoutUrl: Sealed<string>;
    }
  | { readonly type: 'CompleteCheckout'; readonly amount: Cents }
  | { readonly type: 'ChargeBackCheckout'; readonly amount: Cents }
);

export interface Checkout {
  /** Null while the session is unknown. */
  readonly userId: string | null;
  readonly amount: Cents;
  readonly checkoutUrl: Sealed<string> | null;
  readonly completed: boolean;
  readonly chargedBack: boolean;
}

const initial: Checkout = { userId: null, amount: 0, checkoutUrl: null, completed: false, chargedBack: false };

function evolve(state: Checkout, { type, data }: CheckoutEvent): Checkout {
  switch (type) {
    case 'CheckoutStarted':
      return { ...state, userId: data.userId, amount: toCents(data.amount), checkoutUrl: data.checkoutUrl };
    case 'CheckoutCompleted':
      return { ...state, completed: true };
    case 'CheckoutChargedBack':
      return { ...state, chargedBack: true };
    case 'CheckoutMismatch':
      return state;
  }
}

type Decision = readonly CheckoutEvent[] | Refusal;
type CommandNamed<T extends CheckoutCommand['type']> = Extract<CheckoutCommand, { type: T }>;

function decide(command: CheckoutCommand, state: Checkout): Decision {
  switch (command.type) {
    case 'StartCheckout':
      return startCheckout(command, state);
    case 'CompleteCheckout':
      return completeCheckout(command, state);
    case 'ChargeBackCheckout':
      return chargeBackCheckout(command, state);
  }
}

function startCheckout(command: CommandNamed<'StartCheckout'>, state: Checkout): Decision {
  if (state.userId !== null) return [];
  const { sessionId, userId, amount, checkoutUrl } = command;
  return [{ type: 'CheckoutStarted', data: { sessionId, userId, amount: toDecimal(amount), checkoutUrl } }];
}

/** A payment of any other amount than requested is recorded as a mismatch and loads nothing. */
function completeCheckout({ sessionId, amount: paid }: CommandNamed<'CompleteCheckout'>, state: Checkout): Decision {
  const { userId, amount: expected, completed } = state;
  if (userId === null) return refuse('wallet.checkout.error.not_found');
  if (paid !== expected) return mismatch(sessionId, paid, expected);
  return completed ? [] : [{ type: 'CheckoutCompleted', data: { sessionId, userId, amount: toDecimal(paid) } }];
}

/** A load is charged back once (G48). One that is not completed yet may be soon: the provider must come again. */
function chargeBackCheckout({ sessionId, amount }: CommandNamed<'ChargeBackCheckout'>, state: Checkout): Decision {
  const { userId, amount: loaded, completed, chargedBack } = state;
  if (userId === null) return refuse('wallet.checkout.error.not_found');
  if (!completed) return refuse('wallet.checkout.error.not_completed');
  if (amount !== loaded) return mismatch(sessionId, amount, loaded);
  return chargedBack ? [] : [{ type: 'CheckoutChargedBack', data: { sessionId, userId, amount: toDecimal(amount) } }];
}

function mismatch(sessionId: string, amount: Cents, expected: Cents): CheckoutEvent[] {
  const data = { sessionId, amount: toDecimal(amount), expected: toDecimal(expected) };
  return [{ type: 'CheckoutMismatch', data }];
}

export const checkout: Decider<Checkout, CheckoutCommand, CheckoutEvent> = {
  category: 'checkout',
  snapshotVersion: 2,
  streamOf: ({ sessionId }) => checkoutStream(sessionId),
  initial,
  evolve,
  decide,
  keysOf: (state) => ({ userId: state.userId ?? undefined }),
};
