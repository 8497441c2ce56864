import { z } from 'zod';
import { id, instant } from '../../events/define.js';
import { money } from '../body-fields.js';

export const movementBody = z.strictObject({
  id,
  walletId: z.string(),
  type: z.enum(['CREDIT', 'DEBIT', 'EXPIRY', 'CHARGEBACK', 'PAYOUT']),
  amount: money.describe('by how much the balance moved; never negative'),
  balanceBefore: money,
  balanceAfter: money,
  referenceType: z.enum(['STRIPE_CHECKOUT', 'MESSAGE', 'PAYOUT', 'ADJUSTMENT', 'ERASURE']),
  referenceId: id.nullable(),
  createdAt: instant,
});
export type MovementBody = z.output<typeof movementBody>;

export const packagesBody = z.strictObject({
  packages: z.array(money).describe('amounts offered for loading'),
  min: money,
  max: money,
  currency: z.literal('USD'),
});
export type PackagesBody = z.output<typeof packagesBody>;
