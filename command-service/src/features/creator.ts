import type { Feature } from './feature.js';
import { bioLinkOwners } from '../lookups/bio-link-owners.js';
import { creatorTotals } from '../lookups/creator-totals.js';
import { vacations } from '../lookups/vacations.js';
import { creatorAccount } from '../policies/creator-account.js';
import { dmLinks } from '../policies/dm-links.js';
import { firstUsername } from '../policies/first-username.js';
import { levels } from '../policies/levels.js';
import { providerPointers } from '../policies/provider-pointers.js';
import { releaseDeletedAccounts, releaseSocialAccount } from '../policies/social-accounts.js';
import { followVacations } from '../clock/vacations.js';
import { adminCreatorRoutes } from '../routes/admin-creators.js';
import { bioLinkClickRoutes, bioLinkPages } from '../routes/bio-link-clicks.js';
import { bioLinkRoutes } from '../routes/bio-links.js';
import { bioPageRoutes } from '../routes/bio-page.js';
import { creatorSettingsRoutes } from '../routes/creator-settings.js';
import { creatorSocialRoutes } from '../routes/creator-social.js';
import { creatorUpgradeRoutes } from '../routes/creator-upgrade.js';
import { creatorVerificationRoutes } from '../routes/creator-verification.js';
import { verificationWebhookRoutes } from '../routes/verification-webhooks.js';

/** Creators from upgrade to deletion: their settings, identity, accounts, bio page, and what admins decide about them. */
export const creators: Feature = {
  routes: (service) => [
    ...creatorUpgradeRoutes(service),
    ...creatorSettingsRoutes(service),
    ...creatorVerificationRoutes(service),
    ...verificationWebhookRoutes(service),
    ...creatorSocialRoutes(service),
    ...bioPageRoutes(service),
    ...bioLinkRoutes(service),
    ...bioLinkClickRoutes(service),
    ...adminCreatorRoutes(service),
  ],
  pages: (service) => bioLinkPages(service),
  policies: [
    creatorAccount,
    dmLinks,
    firstUsername,
    levels,
    providerPointers,
    releaseSocialAccount,
    releaseDeletedAccounts,
  ],
  clockTasks: [followVacations],
  lookups: [bioLinkOwners, creatorTotals, vacations],
};
