/**
 * The twelve checks of a payout request (G12; their error names, G13), and what they look at: the creator, her wallet, her
 * other payouts, the config in force.
 */
import { refuse, type ErrorKey, type ErrorVars, type Refusal } from '@creator-dashboards/shared/errors';
import type { CreatorStatus, PayoutMethod } from '@creator-dashboards/shared/events/define';
import type { PayoutStatus } from '@creator-dashboards/shared/events/payout';
import { toDecimal, type Cents } from '@creator-dashboards/shared/money';
import { DAY, fromInstant, plus, type Instant } from '@creator-dashboards/shared/time';
import type { CreatorWallet } from './creator-wallet.js';
import { isLive, type CreatorState } from './creator/state.js';

/** What the creator asks for. */
export interface PayoutRequest {
  /** Null when the request names no valid amount. */
  readonly amount: Cents | null;
  /** As requested; null for the preferred method. */
  readonly method: string | null;
  readonly at: Instant;
}

/** What the request is judged by, as just read. */
export interface PayoutFacts {
  /** Null without a creator profile. */
  readonly creator: PayoutCreator | null;
  readonly wallet: Pick<CreatorWallet, 'opened' | 'frozen' | 'balance' | 'payouts'>;
  readonly minimum: Cents;
  readonly cooldownDays: number;
}

export interface PayoutCreator {
  readonly status: CreatorStatus;
  readonly kycApproved: boolean;
  readonly taxFormApproved: boolean;
  readonly readyMethods: readonly PayoutMethod[];
  readonly preferredMethod: PayoutMethod | null;
}

/** A payout as its book knows it. */
export interface Payout {
  readonly amount: Cents;
  readonly method: PayoutMethod;
  readonly status: PayoutStatus;
  readonly requestedAt: Instant;
}
export type Payouts = Readonly<Record<string, Payout>>;

/** What a creator profile says about payouts, null where there is none. */
export function payoutCreatorOf(state: CreatorState): PayoutCreator | null {
  if (!isLive(state)) return null;
  return {
    status: state.status,
    kycApproved: state.kycStatus === 'APPROVED',
    taxFormApproved: state.taxFormApproved,
    readyMethods: [
      ...(state.stripe?.payoutsEnabled ? (['STRIPE_CONNECT'] as const) : []),
      ...(state.bankAccountVerified ? (['BANK_TRANSFER'] as const) : []),
    ],
    preferredMethod: state.preferredPayoutMethod,
  };
}

/** Runs the twelve checks in their fixed order (G12): the amount and method to pay out, or the first refusal. */
export function judge(
  { amount, method: asked, at }: PayoutRequest,
  { creator, wallet, minimum, cooldownDays }: PayoutFacts,
  payouts: Payouts,
): { readonly amount: Cents; readonly method: PayoutMethod } | Refusal {
  if (!creator) return no('creator_not_found');
  if (inactive.includes(creator.status)) return no('creator_inactive');
  if (amount === null || amount <= 0) return no('invalid_amount');
  const method = methodOf(asked ?? creator.preferredMethod);
  if (!method) return no('invalid_method');
  if (!creator.kycApproved) return no('kyc_required');
  if (!creator.taxFormApproved) return no('tax_form_required');
  if (!creator.readyMethods.includes(method)) return no('method_not_ready');
  if (!wallet.opened) return no('wallet_not_found');
  if (wallet.frozen) return no('wallet_frozen');
  if (amount < minimum) return no('below_minimum', { min: toDecimal(minimum) });
  if (amount > headroom(payouts, wallet)) return no('insufficient_balance');
  const availableAt = cooldownEnd(payouts, cooldownDays);
  if (availableAt !== null && fromInstant(at) < fromInstant(availableAt)) return no('frequency_limit', { availableAt });
  return { amount, method };
}

type PayoutErrorName = ErrorKey extends infer K ? (K extends `payment.payout.error.${infer N}` ? N : never) : never;

function no(name: PayoutErrorName, vars?: ErrorVars): Refusal {
  return refuse(`payment.payout.error.${name}`, vars);
}

const inactive: readonly CreatorStatus[] = ['SUSPENDED', 'BANNED', 'DEACTIVATED'];
const methods: readonly PayoutMethod[] = ['STRIPE_CONNECT', 'BANK_TRANSFER'];

function methodOf(name: string | null): PayoutMethod | undefined {
  return methods.find((method) => method === name);
}

/** What the wallet can still pay out: its balance less what is promised but not debited yet (headroom, domain 9.6). */
function headroom(payouts: Payouts, wallet: Pick<CreatorWallet, 'balance' | 'payouts'>): Cents {
  const promised = Object.entries(payouts).filter(
    ([payoutId, { status }]) =>
      status === 'PENDING' ||
      status === 'APPROVED' ||
      (status === 'PROCESSING' && !Object.hasOwn(wallet.payouts, payoutId)),
  );
  return promised.reduce((rest, [, { amount }]) => rest - amount, wallet.balance);
}

/** When the next payout may be requested; every payout but a rejected one counts (G14). Null before the first. */
function cooldownEnd(payouts: Payouts, days: number): Instant | null {
  const counted = Object.values(payouts).filter(({ status }) => status !== 'REJECTED');
  const last = counted
    .map(({ requestedAt }) => requestedAt)
    .sort()
    .at(-1);
  return last === undefined ? null : plus(last, days * DAY);
}
