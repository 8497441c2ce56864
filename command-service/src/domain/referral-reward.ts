import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { LinkStanding, ReferralRewardEvent } from '@creator-dashboards/shared/events/referral';
import { percentOf, toCents, toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Decider } from './decider.js';

export const referralRewardStream = (rewardId: string) => `referralReward-${rewardId}`;

export type ReferralRewardCommand = { readonly rewardId: string } & (
  | { type: 'RecordSignup'; referrerId: string; referredUserId: string; standing: LinkStanding }
  | {
      type: 'Grant';
      referrerId: string;
      referredUserId: string;
      /** The user who is paid by this payment. */
      receiverId: string;
      messageId: string;
      standing: LinkStanding;
      /** Whether this payment is claimed as the referred user's first. */
      isFirst: boolean;
      gross: Cents;
      commission: Cents;
      /** What a referral earns, from config (G19). */
      firstReward: Cents;
      recurringPercent: number;
    }
  | { type: 'ClawBack'; cause: 'ADMIN' | 'CHARGEBACK' }
);

/** One reward, from its grant to its clawback, in a stream of its own (G44b). */
export interface ReferralRewardState {
  readonly referrerId: string | null;
  /** Null until granted; zero for a signup. */
  readonly amount: Cents | null;
  readonly clawedBack: boolean;
}

const initial: ReferralRewardState = { referrerId: null, amount: null, clawedBack: false };

function evolve(state: ReferralRewardState, { type, data }: ReferralRewardEvent): ReferralRewardState {
  switch (type) {
    case 'ReferralSignupRecorded':
      return { ...state, referrerId: data.referrerId, amount: 0 };
    case 'ReferralRewardGranted':
      return { ...state, referrerId: data.referrerId, amount: toCents(data.amount) };
    case 'ReferralRewardClawedBack':
      return { ...state, clawedBack: true };
  }
}

/** Whether the referrer can earn anything now: only with an active link and an active account (G22, G55). */
export function earns({ linkActive, referrerStatus }: LinkStanding): boolean {
  return linkActive && referrerStatus === 'ACTIVE';
}

/** Whether a payment earns its payer's referrer a reward: not if it pays the referrer herself, nor if it is zero (G55). */
export function isRewarded(payment: {
  readonly referrerId: string;
  readonly receiverId: string;
  readonly gross: Cents;
  readonly standing: LinkStanding;
}): boolean {
  return payment.referrerId !== payment.receiverId && payment.gross > 0 && earns(payment.standing);
}

type Decision = readonly ReferralRewardEvent[] | Refusal;
type CommandNamed<T extends ReferralRewardCommand['type']> = Extract<ReferralRewardCommand, { type: T }>;

function decide(command: ReferralRewardCommand, state: ReferralRewardState): Decision {
  switch (command.type) {
    case 'RecordSignup':
      return recordSignup(command, state);
    case 'Grant':
      return grantReward(command, state);
    case 'ClawBack':
      return clawBackReward(command, state);
  }
}

function recordSignup(command: CommandNamed<'RecordSignup'>, { amount }: ReferralRewardState): Decision {
  if (amount !== null || !earns(command.standing)) return [];
  const { type: _, ...data } = command;
  return [{ type: 'ReferralSignupRecorded', data }];
}

/** Referral reward (G19): a fixed amount for a referred user's first payment, then a share of the commission. */
function grantReward(command: CommandNamed<'Grant'>, { amount }: ReferralRewardState): Decision {
  if (amount !== null || !isRewarded(command)) return [];
  const { rewardId, referrerId, referredUserId, messageId: sourceMessageId, standing } = command;
  const reward = { rewardId, referrerId, referredUserId, sourceMessageId, standing };
  return [{ type: 'ReferralRewardGranted', data: { ...reward, ...worthOf(command) } }];
}

function worthOf({ isFirst, firstReward, commission, recurringPercent }: CommandNamed<'Grant'>): Worth {
  return isFirst
    ? { triggerType: 'FIRST_PAYMENT', amount: toDecimal(firstReward) }
    : { triggerType: 'RECURRING_PAYMENT', amount: toDecimal(percentOf(commission, recurringPercent)) };
}
type Worth = Pick<EventNamed<'ReferralRewardGranted'>['data'], 'triggerType' | 'amount'>;

/** A chargeback of a payment that was never rewarded claws nothing back; an admin must name a reward that exists. */
function clawBackReward(command: CommandNamed<'ClawBack'>, { amount, clawedBack }: ReferralRewardState): Decision {
  const { rewardId, cause } = command;
  if (amount === null) return cause === 'ADMIN' ? refuse('referral.reward.not_found') : [];
  return clawedBack ? [] : [{ type: 'ReferralRewardClawedBack', data: { rewardId, amount: toDecimal(amount), cause } }];
}

export const referralReward: Decider<ReferralRewardState, ReferralRewardCommand, ReferralRewardEvent> = {
  category: 'referralReward',
  snapshotVersion: 1,
  streamOf: ({ rewardId }) => referralRewardStream(rewardId),
  initial,
  evolve,
  decide,
  keysOf: ({ referrerId }, { rewardId }) => ({ userId: referrerId ?? undefined, rewardId }),
};
