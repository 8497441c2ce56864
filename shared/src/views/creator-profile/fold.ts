/**
 * GET /creators/profile. `updatedAt` is the time of the last event that set a top-level field, counters and ratings
 * included; the bio page, its links and the DM packages have their own.
 */
import type { Content } from '../../fold.js';
import { toCents } from '../../money.js';
import type { CreatorProfileDocument, DmPackageDocument } from './document.js';
import type { Instant } from '../../time.js';
import {
  addedLink,
  changedLinks,
  changedPage,
  clickedLink,
  editedLink,
  newBioPage,
  removedLink,
  reorderedLinks,
} from './bio-page.js';
import { withCompleted, withDelivered, withReversed } from '../counting.js';
import { ownerOf } from '../routing.js';
import type { View } from '../view.js';

type Profile = Content<CreatorProfileDocument>;

export const creatorProfile: View<CreatorProfileDocument> = {
  name: 'creatorProfile',
  version: 1,
  partition: 'streamSuffix',
  categories: ['user', 'creator', 'bioPage', 'bioLinkClicks', 'message', 'creatorWallet'],
  keyOf: ownerOf,
  // CreatorUpgraded is the first event of every profile and sets whatever is a placeholder here.
  initial: {
    creatorId: '',
    displayName: null,
    level: 'BRONZE',
    kycStatus: 'NOT_STARTED',
    kycProvider: null,
    kycProviderId: null,
    kycCompletedAt: null,
    dmType: null,
    dmPrice: null,
    dmActive: false,
    creatorStatus: 'ACTIVE',
    vacationMode: false,
    vacationStart: null,
    vacationEnd: null,
    totalEarnings: 0,
    totalMessages: 0,
    followers: {},
    ratingCount: 0,
    ratingSum: 0,
    stripeAccountId: null,
    stripeAccountStatus: 'NOT_STARTED',
    stripeChargesEnabled: false,
    stripePayoutsEnabled: false,
    bankDetails: null,
    bankAccountVerified: false,
    bankVerifiedAt: null,
    preferredPayoutMethod: null,
    autoPayoutEnabled: false,
    createdAt: '',
    updatedAt: '',
    deletedAt: null,
    bioPage: null,
    categories: [],
    dmPackages: [],
  },
  handlers: {
    /**
     * Sealed values stay and read as null, since their key is destroyed (domain 9.8). The profile is a 404 from now on (G37), and
     * so is the stub that this makes for a user who never was a creator.
     */
    UserErased: (profile, { metadata }) => ({ ...profile, deletedAt: profile.deletedAt ?? metadata.occurredAt }),

    CreatorUpgraded: (profile, { data }) => ({
      ...profile,
      creatorId: data.creatorId,
      displayName: data.displayName,
      createdAt: data.createdAt,
      updatedAt: data.createdAt,
      bioPage: newBioPage(data),
    }),
    CreatorLevelChanged: (profile, event) => set(profile, event, { level: event.data.to }),
    CreatorDeleted: (profile, event) => set(profile, event, { deletedAt: event.data.deletedAt }),
    CategoriesAssigned: (profile, event) => set(profile, event, { categories: event.data.categories }),

    DmConfigUpdated: (profile, event) => {
      const { dmType, dmActive, packageId } = event.data;
      const dmPrice = event.data.dmPrice === null ? null : toCents(event.data.dmPrice);
      const chosen = { id: packageId, dmType, price: dmPrice, at: event.metadata.occurredAt };
      return set(profile, event, { dmType, dmPrice, dmActive, dmPackages: withChosen(profile.dmPackages, chosen) });
    },

    VacationScheduled: (profile, event) =>
      set(profile, event, { vacationStart: event.data.start, vacationEnd: event.data.end }),
    VacationEnabled: (profile, event) =>
      set(profile, event, {
        vacationMode: true,
        vacationStart: event.data.start,
        vacationEnd: event.data.end,
        creatorStatus: event.data.statusAfter,
      }),
    VacationDisabled: (profile, event) =>
      set(profile, event, {
        vacationMode: false,
        vacationStart: null,
        vacationEnd: null,
        creatorStatus: event.data.statusAfter,
      }),
    CreatorSuspended: setStatus,
    CreatorBanned: setStatus,
    CreatorDeactivated: setStatus,
    CreatorReinstated: setStatus,

    KycStarted: (profile, event) =>
      set(profile, event, {
        kycStatus: 'PENDING',
        kycProvider: event.data.provider,
        kycProviderId: event.data.providerId,
        kycCompletedAt: null,
      }),
    KycApproved: (profile, event) =>
      set(profile, event, { kycStatus: 'APPROVED', kycCompletedAt: event.data.completedAt }),
    KycRejected: (profile, event) =>
      set(profile, event, { kycStatus: 'REJECTED', kycCompletedAt: event.data.completedAt }),
    KycExpired: (profile, event) =>
      set(profile, event, { kycStatus: 'EXPIRED', kycCompletedAt: event.data.completedAt }),

    StripeAccountLinked: (profile, event) =>
      set(profile, event, {
        ...{ stripeAccountId: event.data.accountId, stripeAccountStatus: 'PENDING' },
        ...{ stripeChargesEnabled: false, stripePayoutsEnabled: false }, // it may follow a disabled account (G58)
      }),
    StripeAccountStatusChanged: (profile, event) => {
      const { status, chargesEnabled, payoutsEnabled } = event.data;
      const isTold = // reports are recorded when they say nothing new, too (G45b)
        status === profile.stripeAccountStatus &&
        chargesEnabled === profile.stripeChargesEnabled &&
        payoutsEnabled === profile.stripePayoutsEnabled;
      if (isTold) return profile;
      return set(profile, event, {
        stripeAccountStatus: status,
        stripeChargesEnabled: chargesEnabled,
        stripePayoutsEnabled: payoutsEnabled,
      });
    },
    BankDetailsUpdated: (profile, event) =>
      set(profile, event, { bankDetails: event.data.bankDetails, bankAccountVerified: false, bankVerifiedAt: null }),
    BankAccountVerified: (profile, event) =>
      set(profile, event, { bankAccountVerified: true, bankVerifiedAt: event.data.verifiedAt }),
    PreferredPayoutMethodSet: (profile, event) => set(profile, event, { preferredPayoutMethod: event.data.method }),
    AutoPayoutSet: (profile, event) => set(profile, event, { autoPayoutEnabled: event.data.enabled }),

    SocialAccountConnected: setFollowers,
    SocialMetricsRefreshed: setFollowers,
    SocialAccountDisconnected: (profile, event) => {
      const { [event.data.platform]: _, ...followers } = profile.followers;
      return set(profile, event, { followers });
    },

    MessageDelivered: (profile, event) => set(profile, event, { totalMessages: withDelivered(profile.totalMessages) }),
    MessageCompleted: (profile, event) =>
      event.data.settlement
        ? set(profile, event, { totalEarnings: withCompleted(profile.totalEarnings, event.data) })
        : profile,
    EarningsReversed: (profile, event) =>
      set(profile, event, { totalEarnings: withReversed(profile.totalEarnings, event.data) }),
    MessageRated: (profile, event) =>
      set(profile, event, {
        ratingCount: profile.ratingCount + 1,
        ratingSum: profile.ratingSum + event.data.rating,
      }),

    BioPageUpdated: (profile, { data, metadata }) => onPage(profile, changedPage(data, metadata.occurredAt)),
    BioTemplateApplied: (profile, { data, metadata }) => onPage(profile, changedPage(data, metadata.occurredAt)),
    BioLinkAdded: (profile, { data, metadata }) => onPage(profile, addedLink(data, metadata.occurredAt)),
    BioLinkUpdated: (profile, { data, metadata }) => onPage(profile, editedLink(data, metadata.occurredAt)),
    BioLinkRemoved: (profile, { data }) => onPage(profile, removedLink(data.linkId)),
    BioLinksReordered: (profile, { data, metadata }) =>
      onPage(profile, reorderedLinks(data.linkIds, metadata.occurredAt)),
    BioLinkClicked: (profile, { data }) => onPage(profile, clickedLink(data.linkId)),
    SocialLinksHidden: (profile, { data, metadata }) =>
      onPage(
        profile,
        changedLinks(data.linkIds, metadata.occurredAt, () => ({ active: false })),
      ),
    SocialLinksRestored: (profile, { data, metadata }) =>
      onPage(
        profile,
        changedLinks(data.linkIds, metadata.occurredAt, () => ({ active: true })),
      ),
  },
};

