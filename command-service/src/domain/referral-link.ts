import { refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
import { toCents, toDecimal, percentOf, type Cents } from '@creator-dashboards/shared/money';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Decider } from './decider.js';

export const referralLinkStream = (userId: string) => `referralLink-${userId}`;

/** The reward of a payment has an id of its own, so a payment is rewarded once. */
export const rewardIdOf = (messageId: string) => derivedId(messageId, 'reward');
export const signupRewardIdOf = (referredUserId: string) => derivedId(referredUserId, 'signup');

export type ReferralLinkCommand = { readonly userId: string } & (
  | { type: 'Create'; linkId: string; commandId: string; code: Sealed<string>; codeDigest: string }
  | { type: 'Repoint'; commandId: string; code: Sealed<string>; codeDigest: string }
  | { type: 'RecordSignup'; referredUserId: string }
  | {
      type: 'Grant';
      referredUserId: string;
      messageId: string;
      commission: Cents;
      /** From config (G19). */
      firstReward: Cents;
      recurringPercent: number;
    }
  | { type: 'ClawBack'; rewardId: string; cause: 'ADMIN' | 'CHARGEBACK' }
  | { type: 'Disable' | 'Enable' }
  /** Closes a command that took a code and did not finish (domain 9.2). */
  | { type: 'Abandon'; commandId: string; reserved: readonly string[]; code: ErrorKey }
);

export interface ReferralLinkState {
  readonly userId: string | null;
  readonly linkId: string | null;
  readonly code: Sealed<string> | null;
  readonly codeDigest: string | null;
  /** Digests of earlier codes, which still lead here. */
  readonly aliases: readonly string[];
  readonly active: boolean;
  /** Amount of every reward; null once it was clawed back. */
  readonly rewards: Readonly<Record<string, Cents | null>>;
  /** Referred users whose first payment was rewarded (FIRST_PAYMENT once, 3.4). */
  readonly paying: readonly string[];
  /** Commands closed before they finished; the newest of them, and how many there were. */
  readonly abandoned: readonly { readonly commandId: string; readonly code: string }[];
  readonly abandonments: number;
}

const ABANDONED_KEPT = 50;

