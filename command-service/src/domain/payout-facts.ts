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
export interface PayoutFacts extends Payee {
  readonly wallet: Pick<CreatorWallet, 'opened' | 'frozen' | 'balance' | 'payouts'>;
  readonly minimum: Cents;
  readonly cooldownDays: number;
}

/** The creator who is paid, as just read. */
export interface Payee {
  /** Null without a creator profile. */
  readonly creator: PayoutCreator | null;
  /** Whether the account of the profile's user is active. */
  readonly accountActive: boolean;
}

export interface PayoutCreator {
  readonly status: CreatorStatus;
  readonly kycApproved: boolean;
  readonly taxFormApproved: boolean;
  readonly readyMethods: readonly PayoutMethod[];
  readonly preferredMethod: PayoutMethod | null;
}

/** A payout that is PENDING, APPROVED or PROCESSING. */
export interface OpenPayout {
  readonly amount: Cents;
  readonly method: PayoutMethod;
  readonly status: Extract<PayoutStatus, 'PENDING' | 'APPROVED' | 'PROCESSING'>;
  readonly requestedAt: Instant;
  readonly approvedBy: string | null;
  /** Digest of the destination that was approved; null before. */
  readonly digest: string | null;
}

/** A creator's payouts. Bounded: old closed ones are forgotten (G51). */
export interface PayoutBookState {
  /** By payoutId. */
  readonly open: Readonly<Record<string, OpenPayout>>;
  /** Newest last. */
  readonly closed: readonly { readonly payoutId: string; readonly status: PayoutStatus }[];
  /** Times of the newest requests, whatever became of them; newest last. */
  readonly requested: readonly Instant[];
  /** Time of the newest request among closed payouts that count for the cooldown. */
  readonly lastCounted: Instant | null;
  /** The creator is erased: nothing is requested any more (G56). */
  readonly isClosed: boolean;
  /** Amounts of the payouts that an older version's closing cancelled without an event of their own; by payoutId. */
  readonly unnamed: Readonly<Record<string, Cents>>;
  /** Payouts with a conflicting result that nobody has looked into yet; newest last. */
  readonly conflicts: readonly string[];
}

/** What a creator profile says about payouts, null where there is none. */
export function payoutCreatorOf(state: CreatorState): PayoutCreator | null {
  if (!isLive(state)) return null;
  return {
    status: state.status,
    kycApproved: state.kycStatus === 'APPROVED',
    taxFormApproved: state.taxFormApproved,
    readyMethods: [
      ...(state.stripe?.status === 'ACTIVE' && state.stripe.payoutsEnabled ? (['STRIPE_CONNECT'] as const) : []),
      ...(state.bankAccountVerified ? (['BANK_TRANSFER'] as const) : []),
    ],
    preferredMethod: state.preferredPayoutMethod,
  };
}

/** Runs the twelve checks in their fixed order (G12): the amount and method to pay out, or the first refusal. */
export function judgeRequest(
  { amount, method: asked, at }: PayoutRequest,
  { wallet, minimum, cooldownDays, ...payee }: PayoutFacts,
  book: PayoutBookState,
): { readonly amount: Cents; readonly method: PayoutMethod } | Refusal {
  const { creator } = payee;
  if (!creator) return no('creator_not_found');
  if (isInactive(payee)) return no('creator_inactive');
  if (amount === null || amount <= 0) return no('invalid_amount');
  const method = methodOf(asked ?? creator.preferredMethod);
  if (!method) return no('invalid_method');
  const unready = readinessRefusal(creator, method);
  if (unready) return unready;
  if (!wallet.opened) return no('wallet_not_found');
  if (wallet.frozen) return no('wallet_frozen');
  if (amount < minimum) return no('below_minimum', { min: toDecimal(minimum) });
  const available = headroom(book, wallet);
  if (amount > available) return no('insufficient_balance', { available: toDecimal(available) });
  if (Object.keys(book.open).length >= OPEN_MAX) return no('open_limit', { max: OPEN_MAX });
  const availableAt = nextRequestAt(book, cooldownDays);
  if (availableAt !== null && fromInstant(at) < fromInstant(availableAt)) return no('frequency_limit', { availableAt });
  return { amount, method };
}

/** The refusal if this creator must not be paid by this method now, or null; judged at approval and at processing (G47). */
export function judgePayee(payee: Payee, method: PayoutMethod): Refusal | null {
  if (!payee.creator) return no('creator_not_found');
  return isInactive(payee) ? no('creator_inactive') : readinessRefusal(payee.creator, method);
}

function isInactive({ creator, accountActive }: Payee): boolean {
  return !accountActive || (creator !== null && inactive.includes(creator.status));
}

function readinessRefusal(creator: PayoutCreator, method: PayoutMethod): Refusal | null {
  if (!creator.kycApproved) return no('kyc_required');
  if (!creator.taxFormApproved) return no('tax_form_required');
  return creator.readyMethods.includes(method) ? null : no('method_not_ready');
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
function headroom({ open }: PayoutBookState, wallet: Pick<CreatorWallet, 'balance' | 'payouts'>): Cents {
  const promised = Object.entries(open).filter(
    ([payoutId, { status }]) => status !== 'PROCESSING' || !Object.hasOwn(wallet.payouts, payoutId),
  );
  return promised.reduce((rest, [, { amount }]) => rest - amount, wallet.balance);
}

/** At most this many open payouts (bounded state, G44b), and requests within 24 hours (G51). */
const OPEN_MAX = 20;
export const REQUESTS_A_DAY = 5;

/**
 * When the next payout may be requested: after the cooldown of the newest that counts, that is any but a rejected, a cancelled
 * and one that failed before its debit (G14, G51); and not as the sixth within 24 hours. Null for at once.
 */
function nextRequestAt({ open, lastCounted, requested }: PayoutBookState, days: number): Instant | null {
  const counted = [...Object.values(open).map(({ requestedAt }) => requestedAt), ...(lastCounted ? [lastCounted] : [])];
  const newest = counted.sort().at(-1);
  const first = requested.length >= REQUESTS_A_DAY ? requested.at(-REQUESTS_A_DAY) : undefined;
  const waits = [newest && plus(newest, days * DAY), first && plus(first, DAY)];
  return (
    waits
      .filter((at) => at !== undefined)
      .sort()
      .at(-1) ?? null
  );
}
