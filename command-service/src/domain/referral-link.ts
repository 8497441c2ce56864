import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
import { toCents, toDecimal, percentOf, type Cents } from '@creator-dashboards/shared/money';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import {
  abandonCommand,
  abandonedRefusal,
  noneAbandoned,
  withAbandoned,
  type AbandonCommand,
  type AbandonedCommands,
} from './abandoned-commands.js';
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
  | { type: 'Disable' }
  | { type: 'Enable' }
  | AbandonCommand
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
  /** Commands that took a code and were closed before they finished. */
  readonly abandoned: AbandonedCommands;
}

const initial: ReferralLinkState = {
  userId: null,
  linkId: null,
  code: null,
  codeDigest: null,
  aliases: [],
  active: false,
  rewards: {},
  paying: [],
  abandoned: noneAbandoned,
};

function evolve(state: ReferralLinkState, { type, data }: ReferralLinkEvent): ReferralLinkState {
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
    case 'CommandAbandoned':
      return { ...state, abandoned: withAbandoned(state.abandoned, data) };
  }
}

/** Digests of the code and of every alias. */
export function digestsInUse({ codeDigest, aliases }: ReferralLinkState): readonly string[] {
  return codeDigest === null ? aliases : [codeDigest, ...aliases];
}

type Decision = readonly ReferralLinkEvent[] | Refusal;
type CommandNamed<T extends ReferralLinkCommand['type']> = Extract<ReferralLinkCommand, { type: T }>;

function decide(command: ReferralLinkCommand, state: ReferralLinkState): Decision {
  switch (command.type) {
    case 'Create':
      return createLink(command, state);
    case 'Repoint':
      return repointCode(command, state);
    case 'RecordSignup':
      return recordSignup(command, state);
    case 'Grant':
      return grantReward(command, state);
    case 'ClawBack':
      return clawBackReward(command, state);
    case 'Disable':
      return disableLink(state);
    case 'Enable':
      return enableLink(state);
    case 'Abandon':
      return abandonCommand(command, state.abandoned, digestsInUse(state));
  }
}

function createLink(command: CommandNamed<'Create'>, state: ReferralLinkState): Decision {
  const refused = abandonedRefusal(state.abandoned, command.commandId);
  if (refused) return refused;
  const { userId, linkId, code, codeDigest } = command;
  return state.linkId === null ? [{ type: 'ReferralLinkCreated', data: { linkId, userId, code, codeDigest } }] : [];
}

function repointCode(command: CommandNamed<'Repoint'>, state: ReferralLinkState): Decision {
  const refused = abandonedRefusal(state.abandoned, command.commandId);
  if (refused) return refused;
  const { code: oldCode, codeDigest: oldCodeDigest } = state;
  const { code: newCode, codeDigest: newCodeDigest } = command;
  if (!oldCode || !oldCodeDigest || oldCodeDigest === newCodeDigest) return [];
  return [{ type: 'ReferralCodeRepointed', data: { oldCode, newCode, oldCodeDigest, newCodeDigest } }];
}

function recordSignup({ referredUserId }: CommandNamed<'RecordSignup'>, state: ReferralLinkState): Decision {
  const rewardId = signupRewardIdOf(referredUserId);
  if (state.linkId === null || !state.active || Object.hasOwn(state.rewards, rewardId)) return [];
  return [{ type: 'ReferralSignupRecorded', data: { referredUserId, rewardId } }];
}

/** G19: a fixed reward for a referred user's first payment, then a share of the commission; only while the link is active. */
function grantReward(command: CommandNamed<'Grant'>, state: ReferralLinkState): Decision {
  const { referredUserId, messageId: sourceMessageId, commission, firstReward, recurringPercent } = command;
  const rewardId = rewardIdOf(sourceMessageId);
  if (state.linkId === null || !state.active || Object.hasOwn(state.rewards, rewardId)) return [];
  const first = !state.paying.includes(referredUserId);
  const amount = toDecimal(first ? firstReward : percentOf(commission, recurringPercent));
  const triggerType = first ? 'FIRST_PAYMENT' : 'RECURRING_PAYMENT';
  return [{ type: 'ReferralRewardGranted', data: { rewardId, triggerType, amount, sourceMessageId, referredUserId } }];
}

/** A chargeback of a payment that was never rewarded takes nothing back. */
function clawBackReward({ rewardId, cause }: CommandNamed<'ClawBack'>, { rewards }: ReferralLinkState): Decision {
  if (!Object.hasOwn(rewards, rewardId)) return cause === 'ADMIN' ? refuse('referral.reward.not_found') : [];
  const amount = rewards[rewardId] ?? null;
  return amount === null
    ? []
    : [{ type: 'ReferralRewardClawedBack', data: { rewardId, amount: toDecimal(amount), cause } }];
}

function disableLink({ linkId, active }: ReferralLinkState): Decision {
  if (linkId === null) return refuse('referral.link.not_found');
  return active ? [{ type: 'ReferralLinkDisabled', data: {} }] : refuse('referral.link.unchanged');
}

function enableLink({ linkId, active }: ReferralLinkState): Decision {
  if (linkId === null) return refuse('referral.link.not_found');
  return active ? refuse('referral.link.unchanged') : [{ type: 'ReferralLinkEnabled', data: {} }];
}

export const referralLink: Decider<ReferralLinkState, ReferralLinkCommand, ReferralLinkEvent> = {
  category: 'referralLink',
  snapshotVersion: 2,
  streamOf: ({ userId }) => referralLinkStream(userId),
  initial,
  evolve,
  decide,
  keysOf: (_, command) => ({ userId: command.userId, rewardId: rewardOf(command) }),
};

/** The reward a command is about, a routing key of its events. */
function rewardOf(command: ReferralLinkCommand): string | undefined {
  if (command.type === 'RecordSignup') return signupRewardIdOf(command.referredUserId);
  if (command.type === 'Grant') return rewardIdOf(command.messageId);
  return command.type === 'ClawBack' ? command.rewardId : undefined;
}
