/** Documents as the projector writes them, made by hand to be what the golden samples show. */
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type {
  BioLinkDocument,
  BioPageDocument,
  ConfigDocument,
  CreatorDashboardDocument,
  CreatorProfileDocument,
  DmConfigDocument,
  FanWalletDocument,
  MessageDocument,
  ReferralDashboardDocument,
} from '@creator-dashboards/shared/views';
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { Open } from '../src/present.js';

export const userId = 'f0e1d2c3-b4a5-4789-8123-456789abcdef';
export const creatorId = creatorIdOf(userId);
export const fanId = '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c11';
export const strangerId = '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c99';
export const adminId = '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7caa';
export const T0 = '2026-04-29T20:00:00.000Z';

export const seal = <T>(value: T, subject = userId): Sealed<T> => sealedValue(subject, value);

/** Opens what `seal` made. */
export const open: Open = async <T>(sealed: Sealed<T> | null) =>
  sealed && (JSON.parse(Buffer.from(sealed.ciphertext, 'base64').toString()) as T);

/** Every key is destroyed. */
export const openErased: Open = async () => null;

export function dashboard(changes: Partial<CreatorDashboardDocument> = {}): CreatorDashboardDocument {
  return {
    _id: userId,
    position: 100n,
    creatorId,
    level: 'BRONZE',
    totalMessages: 47,
    totalEarnings: 125_000,
    wallet: { balance: 35_000, frozen: false },
    pendingPayouts: 1,
    dmActive: true,
    dmType: 'SINGLE_PAY',
    dmPrice: 500,
    responded: 19,
    resolvable: 20,
    socialAccounts: 2,
    avatarUrl: seal('https://cdn.bio.re/avatars/abc.webp'),
    deletedAt: null,
    ...changes,
  };
}

/** A fresh creator who has chosen FREE. */
export function profile(changes: Partial<CreatorProfileDocument> = {}): CreatorProfileDocument {
  return {
    _id: userId,
    position: 100n,
    creatorId,
    level: 'BRONZE',
    kycStatus: 'NOT_STARTED',
    kycProvider: null,
    kycProviderId: null,
    kycCompletedAt: null,
    dmType: 'FREE',
    dmPrice: null,
    dmActive: true,
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
    createdAt: T0,
    updatedAt: T0,
    deletedAt: null,
    bioPage: null,
    categories: [],
    dmPackages: [],
    ...changes,
  };
}

export const bioPageId = '19ae7b68-8677-4862-a3d1-274c4a95a121';

export function bioPage(changes: Partial<BioPageDocument> = {}): BioPageDocument {
  return {
    id: bioPageId,
    templateId: null,
    template: null,
    initialBio: seal('Hello, I am Alice'),
    content: null,
    embedEnabled: false,
    published: true,
    emailCollectionEnabled: false,
    links: [],
    createdAt: T0,
    updatedAt: T0,
    ...changes,
  };
}

export function link(changes: Partial<BioLinkDocument> = {}): BioLinkDocument {
  return {
    id: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
    content: seal({
      title: 'Shop',
      url: 'https://example.com',
      icon: null,
      platform: null,
      embedType: null,
      embedMeta: null,
    }),
    sortOrder: 0,
    active: true,
    isSocial: false,
    scheduledStart: null,
    scheduledEnd: null,
    clickCount: 0,
    createdAt: T0,
    updatedAt: T0,
    ...changes,
  };
}

export function dmConfig(changes: Partial<DmConfigDocument> = {}): DmConfigDocument {
  return {
    _id: creatorId,
    position: 100n,
    userId,
    dmType: 'SINGLE_PAY',
    dmPrice: 500,
    dmActive: true,
    deletedAt: null,
    ...changes,
  };
}

export function referral(changes: Partial<ReferralDashboardDocument> = {}): ReferralDashboardDocument {
  return {
    _id: userId,
    position: 100n,
    link: {
      id: 'a11a2b3c-d5e6-4890-abcd-ef1234567890',
      code: seal('alice123'),
      signups: 17,
      conversions: 5,
      active: true,
    },
    clicks: 142,
    totalEarnings: 2_500,
    rewards: [{ id: 'b11a2b3c-d5e6-4890-abcd-ef1234567890', triggerType: 'FIRST_PAYMENT', amount: 500, createdAt: T0 }],
    ...changes,
  };
}

export const messageId = 'c11a2b3c-d5e6-4890-abcd-ef12345678ef';

export function message(changes: Partial<MessageDocument> = {}): MessageDocument {
  return {
    _id: messageId,
    position: 100n,
    fanId,
    creatorUserId: userId,
    content: seal('Hello!', fanId),
    status: 'ESCROWED',
    dmType: 'SINGLE_PAY',
    priceSnapshot: 500,
    createdAt: T0,
    deliveredAt: T0,
    expiresAt: '2026-05-02T20:00:00.000Z',
    repliedAt: null,
    completedAt: null,
    timeoutHours: 72,
    ...changes,
  };
}

export function wallet(changes: Partial<FanWalletDocument> = {}): FanWalletDocument {
  return { _id: userId, position: 100n, balance: 1_250, frozen: true, ...changes };
}

/** Config with these values set by an admin. */
export function config(values: Readonly<Record<string, number>> = {}, position = 50n): ConfigDocument {
  const changed = { changedBy: adminId, changedAt: T0 };
  return {
    _id: 'config',
    position,
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, ...changed }])),
    killSwitches: {},
  };
}
