import type { ReferralEvent } from '@creator-dashboards/shared/events/referral';
import type { Decider } from './decider.js';

/** What a referred user's payments have to agree on: which of them is the first. */
export const referralStream = (referredUserId: string) => `referral-${referredUserId}`;

export interface ClaimFirstPayment {
  readonly type: 'ClaimFirstPayment';
  readonly referredUserId: string;
  readonly messageId: string;
}

export interface ReferralState {
  /** The payment that counts as her first, even after its reward is clawed back. */
  readonly firstPayment: string | null;
}

/** Exactly one payment of a referred user is the first (domain 3.4). The only event of this stream says which (G44b). */
export const referral: Decider<ReferralState, ClaimFirstPayment, ReferralEvent> = {
  category: 'referral',
  snapshotVersion: 1,
  streamOf: ({ referredUserId }) => referralStream(referredUserId),
  initial: { firstPayment: null },
  evolve: (_, { data }) => ({ firstPayment: data.messageId }),
  decide: ({ messageId }, { firstPayment }) =>
    firstPayment === null ? [{ type: 'FirstPaymentClaimed', data: { messageId } }] : [],
  keysOf: (_, { referredUserId }) => ({ userId: referredUserId }),
};
