import { refuse } from '@creator-dashboards/shared/errors';
import type { CheckoutEvent } from '@creator-dashboards/shared/events/wallet';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Decider } from './decider.js';

/** One payment of a fan to her wallet, from our asking the payment provider to its word that the money came. */
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
);

export interface Checkout {
  /** Null while the session is unknown. */
  readonly userId: string | null;
  readonly amount: Cents;
  readonly checkoutUrl: Sealed<string> | null;
  readonly completed: boolean;
}

export const checkout: Decider<Checkout, CheckoutCommand, CheckoutEvent> = {
  category: 'checkout',
  snapshotVersion: 1,
  streamOf: ({ sessionId }) => checkoutStream(sessionId),
  initial: { userId: null, amount: 0, checkoutUrl: null, completed: false },

  evolve(state, { type, data }) {
    switch (type) {
      case 'CheckoutStarted':
        return { ...state, userId: data.userId, amount: toCents(data.amount), checkoutUrl: data.checkoutUrl };
      case 'CheckoutCompleted':
        return { ...state, completed: true };
      case 'CheckoutMismatch':
        return state;
    }
  },

  decide(command, { userId, amount: expected, completed }) {
    const { sessionId, amount } = command;
    if (command.type === 'StartCheckout') {
      if (userId !== null) return [];
      const { checkoutUrl } = command;
      return [
        {
          type: 'CheckoutStarted',
          data: { sessionId, userId: command.userId, amount: toDecimal(amount), checkoutUrl },
        },
      ];
    }
    if (userId === null) return refuse('wallet.checkout.error.not_found');
    if (amount !== expected) {
      const told = { sessionId, amount: toDecimal(amount), expected: toDecimal(expected) };
      return [{ type: 'CheckoutMismatch', data: told }];
    }
    return completed ? [] : [{ type: 'CheckoutCompleted', data: { sessionId, userId, amount: toDecimal(amount) } }];
  },

  keysOf: (state) => ({ userId: state.userId ?? undefined }),
};
