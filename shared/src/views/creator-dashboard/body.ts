import { z } from 'zod';
import { dmType, level } from '../../events/define.js';
import { count, money, text } from '../body-fields.js';

const gate = z.strictObject({ current: z.number(), required: z.number() });

export const dashboardBody = z.strictObject({
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
});
export type DashboardBody = z.output<typeof dashboardBody>;
