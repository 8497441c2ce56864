import { account } from '../../../src/views/account/fold.js';
import { fanId as userId, user as userOf } from '../../../testing/fixtures/people.js';
import { sealedValue } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('account: what each event changes', () => {
  const user = userOf(userId);
  const purgeAt = '2026-05-29T00:00:00.000Z';
  eachEventChangesOnly(account, { status: 'SUSPENDED' }, [
    [
      user('UserRegistered', {
        ...{
          userId,
          email: sealedValue(userId, 'a@example.org'),
          passwordHash: sealedValue(userId, 'hash'),
          displayName: null,
          username: null,
          referralCodeUsed: null,
        },
        ...{
          emailDigest: 'a'.repeat(40),
          usernameDigest: null,
          emailVerifiedAt: null,
          intent: 'FAN',
          referredBy: null,
        },
      }),
      { status: 'ACTIVE' },
    ],
    [user('UserDeactivated', { userId, reason: null, purgeAt }), { status: 'DEACTIVATED' }],
    [user('UserReactivated', { userId, statusAfter: 'ACTIVE' }), { status: 'ACTIVE' }],
    [user('UserSuspended', { userId, reason: null }), { status: 'SUSPENDED' }, { status: 'ACTIVE' }],
    [user('UserErasureRequested', { userId }), { status: 'DELETED' }],
    [user('UserErased', { userId }), { status: 'ERASED' }],
  ]);
});
