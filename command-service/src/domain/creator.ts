import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { BankDetails, BioTemplate, CreatorEvent, platform } from '@creator-dashboards/shared/events/creator';
import type { CreatorStatus, DmType, Level, PayoutMethod } from '@creator-dashboards/shared/events/define';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import type { z } from 'zod';
import type { Decider } from '../decider.js';
import { climb, type LevelGates, type LevelTotals } from './levels.js';

export function creatorStream(creatorId: string): string {
  return `creator-${creatorId}`;
}

export type Platform = z.infer<typeof platform>;
export type KycResult = 'APPROVED' | 'REJECTED' | 'EXPIRED' | 'IN_REVIEW';
export type StripeStatus = 'PENDING' | 'ACTIVE' | 'RESTRICTED' | 'DISABLED';

type To<T extends string, Fields = object> = { readonly type: T; readonly creatorId: string } & Readonly<Fields>;

export type CreatorCommand =
  | To<
      'Upgrade',
      {
        /** The reserving command, to notice that it was closed meanwhile (domain 9.2). */
        commandId: string;
        userId: string;
        bioPageId: string;
        displayName: Sealed<string>;
        bio: Sealed<string>;
        username: Sealed<string> | null;
        usernameDigest: string | null;
        template: BioTemplate | null;
        at: Instant;
      }
    >
  /** Closes a reserving command that did not finish; `reserved` are the account digests it took. */
  | To<'Abandon', { commandId: string; userId: string; code: ErrorKey; reserved: readonly string[] }>
  | To<
      'UpdateDmConfig',
      {
        dmType: DmType;
        dmPrice: Cents | null;
        dmActive: boolean;
        /** Config dm.min_price and dm.max_price. */
        priceRange: { readonly min: Cents; readonly max: Cents };
        packageId: string;
        linkIds: readonly string[];
      }
    >
  | To<'StartVacation', { start: Instant | null; end: Instant | null; at: Instant }>
  | To<'StopVacation'>
  | To<'CloseEndedVacation', { at: Instant }>
  | To<'Suspend'>
  | To<'Ban'>
  | To<'Reinstate'>
  | To<'DeactivateWithAccount'>
  | To<'ReactivateWithAccount'>
  | To<'Delete', { at: Instant }>
  | To<'Promote', { totals: LevelTotals; gates: LevelGates }>
  /** `pinned` undefined: pinned when the level differs from the earned one (G8). */
  | To<'SetLevel', { level: Level; pinned: boolean | undefined; totals: LevelTotals; gates: LevelGates }>
  | To<'StartKyc', { provider: string; providerId: Sealed<string>; sessionId: string; redirectUrl: Sealed<string> }>
  | To<'RecordKycResult', { sessionId: string; result: KycResult; at: Instant }>
  | To<'ApproveTaxForm', { at: Instant }>
  | To<'LinkStripeAccount', { accountId: Sealed<string>; onboardingUrl: Sealed<string> }>
  | To<'RecordStripeStatus', { status: StripeStatus; chargesEnabled: boolean; payoutsEnabled: boolean }>
  | To<
      'UpdatePayoutSettings',
      {
        /** All five bank fields after the change; undefined when none of them was in the request. */
        bank: { readonly details: Sealed<BankDetails>; readonly hasIban: boolean } | undefined;
        preferredPayoutMethod: PayoutMethod | null | undefined;
        autoPayoutEnabled: boolean | undefined;
      }
    >
  | To<'VerifyBankAccount', { at: Instant }>
  | To<'AssignCategories', { categories: { id: string; name: string }[] }>
  | To<'ConnectSocial', { commandId: string; platform: Platform; accountDigest: string; followerCount: number }>
  | To<'DisconnectSocial', { platform: Platform }>;

export interface Creator {
  readonly exists: boolean;
  /** Empty until the stream has its first event, like the next two. */
  readonly creatorId: string;
  readonly userId: string;
  readonly bioPageId: string;
  readonly displayName: Sealed<string> | null;
  /** Username reserved with the upgrade. */
  readonly usernameDigest: string | null;
  readonly status: CreatorStatus;
  /** Whether the user's account is deactivated; a sanction may stand above it in `status`. */
  readonly accountDeactivated: boolean;
  readonly level: Level;
  readonly levelPinned: boolean;
  readonly kycStatus: 'NOT_STARTED' | 'PENDING' | 'APPROVED' | 'REJECTED' | 'EXPIRED';
  readonly kycSessionId: string | null;
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
  /** Closed commands, the newest last, with what a retry of them is answered. */
  readonly abandoned: Readonly<Record<string, ErrorKey>>;
}

