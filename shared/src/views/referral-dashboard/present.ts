import { kinds } from '../../events/sealed.js';
import { toDecimal, type Cents } from '../../money.js';
import type { Open } from '../open.js';
import type { ReferralBody } from './body.js';
import { REWARDS_SHOWN, type ReferralDashboardDocument } from './document.js';

export async function presentReferral(document: ReferralDashboardDocument | null, open: Open): Promise<ReferralBody> {
  if (!document?.link) return { link: null, rewards: [], totalEarnings: '0' };
  const { link, clicks, rewards } = document;
  const totalEarnings = referralDecimal(document.totalEarnings);
  return {
    link: {
      id: link.id,
      code: await open(kinds.name, link.code),
      clicks,
      signups: link.signups,
      conversions: link.conversions,
      totalEarnings,
      active: link.active,
    },
    rewards: rewards.slice(0, REWARDS_SHOWN).map(({ id, triggerType, amount, createdAt }) => ({
      id,
      triggerType,
      amount: referralDecimal(amount),
      clawedBack: false,
      createdAt,
    })),
    totalEarnings,
  };
}

/** '0', or two decimals: the referral page's own way of writing money (domain 1.4). */
function referralDecimal(cents: Cents): string {
  return cents === 0 ? '0' : toDecimal(cents);
}
