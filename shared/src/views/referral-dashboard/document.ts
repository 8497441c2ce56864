import type { TriggerType } from '../../events/define.js';
import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Sealed } from '../../ports.js';
import type { Instant } from '../../time.js';

export interface RewardDocument {
  readonly id: string;
  readonly triggerType: TriggerType;
  readonly amount: Cents;
  readonly createdAt: Instant;
}

/** GET /referral/dashboard; key: the referrer's userId. */
export interface ReferralDashboardDocument extends FoldedDocument {
  /** Null until the link is created; clicks, from a stream of their own, never come before that. */
  readonly link: {
    readonly id: string;
    readonly code: Sealed<string>;
    readonly signups: number;
    readonly conversions: number;
    readonly active: boolean;
  } | null;
  readonly clicks: number;
  readonly totalEarnings: Cents;
  /** The newest REWARDS_KEPT rewards that are not clawed back, newest first (order, G38). */
  readonly rewards: readonly RewardDocument[];
}
export const REWARDS_KEPT = 1_000;
export const REWARDS_SHOWN = 50;
