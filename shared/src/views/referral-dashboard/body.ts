import { z } from 'zod';
import { id, instant, triggerType } from '../../events/define.js';
import { count, text } from '../body-fields.js';

/** The referral dashboard prints zero as '0', everything else with two decimals. */
const referralMoney = z
  .string()
  .regex(/^(0|-?\d+\.\d{2})$/)
  .meta({ examples: ['25.00'] });

export const referralBody = z
  .strictObject({
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
  })
  .meta({
    examples: [
      {
        link: {
          ...{ id: '0f8fad5b-d9cb-469f-a165-70867728950e', code: 'alice123', clicks: 142, signups: 17, conversions: 5 },
          ...{ totalEarnings: '25.00', active: true },
        },
        rewards: [
          {
            ...{ id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', triggerType: 'FIRST_PAYMENT', amount: '5.00' },
            ...{ clawedBack: false, createdAt: '2026-04-29T20:00:00.000Z' },
          },
        ],
        totalEarnings: '25.00',
      },
    ],
  });
export type ReferralBody = z.output<typeof referralBody>;
