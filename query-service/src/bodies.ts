/** What the reads answer as `data` (domain 1, 2.1, 2.3, 8): documentation, types of `present.ts`, and order of the fields. */
import { bioTemplate } from '@creator-dashboards/shared/events/creator';
import {
  creatorStatus,
  dmType,
  id,
  instant,
  level,
  payoutMethod,
  triggerType,
} from '@creator-dashboards/shared/events/define';
import type { Json } from '@creator-dashboards/shared/ports';
import { killSwitchNames } from '@creator-dashboards/shared/platform-config';
import { z } from 'zod';

/** Major units as a decimal string, always with two decimals. */
const money = z
  .string()
  .regex(/^-?\d+\.\d{2}$/)
  .meta({ examples: ['1250.00'] });
/** The referral dashboard prints zero as '0', everything else with two decimals. */
const referralMoney = z
  .string()
  .regex(/^(0|-?\d+\.\d{2})$/)
  .meta({ examples: ['25.00'] });
const count = z.number().int().nonnegative();
/** Text a person entered: null as well when it was erased (domain 9.8). */
const text = z.string().nullable();
const object = z.record(z.string(), z.unknown()).nullable();
const time = instant.nullable();
const json: z.ZodType<Json> = z.json();

const gate = z.strictObject({ current: z.number(), required: z.number() });

export const dashboardBody = z.strictObject({
  level,
  commissionRate: z.number(),
  totalMessages: count,
  totalEarnings: money,
  walletBalance: z.union([money, z.literal(0)]),
  walletFrozen: z.boolean(),
  pendingPayouts: count,
  dmActive: z.boolean(),
  dmType: dmType.nullable(),
  dmPrice: money.nullable(),
  responseRate: count,
  nextLevel: level.nullable(),
  nextLevelProgress: count,
  nextLevelRequirements: z.strictObject({ messages: gate, earnings: gate }).nullable(),
  hasSocialAccounts: z.boolean(),
  avatarUrl: text,
});
export type DashboardBody = z.output<typeof dashboardBody>;

const linkBody = z.strictObject({
  id,
  bioPageId: id,
  title: text,
  url: text,
  icon: text,
  sortOrder: count,
  active: z.boolean(),
  isSocial: z.boolean(),
  platform: text,
  embedType: text,
  embedMeta: object,
  scheduledStart: time,
  scheduledEnd: time,
  clickCount: count,
  createdAt: instant,
  updatedAt: instant,
});
export type LinkBody = z.output<typeof linkBody>;

const bioPageBody = z.strictObject({
  id,
  creatorId: id,
  templateId: id.nullable(),
  bio: text,
  themeOverride: object,
  customCss: text,
  embedEnabled: z.boolean(),
  published: z.boolean(),
  emailCollectionEnabled: z.boolean(),
  createdAt: instant,
  updatedAt: instant,
  links: z.array(linkBody),
  template: bioTemplate.nullable(),
});
export type BioPageBody = z.output<typeof bioPageBody>;

export const profileBody = z.strictObject({
  id,
  userId: id,
  level,
  kycStatus: z.enum(['NOT_STARTED', 'PENDING', 'APPROVED', 'REJECTED', 'EXPIRED']),
  kycProvider: text,
  kycProviderId: text,
  kycCompletedAt: time,
  dmType: dmType.nullable(),
  dmPrice: money.nullable(),
  dmActive: z.boolean(),
  creatorStatus,
  vacationMode: z.boolean(),
  vacationStart: time,
  vacationEnd: time,
  totalEarnings: money,
  totalMessages: count,
  totalFollowers: count,
  avgRating: money.nullable(),
  ratingCount: count,
  stripeAccountId: text,
  stripeAccountStatus: z.enum(['NOT_STARTED', 'PENDING', 'ACTIVE', 'RESTRICTED', 'DISABLED']),
  stripeChargesEnabled: z.boolean(),
  stripePayoutsEnabled: z.boolean(),
  iban: text,
  bankName: text,
  accountHolderName: text,
  swiftCode: text,
  bankCountry: text,
  bankAccountVerified: z.boolean(),
  bankVerifiedAt: time,
  preferredPayoutMethod: payoutMethod.nullable(),
  autoPayoutEnabled: z.boolean(),
  createdAt: instant,
  updatedAt: instant,
  deletedAt: time,
  bioPage: bioPageBody.nullable(),
  categories: z.array(z.strictObject({ id, name: z.string() })),
  dmPackages: z.array(
    z.strictObject({
      id,
      creatorId: id,
      dmType,
      price: money.nullable(),
      active: z.boolean(),
      createdAt: instant,
      updatedAt: instant,
    }),
  ),
});
export type ProfileBody = z.output<typeof profileBody>;

export const dmConfigBody = z.strictObject({
  dmType: dmType.nullable(),
  dmPrice: money.nullable(),
  dmActive: z.boolean(),
});
export type DmConfigBody = z.output<typeof dmConfigBody>;

export const referralBody = z.strictObject({
  link: z
    .strictObject({
      id,
      code: text,
      clicks: count,
      signups: count,
      conversions: count,
      totalEarnings: referralMoney,
      active: z.boolean(),
    })
    .nullable(),
  rewards: z.array(
    z.strictObject({ id, triggerType, amount: referralMoney, clawedBack: z.literal(false), createdAt: instant }),
  ),
  totalEarnings: referralMoney,
});
export type ReferralBody = z.output<typeof referralBody>;

export const messageBody = z.strictObject({
  id,
  content: text,
  status: z.enum(['PENDING', 'ESCROWED', 'DELIVERED', 'REPLIED', 'COMPLETED', 'EXPIRED', 'REFUNDED', 'REJECTED']),
  dmType,
  priceSnapshot: money.nullable(),
  senderId: id,
  receiverId: id,
  createdAt: instant,
  expiresAt: time,
  repliedAt: time,
  completedAt: time,
  timeoutHours: z.number(),
});
export type MessageBody = z.output<typeof messageBody>;

export const walletBody = z.strictObject({ balance: money, frozen: z.boolean() });
export type WalletBody = z.output<typeof walletBody>;

/** Both null until an admin changed it. */
const changed = { changedBy: id.nullable(), changedAt: time };

export const configBody = z.strictObject({
  items: z.array(z.strictObject({ key: z.string(), value: json, default: json, description: z.string(), ...changed })),
});
export type ConfigBody = z.output<typeof configBody>;

export const killSwitchesBody = z.strictObject({
  items: z.array(
    z.strictObject({ name: z.enum(killSwitchNames), engaged: z.boolean(), default: z.boolean(), ...changed }),
  ),
});
export type KillSwitchesBody = z.output<typeof killSwitchesBody>;