export const referralLink: Decider<ReferralLinkState, ReferralLinkCommand, ReferralLinkEvent> = {
  category: 'referralLink',
  snapshotVersion: 1,
  streamOf: ({ userId }) => referralLinkStream(userId),
  initial: {
    userId: null,
    linkId: null,
    code: null,
    codeDigest: null,
    aliases: [],
    active: false,
    rewards: {},
    paying: [],
    abandoned: [],
    abandonments: 0,
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'ReferralLinkCreated': {
        const { userId, linkId, code, codeDigest } = data;
        return { ...state, userId, linkId, code, codeDigest, active: true };
      }
      case 'ReferralCodeRepointed': {
        const aliases = [...state.aliases.filter((alias) => alias !== data.newCodeDigest), data.oldCodeDigest];
        return { ...state, code: data.newCode, codeDigest: data.newCodeDigest, aliases };
      }
      case 'ReferralSignupRecorded':
        return { ...state, rewards: { ...state.rewards, [data.rewardId]: 0 } };
      case 'ReferralRewardGranted': {
        const { rewardId, amount, referredUserId, triggerType } = data;
        const paying = triggerType === 'FIRST_PAYMENT' ? [...state.paying, referredUserId] : state.paying;
        return { ...state, rewards: { ...state.rewards, [rewardId]: toCents(amount) }, paying };
      }
      case 'ReferralRewardClawedBack':
        return { ...state, rewards: { ...state.rewards, [data.rewardId]: null } };
      case 'ReferralLinkDisabled':
        return { ...state, active: false };
      case 'ReferralLinkEnabled':
        return { ...state, active: true };
      case 'CommandAbandoned': {
        const { commandId, code } = data;
        const abandoned = [...state.abandoned, { commandId, code }].slice(-ABANDONED_KEPT);
        return { ...state, abandoned, abandonments: state.abandonments + 1 };
      }
    }
  },

  decide(command, state) {
    const { userId } = command;
    const exists = state.linkId !== null;
    const closed = 'commandId' in command && state.abandoned.find(({ commandId }) => commandId === command.commandId);
    if (closed) return command.type === 'Abandon' ? [] : refuse(closed.code as ErrorKey);
    switch (command.type) {
      case 'Create': {
        const { linkId, code, codeDigest } = command;
        return exists ? [] : [{ type: 'ReferralLinkCreated', data: { linkId, userId, code, codeDigest } }];
      }
      case 'Repoint': {
        const { code: oldCode, codeDigest: oldCodeDigest } = state;
        if (!oldCode || !oldCodeDigest || oldCodeDigest === command.codeDigest) return [];
        const { code: newCode, codeDigest: newCodeDigest } = command;
        return [{ type: 'ReferralCodeRepointed', data: { oldCode, newCode, oldCodeDigest, newCodeDigest } }];
      }
      case 'RecordSignup': {
        const rewardId = signupRewardIdOf(command.referredUserId);
        if (!exists || !state.active || Object.hasOwn(state.rewards, rewardId)) return [];
        return [{ type: 'ReferralSignupRecorded', data: { referredUserId: command.referredUserId, rewardId } }];
      }
      case 'Grant':
        return grant(command, state);
      case 'ClawBack': {
        const { rewardId, cause } = command;
        if (!Object.hasOwn(state.rewards, rewardId))
          return cause === 'ADMIN' ? refuse('referral.reward.not_found') : [];
        const amount = state.rewards[rewardId] ?? null;
        if (amount === null) return [];
        return [{ type: 'ReferralRewardClawedBack', data: { rewardId, amount: toDecimal(amount), cause } }];
      }
      case 'Abandon': {
        const { commandId, reserved, code } = command;
        const decided = reserved.some((digest) => digestsInUse(state).includes(digest));
        return decided ? [] : [{ type: 'CommandAbandoned', data: { commandId, userId, code } }];
      }
      case 'Disable':
        if (!exists) return refuse('referral.link.not_found');
        return state.active ? [{ type: 'ReferralLinkDisabled', data: {} }] : refuse('referral.link.unchanged');
      case 'Enable':
        if (!exists) return refuse('referral.link.not_found');
        return state.active ? refuse('referral.link.unchanged') : [{ type: 'ReferralLinkEnabled', data: {} }];
    }
  },

  keysOf: (_, command) => ({ userId: command.userId, rewardId: rewardOf(command) }),
};

/** Digests of the code and of every alias. */
export function digestsInUse({ codeDigest, aliases }: ReferralLinkState): readonly string[] {
  return codeDigest === null ? aliases : [codeDigest, ...aliases];
}

/** The reward a command is about, a routing key of its events. */
function rewardOf(command: ReferralLinkCommand): string | undefined {
  if (command.type === 'RecordSignup') return signupRewardIdOf(command.referredUserId);
  if (command.type === 'Grant') return rewardIdOf(command.messageId);
  return command.type === 'ClawBack' ? command.rewardId : undefined;
}

/** G19: a fixed reward for a referred user's first payment, then a share of the commission; only while the link is active. */
function grant(
  command: Extract<ReferralLinkCommand, { type: 'Grant' }>,
  state: ReferralLinkState,
): ReferralLinkEvent[] {
  const { referredUserId, messageId, commission, firstReward, recurringPercent } = command;
  const rewardId = rewardIdOf(messageId);
  if (state.linkId === null || !state.active || Object.hasOwn(state.rewards, rewardId)) return [];
  const first = !state.paying.includes(referredUserId);
  const amount = toDecimal(first ? firstReward : percentOf(commission, recurringPercent));
  const triggerType = first ? 'FIRST_PAYMENT' : 'RECURRING_PAYMENT';
  return [
    {
      type: 'ReferralRewardGranted',
      data: { rewardId, triggerType, amount, sourceMessageId: messageId, referredUserId },
    },
  ];
}
