import { z } from 'zod';
import {
  amount,
  commandAbandoned,
  count,
  creatorId,
  creatorStatus,
  creatorUserId,
  digest,
  dmType,
  event,
  id,
  instant,
  level,
  payoutMethod,
  type EventOf,
} from './define.js';
import { kinds, sealed } from './sealed.js';

/** A bio template, as in config `bio.templates`; events carry the whole template (domain 9.12). */
export const bioTemplate = z.strictObject({
  id,
  name: z.string().max(100),
  description: z.string().max(500).nullable(),
  tokens: z.record(z.string(), z.json()),
  thumbnail: z.string().max(2048).nullable(),
  active: z.boolean(),
  sortOrder: z.number().int(),
  createdAt: instant,
  updatedAt: instant,
});
export type BioTemplate = z.infer<typeof bioTemplate>;

const dmSettings = { dmType: dmType.nullable(), dmPrice: amount.nullable(), dmActive: z.boolean() };
export const platform = z.enum(['INSTAGRAM', 'TIKTOK', 'YOUTUBE', 'X', 'TWITCH']);

/** Stream creator-<creatorId>; keys { userId, creatorId }. */
export const creatorEvents = {
  CreatorUpgraded: event({
    creatorId,
    userId: creatorUserId,
    bioPageId: id,
    displayName: sealed(kinds.displayName),
    bio: sealed(kinds.bio),
    /** The username chosen with the upgrade, which a policy then sets on the account; null when the account had one. */
    username: sealed(kinds.name).nullable(),
    usernameDigest: digest.nullable(),
    templateId: id.nullable(),
    template: bioTemplate.nullable(),
    createdAt: instant,
  }),
  DmConfigUpdated: event({
    ...dmSettings,
    dmType,
    previous: z.strictObject(dmSettings),
    packageId: id,
  }),
  /** A vacation that begins later; the clock then enables it (G52). */
  VacationScheduled: event({ start: instant, end: instant.nullable() }),
  VacationEnabled: event({ start: instant, end: instant.nullable(), statusAfter: creatorStatus }),
  VacationDisabled: event({ statusAfter: creatorStatus, by: z.enum(['CREATOR', 'CLOCK']) }),
  CreatorSuspended: event({ statusAfter: creatorStatus }),
  CreatorBanned: event({ statusAfter: creatorStatus }),
  CreatorDeactivated: event({ statusAfter: creatorStatus }),
  CreatorReinstated: event({ statusAfter: creatorStatus }),
  CreatorDeleted: event({ deletedAt: instant }),
  CreatorLevelChanged: event({ from: level, to: level, cause: z.enum(['EARNED', 'ADMIN']), pinned: z.boolean() }),
  KycStarted: event({
    provider: z.string(),
    providerId: sealed(kinds.kycProviderId),
    sessionId: id,
    redirectUrl: sealed(kinds.kycRedirectUrl),
  }),
  KycApproved: event({ sessionId: id, completedAt: instant }),
  KycRejected: event({ sessionId: id, completedAt: instant }),
  KycExpired: event({ sessionId: id, completedAt: instant }),
  TaxFormApproved: event({ at: instant }),
  /** Not emitted yet: no command revokes a form. Handled all the same. */
  TaxFormRevoked: event({ at: instant }),
  StripeAccountLinked: event({
    accountId: sealed(kinds.stripeAccountId),
    onboardingUrl: sealed(kinds.stripeOnboardingUrl),
  }),
  StripeAccountStatusChanged: event({
    status: z.enum(['PENDING', 'ACTIVE', 'RESTRICTED', 'DISABLED']),
    chargesEnabled: z.boolean(),
    payoutsEnabled: z.boolean(),
  }),
  BankDetailsUpdated: event({ bankDetails: sealed(kinds.bankDetails), hasIban: z.boolean() }),
  BankAccountVerified: event({ verifiedAt: instant }),
  PreferredPayoutMethodSet: event({ method: payoutMethod.nullable() }),
  AutoPayoutSet: event({ enabled: z.boolean() }),
  CategoriesAssigned: event({ categories: z.array(z.strictObject({ id, name: z.string().max(100) })) }),
  SocialAccountConnected: event({ userId: id, platform, accountDigest: z.string(), followerCount: count }),
  SocialAccountDisconnected: event({ userId: id, platform, accountDigest: z.string() }),
  /** Not emitted yet: no provider reports follower counts after the connection. Handled all the same. */
  SocialMetricsRefreshed: event({ userId: id, platform, followerCount: count }),
  CommandAbandoned: commandAbandoned,
};
export type CreatorEvent = EventOf<typeof creatorEvents>;

const linkState = {
  content: sealed(kinds.linkContent),
  active: z.boolean(),
  isSocial: z.boolean(),
  scheduledStart: instant.nullable(),
  scheduledEnd: instant.nullable(),
};

/** Stream bioPage-<bioPageId>; keys { userId, creatorId }. */
export const bioPageEvents = {
  BioPageUpdated: event({
    content: sealed(kinds.bioContent).optional(),
    embedEnabled: z.boolean().optional(),
    published: z.boolean().optional(),
    emailCollectionEnabled: z.boolean().optional(),
  }),
  BioTemplateApplied: event({ templateId: id.nullable(), template: bioTemplate.nullable() }),
  BioLinkAdded: event({ linkId: id, sortOrder: z.number().int(), ...linkState }),
  BioLinkUpdated: event({ linkId: id, sortOrder: z.number().int(), ...linkState }),
  BioLinkRemoved: event({ linkId: id }),
  BioLinksReordered: event({ linkIds: z.array(id) }),
  SocialLinksHidden: event({ linkIds: z.array(id) }),
  SocialLinksRestored: event({ linkIds: z.array(id) }),
};
export type BioPageEvent = EventOf<typeof bioPageEvents>;

/** Stream bioLinkClicks-<linkId>; keys { userId, creatorId }. */
export const bioLinkClicksEvents = { BioLinkClicked: event({ linkId: id }) };
export type BioLinkClicksEvent = EventOf<typeof bioLinkClicksEvents>;
