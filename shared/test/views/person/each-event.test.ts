import { person } from '../../../src/views/person/fold.js';
import {
  creatorId,
  creatorUserId as userId,
  later,
  upgraded,
  user as userOf,
} from '../../../testing/fixtures/people.js';
import { sealedValue } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('person: what each event changes', () => {
  const user = userOf(userId);
  const name = (text: string) => sealedValue(userId, text);
  const full = {
    ...{ status: 'SUSPENDED' as const, username: name('before'), displayName: name('Before') },
    ...{ email: name('before@example.org'), emailVerified: true, avatarUrl: name('before.png') },
    ...{ roles: ['ADMIN'] as const, creatorId: '99999999-9999-4999-8999-9999999999c1', createdAt: later },
  };
  const registeredAt = '2026-05-03T10:00:00.000Z';
  const registration = {
    ...{ userId, email: name('a@example.org'), passwordHash: name('hash'), displayName: name('First') },
    ...{ username: name('first'), referralCodeUsed: null, emailDigest: 'a'.repeat(40), usernameDigest: null },
    ...{ emailVerifiedAt: null, intent: 'FAN' as const, referredBy: null },
  };
  eachEventChangesOnly(person, full, [
    [
      user('UserRegistered', registration, registeredAt),
      {
        ...{ status: 'ACTIVE', username: name('first'), displayName: name('First') },
        ...{ email: name('a@example.org'), emailVerified: false },
        createdAt: registeredAt,
      },
    ],
    [
      user('UsernameChanged', {
        ...{ userId, old: null, new: name('next'), oldDigest: null, newDigest: 'b'.repeat(40), at: later },
      }),
      { username: name('next') },
    ],
    [user('UserAvatarChanged', { userId, avatarUrl: name('next.png') }), { avatarUrl: name('next.png') }],
    [user('UserEmailVerified', { userId, at: later }), { emailVerified: true }, { emailVerified: false }],
    [user('UserDeactivated', { userId, reason: null, purgeAt: later }), { status: 'DEACTIVATED' }],
    [user('UserReactivated', { userId, statusAfter: 'ACTIVE' }), { status: 'ACTIVE' }],
    [user('UserSuspended', { userId, reason: null }), { status: 'SUSPENDED' }, { status: 'ACTIVE' }],
    [user('UserErasureRequested', { userId }), { status: 'DELETED' }],
    [user('UserErased', { userId }), { status: 'ERASED' }],
    [user('StaffRoleGranted', { userId, role: 'AUDITOR', by: null }), { roles: ['ADMIN', 'AUDITOR'] }],
    [user('StaffRoleRevoked', { userId, role: 'ADMIN', by: null }), { roles: [] }],
    [upgraded, { creatorId }],
  ]);
});
