import { z } from 'zod';
import { id, instant, triggerType } from '../../events/define.js';
import { count, text } from '../body-fields.js';

/** The referral dashboard prints zero as '0', everything else with two decimals. */
const referralMoney = z
  .string()
  .regex(/^(0|-?\d+\.\d{2})$/)
  .meta({ examples: ['25.00'] });

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
