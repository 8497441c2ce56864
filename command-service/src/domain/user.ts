import { refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, plus, type Instant } from '@creator-dashboards/shared/time';
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
  | { type: 'SetAvatar'; avatarUrl: Sealed<string> | null }
  | {
      type: 'ChangeUsername';
      commandId: string;
      username: Sealed<string>;
      digest: string;
      cooldownDays: number;
      at: Instant;
    }
  /** From an upgrade: sets the username only where there is none. */
  | { type: 'SetFirstUsername'; username: Sealed<string>; digest: string; at: Instant }
  | { type: 'Block' | 'Unblock'; otherId: string }
  | { type: 'Deactivate'; reason: Sealed<string> | null; graceDays: number; at: Instant }
  | { type: 'Reactivate' }
  | { type: 'Suspend'; reason: Sealed<string> | null }
  /** By an admin: lifts a suspension, or brings a deactivated account back for its owner. */
  | { type: 'Reinstate' }
  | { type: 'RequestErasure' }
  /** By the clock: erases what was deactivated longer than the grace period. */
  | { type: 'Purge'; at: Instant }
  | { type: 'ConfirmErasure' }
  /** Closes a registration or rename that stopped half-way (domain 9.2); `reserved` are the digests of what it took. */
  | { type: 'Abandon'; commandId: string; reserved: readonly string[]; code: ErrorKey }
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
  /** When the username was last changed by the user; the first choice is free. */
  readonly usernameChangedAt: Instant | null;
  readonly avatarUrl: Sealed<string> | null;
  readonly referredBy: string | null;
  readonly purgeAt: Instant | null;
  readonly blocked: readonly string[];
  /** Commands closed before they finished; the newest of them. */
  readonly abandoned: readonly { readonly commandId: string; readonly code: string }[];
}

const ABANDONED_KEPT = 50;

