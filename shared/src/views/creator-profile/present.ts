/** The creator profile as shown. Pure except for `open`. */
import { kinds } from '../../events/sealed.js';
import { toDecimal } from '../../money.js';
import { decimalOrNull, percentage } from '../numbers.js';
import type { Open } from '../open.js';
import type { ProfileBody } from './body.js';
import type { CreatorProfileDocument } from './document.js';
import { presentBioPage } from './present-bio-page.js';

export async function presentProfile(document: CreatorProfileDocument, open: Open): Promise<ProfileBody> {
  const { creatorId } = document;
  const bank = await open(kinds.bankDetails, document.bankDetails);
  return {
    id: creatorId,
    userId: document._id,
    level: document.level,
    kycStatus: document.kycStatus,
    kycProvider: document.kycProvider,
    kycProviderId: await open(kinds.kycProviderId, document.kycProviderId),
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
    stripeAccountId: await open(kinds.stripeAccountId, document.stripeAccountId),
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
