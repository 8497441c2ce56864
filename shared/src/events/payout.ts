import { z } from 'zod';
import { amount, digest, event, id, instant, payoutMethod, type EventOf } from './define.js';
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
  /** Comes again if an APPROVED payout's destination has changed and is approved anew (G47). */
  PayoutApproved: event({
    payoutId: id,
    amount,
    by: id.nullable(),
    from: payoutStatus.extract(['PENDING', 'APPROVED']),
    destination: sealed(kinds.payoutDestination).nullable(),
    /** Digest of the destination. */
    digest,
  }),
  PayoutRejected: closed,
  PayoutCancelled: closed,
  /** The point of no return (G47): after this, only the wallet's own debit can still refuse. */
  PayoutProcessingStarted: event({
    payoutId: id,
    amount,
    method: payoutMethod,
    destination: sealed(kinds.payoutDestination).nullable(),
  }),
  PayoutProcessed: event({ payoutId: id, amount, at: instant }),
  PayoutFailed: event({
    payoutId: id,
    amount,
    debited: z.boolean(),
    at: instant,
    error: sealed(kinds.payoutError).nullable(),
  }),
  /**
   * The creator is erased (G56): what was PENDING or APPROVED is cancelled with this, and nothing is requested any more. Just before it
   * stands a PayoutCancelled for each of them; in older logs it comes later, from CANCELLED.
   */
  PayoutBookClosed: event({ reason: z.literal('ERASED') }),
  /** `from` is null for a payout that its book has forgotten (G51). */
  PayoutResultConflict: event({ payoutId: id, from: payoutStatus.nullable(), result: z.enum(['paid', 'failed']) }),
  /** Somebody has looked into the conflicts about this payout; what came of it is in the metadata. */
  PayoutConflictAcknowledged: event({ payoutId: id, by: id.nullable() }),
};
export type PayoutEvent = EventOf<typeof payoutEvents>;
