import { allAsSet, asSet, type Formula, type Formulas } from '../formula.js';
import type { CreatorProfileDocument } from './document.js';

/** Fields that are shown out of one sealed value. */
const inSeal = (names: readonly string[], body: string, ...from: readonly string[]): Record<string, Formula> =>
  Object.fromEntries(names.map((name) => [body + name, asSet(...from)]));

export const profileFormulas: Formulas<CreatorProfileDocument> = {
  shownBy: ['creatorId', 'deletedAt'],
  fields: {
    id: asSet('creatorId'),
    userId: asSet('_id'),
    ...allAsSet(['level', 'kycStatus', 'kycProvider', 'kycProviderId', 'kycCompletedAt']),
    ...allAsSet(['dmType', 'dmPrice', 'dmActive', 'creatorStatus', 'vacationMode', 'vacationStart', 'vacationEnd']),
    totalEarnings: {
      formula: 'the net of each MessageCompleted, minus the net of each EarningsReversed',
      from: ['totalEarnings'],
    },
    totalMessages: { formula: 'the number of MessageDelivered', from: ['totalMessages'] },
    totalFollowers: { formula: 'the sum of the followers of every connected account', from: ['followers'] },
    avgRating: {
      formula: 'ratingSum ÷ ratingCount with two decimals, rounded half up; null while ratingCount is 0',
      from: ['ratingSum', 'ratingCount'],
    },
    ratingCount: { formula: 'the number of MessageRated', from: ['ratingCount'] },
    ...allAsSet(['stripeAccountId', 'stripeAccountStatus', 'stripeChargesEnabled', 'stripePayoutsEnabled']),
    ...inSeal(['iban', 'bankName', 'accountHolderName', 'swiftCode', 'bankCountry'], '', 'bankDetails'),
    ...allAsSet(['bankAccountVerified', 'bankVerifiedAt', 'preferredPayoutMethod', 'autoPayoutEnabled']),
    ...allAsSet(['createdAt', 'deletedAt']),
    updatedAt: {
      formula: 'when the last event occurred that set a field outside of the bio page',
      from: ['updatedAt'],
    },
    ...allAsSet(['id', 'templateId', 'embedEnabled', 'published', 'emailCollectionEnabled'], 'bioPage.'),
    ...allAsSet(['createdAt', 'updatedAt'], 'bioPage.'),
    'bioPage.creatorId': asSet('creatorId', 'bioPage.id'),
    'bioPage.bio': {
      formula: "the bio of the page's content; until that was first set, the bio given at the upgrade",
      from: ['bioPage.content', 'bioPage.initialBio'],
    },
    ...inSeal(['themeOverride', 'customCss'], 'bioPage.', 'bioPage.content'),
    ...allAsSet(['id', 'sortOrder', 'active', 'isSocial', 'scheduledStart', 'scheduledEnd'], 'bioPage.links.*.'),
    ...allAsSet(['createdAt', 'updatedAt'], 'bioPage.links.*.'),
    'bioPage.links.*.bioPageId': asSet('bioPage.id'),
    ...inSeal(
      ['title', 'url', 'icon', 'platform', 'embedType', 'embedMeta'],
      'bioPage.links.*.',
      'bioPage.links.*.content',
    ),
    'bioPage.links.*.clickCount': {
      formula: 'the number of BioLinkClicked of this link',
      from: ['bioPage.links.*.clickCount'],
    },
    ...allAsSet(['id', 'name', 'description', 'tokens', 'thumbnail', 'active', 'sortOrder'], 'bioPage.template.'),
    ...allAsSet(['createdAt', 'updatedAt'], 'bioPage.template.'),
    ...allAsSet(['id', 'name'], 'categories.*.'),
    ...allAsSet(['id', 'dmType', 'price', 'active', 'createdAt', 'updatedAt'], 'dmPackages.*.'),
    'dmPackages.*.creatorId': asSet('creatorId', 'dmPackages.*.id'),
  },
};
