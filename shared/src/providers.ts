/** The port to outside providers: payment, payouts, identity checks, social platforms, moderation (domain 7). */
import type { PayoutDestination } from './events/sealed.js';

export interface Providers {
  readonly mail: {
    /** Addresses count as their owners' without a proof (domain 8): nothing is really sent. */
    readonly trustsAddresses: boolean;
    /** Resolves once the mail was taken over; a rejected promise is tried again, so a mail may come twice. */
    send(mail: { readonly to: string; readonly subject: string; readonly text: string }): Promise<void>;
  };
  readonly moderation: {
    /** Judges a message body. A rejected promise counts as flagged (domain 9.2). */
    review(body: string): Promise<{ flagged: boolean; rule: string | null }>;
  };
  readonly payment: {
    createCheckout(request: { sessionId: string; userId: string; amount: string }): Promise<{ checkoutUrl: string }>;
  };
  readonly payout: {
    /**
     * Starts a transfer. `idempotencyKey` is the payoutId: asking twice pays once. 'accepted': the result comes by webhook.
     * 'refused': the provider never accepted this payout and never will, and says why. Anything else, a conflict about the key included,
     * is a rejected promise: it is unknown whether the provider pays.
     */
    pay(request: {
      idempotencyKey: string;
      amount: string;
      destination: PayoutDestination;
    }): Promise<{ readonly outcome: 'accepted' } | { readonly outcome: 'refused'; readonly reason: string }>;
  };
  readonly kyc: {
    readonly name: string;
    start(request: { sessionId: string; userId: string }): Promise<{ redirectUrl: string; providerId: string }>;
    /** An address at which a session that was started goes on: the first one may have been used up. */
    resume(request: { sessionId: string; providerId: string }): Promise<{ redirectUrl: string }>;
  };
  readonly stripe: {
    createAccount(request: {
      creatorId: string;
      idempotencyKey: string;
    }): Promise<{ accountId: string; onboardingUrl: string }>;
    /** An address at which the onboarding of an account goes on: the first one may have been used up. */
    resume(request: { accountId: string }): Promise<{ onboardingUrl: string }>;
  };
  readonly social: {
    /** Proves ownership of an account; accountId is the platform's own id. */
    verify(request: {
      platform: string;
      code: string;
      redirectUri: string;
    }): Promise<{ accountId: string; followerCount: number }>;
  };
}
