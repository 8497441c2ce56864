import { account } from '../../../src/views/account/fold.js';
import { fanId as userId, user as userOf } from '../../../testing/fixtures/people.js';
import { sealedValue } from '../../../testing/given.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('account: what each event changes', () => {
  const user = userOf(userId);
  const purgeAt = '2026-05-29T00:00:00.000Z';
  const name = (text: string) => sealedValue(userId, text);
  eachEventChangesOnly(account, { status: 'SUSPENDED', username: name('before') }, [
    [
      user('UserRegistered', {
        ...{
          userId,
          email: sealedValue(userId, 'a@example.org'),
          passwordHash: sealedValue(userId, 'hash'),
          displayName: null,
          username: name('first'),
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
      { status: 'ACTIVE', username: name('first') },
    ],
    [
      user('UsernameChanged', {
        userId,
        old: null,
        new: name('next'),
        oldDigest: null,
        newDigest: 'b'.repeat(40),
        at: purgeAt,
      }),
      { username: name('next') },
    ],
    [user('UserDeactivated', { userId, reason: null, purgeAt }), { status: 'DEACTIVATED' }],
    [user('UserReactivated', { userId, statusAfter: 'ACTIVE' }), { status: 'ACTIVE' }],
    [user('UserSuspended', { userId, reason: null }), { status: 'SUSPENDED' }, { status: 'ACTIVE' }],
    [user('UserErasureRequested', { userId }), { status: 'DELETED' }],
    [user('UserErased', { userId }), { status: 'ERASED' }],
  ]);
});
