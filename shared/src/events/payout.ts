import { z } from 'zod';
import { amount, event, id, instant, payoutMethod, type EventOf } from './define.js';
import { kinds, sealed } from './sealed.js';

export const payoutStatus = z.enum([
  'PENDING',
  'APPROVED',
  'PROCESSING',
  'PROCESSED',
  'FAILED',
  'CANCELLED',
  'REJECTED',
]);
export type PayoutStatus = z.infer<typeof payoutStatus>;

const closed = event({ payoutId: id, amount, from: payoutStatus, by: id.nullable() });

/** Stream payoutBook-<creatorId>, all payouts of one creator; keys { userId, creatorId }. */
export const payoutEvents = {
  PayoutRequested: event({ payoutId: id, amount, method: payoutMethod, requestedAt: instant }),
  PayoutApproved: event({ payoutId: id, amount, by: id.nullable() }),
  PayoutRejected: closed,
  PayoutCancelled: closed,
  PayoutProcessingStarted: event({ payoutId: id, amount, method: payoutMethod }),
  PayoutProcessed: event({ payoutId: id, amount, at: instant }),
  PayoutFailed: event({
    payoutId: id,
    amount,
    debited: z.boolean(),
    at: instant,
    error: sealed(kinds.payoutError).nullable(),
  }),
  PayoutResultConflict: event({ payoutId: id, from: payoutStatus, result: z.enum(['paid', 'failed']) }),
};
export type PayoutEvent = EventOf<typeof payoutEvents>;
