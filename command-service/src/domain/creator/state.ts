import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import type { BankDetails } from '@creator-dashboards/shared/events/sealed';
import type { CreatorStatus, DmType, Level, PayoutMethod } from '@creator-dashboards/shared/events/define';
import { CreatorId, creatorIdOf, CreatorUserId } from '@creator-dashboards/shared/ids';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { noneAbandoned, withAbandoned, type AbandonedCommands } from '../abandoned-commands.js';
import { appliedTemplate, type AppliedTemplate } from '../applied-template.js';
import type { Platform, StripeStatus } from './commands.js';

export interface CreatorState {
  readonly exists: boolean;
  /** Empty until the stream has its first event, like the next two. */
  readonly creatorId: CreatorId;
  readonly userId: CreatorUserId;
  readonly bioPageId: string;
  readonly displayName: Sealed<string> | null;
  /** The bio given with the upgrade, shown until the bio page gets content of its own. */
  readonly bio: Sealed<string> | null;
  /** Chosen with the upgrade, and on the bio page until another is. */
  readonly template: AppliedTemplate | null;
  /** Username reserved with the upgrade. */
  readonly usernameDigest: string | null;
  readonly status: CreatorStatus;
  /** Whether the user's account is deactivated; `status` may show a sanction instead. */
  readonly accountDeactivated: boolean;
  readonly level: Level;
  readonly levelPinned: boolean;
  readonly kycStatus: 'NOT_STARTED' | 'PENDING' | 'APPROVED' | 'REJECTED' | 'EXPIRED';
  readonly kycSessionId: string | null;
  /** The provider's own id of that session. */
  readonly kycProviderId: Sealed<string> | null;
  readonly taxFormApproved: boolean;
  readonly stripe: {
    readonly accountId: Sealed<string>;
    readonly status: StripeStatus;
    readonly chargesEnabled: boolean;
    readonly payoutsEnabled: boolean;
  } | null;
  readonly bankDetails: Sealed<BankDetails> | null;
  readonly hasIban: boolean;
  readonly bankAccountVerified: boolean;
  readonly preferredPayoutMethod: PayoutMethod | null;
  readonly autoPayoutEnabled: boolean;
  readonly dmType: DmType | null;
  readonly dmPrice: Cents | null;
  readonly dmActive: boolean;
  readonly vacationMode: boolean;
  readonly vacationStart: Instant | null;
  readonly vacationEnd: Instant | null;
  readonly social: Readonly<
    Partial<Record<Platform, { readonly accountDigest: string; readonly followerCount: number }>>
  >;
  readonly deletedAt: Instant | null;
  /** Upgrades and social connects that were abandoned before they finished. */
  readonly abandoned: AbandonedCommands;
}

/** Whether the profile exists and is not deleted. */
export function isLive(state: CreatorState): boolean {
  return state.exists && state.deletedAt === null;
}

/** Whether she is on vacation at this time by its dates (G52): the clock's event may not be there yet. */
export function isOnVacation({ vacationStart: start, vacationEnd: end }: CreatorState, at: Instant): boolean {
  return start !== null && start <= at && (end === null || at < end);
}

export const initial: CreatorState = {
  exists: false,
  creatorId: CreatorId(''),
  userId: CreatorUserId(''),
  bioPageId: '',
  displayName: null,
  bio: null,
  template: null,
  usernameDigest: null,
  status: 'ACTIVE',
  accountDeactivated: false,
  level: 'BRONZE',
  levelPinned: false,
  kycStatus: 'NOT_STARTED',
  kycSessionId: null,
  kycProviderId: null,
  taxFormApproved: false,
  stripe: null,
  bankDetails: null,
  hasIban: false,
  bankAccountVerified: false,
  preferredPayoutMethod: null,
  autoPayoutEnabled: false,
  dmType: null,
  dmPrice: null,
  dmActive: false,
  vacationMode: false,
  vacationStart: null,
  vacationEnd: null,
  social: {},
  deletedAt: null,
  abandoned: noneAbandoned,
};