/** Whether there is a profile that was not deleted. */
export function isLive(state: Creator): boolean {
  return state.exists && state.deletedAt === null;
}

const ABANDONED_MAX = 100;

const initial: Creator = {
  exists: false,
  creatorId: '',
  userId: '',
  bioPageId: '',
  displayName: null,
  usernameDigest: null,
  status: 'ACTIVE',
  accountDeactivated: false,
  level: 'BRONZE',
  levelPinned: false,
  kycStatus: 'NOT_STARTED',
  kycSessionId: null,
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
  abandoned: {},
};

function evolve(state: Creator, { type, data }: CreatorEvent): Creator {
  switch (type) {
    case 'CreatorUpgraded': {
      const { creatorId, userId, bioPageId, displayName, usernameDigest } = data;
      return { ...state, exists: true, creatorId, userId, bioPageId, displayName, usernameDigest };
    }
    case 'CommandAbandoned': {
      const kept = Object.entries(state.abandoned).slice(1 - ABANDONED_MAX);
      const abandoned = Object.fromEntries([...kept, [data.commandId, data.code as ErrorKey]]);
      return { ...state, userId: data.userId, creatorId: creatorIdOf(data.userId), abandoned };
    }
    case 'DmConfigUpdated': {
      const { dmType, dmPrice, dmActive } = data;
      return { ...state, dmType, dmPrice: dmPrice === null ? null : toCents(dmPrice), dmActive };
    }
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
      return { ...state, kycStatus: 'PENDING', kycSessionId: data.sessionId };
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

type Decision = readonly CreatorEvent[] | Refusal;
type Of<T extends CreatorCommand['type']> = Extract<CreatorCommand, { type: T }>;

/** What a command is refused with where there is no profile: each group of routes documents its own key. */
const missing: Partial<Record<CreatorCommand['type'], ErrorKey>> = {
  UpdateDmConfig: 'creator.dm.not_found',
  StartVacation: 'creator.vacation.not_found',
  StopVacation: 'creator.vacation.not_found',
  UpdatePayoutSettings: 'creator.bank.not_found',
  VerifyBankAccount: 'creator.bank.not_found',
  LinkStripeAccount: 'creator.stripe.not_creator',
};

function decide(command: CreatorCommand, state: Creator): Decision {
  if (command.type === 'Upgrade') return upgrade(command, state);
  if (command.type === 'Abandon') return abandon(command, state);
  if (!isLive(state)) return refuse(missing[command.type] ?? 'error.creator.not_found');
  switch (command.type) {
    case 'UpdateDmConfig':
      return updateDmConfig(command, state);
    case 'StartVacation':
      return startVacation(command, state);
    case 'StopVacation':
      return state.vacationMode ? [stopVacation(state, 'CREATOR')] : [];
    case 'CloseEndedVacation': {
      const ended = state.vacationMode && state.vacationEnd !== null && state.vacationEnd <= command.at;
      return ended ? [stopVacation(state, 'CLOCK')] : [];
    }
    case 'Suspend':
      if (state.status === 'SUSPENDED') return refuse('creator.status.unchanged');
      return [{ type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } }];
    case 'Ban':
      if (state.status === 'BANNED') return refuse('creator.status.unchanged');
      return [{ type: 'CreatorBanned', data: { statusAfter: 'BANNED' } }];
    case 'Reinstate':
      if (!sanctioned(state)) return refuse('creator.status.unchanged');
      return [{ type: 'CreatorReinstated', data: { statusAfter: unsanctioned(state, state.accountDeactivated) } }];
    case 'DeactivateWithAccount': {
      if (state.accountDeactivated) return [];
      const statusAfter = sanctioned(state) ? state.status : 'DEACTIVATED';
      return [{ type: 'CreatorDeactivated', data: { statusAfter } }];
    }
    case 'ReactivateWithAccount': {
      if (!state.accountDeactivated) return [];
      const statusAfter = sanctioned(state) ? state.status : unsanctioned(state, false);
      return [{ type: 'CreatorReinstated', data: { statusAfter } }];
    }
    case 'Delete':
      return [{ type: 'CreatorDeleted', data: { deletedAt: command.at } }];
    case 'Promote':
      return promote(command, state);
    case 'SetLevel':
      return setLevel(command, state);
    case 'StartKyc':
      return startKyc(command, state);
    case 'RecordKycResult':
      return recordKycResult(command, state);
    case 'ApproveTaxForm':
      if (state.taxFormApproved) return refuse('creator.tax_form.already_approved');
      return [{ type: 'TaxFormApproved', data: { at: command.at } }];
    case 'LinkStripeAccount': {
      if (state.kycStatus !== 'APPROVED') return refuse('creator.stripe.kyc_required');
      if (state.stripe) return refuse('creator.stripe.connect_in_progress');
      const { accountId, onboardingUrl } = command;
      return [{ type: 'StripeAccountLinked', data: { accountId, onboardingUrl } }];
    }
    case 'RecordStripeStatus': {
      const { status, chargesEnabled, payoutsEnabled } = command;
      const known = state.stripe;
      if (!known) return refuse('creator.stripe.account_not_found');
      const same =
        known.status === status && known.chargesEnabled === chargesEnabled && known.payoutsEnabled === payoutsEnabled;
      return same ? [] : [{ type: 'StripeAccountStatusChanged', data: { status, chargesEnabled, payoutsEnabled } }];
    }
    case 'UpdatePayoutSettings':
      return updatePayoutSettings(command, state);
    case 'VerifyBankAccount':
      if (!state.hasIban) return refuse('creator.bank.incomplete');
      return state.bankAccountVerified ? [] : [{ type: 'BankAccountVerified', data: { verifiedAt: command.at } }];
    case 'AssignCategories':
      return [{ type: 'CategoriesAssigned', data: { categories: command.categories } }];
    case 'ConnectSocial':
      return connectSocial(command, state);
    case 'DisconnectSocial': {
      const account = state.social[command.platform];
      if (!account) return refuse('creator.social.not_found');
      const { userId } = state;
      const { platform } = command;
      return [{ type: 'SocialAccountDisconnected', data: { userId, platform, accountDigest: account.accountDigest } }];
    }
  }
}

/** One profile per user (G33); a command that was closed meanwhile is answered what it was closed with. */
function upgrade(command: Of<'Upgrade'>, state: Creator): Decision {
  const closed = state.abandoned[command.commandId];
  if (closed) return refuse(closed);
  if (state.exists) return refuse('creator.upgrade.already_creator');
  const { type: _, commandId: _command, at, template, ...profile } = command;
  const templateId = template?.id ?? null;
  return [{ type: 'CreatorUpgraded', data: { ...profile, templateId, template, createdAt: at } }];
}

/** A decided command is not closed: its upgrade stands, or an account it took is connected. */
function abandon(command: Of<'Abandon'>, state: Creator): Decision {
  const { commandId, userId, code, reserved } = command;
  const connected = Object.values(state.social).some(({ accountDigest }) => reserved.includes(accountDigest));
  const decided = reserved.length > 0 ? connected : state.exists;
  if (decided || state.abandoned[commandId]) return [];
  return [{ type: 'CommandAbandoned', data: { commandId, userId, code } }];
}

/** G31: FREE has no price; a paid type needs one in range while it is active, and keeps none while it is not priced. */
function updateDmConfig(command: Of<'UpdateDmConfig'>, state: Creator): Decision {
  const { dmType, dmActive, priceRange, packageId } = command;
  const price = dmType === 'FREE' ? null : command.dmPrice;
  if (dmType !== 'FREE' && dmActive) {
    if (price === null) return refuse('creator.dm.price_required');
    if (price < priceRange.min || price > priceRange.max)
      return refuse('creator.dm.price_out_of_range', {
        min: toDecimal(priceRange.min),
        max: toDecimal(priceRange.max),
      });
  }
  if (dmType === state.dmType && price === state.dmPrice && dmActive === state.dmActive) return [];
  const decimal = (cents: Cents | null) => (cents === null ? null : toDecimal(cents));
  return [
    {
      type: 'DmConfigUpdated',
      data: {
        dmType,
        dmPrice: decimal(price),
        dmActive,
        previous: { dmType: state.dmType, dmPrice: decimal(state.dmPrice), dmActive: state.dmActive },
        packageId,
        bioPageId: state.bioPageId,
        linkIds: dmActive === state.dmActive ? [] : [...command.linkIds],
      },
    },
  ];
}

/** G32: only ACTIVE moves to VACATION. Without a start it begins now, or keeps the start of the vacation that is on. */
function startVacation(command: Of<'StartVacation'>, state: Creator): Decision {
  const start = command.start ?? state.vacationStart ?? command.at;
  const { end } = command;
  if (end !== null && end <= start) return refuse('creator.vacation.invalid_range');
  if (state.vacationMode && start === state.vacationStart && end === state.vacationEnd) return [];
  const statusAfter = state.status === 'ACTIVE' ? 'VACATION' : state.status;
  return [{ type: 'VacationEnabled', data: { start, end, statusAfter } }];
}

function stopVacation(state: Creator, by: 'CREATOR' | 'CLOCK'): CreatorEvent {
  const statusAfter = state.status === 'VACATION' ? 'ACTIVE' : state.status;
  return { type: 'VacationDisabled', data: { statusAfter, by } };
}

/** A sanction outlives a deactivation of the account: nobody lifts it by leaving and coming back. */
function sanctioned({ status }: Creator): boolean {
  return status === 'SUSPENDED' || status === 'BANNED';
}

function unsanctioned(state: Creator, deactivated: boolean): CreatorStatus {
  if (deactivated) return 'DEACTIVATED';
  return state.vacationMode ? 'VACATION' : 'ACTIVE';
}

/** G8: up while both gates of the next level are met, never down; a pinned level stays. */
function promote({ totals, gates }: Of<'Promote'>, { level: from, levelPinned }: Creator): Decision {
  const to = climb(from, totals, gates);
  if (levelPinned || to === from) return [];
  return [{ type: 'CreatorLevelChanged', data: { from, to, cause: 'EARNED', pinned: false } }];
}

function setLevel(command: Of<'SetLevel'>, state: Creator): Decision {
  const { level: to } = command;
  const pinned = command.pinned ?? to !== climb('BRONZE', command.totals, command.gates);
  if (to === state.level && pinned === state.levelPinned) return refuse('creator.level.unchanged');
  return [{ type: 'CreatorLevelChanged', data: { from: state.level, to, cause: 'ADMIN', pinned } }];
}

function startKyc(command: Of<'StartKyc'>, { kycStatus }: Creator): Decision {
  if (kycStatus === 'APPROVED') return refuse('creator.kyc.already_approved');
  if (kycStatus === 'PENDING') return refuse('creator.kyc.in_progress');
  const { provider, providerId, sessionId, redirectUrl } = command;
  return [{ type: 'KycStarted', data: { provider, providerId, sessionId, redirectUrl } }];
}

/** Only the session in progress is decided, and once; "in review" is still pending (domain 3.5). */
function recordKycResult({ sessionId, result, at }: Of<'RecordKycResult'>, state: Creator): Decision {
  if (state.kycStatus !== 'PENDING' || state.kycSessionId !== sessionId || result === 'IN_REVIEW') return [];
  const type = ({ APPROVED: 'KycApproved', REJECTED: 'KycRejected', EXPIRED: 'KycExpired' } as const)[result];
  return [{ type, data: { sessionId, completedAt: at } }];
}

function updatePayoutSettings(command: Of<'UpdatePayoutSettings'>, state: Creator): Decision {
  const { bank, preferredPayoutMethod: method, autoPayoutEnabled: enabled } = command;
  const events: CreatorEvent[] = [];
  if (bank) events.push({ type: 'BankDetailsUpdated', data: { bankDetails: bank.details, hasIban: bank.hasIban } });
  if (method !== undefined && method !== state.preferredPayoutMethod)
    events.push({ type: 'PreferredPayoutMethodSet', data: { method } });
  if (enabled !== undefined && enabled !== state.autoPayoutEnabled)
    events.push({ type: 'AutoPayoutSet', data: { enabled } });
  return events;
}

function connectSocial(command: Of<'ConnectSocial'>, state: Creator): Decision {
  const { commandId, platform, accountDigest, followerCount } = command;
  const closed = state.abandoned[commandId];
  if (closed) return refuse(closed);
  if (state.social[platform]) return refuse('creator.social.already_connected');
  const { userId } = state;
  return [{ type: 'SocialAccountConnected', data: { userId, platform, accountDigest, followerCount } }];
}

export const creator: Decider<Creator, CreatorCommand, CreatorEvent> = {
  category: 'creator',
  snapshotVersion: 1,
  streamOf: (command) => creatorStream(command.creatorId),
  initial,
  evolve,
  decide,
  keysOf: ({ userId, creatorId }) => ({ userId, creatorId }),
};
