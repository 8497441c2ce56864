import { z } from 'zod';
import { bioTemplate } from '../../events/creator.js';
import { creatorStatus, dmType, id, instant, level, payoutMethod } from '../../events/define.js';
import { count, money, object, text, time } from '../body-fields.js';

export const linkBody = z.strictObject({
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

export const bioPageBody = z.strictObject({
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
