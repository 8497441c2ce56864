import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, plus, type Instant } from '@creator-dashboards/shared/time';
import {
  abandonCommand,
  abandonedRefusal,
  noneAbandoned,
  withAbandoned,
  type AbandonCommand,
  type AbandonedCommands,
} from './abandoned-commands.js';
import type { Decider } from './decider.js';
import { decideAccess, noneRevoked, revoked, withRole, type Access, type AccessCommand } from './user-access.js';
import { decideStanding, isGone, type Standing, type StandingCommand } from './user-standing.js';

export const userStream = (userId: string) => `user-${userId}`;

export type UserCommand = { readonly userId: string } & (
  | {
      type: 'Register';
      commandId: string;
      email: Sealed<string>;
      emailDigest: string;
      passwordHash: Sealed<string>;
      displayName: Sealed<string> | null;
      username: Sealed<string> | null;
      usernameDigest: string | null;
      referralCodeUsed: Sealed<string> | null;
      referredBy: string | null;
      intent: 'CREATOR' | 'FAN';
      /** Null: the address is to be proved. */
      emailVerifiedAt: Instant | null;
    }
  /** The seal that the state has, where the address is the same. */
  | { type: 'SetAvatar'; avatarUrl: Sealed<string> | null }
  | {
      type: 'ChangeUsername';
      commandId: string;
      username: Sealed<string>;
      digest: string;
      /** Digests of her referral link's codes: they are her names too (G44). */
      linkCodes: readonly string[];
      cooldownDays: number;
      at: Instant;
    }
  /** From an upgrade: sets the username only where there is none. */
  | { type: 'SetFirstUsername'; username: Sealed<string>; digest: string; at: Instant }
  | StandingCommand
  | AccessCommand
  | AbandonCommand
);

export interface UserState extends Standing, Access {
  readonly userId: string | null;
  readonly email: Sealed<string> | null;
  readonly emailDigest: string | null;
  readonly username: Sealed<string> | null;
  readonly usernameDigest: string | null;
  /** Digests of all her usernames, past ones included: they stay hers (G44). */
  readonly names: readonly string[];
  /** When the username was last changed by the user; the first choice is free. */
  readonly usernameChangedAt: Instant | null;
  readonly avatarUrl: Sealed<string> | null;
  readonly referredBy: string | null;
  /** Registrations and renames that were abandoned before they finished. */
  readonly abandoned: AbandonedCommands;
}

const initial: UserState = {
  status: 'NONE',
  purgeAt: null,
  sessions: noneRevoked,
  roles: [],
  userId: null,
  emailVerified: false,
  email: null,
  emailDigest: null,
  passwordHash: null,
  username: null,
  usernameDigest: null,
  names: [],
  usernameChangedAt: null,
  avatarUrl: null,
  referredBy: null,
  abandoned: noneAbandoned,
};

function evolve(state: UserState, { type, data }: UserEvent): UserState {
  switch (type) {
    case 'UserRegistered':
      return registered(state, data);
    case 'UserAvatarChanged':
      return { ...state, avatarUrl: data.avatarUrl };
    case 'UsernameChanged': {
      const usernameChangedAt = data.old ? data.at : state.usernameChangedAt;
      const names = [...new Set([...state.names, data.newDigest])];
      return { ...state, username: data.new, usernameDigest: data.newDigest, names, usernameChangedAt };
    }
    case 'UserDeactivated':
      return { ...state, status: 'DEACTIVATED', purgeAt: data.purgeAt };
    case 'UserReactivated':
      return { ...state, status: data.statusAfter, purgeAt: data.statusAfter === 'DEACTIVATED' ? state.purgeAt : null };
    case 'UserSuspended':
      return { ...state, status: 'SUSPENDED' };
    case 'UserErasureRequested':
      return { ...state, status: 'DELETED', purgeAt: null };
    case 'UserErased':
      return { ...state, status: 'ERASED' };
    case 'SessionsRevoked':
      return { ...state, sessions: revoked(state.sessions, data) };
    case 'RefreshTokenReused':
      return state;
    case 'UserPasswordChanged':
      return { ...state, passwordHash: data.passwordHash };
    case 'UserEmailVerified':
      return { ...state, emailVerified: true };
    case 'StaffRoleGranted':
    case 'StaffRoleRevoked':
      return { ...state, roles: withRole(state.roles, data.role, type === 'StaffRoleGranted') };
    case 'CommandAbandoned':
      return { ...state, abandoned: withAbandoned(state.abandoned, data) };
  }
}

