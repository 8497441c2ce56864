/** What a person logs in with, and which of her sessions last: decisions of the user aggregate (domain 2.6, G66). */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import type { StaffRole, UserEvent } from '@creator-dashboards/shared/events/user';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { isGone, type Standing } from './user-standing.js';

export type AccessCommand =
  /** Ends every session that began before. */
  | { type: 'RevokeSessions' }
  /** Somebody presented a refresh token of this session that had been replaced by another one. */
  | { type: 'ReportReuse'; sessionId: string }
  /** Ends every session but `kept`. */
  | { type: 'ChangePassword'; passwordHash: Sealed<string>; kept: string | null }
  /** With a link that was sent when her sessions had been revoked this often: a new password is what makes all such links void. */
  | { type: 'ResetPassword'; passwordHash: Sealed<string>; revocations: number; at: Instant }
  | { type: 'VerifyEmail'; at: Instant }
  /** `by`: a name that was given on the host. */
  | { type: 'GrantRole' | 'RevokeRole'; role: StaffRole; by: Sealed<string> | null };

/** The part of a user's state that these decisions are about. */
export interface Access {
  readonly passwordHash: Sealed<string> | null;
  readonly emailVerified: boolean;
  /** What she may log in as, besides USER. */
  readonly roles: readonly StaffRole[];
  readonly sessions: Revocations;
}

export interface Revocations {
  /** How often all sessions were ended. A session remembers the number as of when it began. */
  readonly count: number;
  /** The session that the last of these times spared. */
  readonly kept: string | null;
}

export const noneRevoked: Revocations = { count: 0, kept: null };

export function revoked({ count }: Revocations, { kept }: EventNamed<'SessionsRevoked'>['data']): Revocations {
  return { count: count + 1, kept };
}

/** Whether a session has outlasted all revocations; `revocations` is their number when it began, or when it was last refreshed. */
export function outlasts({ count, kept }: Revocations, session: { _id: string; revocations: number }): boolean {
  return session.revocations === count || session._id === kept;
}

/** The roles after one was granted or revoked. */
export function withRole(roles: Access['roles'], role: StaffRole, isGranted: boolean): Access['roles'] {
  const others = roles.filter((each) => each !== role);
  return isGranted ? [...others, role] : others;
}

export function decideAccess(
  userId: string,
  command: AccessCommand,
  state: Standing & Access,
): readonly UserEvent[] | Refusal {
  switch (command.type) {
    case 'RevokeSessions':
      if (isGone(state)) return refuse('auth.account.unknown');
      return [{ type: 'SessionsRevoked', data: { userId, cause: 'LOGOUT_EVERYWHERE', kept: null } }];
    case 'ReportReuse':
      return isGone(state) ? [] : [{ type: 'RefreshTokenReused', data: { userId, sessionId: command.sessionId } }];
    case 'ChangePassword': {
      if (state.status !== 'ACTIVE') return refuse('auth.account.unknown');
      return newPassword(userId, command.passwordHash, { cause: 'PASSWORD_CHANGED', kept: command.kept });
    }
    case 'ResetPassword': {
      const { passwordHash, revocations, at } = command;
      if (isGone(state) || revocations !== state.sessions.count) return refuse('auth.mail.invalid_token');
      return [
        ...newPassword(userId, passwordHash, { cause: 'PASSWORD_RESET', kept: null }),
        ...verified(userId, at, state),
      ];
    }
    case 'VerifyEmail':
      return isGone(state) ? refuse('auth.mail.invalid_token') : verified(userId, command.at, state);
    case 'GrantRole': {
      const { role, by } = command;
      if (isGone(state)) return refuse('error.user.erased');
      if (state.status !== 'ACTIVE') return refuse('error.user.account_not_active');
      if (state.roles.includes(role)) return refuse('admin.staff.already_granted');
      return [{ type: 'StaffRoleGranted', data: { userId, role, by } }];
    }
    case 'RevokeRole': {
      const { role, by } = command;
      if (!state.roles.includes(role)) return refuse('admin.staff.not_granted');
      return [{ type: 'StaffRoleRevoked', data: { userId, role, by } }];
    }
  }
}

function newPassword(
  userId: string,
  passwordHash: Sealed<string>,
  revocation: Omit<EventNamed<'SessionsRevoked'>['data'], 'userId'>,
): UserEvent[] {
  return [
    { type: 'UserPasswordChanged', data: { userId, passwordHash } },
    { type: 'SessionsRevoked', data: { userId, ...revocation } },
  ];
}

/** Who has read a mail to an address has it. */
function verified(userId: string, at: Instant, { emailVerified }: Access): UserEvent[] {
  return emailVerified ? [] : [{ type: 'UserEmailVerified', data: { userId, at } }];
}
