import type { BioTemplate } from '../../events/creator.js';
import type { BankDetails, BioContent, LinkContent } from '../../events/sealed.js';
import type { CreatorStatus, DmType, Level, PayoutMethod } from '../../events/define.js';
import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Sealed } from '../../ports.js';
import type { Instant } from '../../time.js';

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
  /** Shown on the public page. */
  readonly displayName: Sealed<string> | null;
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
