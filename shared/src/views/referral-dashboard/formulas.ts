import { allAsSet, type Formulas } from '../formula.js';
import type { ReferralDashboardDocument } from './document.js';

const total = {
  formula: 'the amount of each ReferralRewardGranted, minus that of each ReferralRewardClawedBack; zero is written 0',
  from: ['totalEarnings'],
};

export const referralFormulas: Formulas<ReferralDashboardDocument> = {
  shownBy: ['link'],
  fields: {
    ...allAsSet(['id', 'code', 'active'], 'link.'),
    'link.clicks': { formula: 'the number of ReferralClickTracked', from: ['clicks'] },
    'link.signups': {
      formula: 'the number of ReferralSignupRecorded; a clawback lowers it not',
      from: ['link.signups'],
    },
    'link.conversions': {
      formula: 'the number of ReferralRewardGranted; a clawback lowers it not',
      from: ['link.conversions'],
    },
    'link.totalEarnings': total,
    ...allAsSet(['id', 'triggerType', 'createdAt'], 'rewards.*.'),
    'rewards.*.amount': {
      formula: 'the amount granted; zero, written 0, for a registration',
      from: ['rewards.*.amount'],
    },
    'rewards.*.clawedBack': { formula: 'false: what was clawed back is not listed', from: ['rewards'] },
    totalEarnings: total,
  },
};
