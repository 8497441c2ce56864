import { z } from 'zod';
import { id, instant, payoutMethod } from '../../events/define.js';
import { payoutStatus } from '../../events/payout.js';
import { money, time } from '../body-fields.js';

export const payoutBody = z.strictObject({
  id,
  amount: money,
  method: payoutMethod,
  status: payoutStatus,
  createdAt: instant,
  approvedAt: time,
  closedAt: time.describe('when it was processed, failed, rejected or cancelled'),
});
export type PayoutBody = z.output<typeof payoutBody>;
