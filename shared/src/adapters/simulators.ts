/**
 * The built-in providers: no network call leaves the process. The same request gets the same response, so that a retried command sees
 * what its first run saw. Results that a real provider reports later come by webhook here, too.
 */
import { createHash } from 'node:crypto';
import type { Providers } from '../providers.js';

/** A message whose body has this word is flagged. */
export const FLAGGED_WORD = 'quarantine-me';

interface SimulatorOptions {
  /**
   * Where the demonstration serves the providers' pages, without a trailing slash. Null: there are none, and the addresses are those of
   * providers that do not exist.
   */
  readonly pages: string | null;
  /** Shows a mail: its link opens an account. Without it, mails go nowhere. */
  readonly print?: ((text: string) => void) | undefined;
}

export function createSimulators({ pages, print }: SimulatorOptions): Providers {
  const checkout = pages === null ? 'https://payments.simulator.invalid/checkout' : `${pages}/checkout`;
  const sessions = pages === null ? 'https://kyc.simulator.invalid/sessions' : `${pages}/demo/kyc`;
  const onboarding = pages === null ? 'https://stripe.simulator.invalid/onboarding' : `${pages}/demo/stripe`;
  return {
    mail: {
      trustsAddresses: true,
      send: async ({ text }) => print?.(`A mail, which is not sent: ${text}\n`),
    },
    moderation: {
      review: async (body) => {
        const flagged = body.toLowerCase().includes(FLAGGED_WORD);
        return { flagged, rule: flagged ? FLAGGED_WORD : null };
      },
    },
    payment: {
      createCheckout: async ({ sessionId }) => ({ checkoutUrl: `${checkout}/${sessionId}` }),
    },
    payout: {
      /** The transfer's result is whatever the webhook says. */
      pay: async () => ({ outcome: 'accepted' }),
    },
    kyc: {
      name: 'simulator',
      start: async ({ sessionId }) => ({
        redirectUrl: `${sessions}/${sessionId}`,
        providerId: `kyc_${digestOf('kyc', sessionId).slice(0, 24)}`,
      }),
      resume: async ({ sessionId }) => ({ redirectUrl: `${sessions}/${sessionId}` }),
    },
    stripe: {
      createAccount: async ({ creatorId, idempotencyKey }) => {
        const accountId = `acct_${digestOf('stripe', creatorId, idempotencyKey).slice(0, 16)}`;
        return { accountId, onboardingUrl: `${onboarding}/${accountId}` };
      },
      resume: async ({ accountId }) => ({ onboardingUrl: `${onboarding}/${accountId}` }),
    },
    social: {
      verify: async ({ platform, code }) => {
        const digest = digestOf('social', platform, code);
        return { accountId: digest.slice(0, 24), followerCount: Number.parseInt(digest.slice(24, 32), 16) % 100_000 };
      },
    },
  };
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
