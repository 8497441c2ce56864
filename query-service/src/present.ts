/**
 * What a dashboard shows: a read-model document, and the config document of the same time, as a response body (domain 1).
 * Pure but for `open`, through which sealed values become readable, or null when their subject was erased (domain 9.8).
 */
import {
  configCents,
  type ConfigKey,
  configKeys,
  configValue,
  killSwitchNames,
} from '@creator-dashboards/shared/platform-config';
import type { Level } from '@creator-dashboards/shared/events/define';
import { toDecimal, toMajor, type Cents } from '@creator-dashboards/shared/money';
import type { Sealed } from '@creator-dashboards/shared/ports';
import {
  REWARDS_SHOWN,
  type BioLinkDocument,
  type BioPageDocument,
  type ConfigDocument,
  type CreatorDashboardDocument,
  type CreatorProfileDocument,
  type DmConfigDocument,
  type FanWalletDocument,
  type MessageDocument,
  type ReferralDashboardDocument,
} from '@creator-dashboards/shared/views';
import type {
  BioPageBody,
  ConfigBody,
  DashboardBody,
  DmConfigBody,
  KillSwitchesBody,
  LinkBody,
  MessageBody,
  ProfileBody,
  ReferralBody,
  WalletBody,
} from './bodies.js';

/** Opens a sealed value; null for null and for a subject whose key was destroyed. */
export type Open = <T>(sealed: Sealed<T> | null) => Promise<T | null>;

// ------------------------------------------------------------------ dashboard

export async function presentDashboard(
  document: CreatorDashboardDocument,
  config: ConfigDocument | null,
  open: Open,
): Promise<DashboardBody> {
  const { level, totalMessages, totalEarnings, wallet } = document;
  return {
    level,
    commissionRate: configValue(config, `creator.commission_${lower(level)}`),
    totalMessages,
    totalEarnings: toDecimal(totalEarnings),
    walletBalance: wallet ? toDecimal(wallet.balance) : 0,
    walletFrozen: wallet?.frozen ?? false,
    pendingPayouts: document.pendingPayouts,
    dmActive: document.dmActive,
    dmType: document.dmType,
    dmPrice: decimalOrNull(document.dmPrice),
    responseRate: responseRate(document.responded, document.resolvable),
    ...levelProgress(level, totalMessages, totalEarnings, config),
    hasSocialAccounts: document.socialAccounts > 0,
    avatarUrl: await open(document.avatarUrl),
  };
}

/** Percent of the messages with an outcome that the creator answered (G1); 100 while none has one. */
export function responseRate(responded: number, resolvable: number): number {
  return resolvable > 0 ? percentage(responded, resolvable) : 100;
}

const NEXT: Readonly<Record<Level, Exclude<Level, 'BRONZE'> | null>> = {
  BRONZE: 'SILVER',
  SILVER: 'GOLD',
  GOLD: 'PLATINUM',
  PLATINUM: null,
};

/** How far the next level is: the worse of both gates counts, since both must be met (G10, G11). */
export function levelProgress(
  level: Level,
  messages: number,
  earnings: Cents,
  config: ConfigDocument | null,
): Pick<DashboardBody, 'nextLevel' | 'nextLevelProgress' | 'nextLevelRequirements'> {
  const nextLevel = NEXT[level];
  if (!nextLevel) return { nextLevel: null, nextLevelProgress: 100, nextLevelRequirements: null };
  const requiredMessages = configValue(config, `creator.${lower(nextLevel)}_min_messages`);
  const requiredEarnings = configCents(config, `creator.${lower(nextLevel)}_min_earnings`);
  return {
    nextLevel,
    nextLevelProgress: Math.min(gateProgress(messages, requiredMessages), gateProgress(earnings, requiredEarnings)),
    nextLevelRequirements: {
      messages: { current: messages, required: requiredMessages },
      earnings: { current: toMajor(earnings), required: toMajor(requiredEarnings) },
    },
  };
}

