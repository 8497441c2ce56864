import type { ReferralClicksEvent } from '@creator-dashboards/shared/events/referral';
import type { Decider } from './decider.js';

/** Separate from the link's stream, so that a burst of clicks delays no decision about the link. */
export const referralClicksStream = (userId: string) => `referralClicks-${userId}`;

export interface TrackClick {
  readonly type: 'TrackClick';
  readonly userId: string;
  /** The code that was used: the present one or an alias. */
  readonly codeDigest: string;
}

/** Every click counts, so there is nothing to decide (domain 2.4); the dashboard adds them up. */
export const referralClicks: Decider<object, TrackClick, ReferralClicksEvent> = {
  category: 'referralClicks',
  snapshotVersion: 1,
  remembersCommands: false,
  streamOf: ({ userId }) => referralClicksStream(userId),
  initial: {},
  evolve: (state) => state,
  decide: ({ codeDigest }) => [{ type: 'ReferralClickTracked', data: { codeDigest } }],
  keysOf: (_, { userId }) => ({ userId }),
};
