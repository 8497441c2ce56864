import { z } from 'zod';
import { id, instant } from '../../events/define.js';
import { money } from '../body-fields.js';
import { workStatuses, type WorkKind, type WorkStatus } from './document.js';

export const workKind = z.enum(Object.keys(workStatuses) as [WorkKind]);
export const workStatus = z.enum(Object.values(workStatuses).flat() as [WorkStatus]);

export const workBody = z.strictObject({
  kind: workKind,
  status: workStatus,
  subject: id.describe('of the payout, message, account or difference; what settles it is asked for by it'),
  userId: id.nullable().describe('who is paid, who wrote, or who is to be erased; null for a difference'),
  creatorId: id.nullable(),
  amount: money.nullable(),
  details: z.record(z.string(), z.string().nullable()).describe('what else is to be known, by its name'),
  since: instant.describe('from when on it waits'),
});
export type WorkBody = z.output<typeof workBody>;