/** Whole percent of one gate: 100 only when it is met, and never below 0 when reversals made the total negative (G10). */
function gateProgress(current: number, required: number): number {
  if (current >= required || required === 0) return 100;
  return Math.min(99, percentage(Math.max(0, current), required));
}

/** 100 * part / whole, rounded half up in integers: a quotient of floats would miss exact halves. */
function percentage(part: number, whole: number): number {
  return Number((200n * BigInt(part) + BigInt(whole)) / (2n * BigInt(whole)));
}

// -------------------------------------------------------------------- profile

export async function presentProfile(document: CreatorProfileDocument, open: Open): Promise<ProfileBody> {
  const { creatorId } = document;
  const bank = await open(document.bankDetails);
  return {
    id: creatorId,
    userId: document._id,
    level: document.level,
    kycStatus: document.kycStatus,
    kycProvider: document.kycProvider,
    kycProviderId: await open(document.kycProviderId),
    kycCompletedAt: document.kycCompletedAt,
    dmType: document.dmType,
    dmPrice: decimalOrNull(document.dmPrice),
    dmActive: document.dmActive,
    creatorStatus: document.creatorStatus,
    vacationMode: document.vacationMode,
    vacationStart: document.vacationStart,
    vacationEnd: document.vacationEnd,
    totalEarnings: toDecimal(document.totalEarnings),
    totalMessages: document.totalMessages,
    totalFollowers: Object.values(document.followers).reduce((sum, followers) => sum + followers, 0),
    avgRating: averageRating(document.ratingSum, document.ratingCount),
    ratingCount: document.ratingCount,
    stripeAccountId: await open(document.stripeAccountId),
    stripeAccountStatus: document.stripeAccountStatus,
    stripeChargesEnabled: document.stripeChargesEnabled,
    stripePayoutsEnabled: document.stripePayoutsEnabled,
    iban: bank?.iban ?? null,
    bankName: bank?.bankName ?? null,
    accountHolderName: bank?.accountHolderName ?? null,
    swiftCode: bank?.swiftCode ?? null,
    bankCountry: bank?.bankCountry ?? null,
    bankAccountVerified: document.bankAccountVerified,
    bankVerifiedAt: document.bankVerifiedAt,
    preferredPayoutMethod: document.preferredPayoutMethod,
    autoPayoutEnabled: document.autoPayoutEnabled,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
    deletedAt: document.deletedAt,
    bioPage: document.bioPage && (await presentBioPage(document.bioPage, creatorId, open)),
    categories: document.categories.map(({ id, name }) => ({ id, name })),
    dmPackages: document.dmPackages
      .filter(({ active }) => active)
      .map(({ id, dmType, price, active, createdAt, updatedAt }) => ({
        id,
        creatorId,
        dmType,
        price: decimalOrNull(price),
        active,
        createdAt,
        updatedAt,
      })),
  };
}

/** The mean of whole ratings with two decimals, half up; null without any. */
function averageRating(sum: number, ratings: number): string | null {
  return ratings > 0 ? toDecimal(percentage(sum, ratings)) : null;
}

async function presentBioPage(page: BioPageDocument, creatorId: string, open: Open): Promise<BioPageBody> {
  const content = await open(page.content);
  return {
    id: page.id,
    creatorId,
    templateId: page.templateId,
    bio: page.content ? (content?.bio ?? null) : await open(page.initialBio),
    themeOverride: content?.themeOverride ?? null,
    customCss: content?.customCss ?? null,
    embedEnabled: page.embedEnabled,
    published: page.published,
    emailCollectionEnabled: page.emailCollectionEnabled,
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
    links: await Promise.all(page.links.toSorted(byPlace).map((link) => presentLink(link, page.id, open))),
    template: page.template,
  };
}

/** Links stand by sortOrder, then by age (G38). */
function byPlace(a: BioLinkDocument, b: BioLinkDocument): number {
  return a.sortOrder - b.sortOrder || compare(a.createdAt, b.createdAt) || compare(a.id, b.id);
}

