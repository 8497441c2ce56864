/**
 * The read-model documents: the contract between the projector, which writes them, and the query service, which serves them.
 * Amounts are integer cents, sealed values stay sealed, and no document grows with history.
 */
import type { BankDetails, BioContent, BioTemplate, LinkContent } from './events/creator.js';
import type { CreatorStatus, DmType, Level, PayoutMethod, TriggerType } from './events/define.js';
import type { FoldedDocument } from './fold.js';
import type { Cents } from './money.js';
import type { Document, Json, Sealed } from './ports.js';
import type { Instant } from './time.js';

/** GET /creators/dashboard; key: the owner's userId. A stub (creatorId null) exists before the upgrade and is still a 404. */
export interface CreatorDashboardDocument extends FoldedDocument {
  readonly creatorId: string | null;
  readonly level: Level;
  readonly totalMessages: number;
  readonly totalEarnings: Cents;
  /** Null until the CREATOR wallet was opened. */
  readonly wallet: { readonly balance: Cents; readonly frozen: boolean } | null;
  readonly pendingPayouts: number;
  readonly dmActive: boolean;
  readonly dmType: DmType | null;
  readonly dmPrice: Cents | null;
  /** Messages the creator answered, and messages that have an outcome (G1): the response rate is their quotient. */
  readonly responded: number;
  readonly resolvable: number;
  readonly socialAccounts: number;
  readonly avatarUrl: Sealed<string> | null;
  readonly deletedAt: Instant | null;
}

export interface BioLinkDocument {
  readonly id: string;
  readonly content: Sealed<LinkContent>;
  readonly sortOrder: number;
  readonly active: boolean;
  readonly isSocial: boolean;
  readonly scheduledStart: Instant | null;
  readonly scheduledEnd: Instant | null;
  readonly clickCount: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface BioPageDocument {
  readonly id: string;
  readonly templateId: string | null;
  readonly template: BioTemplate | null;
  /** The bio given at the upgrade; replaced as a whole by `content` at the first edit. */
  readonly initialBio: Sealed<string> | null;
  readonly content: Sealed<BioContent> | null;
  readonly embedEnabled: boolean;
  readonly published: boolean;
  readonly emailCollectionEnabled: boolean;
  readonly links: readonly BioLinkDocument[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface DmPackageDocument {
  readonly id: string;
  readonly dmType: DmType;
  readonly price: Cents | null;
  readonly active: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** GET /creators/profile; key: the owner's userId. */
export interface CreatorProfileDocument extends FoldedDocument {
  readonly creatorId: string;
  readonly level: Level;
  readonly kycStatus: 'NOT_STARTED' | 'PENDING' | 'APPROVED' | 'REJECTED' | 'EXPIRED';
  readonly kycProvider: string | null;
  readonly kycProviderId: Sealed<string> | null;
  readonly kycCompletedAt: Instant | null;
  readonly dmType: DmType | null;
  readonly dmPrice: Cents | null;
  readonly dmActive: boolean;
  readonly creatorStatus: CreatorStatus;
  readonly vacationMode: boolean;
  readonly vacationStart: Instant | null;
  readonly vacationEnd: Instant | null;
  readonly totalEarnings: Cents;
  readonly totalMessages: number;
  /** Followers by platform; the profile shows their sum. */
  readonly followers: Readonly<Record<string, number>>;
  readonly ratingCount: number;
  readonly ratingSum: number;
  readonly stripeAccountId: Sealed<string> | null;
  readonly stripeAccountStatus: 'NOT_STARTED' | 'PENDING' | 'ACTIVE' | 'RESTRICTED' | 'DISABLED';
  readonly stripeChargesEnabled: boolean;
  readonly stripePayoutsEnabled: boolean;
  readonly bankDetails: Sealed<BankDetails> | null;
  readonly bankAccountVerified: boolean;
  readonly bankVerifiedAt: Instant | null;
  readonly preferredPayoutMethod: PayoutMethod | null;
  readonly autoPayoutEnabled: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly deletedAt: Instant | null;
  readonly bioPage: BioPageDocument | null;
  readonly categories: readonly { readonly id: string; readonly name: string }[];
  readonly dmPackages: readonly DmPackageDocument[];
}

/** GET /creators/:creatorId/dm-config; key: creatorId. Holds its owner, for the object-level check. */
export interface DmConfigDocument extends FoldedDocument {
  readonly userId: string;
  readonly dmType: DmType | null;
  readonly dmPrice: Cents | null;
  readonly dmActive: boolean;
  readonly deletedAt: Instant | null;
}

export interface RewardDocument {
  readonly id: string;
  readonly triggerType: TriggerType;
  readonly amount: Cents;
  readonly createdAt: Instant;
}

/** GET /referral/dashboard; key: the referrer's userId. */
export interface ReferralDashboardDocument extends FoldedDocument {
  /** Null until the link was created; clicks have a stream of their own and cannot come before it. */
  readonly link: {
    readonly id: string;
    readonly code: Sealed<string>;
    readonly signups: number;
    readonly conversions: number;
    readonly active: boolean;
  } | null;
  readonly clicks: number;
  readonly totalEarnings: Cents;
  /** The newest REWARDS_KEPT rewards that are not clawed back, newest first (G38). */
  readonly rewards: readonly RewardDocument[];
}
export const REWARDS_KEPT = 1_000;
export const REWARDS_SHOWN = 50;

export type MessageStatus =
  'QUARANTINED' | 'ESCROWED' | 'DELIVERED' | 'REPLIED' | 'COMPLETED' | 'EXPIRED' | 'REFUNDED' | 'REJECTED';

/** GET /messages/:id; key: messageId. */
export interface MessageDocument extends FoldedDocument {
  readonly fanId: string;
  readonly creatorUserId: string;
  readonly content: Sealed<string>;
  readonly status: MessageStatus;
  readonly dmType: DmType;
  readonly priceSnapshot: Cents | null;
  readonly createdAt: Instant;
  /** When it reached the creator, who sees it only from then on; null in quarantine and for ever where that was upheld. */
  readonly deliveredAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly repliedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly timeoutHours: number;
}

/** GET /wallet/balance; key: userId. */
export interface FanWalletDocument extends FoldedDocument {
  readonly balance: Cents;
  readonly frozen: boolean;
}

/** The one config document, key 'config': what was set, by whom and when. Defaults are in platform-config.ts. */
export interface ConfigDocument extends FoldedDocument {
  readonly values: Readonly<
    Record<string, { readonly value: Json; readonly changedBy: string | null; readonly changedAt: Instant }>
  >;
  readonly killSwitches: Readonly<
    Record<string, { readonly engaged: boolean; readonly changedBy: string | null; readonly changedAt: Instant }>
  >;
}
export const CONFIG_KEY = 'config';

export interface Views {
  creatorDashboard: CreatorDashboardDocument;
  creatorProfile: CreatorProfileDocument;
  dmConfig: DmConfigDocument;
  referralDashboard: ReferralDashboardDocument;
  message: MessageDocument;
  fanWallet: FanWalletDocument;
  config: ConfigDocument;
}
export type ViewName = keyof Views;

/** The collection that holds one generation of a view. */
export function collectionOf(view: ViewName, generation: string): string {
  return `view.${view}.${generation}`;
}

/** Name of the feed, and of its checkpoint (collection `feeds`), that builds one generation of a view. */
export function feedNameOf(view: ViewName, generation: string): string {
  return `${view}.${generation}`;
}

/** Which generation of a view is served; key: the view's name. Moved by compare-and-set on `generation`. */
export interface Alias extends Document {
  readonly generation: string;
}
export const ALIASES = 'aliases';
