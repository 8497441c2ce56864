/** Who a creator is and whether she can be paid, as an administrator or a provider reports it: identity, tax form, Stripe account. */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

/** Checked before the provider is asked, and again when the command is decided. */
export function kycRefusal({ kycStatus }: CreatorState): Refusal | null {
  if (kycStatus === 'APPROVED') return refuse('creator.kyc.already_approved');
  return kycStatus === 'PENDING' ? refuse('creator.kyc.in_progress') : null;
}

export function startKyc(command: CommandNamed<'StartKyc'>, state: CreatorState): Decision {
  const { provider, providerId, sessionId, redirectUrl } = command;
  return kycRefusal(state) ?? [{ type: 'KycStarted', data: { provider, providerId, sessionId, redirectUrl } }];
}

/** A result counts once, and only for the session in progress; IN_REVIEW is still pending (KYC, domain 3.5). */
export function recordKycResult(
  { sessionId, result, at }: CommandNamed<'RecordKycResult'>,
  state: CreatorState,
): Decision {
  if (state.kycStatus !== 'PENDING' || state.kycSessionId !== sessionId || result === 'IN_REVIEW') return [];
  const type = ({ APPROVED: 'KycApproved', REJECTED: 'KycRejected', EXPIRED: 'KycExpired' } as const)[result];
  return [{ type, data: { sessionId, completedAt: at } }];
}

export function approveTaxForm({ at }: CommandNamed<'ApproveTaxForm'>, state: CreatorState): Decision {
  if (state.taxFormApproved) return refuse('creator.tax_form.already_approved');
  return [{ type: 'TaxFormApproved', data: { at } }];
}

/** As above. A disabled account may be followed by another (G58). */
export function stripeRefusal({ kycStatus, stripe }: CreatorState): Refusal | null {
  if (kycStatus !== 'APPROVED') return refuse('creator.stripe.kyc_required');
  return stripe && stripe.status !== 'DISABLED' ? refuse('creator.stripe.connect_in_progress') : null;
}

export function linkStripeAccount(command: CommandNamed<'LinkStripeAccount'>, state: CreatorState): Decision {
  const { accountId, onboardingUrl } = command;
  return stripeRefusal(state) ?? [{ type: 'StripeAccountLinked', data: { accountId, onboardingUrl } }];
}

/**
 * Recorded even if nothing changes: an older report that is delivered again must be recognised by its id. Not where the report is
 * about an account that another has followed.
 */
export function recordStripeStatus(command: CommandNamed<'RecordStripeStatus'>, state: CreatorState): Decision {
  if (!state.stripe) return refuse('creator.stripe.account_not_found');
  const { status, chargesEnabled, payoutsEnabled, isPresent } = command;
  if (!isPresent) return [];
  return [{ type: 'StripeAccountStatusChanged', data: { status, chargesEnabled, payoutsEnabled } }];
}