async function presentLink(link: BioLinkDocument, bioPageId: string, open: Open): Promise<LinkBody> {
  const content = await open(link.content);
  return {
    id: link.id,
    bioPageId,
    title: content?.title ?? null,
    url: content?.url ?? null,
    icon: content?.icon ?? null,
    sortOrder: link.sortOrder,
    active: link.active,
    isSocial: link.isSocial,
    platform: content?.platform ?? null,
    embedType: content?.embedType ?? null,
    embedMeta: content?.embedMeta ?? null,
    scheduledStart: link.scheduledStart,
    scheduledEnd: link.scheduledEnd,
    clickCount: link.clickCount,
    createdAt: link.createdAt,
    updatedAt: link.updatedAt,
  };
}

// ------------------------------------------------ dm config, referral, message, wallet

/** The raw flag, not lowered by a vacation: this is the owner's editor, not the public page. */
export function presentDmConfig({ dmType, dmPrice, dmActive }: DmConfigDocument): DmConfigBody {
  return { dmType, dmPrice: decimalOrNull(dmPrice), dmActive };
}

export async function presentReferral(document: ReferralDashboardDocument | null, open: Open): Promise<ReferralBody> {
  if (!document?.link) return { link: null, rewards: [], totalEarnings: '0' };
  const { link, clicks, rewards } = document;
  const totalEarnings = referralDecimal(document.totalEarnings);
  return {
    link: {
      id: link.id,
      code: await open(link.code),
      clicks,
      signups: link.signups,
      conversions: link.conversions,
      totalEarnings,
      active: link.active,
    },
    rewards: rewards.slice(0, REWARDS_SHOWN).map(({ id, triggerType, amount, createdAt }) => ({
      id,
      triggerType,
      amount: referralDecimal(amount),
      clawedBack: false,
      createdAt,
    })),
    totalEarnings,
  };
}

/** A quarantined message looks like one on its way; only its sender can see it then (domain 2.1). */
export async function presentMessage(document: MessageDocument, open: Open): Promise<MessageBody> {
  return {
    id: document._id,
    content: await open(document.content),
    status: document.status === 'QUARANTINED' ? 'PENDING' : document.status,
    dmType: document.dmType,
    priceSnapshot: decimalOrNull(document.priceSnapshot),
    senderId: document.fanId,
    receiverId: document.creatorUserId,
    createdAt: document.createdAt,
    expiresAt: document.expiresAt,
    repliedAt: document.repliedAt,
    completedAt: document.completedAt,
    timeoutHours: document.timeoutHours,
  };
}

export function presentWallet(document: FanWalletDocument | null): WalletBody {
  return { balance: toDecimal(document?.balance ?? 0), frozen: document?.frozen ?? false };
}

// ---------------------------------------------------------------------- admin

export function presentConfig(config: ConfigDocument | null): ConfigBody {
  return {
    items: (Object.keys(configKeys) as ConfigKey[]).map((key) => {
      const set = config && Object.hasOwn(config.values, key) ? config.values[key] : undefined;
      return {
        key,
        value: configValue(config, key),
        default: configKeys[key].fallback,
        description: configKeys[key].about,
        changedBy: set?.changedBy ?? null,
        changedAt: set?.changedAt ?? null,
      };
    }),
  };
}

export function presentKillSwitches(config: ConfigDocument | null): KillSwitchesBody {
  return {
    items: killSwitchNames.map((name) => {
      const set = config?.killSwitches[name];
      return {
        name,
        engaged: set?.engaged ?? false,
        default: false,
        changedBy: set?.changedBy ?? null,
        changedAt: set?.changedAt ?? null,
      };
    }),
  };
}

// --------------------------------------------------------------------- values

function decimalOrNull(cents: Cents | null): string | null {
  return cents === null ? null : toDecimal(cents);
}

/** '0', or two decimals: the referral page's own way of writing money (domain 1.4). */
function referralDecimal(cents: Cents): string {
  return cents === 0 ? '0' : toDecimal(cents);
}

function lower<S extends string>(text: S): Lowercase<S> {
  return text.toLowerCase() as Lowercase<S>;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
