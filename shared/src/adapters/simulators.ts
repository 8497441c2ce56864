/**
 * The built-in providers: no network call leaves the process. The same request gets the same response, so that a retried command sees
 * what its first run saw. Results that a real provider reports later come by webhook here, too.
 */
import { createHash } from 'node:crypto';
import type { Providers } from '../providers.js';

/** A message whose body has this word is flagged. */
export const FLAGGED_WORD = 'quarantine-me';

/** `publicUrl` is this installation's address, without a trailing slash. */
export function createSimulators({ publicUrl }: { publicUrl: string }): Providers {
  return {
    moderation: {
      review: async (body) => {
        const flagged = body.toLowerCase().includes(FLAGGED_WORD);
        return { flagged, rule: flagged ? FLAGGED_WORD : null };
      },
    },
    payment: {
      /** Our own page (demo mode), where one click completes the checkout. */
      createCheckout: async ({ sessionId }) => ({ checkoutUrl: `${publicUrl}/api/v1/checkout/${sessionId}` }),
    },
    payout: {
      /** The transfer's result is whatever the webhook says. */
      pay: async () => ({ outcome: 'accepted' }),
    },
    kyc: {
      name: 'simulator',
      start: async ({ sessionId }) => ({
        redirectUrl: kycAddress(sessionId),
        providerId: `kyc_${digestOf('kyc', sessionId).slice(0, 24)}`,
      }),
      resume: async ({ sessionId }) => ({ redirectUrl: kycAddress(sessionId) }),
    },
    stripe: {
      createAccount: async ({ creatorId, idempotencyKey }) => {
        const accountId = `acct_${digestOf('stripe', creatorId, idempotencyKey).slice(0, 16)}`;
        return { accountId, onboardingUrl: onboardingAddress(accountId) };
      },
      resume: async ({ accountId }) => ({ onboardingUrl: onboardingAddress(accountId) }),
    },
    social: {
      verify: async ({ platform, code }) => {
        const digest = digestOf('social', platform, code);
        return { accountId: digest.slice(0, 24), followerCount: Number.parseInt(digest.slice(24, 32), 16) % 100_000 };
      },
    },
  };
}

const kycAddress = (sessionId: string) => `https://kyc.simulator.invalid/sessions/${sessionId}`;
const onboardingAddress = (accountId: string) => `https://stripe.simulator.invalid/onboarding/${accountId}`;

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
