import { z } from 'zod';
import { dmType, level } from '../../events/define.js';
import { count, money, text } from '../body-fields.js';

const gate = z.strictObject({ current: z.number(), required: z.number() });

export const dashboardBody = z
  .strictObject({
    level,
    commissionRate: z.number(),
    totalMessages: count,
    totalEarnings: money,
    walletBalance: z.union([money, z.literal(0)]),
    walletFrozen: z.boolean(),
    pendingPayouts: count,
    dmActive: z.boolean(),
    dmType: dmType.nullable(),
    dmPrice: money.nullable(),
    responseRate: count,
    nextLevel: level.nullable(),
    nextLevelProgress: count,
    nextLevelRequirements: z.strictObject({ messages: gate, earnings: gate }).nullable(),
    hasSocialAccounts: z.boolean(),
    avatarUrl: text,
  })
  .meta({
    // The published sample; progress is the smaller of both shares, 47 % and 25 %.
    examples: [
      {
        ...{ level: 'BRONZE', commissionRate: 20, totalMessages: 47, totalEarnings: '1250.00' },
        ...{ walletBalance: '350.00', walletFrozen: false, pendingPayouts: 1 },
        ...{ dmActive: true, dmType: 'SINGLE_PAY', dmPrice: '5.00', responseRate: 95 },
        ...{ nextLevel: 'SILVER', nextLevelProgress: 25 },
        nextLevelRequirements: {
          messages: { current: 47, required: 100 },
          earnings: { current: 1250, required: 5000 },
        },
        ...{ hasSocialAccounts: true, avatarUrl: 'https://cdn.example.org/avatars/abc.webp' },
      },
    ],
  });
export type DashboardBody = z.output<typeof dashboardBody>;
