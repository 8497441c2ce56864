/** A profile with a distinct value in every field, down to links and packages. */
import type {
  BioLinkDocument,
  BioPageDocument,
  CreatorProfileDocument,
} from '../../../src/views/creator-profile/document.js';
import type { Content } from '../../../src/fold.js';
import { sealedValue } from '../../../testing/given.js';
import { at, bioPageId, creatorId, creatorUserId, idOf, later } from '../../../testing/fixtures/people.js';

export const seal = <T>(value: unknown) => sealedValue(creatorUserId, value as T);
export const template = {
  id: idOf(5),
  name: 'Plain',
  description: null,
  tokens: {},
  thumbnail: null,
  active: true,
  sortOrder: 1,
  createdAt: at,
  updatedAt: at,
};
export const link: BioLinkDocument = {
  id: idOf(6),
  content: seal('shop'),
  sortOrder: 1,
  active: true,
  isSocial: true,
  scheduledStart: at,
  scheduledEnd: later,
  clickCount: 7,
  createdAt: at,
  updatedAt: at,
};
export const hidden: BioLinkDocument = { ...link, id: idOf(7), content: seal('hidden'), sortOrder: 2, active: false };
export const page: BioPageDocument = {
  id: bioPageId,
  templateId: template.id,
  template,
  initialBio: seal('I paint'),
  content: null,
  embedEnabled: true,
  published: true,
  emailCollectionEnabled: true,
  links: [link, hidden],
  createdAt: at,
  updatedAt: at,
};
export const single = {
  id: idOf(8),
  dmType: 'SINGLE_PAY',
  price: 500,
  active: true,
  createdAt: at,
  updatedAt: at,
} as const;
export const perMessage = { ...single, id: idOf(9), dmType: 'PER_MESSAGE', price: 300, active: false } as const;
export const full: Content<CreatorProfileDocument> = {
  creatorId,
  displayName: seal('Alice'),
  level: 'SILVER',
  kycStatus: 'REJECTED',
  kycProvider: 'simulator',
  kycProviderId: seal('provider'),
  kycCompletedAt: at,
  dmType: 'SINGLE_PAY',
  dmPrice: 500,
  dmActive: true,
  creatorStatus: 'VACATION',
  vacationMode: true,
  vacationStart: at,
  vacationEnd: later,
  totalEarnings: 125_000,
  totalMessages: 47,
  followers: { X: 70, TIKTOK: 30 },
  ratingCount: 8,
  ratingSum: 37,
  stripeAccountId: seal('account'),
  stripeAccountStatus: 'ACTIVE',
  stripeChargesEnabled: true,
  stripePayoutsEnabled: true,
  bankDetails: seal('bank'),
  bankAccountVerified: true,
  bankVerifiedAt: at,
  preferredPayoutMethod: 'STRIPE_CONNECT',
  autoPayoutEnabled: true,
  createdAt: at,
  updatedAt: at,
  deletedAt: later,
  bioPage: page,
  categories: [{ id: idOf(4), name: 'Music' }],
  dmPackages: [single, perMessage],
};