export function evolve(state: CreatorState, { type, data }: CreatorEvent): CreatorState {
  switch (type) {
    case 'CreatorUpgraded': {
      const { creatorId, userId, bioPageId, displayName, bio, usernameDigest } = data;
      const template = appliedTemplate(data.template);
      return { ...state, exists: true, creatorId, userId, bioPageId, displayName, bio, template, usernameDigest };
    }
    case 'CommandAbandoned': {
      const userId = CreatorUserId(data.userId);
      return { ...state, userId, creatorId: creatorIdOf(userId), abandoned: withAbandoned(state.abandoned, data) };
    }
    case 'DmConfigUpdated': {
      const { dmType, dmPrice, dmActive } = data;
      return { ...state, dmType, dmPrice: dmPrice === null ? null : toCents(dmPrice), dmActive };
    }
    case 'VacationScheduled':
      return { ...state, vacationStart: data.start, vacationEnd: data.end };
    case 'VacationEnabled':
      return {
        ...state,
        status: data.statusAfter,
        vacationMode: true,
        vacationStart: data.start,
        vacationEnd: data.end,
      };
    case 'VacationDisabled':
      return { ...state, status: data.statusAfter, vacationMode: false, vacationStart: null, vacationEnd: null };
    case 'CreatorSuspended':
    case 'CreatorBanned':
      return { ...state, status: data.statusAfter };
    case 'CreatorDeactivated':
      return { ...state, status: data.statusAfter, accountDeactivated: true };
    case 'CreatorReinstated':
      return { ...state, status: data.statusAfter, accountDeactivated: data.statusAfter === 'DEACTIVATED' };
    case 'CreatorDeleted':
      return { ...state, deletedAt: data.deletedAt };
    case 'CreatorLevelChanged':
      return { ...state, level: data.to, levelPinned: data.pinned };
    case 'KycStarted':
      return { ...state, kycStatus: 'PENDING', kycSessionId: data.sessionId, kycProviderId: data.providerId };
    case 'KycApproved':
      return { ...state, kycStatus: 'APPROVED' };
    case 'KycRejected':
      return { ...state, kycStatus: 'REJECTED' };
    case 'KycExpired':
      return { ...state, kycStatus: 'EXPIRED' };
    case 'TaxFormApproved':
      return { ...state, taxFormApproved: true };
    case 'TaxFormRevoked':
      return { ...state, taxFormApproved: false };
    case 'StripeAccountLinked': {
      const { accountId } = data;
      return { ...state, stripe: { accountId, status: 'PENDING', chargesEnabled: false, payoutsEnabled: false } };
    }
    case 'StripeAccountStatusChanged':
      return { ...state, stripe: state.stripe && { ...state.stripe, ...data } };
    case 'BankDetailsUpdated':
      return { ...state, bankDetails: data.bankDetails, hasIban: data.hasIban, bankAccountVerified: false };
    case 'BankAccountVerified':
      return { ...state, bankAccountVerified: true };
    case 'PreferredPayoutMethodSet':
      return { ...state, preferredPayoutMethod: data.method };
    case 'AutoPayoutSet':
      return { ...state, autoPayoutEnabled: data.enabled };
    case 'CategoriesAssigned':
      return state;
    case 'SocialAccountConnected': {
      const { accountDigest, followerCount } = data;
      return { ...state, social: { ...state.social, [data.platform]: { accountDigest, followerCount } } };
    }
    case 'SocialAccountDisconnected': {
      const { [data.platform]: _gone, ...social } = state.social;
      return { ...state, social };
    }
    case 'SocialMetricsRefreshed': {
      const account = state.social[data.platform];
      if (!account) return state;
      const refreshed = { ...account, followerCount: data.followerCount };
      return { ...state, social: { ...state.social, [data.platform]: refreshed } };
    }
  }
}
