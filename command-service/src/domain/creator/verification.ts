/** Who a creator is and whether she can be paid, as told by an administrator or a provider: identity, tax form, Stripe account. */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

/** Asked before the provider is, and again when it is decided. */
export function kycRefusal({ kycStatus }: CreatorState): Refusal | null {
  if (kycStatus === 'APPROVED') return refuse('creator.kyc.already_approved');
  return kycStatus === 'PENDING' ? refuse('creator.kyc.in_progress') : null;
}

export function startKyc(command: CommandNamed<'StartKyc'>, state: CreatorState): Decision {
  const { provider, providerId, sessionId, redirectUrl } = command;
  return kycRefusal(state) ?? [{ type: 'KycStarted', data: { provider, providerId, sessionId, redirectUrl } }];
}

/** Only the session in progress is decided, and once; "in review" is still pending (domain 3.5). */
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

/** Asked before the provider is, and again when it is decided. */
export function stripeRefusal({ kycStatus, stripe }: CreatorState): Refusal | null {
  if (kycStatus !== 'APPROVED') return refuse('creator.stripe.kyc_required');
  return stripe ? refuse('creator.stripe.connect_in_progress') : null;
}

export function linkStripeAccount(command: CommandNamed<'LinkStripeAccount'>, state: CreatorState): Decision {
  const { accountId, onboardingUrl } = command;
  return stripeRefusal(state) ?? [{ type: 'StripeAccountLinked', data: { accountId, onboardingUrl } }];
}

/** Also where nothing changes: an older report that comes again must be known by its id. */
export function recordStripeStatus(command: CommandNamed<'RecordStripeStatus'>, state: CreatorState): Decision {
  if (!state.stripe) return refuse('creator.stripe.account_not_found');
  const { status, chargesEnabled, payoutsEnabled } = command;
  return [{ type: 'StripeAccountStatusChanged', data: { status, chargesEnabled, payoutsEnabled } }];
}