interface Occurred {
  readonly metadata: { readonly occurredAt: Instant };
}

function set(profile: Profile, { metadata }: Occurred, fields: Partial<Profile>): Profile {
  return { ...profile, ...fields, updatedAt: metadata.occurredAt };
}

function setStatus(profile: Profile, event: Occurred & { data: { statusAfter: Profile['creatorStatus'] } }): Profile {
  return set(profile, event, { creatorStatus: event.data.statusAfter });
}

function setFollowers(
  profile: Profile,
  event: Occurred & { data: { platform: string; followerCount: number } },
): Profile {
  return set(profile, event, { followers: { ...profile.followers, [event.data.platform]: event.data.followerCount } });
}

function onPage(profile: Profile, edit: (page: NonNullable<Profile['bioPage']>) => Profile['bioPage']): Profile {
  if (!profile.bioPage) throw new Error('an event of a bio page that was never made');
  return { ...profile, bioPage: edit(profile.bioPage) };
}

/** One package per dmType; the chosen one is the only active one, even while DMs are off (domain 9.12). */
function withChosen(
  packages: readonly DmPackageDocument[],
  { at, ...chosen }: Pick<DmPackageDocument, 'id' | 'dmType' | 'price'> & { at: Instant },
): readonly DmPackageDocument[] {
  const others = packages.map((other) =>
    other.active && other.id !== chosen.id ? { ...other, active: false, updatedAt: at } : other,
  );
  const known = others.findIndex((other) => other.id === chosen.id);
  if (known < 0) return [...others, { ...chosen, active: true, createdAt: at, updatedAt: at }];
  return others.map((other) => (other.id === chosen.id ? { ...other, ...chosen, active: true, updatedAt: at } : other));
}