function registered(state: UserState, data: EventNamed<'UserRegistered'>['data']): UserState {
  const { userId, email, emailVerifiedAt, emailDigest, passwordHash, username, usernameDigest, referredBy } = data;
  const emailVerified = emailVerifiedAt !== null;
  const names = usernameDigest === null ? [] : [usernameDigest];
  const named = { username, usernameDigest, names };
  return { ...state, status: 'ACTIVE', userId, email, emailVerified, emailDigest, passwordHash, ...named, referredBy };
}

/** Digests of the e-mail address and of every name. */
export function digestsInUse({ emailDigest, names }: UserState): readonly string[] {
  return emailDigest === null ? names : [emailDigest, ...names];
}

/** How many names a person may have, usernames and referral codes together (G44). */
export const NAMES_MAX = 50;

type Decision = readonly UserEvent[] | Refusal;
type CommandNamed<T extends UserCommand['type']> = Extract<UserCommand, { type: T }>;

function decide(command: UserCommand, state: UserState): Decision {
  if (command.type === 'Register') return registerUser(command, state);
  if (command.type === 'Abandon') return abandonCommand(command, state.abandoned, digestsInUse(state));
  if (state.status === 'NONE') return refuse('error.user.not_found');
  const { userId } = command;
  switch (command.type) {
    case 'SetAvatar':
      if (isGone(state)) return refuse('auth.account.unknown');
      return command.avatarUrl === state.avatarUrl
        ? []
        : [{ type: 'UserAvatarChanged', data: { userId, avatarUrl: command.avatarUrl } }];
    case 'ChangeUsername':
      return changeUsername(command, state);
    case 'SetFirstUsername':
      return setFirstUsername(command, state);
    case 'RevokeSessions':
    case 'ReportReuse':
    case 'ChangePassword':
    case 'ResetPassword':
    case 'VerifyEmail':
    case 'GrantRole':
    case 'RevokeRole':
      return decideAccess(userId, command, state);
    default:
      return decideStanding(userId, command, state);
  }
}

function registerUser(command: CommandNamed<'Register'>, state: UserState): Decision {
  if (state.status !== 'NONE') return [];
  const { type: _, commandId, ...data } = command;
  const refused = abandonedRefusal(state.abandoned, commandId);
  return refused ?? [{ type: 'UserRegistered', data }];
}

function changeUsername(command: CommandNamed<'ChangeUsername'>, state: UserState): Decision {
  const refused = abandonedRefusal(state.abandoned, command.commandId);
  if (refused) return refused;
  if (isGone(state)) return refuse('auth.account.unknown');
  if (command.digest === state.usernameDigest) return refuse('error.user.username_same');
  if (state.usernameChangedAt) {
    const availableAt = plus(state.usernameChangedAt, command.cooldownDays * DAY);
    if (fromInstant(command.at) < fromInstant(availableAt))
      return refuse('error.user.username_cooldown', { availableAt });
  }
  const names = new Set([...state.names, ...command.linkCodes]);
  if (names.size >= NAMES_MAX && !names.has(command.digest))
    return refuse('error.user.too_many_names', { max: NAMES_MAX });
  return [usernameChanged(command, state)];
}

function setFirstUsername(command: CommandNamed<'SetFirstUsername'>, state: UserState): Decision {
  if (isGone(state)) return refuse('auth.account.unknown');
  return state.usernameDigest !== null ? [] : [usernameChanged(command, state)];
}

function usernameChanged(
  { userId, username, digest, at }: { userId: string; username: Sealed<string>; digest: string; at: Instant },
  state: UserState,
): UserEvent {
  const { username: old, usernameDigest: oldDigest } = state;
  return { type: 'UsernameChanged', data: { userId, old, new: username, oldDigest, newDigest: digest, at } };
}

export const user: Decider<UserState, UserCommand, UserEvent> = {
  category: 'user',
  snapshotVersion: 7,
  streamOf: ({ userId }) => userStream(userId),
  initial,
  evolve,
  decide,
  keysOf: (_, { userId }) => ({ userId }),
};
