/** Parts of the calling creator's profile, each as the page that edits it needs it (domain 2.5). */
import { Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import { id, payoutMethod } from '@creator-dashboards/shared/events/define';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import type { KillSwitchName } from '@creator-dashboards/shared/platform-config';
import { bioPageBody, profileBody, type ProfileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import { presentProfile } from '@creator-dashboards/shared/views/creator-profile/present';
import { socialAccountsBody } from '@creator-dashboards/shared/views/social-accounts/body';
import { z } from 'zod';
import type { ViewReader } from '../reads/read.js';
import { notFound, shown } from '../reads/shown.js';

interface Part {
  readonly path: string;
  readonly summary: string;
  readonly killSwitch?: KillSwitchName;
  readonly data: z.ZodType;
  /** What is answered where there is no profile. */
  readonly missing: ErrorKey;
  readonly of: (profile: ProfileBody) => unknown;
}

const { vacationMode, vacationStart, vacationEnd, creatorStatus, bankVerifiedAt } = profileBody.shape;
const { iban, bankName, accountHolderName, swiftCode, bankCountry } = profileBody.shape;
const { kycStatus, stripeAccountStatus } = profileBody.shape;
const text = z.string().nullable();

const PARTS: readonly Part[] = [
  {
    path: '/creators/:creatorId/bio',
    summary: 'The bio page of the calling creator, published or not, with all its links',
    data: bioPageBody,
    missing: 'creator.bio.not_found',
    of: ({ bioPage }) => bioPage,
  },
  {
    path: '/creators/:creatorId/vacation',
    summary: 'Whether the calling creator is on vacation, and from when to when',
    data: z.strictObject({ vacationMode, vacationStart, vacationEnd, creatorStatus }),
    missing: 'creator.vacation.not_found',
    of: ({ vacationMode, vacationStart, vacationEnd, creatorStatus }) => ({
      ...{ vacationMode, vacationStart, vacationEnd, creatorStatus },
    }),
  },
  {
    path: '/creators/payout-settings',
    summary: 'Bank details, Stripe account and payout methods of the calling creator',
    data: z.strictObject({
      bankDetails: z.strictObject({
        ...{ iban, bankName, accountHolderName, swiftCode, bankCountry },
        verified: z.boolean(),
        verifiedAt: bankVerifiedAt,
      }),
      stripeConnect: z.strictObject({ connected: z.boolean(), payoutsEnabled: z.boolean() }),
      preferredPayoutMethod: payoutMethod.nullable(),
      availableMethods: z.array(payoutMethod),
      autoPayoutEnabled: z.boolean(),
    }),
    missing: 'creator.bank.not_found',
    of: payoutSettingsOf,
  },
  {
    path: '/creators/kyc/status',
    summary: 'How far the identity check of the calling creator is',
    killSwitch: 'KYC',
    data: z.strictObject({ status: kycStatus, provider: text, providerId: text, completedAt: bankVerifiedAt }),
    missing: 'error.creator.not_found',
    of: ({ kycStatus: status, kycProvider: provider, kycProviderId: providerId, kycCompletedAt: completedAt }) => ({
      ...{ status, provider, providerId, completedAt },
    }),
  },
  {
    path: '/creators/stripe-connect/status',
    summary: 'The Stripe account of the calling creator, as last reported',
    data: z.strictObject({
      ...{ accountId: text, status: stripeAccountStatus },
      ...{ chargesEnabled: z.boolean(), payoutsEnabled: z.boolean() },
    }),
    missing: 'creator.stripe.not_creator',
    of: (profile) => ({
      ...{ accountId: profile.stripeAccountId, status: profile.stripeAccountStatus },
      ...{ chargesEnabled: profile.stripeChargesEnabled, payoutsEnabled: profile.stripePayoutsEnabled },
    }),
  },
];

export function creatorPartRoutes(reader: ViewReader): Route[] {
  return [...PARTS.map((part) => partRoute(reader, part)), socialRoute(reader)];
}

/** A method is available by the same facts as a payout by it is accepted (domain 2.2). */
function payoutSettingsOf(profile: ProfileBody) {
  const { iban, bankName, accountHolderName, swiftCode, bankCountry } = profile;
  const connected = profile.stripeAccountStatus === 'ACTIVE';
  const payoutsEnabled = connected && profile.stripePayoutsEnabled;
  return {
    bankDetails: {
      ...{ iban, bankName, accountHolderName, swiftCode, bankCountry },
      verified: profile.bankAccountVerified,
      verifiedAt: profile.bankVerifiedAt,
    },
    stripeConnect: { connected, payoutsEnabled },
    preferredPayoutMethod: profile.preferredPayoutMethod,
    availableMethods: [
      ...(payoutsEnabled ? ['STRIPE_CONNECT'] : []),
      ...(profile.bankAccountVerified ? ['BANK_TRANSFER'] : []),
    ],
    autoPayoutEnabled: profile.autoPayoutEnabled,
  };
}

function partRoute(reader: ViewReader, { path, summary, killSwitch, data, missing, of }: Part): Route {
  const isOf = path.includes(':creatorId');
  return route({
    method: 'GET',
    path,
    summary,
    who: 'user',
    limit: 'usual',
    ...(killSwitch && { killSwitch }),
    reads: true,
    params: isOf ? z.strictObject({ creatorId: id }) : z.strictObject({}),
    data,
    errors: [...(isOf ? (['creator.ownership.forbidden'] as const) : []), missing, 'common.view_degraded'],
    async handle(request: RouteRequest<{ creatorId?: string }>) {
      const userId = callerOf(request);
      const { creatorId } = request.params;
      // Before existence, so that nobody learns which ids exist.
      if (creatorId !== undefined && creatorId.toLowerCase() !== creatorIdOf(userId))
        return { refused: new Refused('creator.ownership.forbidden') };
      return reader.answer(request, {
        view: 'creatorProfile',
        key: userId,
        show: ({ document, open }) =>
          document?.creatorId && !document.deletedAt
            ? async () => of(await presentProfile(document, open))
            : notFound(missing, document),
      });
    },
  });
}

function socialRoute(reader: ViewReader): Route {
  return route({
    method: 'GET',
    path: '/creators/social',
    summary: 'The social accounts that the caller has connected, oldest first',
    who: 'user',
    limit: 'usual',
    reads: true,
    data: socialAccountsBody,
    errors: ['common.view_degraded'],
    handle: (request) =>
      reader.answer(request, { view: 'socialAccounts', key: callerOf(request), ...shown.socialAccounts }),
  });
}