export const user: Decider<UserState, UserCommand, UserEvent> = {
  category: 'user',
  snapshotVersion: 1,
  streamOf: ({ userId }) => userStream(userId),
  initial: {
    status: 'NONE',
    userId: null,
    emailVerified: false,
    emailDigest: null,
    passwordHash: null,
    username: null,
    usernameDigest: null,
    usernameChangedAt: null,
    avatarUrl: null,
    referredBy: null,
    purgeAt: null,
    blocked: [],
    abandoned: [],
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'UserRegistered':
        return {
          ...state,
          status: 'ACTIVE',
          userId: data.userId,
          emailVerified: data.emailVerifiedAt !== null,
          emailDigest: data.emailDigest,
          passwordHash: data.passwordHash,
          username: data.username,
          usernameDigest: data.usernameDigest,
          referredBy: data.referredBy,
        };
      case 'UserAvatarChanged':
        return { ...state, avatarUrl: data.avatarUrl };
      case 'UsernameChanged':
        return {
          ...state,
          username: data.new,
          usernameDigest: data.newDigest,
          usernameChangedAt: data.old ? data.at : state.usernameChangedAt,
        };
      case 'UserDeactivated':
        return { ...state, status: 'DEACTIVATED', purgeAt: data.purgeAt };
      case 'UserReactivated':
        return { ...state, status: 'ACTIVE', purgeAt: null };
      case 'UserSuspended':
        return { ...state, status: 'SUSPENDED' };
      case 'UserBlocked':
        return { ...state, blocked: [...state.blocked, data.blockedId] };
      case 'UserUnblocked':
        return { ...state, blocked: state.blocked.filter((id) => id !== data.blockedId) };
      case 'UserErasureRequested':
        return { ...state, status: 'DELETED', purgeAt: null };
      case 'UserErased':
        return { ...state, status: 'ERASED' };
      case 'CommandAbandoned': {
        const { commandId, code } = data;
        return { ...state, abandoned: [...state.abandoned, { commandId, code }].slice(-ABANDONED_KEPT) };
      }
    }
  },

  decide(command, state) {
    const { userId } = command;
    if (command.type === 'Register') {
      if (state.status !== 'NONE') return [];
      const closed = state.abandoned.find(({ commandId }) => commandId === command.commandId);
      if (closed) return refuse(closed.code as ErrorKey);
      const { type: _, commandId: _id, at, ...registered } = command;
      return [{ type: 'UserRegistered', data: { ...registered, emailVerifiedAt: at } }];
    }
    if (command.type === 'Abandon') {
      const { commandId, reserved, code } = command;
      const decided = digestsInUse(state).some((digest) => reserved.includes(digest));
      if (decided || state.abandoned.some((closed) => closed.commandId === commandId)) return [];
      return [{ type: 'CommandAbandoned', data: { commandId, userId, code } }];
    }
    if (state.status === 'NONE') return refuse('error.user.not_found');
    switch (command.type) {
      case 'SetAvatar':
        return [{ type: 'UserAvatarChanged', data: { userId, avatarUrl: command.avatarUrl } }];
      case 'ChangeUsername':
        return changeUsername(command, state);
      case 'SetFirstUsername':
        return state.usernameDigest !== null ? [] : [usernameChanged(command, state)];
      case 'Block':
        if (command.otherId === userId) return refuse('user.block.self');
        if (state.blocked.includes(command.otherId)) return refuse('user.block.already_blocked');
        return [{ type: 'UserBlocked', data: { ownerId: userId, blockedId: command.otherId } }];
      case 'Unblock':
        if (!state.blocked.includes(command.otherId)) return refuse('user.block.not_blocked');
        return [{ type: 'UserUnblocked', data: { ownerId: userId, blockedId: command.otherId } }];
      case 'Deactivate': {
        if (state.status !== 'ACTIVE') return refuse('error.user.account_not_active');
        const purgeAt = plus(command.at, command.graceDays * DAY);
        return [{ type: 'UserDeactivated', data: { userId, reason: command.reason, purgeAt } }];
      }
      case 'Reactivate':
        if (state.status !== 'DEACTIVATED') return refuse('error.user.account_not_deactivated');
        return [{ type: 'UserReactivated', data: { userId } }];
      case 'Suspend':
        if (state.status !== 'ACTIVE') return refuse('error.user.account_not_active');
        return [{ type: 'UserSuspended', data: { userId, reason: command.reason } }];
      case 'Reinstate':
        if (state.status === 'ACTIVE') return refuse('error.user.account_active');
        if (isGone(state)) return refuse('error.user.erased');
        return [{ type: 'UserReactivated', data: { userId } }];
      case 'Purge':
        if (state.purgeAt === null || fromInstant(command.at) < fromInstant(state.purgeAt)) return [];
        return [{ type: 'UserErasureRequested', data: { userId } }];
      case 'RequestErasure':
        return isGone(state) ? [] : [{ type: 'UserErasureRequested', data: { userId } }];
      case 'ConfirmErasure':
        return state.status === 'DELETED' ? [{ type: 'UserErased', data: { userId } }] : [];
    }
  },

  keysOf: (_, { userId }) => ({ userId }),
};

/** Digests of the e-mail address and the username. */
export function digestsInUse({ emailDigest, usernameDigest }: UserState): string[] {
  return [emailDigest, usernameDigest].filter((digest) => digest !== null);
}

/** Erased, or about to be. */
export const isGone = ({ status }: Pick<UserState, 'status'>) => status === 'DELETED' || status === 'ERASED';

function changeUsername(command: Extract<UserCommand, { type: 'ChangeUsername' }>, state: UserState) {
  const closed = state.abandoned.find(({ commandId }) => commandId === command.commandId);
  if (closed) return refuse(closed.code as ErrorKey);
  if (command.digest === state.usernameDigest) return refuse('error.user.username_same');
  if (state.usernameChangedAt) {
    const availableAt = plus(state.usernameChangedAt, command.cooldownDays * DAY);
    if (fromInstant(command.at) < fromInstant(availableAt))
      return refuse('error.user.username_cooldown', { availableAt });
  }
  return [usernameChanged(command, state)];
}

function usernameChanged(
  { userId, username, digest, at }: { userId: string; username: Sealed<string>; digest: string; at: Instant },
  state: UserState,
): UserEvent {
  const { username: old, usernameDigest: oldDigest } = state;
  return { type: 'UsernameChanged', data: { userId, old, new: username, oldDigest, newDigest: digest, at } };
}
