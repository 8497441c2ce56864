import type { ReferralEvent } from '@creator-dashboards/shared/events/referral';
import type { Decider } from './decider.js';

/** What is known of a user who was referred. */
export const referralStream = (referredUserId: string) => `referral-${referredUserId}`;

export interface ClaimFirstPayment {
  readonly type: 'ClaimFirstPayment';
  readonly referredUserId: string;
  readonly messageId: string;
}

export interface ReferralState {
  /** The payment that counts as her first; it stays so when its reward is clawed back. */
  readonly firstPayment: string | null;
}

/** Of all payments of a referred user one is the first (domain 3.4): the stream's only event says which (G44b). */
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
