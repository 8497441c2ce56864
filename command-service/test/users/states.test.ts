/** What each event changes in the state of an account, a reservation and a pointer, and that it changes nothing else. */
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import { CreatorId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { pointer } from '../../src/domain/pointer.js';
import { reservation } from '../../src/domain/reservation.js';
import { user, type UserState } from '../../src/domain/user.js';
import { eachEventChangesOnly } from '../support/evolving.js';

const [userId, otherId, commandId] = ['user-1', 'user-2', 'command-1'];
const at = '2026-05-01T10:00:00.000Z';
const later = '2026-06-01T10:00:00.000Z';
const sealed = (ciphertext: string): Sealed<string> => sealedValue(userId, ciphertext);
const closed = (id: string) => ({ commandId: id, code: 'auth.register.interrupted' as const });

const full: UserState = {
  status: 'DEACTIVATED',
  userId,
  emailVerified: true,
  email: sealed('address'),
  emailDigest: 'e1',
  passwordHash: sealed('hash'),
  username: sealed('ada'),
  usernameDigest: 'ada1',
  names: ['early1', 'ada1'],
  usernameChangedAt: at,
  avatarUrl: sealed('picture'),
  referredBy: otherId,
  purgeAt: later,
  sessions: { count: 3, kept: 'session-1' },
  roles: ['AUDITOR'],
  abandoned: { count: 5, newest: [closed('command-9')] },
};

describe('The state of a user', () => {
  eachEventChangesOnly(user, full, {
    UserRegistered: [
      {
        userId: otherId,
        email: sealed('email'),
        passwordHash: sealed('other hash'),
        displayName: sealed('Bea'),
        username: sealed('bea'),
        referralCodeUsed: sealed('code'),
        emailDigest: 'e2',
        usernameDigest: 'bea1',
        emailVerifiedAt: null,
        intent: 'FAN',
        referredBy: null,
      },
      {
        status: 'ACTIVE',
        userId: otherId,
        emailVerified: false,
        email: sealed('email'),
        emailDigest: 'e2',
        passwordHash: sealed('other hash'),
        username: sealed('bea'),
        usernameDigest: 'bea1',
        names: ['bea1'],
        referredBy: null,
      },
    ],
    UserAvatarChanged: [{ userId, avatarUrl: null }, { avatarUrl: null }],
    UsernameChanged: [
      { userId, old: sealed('ada'), new: sealed('bea'), oldDigest: 'ada1', newDigest: 'bea1', at: later },
      {
        username: sealed('bea'),
        usernameDigest: 'bea1',
        names: ['early1', 'ada1', 'bea1'],
        usernameChangedAt: later,
      },
    ],
    UserDeactivated: [
      { userId, reason: null, purgeAt: at },
      { status: 'DEACTIVATED', purgeAt: at },
      { status: 'ACTIVE', purgeAt: null },
    ],
    UserReactivated: [
      { userId, statusAfter: 'ACTIVE' },
      { status: 'ACTIVE', purgeAt: null },
    ],
    UserSuspended: [{ userId, reason: null }, { status: 'SUSPENDED' }],
    UserErasureRequested: [{ userId }, { status: 'DELETED', purgeAt: null }],
    UserErased: [{ userId }, { status: 'ERASED' }],
    SessionsRevoked: [{ userId, cause: 'LOGOUT_EVERYWHERE', kept: null }, { sessions: { count: 4, kept: null } }],
    UserPasswordChanged: [{ userId, passwordHash: sealed('new') }, { passwordHash: sealed('new') }],
    UserEmailVerified: [{ userId, at }, { emailVerified: true }, { emailVerified: false }],
    RefreshTokenReused: [{ userId, sessionId: 'session-1' }, {}],
    StaffRoleGranted: [{ userId, role: 'ADMIN', by: null }, { roles: ['AUDITOR', 'ADMIN'] }],
    StaffRoleRevoked: [{ userId, role: 'AUDITOR', by: null }, { roles: [] }],
    CommandAbandoned: [
      { userId, ...closed(commandId) },
      { abandoned: { count: 6, newest: [closed('command-9'), closed(commandId)] } },
    ],
  });
});

describe('The state of a reservation', () => {
  const held = { ownerId: userId, lastOwnerId: userId, marks: [commandId, 'command-2'], retired: true };
  eachEventChangesOnly(reservation, held, {
    Reserved: [
      { ownerId: otherId, commandId: 'command-3', purpose: 'RENAME', at },
      { ownerId: otherId, lastOwnerId: otherId, marks: [commandId, 'command-2', 'command-3'] },
    ],
    Released: [{ ownerId: userId, commandId, reason: 'UNDONE' }, { marks: ['command-2'] }],
    Retired: [{ ownerId: userId }, { ownerId: null, retired: true }, { retired: false }],
  });
});

describe('The state of a pointer', () => {
  const set = { creatorId: CreatorId('creator-1'), userId };
  eachEventChangesOnly(pointer, set, {
    PointerSet: [
      { creatorId: CreatorId('creator-2'), userId: otherId },
      { creatorId: CreatorId('creator-2'), userId: otherId },
    ],
  });
});
