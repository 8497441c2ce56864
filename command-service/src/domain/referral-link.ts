import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { ReferralLinkEvent } from '@creator-dashboards/shared/events/referral';
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

export type ReferralLinkCommand = { readonly userId: string } & (
  | { type: 'Create'; linkId: string; commandId: string; code: Sealed<string>; codeDigest: string }
  /** To a name that she already has. */
  | { type: 'Repoint'; code: Sealed<string>; codeDigest: string }
  | { type: 'Disable' }
  | { type: 'Enable' }
  | AbandonCommand
);

/** Creation, codes and standing only. Signups and rewards have their own streams, so that this one stays small (G44b). */
export interface ReferralLinkState {
  readonly userId: string | null;
  readonly linkId: string | null;
  readonly code: Sealed<string> | null;
  readonly codeDigest: string | null;
  /** Digests of this code and all earlier ones: they stay hers and resolve to this link for good (G44). */
  readonly codes: readonly string[];
  readonly active: boolean;
  /** Commands that reserved a code and were abandoned before they finished. */
  readonly abandoned: AbandonedCommands;
}

const initial: ReferralLinkState = {
  userId: null,
  linkId: null,
  code: null,
  codeDigest: null,
  codes: [],
  active: false,
  abandoned: noneAbandoned,
};

function evolve(state: ReferralLinkState, { type, data }: ReferralLinkEvent): ReferralLinkState {
  switch (type) {
    case 'ReferralLinkCreated': {
      const { userId, linkId, code, codeDigest } = data;
      return { ...state, userId, linkId, code, codeDigest, codes: [codeDigest], active: true };
    }
    case 'ReferralCodeRepointed': {
      const { newCode: code, newCodeDigest: codeDigest } = data;
      return { ...state, code, codeDigest, codes: [...new Set([...state.codes, codeDigest])] };
    }
    case 'ReferralLinkDisabled':
      return { ...state, active: false };
    case 'ReferralLinkEnabled':
      return { ...state, active: true };
    case 'CommandAbandoned':
      return { ...state, abandoned: withAbandoned(state.abandoned, data) };
  }
}

type Decision = readonly ReferralLinkEvent[] | Refusal;
type CommandNamed<T extends ReferralLinkCommand['type']> = Extract<ReferralLinkCommand, { type: T }>;

function decide(command: ReferralLinkCommand, state: ReferralLinkState): Decision {
  switch (command.type) {
    case 'Create':
      return createLink(command, state);
    case 'Repoint':
      return repointCode(command, state);
    case 'Disable':
      return disableLink(state);
    case 'Enable':
      return enableLink(state);
    case 'Abandon':
      return abandonCommand(command, state.abandoned, state.codes);
  }
}

function createLink(command: CommandNamed<'Create'>, state: ReferralLinkState): Decision {
  const refused = abandonedRefusal(state.abandoned, command.commandId);
  if (refused) return refused;
  const { userId, linkId, code, codeDigest } = command;
  return state.linkId === null ? [{ type: 'ReferralLinkCreated', data: { linkId, userId, code, codeDigest } }] : [];
}

function repointCode(command: CommandNamed<'Repoint'>, state: ReferralLinkState): Decision {
  const { code: oldCode, codeDigest: oldCodeDigest } = state;
  const { code: newCode, codeDigest: newCodeDigest } = command;
  if (!oldCode || !oldCodeDigest || oldCodeDigest === newCodeDigest) return [];
  return [{ type: 'ReferralCodeRepointed', data: { oldCode, newCode, oldCodeDigest, newCodeDigest } }];
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
  snapshotVersion: 4,
  streamOf: ({ userId }) => referralLinkStream(userId),
  initial,
  evolve,
  decide,
  keysOf: (_, { userId }) => ({ userId }),
};
