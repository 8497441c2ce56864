import type { Feature } from './feature.js';
import { repointReferralCode } from '../policies/referral-code.js';
import { recordSignup, referralRewards } from '../policies/referral-rewards.js';
import { adminReferralRoutes } from '../routes/admin-referral.js';
import { referralPages } from '../routes/referral-page.js';
import { referralRoutes } from '../routes/referral.js';

/** Referral links, their clicks, signups and rewards. */
export const referral: Feature = {
  routes: (service) => [...referralRoutes(service), ...adminReferralRoutes(service)],
  pages: (service) => referralPages(service),
  policies: [recordSignup, repointReferralCode, referralRewards],
  clockTasks: [],
  lookups: [],
};
