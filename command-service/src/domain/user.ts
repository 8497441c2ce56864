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
      at: Instant;
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
  | { type: 'Deactivate'; reason: Sealed<string> | null; graceDays: number; at: Instant }
  | { type: 'Reactivate' }
  | { type: 'Suspend'; reason: Sealed<string> | null }
  /** By an admin: lifts a suspension, or reactivates an account for its owner. */
  | { type: 'Reinstate' }
  | { type: 'RequestErasure' }
  /** By the clock: begins the erasure of an account whose grace period is over. */
  | { type: 'Purge'; at: Instant }
  | { type: 'ConfirmErasure' }
  | AbandonCommand
);

/** DELETED: erasure has begun; ERASED: nothing personal can be read any more. */
export type UserStatus = 'NONE' | 'ACTIVE' | 'SUSPENDED' | 'DEACTIVATED' | 'DELETED' | 'ERASED';

export interface UserState {
  readonly status: UserStatus;
  readonly userId: string | null;
  readonly emailVerified: boolean;
  readonly emailDigest: string | null;
  readonly passwordHash: Sealed<string> | null;
  readonly username: Sealed<string> | null;
  readonly usernameDigest: string | null;
  /** Digests of all her usernames, past ones included: they stay hers (G44). */
  readonly names: readonly string[];
  /** When the username was last changed by the user; the first choice is free. */
  readonly usernameChangedAt: Instant | null;
  readonly avatarUrl: Sealed<string> | null;
  readonly referredBy: string | null;
  readonly purgeAt: Instant | null;
  /** Registrations and renames that were abandoned before they finished. */
  readonly abandoned: AbandonedCommands;
}

const initial: UserState = {
  status: 'NONE',
  userId: null,
  emailVerified: false,
  emailDigest: null,
  passwordHash: null,
  username: null,
  usernameDigest: null,
  names: [],
  usernameChangedAt: null,
  avatarUrl: null,
  referredBy: null,
  purgeAt: null,
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
    case 'CommandAbandoned':
      return { ...state, abandoned: withAbandoned(state.abandoned, data) };
  }
}

function registered(state: UserState, data: EventNamed<'UserRegistered'>['data']): UserState {
  const { userId, emailVerifiedAt, emailDigest, passwordHash, username, usernameDigest, referredBy } = data;
  const emailVerified = emailVerifiedAt !== null;
  const names = usernameDigest === null ? [] : [usernameDigest];
  const named = { username, usernameDigest, names };
  return { ...state, status: 'ACTIVE', userId, emailVerified, emailDigest, passwordHash, ...named, referredBy };
}

/** Digests of the e-mail address and of every name. */
export function digestsInUse({ emailDigest, names }: UserState): readonly string[] {
  return emailDigest === null ? names : [emailDigest, ...names];
}

/** How many names a person may have, usernames and referral codes together (G44). */
export const NAMES_MAX = 50;

/** Erased, or about to be. */
export const isGone = ({ status }: Pick<UserState, 'status'>) => status === 'DELETED' || status === 'ERASED';

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
    case 'Deactivate':
      return deactivateUser(command, state);
    case 'Reactivate':
      return reactivateUser(command, state);
    case 'Suspend':
      return suspendUser(command, state);
    case 'Reinstate':
      return reinstateUser(command, state);
    case 'Purge':
      return purgeUser(command, state);
    case 'RequestErasure':
      return isGone(state) ? [] : [{ type: 'UserErasureRequested', data: { userId } }];
    case 'ConfirmErasure':
      return state.status === 'DELETED' ? [{ type: 'UserErased', data: { userId } }] : [];
  }
}

function registerUser(command: CommandNamed<'Register'>, state: UserState): Decision {
  if (state.status !== 'NONE') return [];
  const { type: _, commandId, at: emailVerifiedAt, ...data } = command;
  const refused = abandonedRefusal(state.abandoned, commandId);
  return refused ?? [{ type: 'UserRegistered', data: { ...data, emailVerifiedAt } }];
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

function deactivateUser(command: CommandNamed<'Deactivate'>, { status }: UserState): Decision {
  if (status !== 'ACTIVE') return refuse('error.user.account_not_active');
  const { userId, reason, graceDays, at } = command;
  return [{ type: 'UserDeactivated', data: { userId, reason, purgeAt: plus(at, graceDays * DAY) } }];
}

/** By its owner: a suspension that came meanwhile is not lifted (G57). */
function reactivateUser({ userId }: CommandNamed<'Reactivate'>, { status, purgeAt }: UserState): Decision {
  if (purgeAt === null) return refuse('error.user.account_not_deactivated');
  const statusAfter = status === 'SUSPENDED' ? 'SUSPENDED' : 'ACTIVE';
  return [{ type: 'UserReactivated', data: { userId, statusAfter } }];
}

/** Stands above a deactivation, and does not keep the account from being erased when its time has come (G57). */
function suspendUser({ userId, reason }: CommandNamed<'Suspend'>, { status }: UserState): Decision {
  if (status !== 'ACTIVE' && status !== 'DEACTIVATED') return refuse('error.user.account_not_active');
  return [{ type: 'UserSuspended', data: { userId, reason } }];
}

/** By an admin: lifts a suspension, and else a deactivation. */
function reinstateUser({ userId }: CommandNamed<'Reinstate'>, state: UserState): Decision {
  if (state.status === 'ACTIVE') return refuse('error.user.account_active');
  if (isGone(state)) return refuse('error.user.erased');
  const statusAfter = state.status === 'SUSPENDED' && state.purgeAt !== null ? 'DEACTIVATED' : 'ACTIVE';
  return [{ type: 'UserReactivated', data: { userId, statusAfter } }];
}

function purgeUser({ userId, at }: CommandNamed<'Purge'>, { purgeAt }: UserState): Decision {
  if (purgeAt === null || fromInstant(at) < fromInstant(purgeAt)) return [];
  return [{ type: 'UserErasureRequested', data: { userId } }];
}

export const user: Decider<UserState, UserCommand, UserEvent> = {
  category: 'user',
  snapshotVersion: 4,
  streamOf: ({ userId }) => userStream(userId),
  initial,
  evolve,
  decide,
  keysOf: (_, { userId }) => ({ userId }),
};
