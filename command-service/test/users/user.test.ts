import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import { newId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { digestsInUse, NAMES_MAX, user, userStream, type UserCommand } from '../../src/domain/user.js';
import { outlasts } from '../../src/domain/user-access.js';
import { given } from '../support/decider.js';

const userId = newId();
const commandId = newId();
const at = '2026-05-01T10:00:00.000Z';
const text = (ciphertext: string): Sealed<string> => sealedValue(userId, ciphertext);

const profile = {
  userId,
  email: text('email'),
  passwordHash: text('hash'),
  displayName: null,
  username: text('ada'),
  referralCodeUsed: null,
  emailDigest: 'e1',
  usernameDigest: 'ada1',
  intent: 'FAN' as const,
  referredBy: null,
};
const registered: UserEvent = { type: 'UserRegistered', data: { ...profile, emailVerifiedAt: at } };
const unproved: UserEvent = { type: 'UserRegistered', data: { ...profile, emailVerifiedAt: null } };
const nameless: UserEvent = {
  type: 'UserRegistered',
  data: { ...profile, username: null, usernameDigest: null, emailVerifiedAt: at },
};
const register: UserCommand = { type: 'Register', ...profile, commandId, emailVerifiedAt: at };
const abandoned = (code = 'auth.register.interrupted'): UserEvent => ({
  type: 'CommandAbandoned',
  data: { commandId, userId, code },
});
const deactivated: UserEvent = {
  type: 'UserDeactivated',
  data: { userId, reason: null, purgeAt: '2026-05-31T10:00:00.000Z' },
};
const suspended: UserEvent = { type: 'UserSuspended', data: { userId, reason: null } };
const erasing: UserEvent = { type: 'UserErasureRequested', data: { userId } };
const erased: UserEvent = { type: 'UserErased', data: { userId } };

const change = (name: string, when = at, cooldownDays = 30): UserCommand => ({
  type: 'ChangeUsername',
  userId,
  commandId,
  username: text(name),
  digest: `${name}1`,
  linkCodes: [],
  cooldownDays,
  at: when,
});
const changed = (from: string | null, to: string, when = at): UserEvent => ({
  type: 'UsernameChanged',
  data: {
    userId,
    old: from === null ? null : text(from),
    new: text(to),
    oldDigest: from === null ? null : `${from}1`,
    newDigest: `${to}1`,
    at: when,
  },
});

describe('The user aggregate', () => {
  it('has its own stream and its id in the routing keys (9.1)', () => {
    expect(userStream(userId)).to.equal(`user-${userId}`);
    expect(user.streamOf(register)).to.equal(`user-${userId}`);
    expect(user.keysOf(user.initial, register)).to.deep.equal({ userId });
  });

  describe('registering', () => {
    it('verifies the address at once where nothing is really sent (domain 8), else not', () => {
      given(user).when(register).then(registered);
      expect(given(user, registered).state.emailVerified).to.equal(true);
      given(user)
        .when({ ...register, emailVerifiedAt: null })
        .then(unproved);
      expect(given(user, unproved).state.emailVerified).to.equal(false);
    });
    it('happens once', () => given(user, registered).when(register).nothing());
    it('is refused to a closed command (9.2)', () =>
      given(user, abandoned()).when(register).refused('auth.register.interrupted'));
  });

  describe('closing an unfinished command (9.2)', () => {
    const abandon: UserCommand = {
      type: 'Abandon',
      userId,
      commandId,
      reserved: ['e1', 'ada1'],
      code: 'auth.register.interrupted',
    };
    it('closes it when it was not decided', () => given(user).when(abandon).then(abandoned()));
    it('does nothing when the user has any of the values it reserved', () => {
      given(user, registered).when(abandon).nothing();
      given(user, registered)
        .when({ ...abandon, reserved: ['e1', 'bea1'] })
        .nothing();
    });
    it('knows which values are in use: e-mail address and every username there was', () => {
      expect(digestsInUse(given(user).state)).to.deep.equal([]);
      expect(digestsInUse(given(user, nameless).state)).to.deep.equal(['e1']);
      expect(digestsInUse(given(user, registered).state)).to.deep.equal(['e1', 'ada1']);
      const renamed = given(user, registered, changed('ada', 'bea'), changed('bea', 'ada')).state;
      expect(digestsInUse(renamed)).to.deep.equal(['e1', 'ada1', 'bea1']);
    });
    it('happens once', () => given(user, abandoned()).when(abandon).nothing());
    it('closes a rename to a name that the user does not have', () =>
      given(user, registered)
        .when({ ...abandon, reserved: ['bea1'] })
        .then(abandoned()));
  });

  describe('changing the username (2.6)', () => {
    it('is possible when there is none yet', () =>
      given(user, nameless).when(change('bea')).then(changed(null, 'bea')));
    it('has no cooldown for the first change, nor for the one after a first choice', () => {
      given(user, registered).when(change('bea')).then(changed('ada', 'bea'));
      given(user, nameless, changed(null, 'bea')).when(change('cleo')).then(changed('bea', 'cleo'));
    });
    it('is possible again 30 days later, not a millisecond before', () => {
      const given_ = () => given(user, registered, changed('ada', 'bea'));
      const early = given_().when(change('cleo', '2026-05-31T09:59:59.999Z'));
      early.refused('error.user.username_cooldown');
      expect(early.decided).to.have.deep.property('vars', { availableAt: '2026-05-31T10:00:00.000Z' });
      const due = '2026-05-31T10:00:00.000Z';
      given_()
        .when(change('cleo', due))
        .then(changed('bea', 'cleo', due));
    });
    it('respects the configured cooldown', () =>
      given(user, registered, changed('ada', 'bea'))
        .when(change('cleo', at, 0))
        .then(changed('bea', 'cleo')));
    it('is refused for the same name', () =>
      given(user, registered).when(change('ada')).refused('error.user.username_same'));
    it('is refused to a closed command (9.2)', () =>
      given(user, registered, abandoned('error.user.username_interrupted'))
        .when(change('bea'))
        .refused('error.user.username_interrupted'));
    it('gives an account 50 names at most, the codes of its link counted; one of these can always be taken again (G44)', () => {
      const renames = Array.from({ length: NAMES_MAX - 3 }, (_, n) => changed(n === 0 ? 'ada' : `n${n - 1}`, `n${n}`));
      const full = given(user, registered, ...renames); // ada and 47 more, with the code 49
      const linkCodes = ['code1'];
      const asked = (name: string, codes = linkCodes) => ({ ...change(name, at, 0), linkCodes: codes }) as UserCommand;
      full.when(asked('new')).then(changed('n46', 'new'));
      const more = given(user, registered, ...renames, changed('n46', 'new'));
      expect(more.state.names).to.have.length(NAMES_MAX - 1);
      const refused = more.when(asked('newer'));
      refused.refused('error.user.too_many_names');
      expect(refused.decided).to.have.deep.property('vars', { max: 50 });
      for (const own of ['ada', 'n3', 'code']) more.when(asked(own)).then(changed('new', own));
      more.when(asked('newer', ['n311', 'ada1'])).then(changed('new', 'newer')); // codes that are usernames count once
    });
    it('is refused to an account that is erased or about to be', () => {
      const first: UserCommand = { type: 'SetFirstUsername', userId, username: text('bea'), digest: 'bea1', at };
      for (const command of [change('bea'), first])
        for (const gone of [[erasing], [erasing, erased]])
          given(user, nameless, ...gone)
            .when(command)
            .refused('auth.account.unknown');
    });
    it('by an upgrade is possible only when there is none', () => {
      const first: UserCommand = { type: 'SetFirstUsername', userId, username: text('bea'), digest: 'bea1', at };
      given(user, nameless).when(first).then(changed(null, 'bea'));
      given(user, registered).when(first).nothing();
    });
  });

  it('sets and removes the avatar', () => {
    const picture = text('picture');
    const changed = (avatarUrl: typeof picture | null) =>
      ({ type: 'UserAvatarChanged', data: { userId, avatarUrl } }) as const;
    given(user, registered).when({ type: 'SetAvatar', userId, avatarUrl: picture }).then(changed(picture));
    given(user, registered, changed(picture)).when({ type: 'SetAvatar', userId, avatarUrl: null }).then(changed(null));
    given(user, registered).when({ type: 'SetAvatar', userId, avatarUrl: null }).nothing();
    given(user, registered, changed(picture)).when({ type: 'SetAvatar', userId, avatarUrl: picture }).nothing();
  });

  describe('leaving and coming back (G37)', () => {
    const deactivate: UserCommand = { type: 'Deactivate', userId, reason: null, graceDays: 30, at };
    it('sets the purge time to the end of the grace period', () =>
      given(user, registered).when(deactivate).then(deactivated));
    it('is refused to a user who has left already', () =>
      given(user, registered, deactivated).when(deactivate).refused('error.user.account_not_active'));
    it('reactivates the account', () =>
      given(user, registered, deactivated)
        .when({ type: 'Reactivate', userId })
        .then({ type: 'UserReactivated', data: { userId, statusAfter: 'ACTIVE' } }));
    for (const [what, past] of Object.entries({ active: [], suspended: [suspended], erased: [deactivated, erasing] }))
      it(`refuses to reactivate a user who is ${what}`, () =>
        given(user, registered, ...past)
          .when({ type: 'Reactivate', userId })
          .refused('error.user.account_not_deactivated'));
    it('purges at purgeAt, not a millisecond before', () => {
      const purge = (when: string): UserCommand => ({ type: 'Purge', userId, at: when });
      given(user, registered, deactivated).when(purge('2026-05-31T09:59:59.999Z')).nothing();
      given(user, registered, deactivated).when(purge('2026-05-31T10:00:00.000Z')).then(erasing);
    });
    it('purges nobody who came back', () =>
      given(user, registered, deactivated, { type: 'UserReactivated', data: { userId, statusAfter: 'ACTIVE' } })
        .when({ type: 'Purge', userId, at: '2027-01-01T00:00:00.000Z' })
        .nothing());
  });

  describe('suspending and reinstating by an admin', () => {
    const suspend: UserCommand = { type: 'Suspend', userId, reason: null };
    const reinstate: UserCommand = { type: 'Reinstate', userId };
    const back: UserEvent = { type: 'UserReactivated', data: { userId, statusAfter: 'ACTIVE' } };
    it('suspends a deactivated user, whose own return does not lift it, nor puts the erasure off (G57)', () => {
      given(user, registered, deactivated).when(suspend).then(suspended);
      const both = given(user, registered, deactivated, suspended);
      expect(both.state).to.include({ status: 'SUSPENDED', purgeAt: '2026-05-31T10:00:00.000Z' });
      both
        .when({ type: 'Reactivate', userId })
        .then({ type: 'UserReactivated', data: { userId, statusAfter: 'SUSPENDED' } });
      both.when({ type: 'Purge', userId, at: '2026-05-31T10:00:00.000Z' }).then(erasing);
      const lifted: UserEvent = { type: 'UserReactivated', data: { userId, statusAfter: 'DEACTIVATED' } };
      both.when(reinstate).then(lifted);
      expect(given(user, registered, deactivated, suspended, lifted).state).to.include({
        status: 'DEACTIVATED',
        purgeAt: '2026-05-31T10:00:00.000Z',
      });
    });
    it('suspends an active user', () => given(user, registered).when(suspend).then(suspended));
    it('is refused for a suspended user', () =>
      given(user, registered, suspended).when(suspend).refused('error.user.account_not_active'));
    it('reinstates a suspended user', () => given(user, registered, suspended).when(reinstate).then(back));
    it('reinstates a deactivated user', () => given(user, registered, deactivated).when(reinstate).then(back));
    it('reinstates no active user', () => given(user, registered).when(reinstate).refused('error.user.account_active'));
    it('reinstates no erased user', () =>
      given(user, registered, erasing).when(reinstate).refused('error.user.erased'));
  });

  describe('erasing (9.8)', () => {
    const request: UserCommand = { type: 'RequestErasure', userId };
    const confirm: UserCommand = { type: 'ConfirmErasure', userId };
    it('is possible on request in any status', () => {
      for (const past of [[], [suspended], [deactivated]])
        given(user, registered, ...past)
          .when(request)
          .then(erasing);
    });
    it('happens once', () => {
      given(user, registered, erasing).when(request).nothing();
      given(user, registered, erasing, erased).when(request).nothing();
    });
    it('is confirmed once', () => {
      given(user, registered).when(confirm).nothing();
      given(user, registered, erasing).when(confirm).then(erased);
      given(user, registered, erasing, erased).when(confirm).nothing();
    });
  });

  describe('ending sessions (2.6)', () => {
    const revoke: UserCommand = { type: 'RevokeSessions', userId };
    const sessionId = newId();
    const report: UserCommand = { type: 'ReportReuse', userId, sessionId };
    const revoked: UserEvent = { type: 'SessionsRevoked', data: { userId, cause: 'LOGOUT_EVERYWHERE', kept: null } };
    const begun = (revocations: number) => ({ _id: sessionId, revocations });

    it('ends all that began before, and none that begins afterwards', () => {
      given(user, registered).when(revoke).then(revoked);
      const { sessions } = given(user, registered, revoked).state;
      expect([outlasts(sessions, begun(0)), outlasts(sessions, begun(1))]).to.deep.equal([false, true]);
      expect(outlasts(given(user, registered).state.sessions, begun(0))).to.equal(true);
    });
    it('may be asked for again and again, of a suspended or deactivated account too', () => {
      for (const past of [[revoked], [suspended], [deactivated]])
        given(user, registered, ...past)
          .when(revoke)
          .then(revoked);
    });
    it('is recorded for a session whose refresh token was reused, and changes no other', () => {
      const reused: UserEvent = { type: 'RefreshTokenReused', data: { userId, sessionId } };
      given(user, registered).when(report).then(reused);
      expect(given(user, registered, reused).state).to.deep.equal(given(user, registered).state);
    });
    it('writes nothing more about somebody who is erased or about to be', () => {
      for (const gone of [[erasing], [erasing, erased]]) {
        given(user, registered, ...gone)
          .when(revoke)
          .refused('auth.account.unknown');
        given(user, registered, ...gone)
          .when(report)
          .nothing();
      }
    });
  });

  describe('a new password', () => {
    const passwordHash = text('new hash');
    const sessionId = newId();
    const change: UserCommand = { type: 'ChangePassword', userId, passwordHash, kept: sessionId };
    const reset: UserCommand = { type: 'ResetPassword', userId, passwordHash, revocations: 0, at };
    const changed: UserEvent = { type: 'UserPasswordChanged', data: { userId, passwordHash } };
    const ended = (cause: 'PASSWORD_CHANGED' | 'PASSWORD_RESET', kept: string | null): UserEvent => ({
      type: 'SessionsRevoked',
      data: { userId, cause, kept },
    });
    const proved: UserEvent = { type: 'UserEmailVerified', data: { userId, at } };

    it('ends every session but the one that chose it', () => {
      const [both, other] = [
        [changed, ended('PASSWORD_CHANGED', sessionId)],
        { _id: newId(), revocations: 0 },
      ] as const;
      given(user, registered)
        .when(change)
        .then(...both);
      const { sessions, passwordHash: kept } = given(user, registered, ...both).state;
      expect(kept).to.deep.equal(passwordHash);
      expect([outlasts(sessions, { _id: sessionId, revocations: 0 }), outlasts(sessions, other)]).to.deep.equal([
        true,
        false,
      ]);
    });
    it('is chosen by an active account alone', () => {
      for (const past of [suspended, deactivated, erasing])
        given(user, registered, past).when(change).refused('auth.account.unknown');
    });
    it('that was forgotten ends every session, and every other link to a new one', () => {
      const both = [changed, ended('PASSWORD_RESET', null)];
      given(user, registered)
        .when(reset)
        .then(...both);
      given(user, registered, ...both)
        .when(reset)
        .refused('auth.mail.invalid_token');
      given(user, registered, changed, ended('PASSWORD_CHANGED', null)).when(reset).refused('auth.mail.invalid_token');
      given(user, registered, erasing).when(reset).refused('auth.mail.invalid_token');
    });
    it('that was forgotten proves the address that the link was sent to', () =>
      given(user, unproved).when(reset).then(changed, ended('PASSWORD_RESET', null), proved));
    it('is not needed to prove an address, which happens once', () => {
      const verify: UserCommand = { type: 'VerifyEmail', userId, at };
      given(user, unproved).when(verify).then(proved);
      expect(given(user, unproved, proved).state.emailVerified).to.equal(true);
      given(user, unproved, proved).when(verify).nothing();
      given(user, unproved, erasing).when(verify).refused('auth.mail.invalid_token');
    });
  });

  describe('roles of staff', () => {
    const grant: UserCommand = { type: 'GrantRole', userId, role: 'ADMIN', by: null };
    const revoke: UserCommand = { ...grant, type: 'RevokeRole' };
    const granted: UserEvent = { type: 'StaffRoleGranted', data: { userId, role: 'ADMIN', by: null } };
    const revoked: UserEvent = { ...granted, type: 'StaffRoleRevoked' };

    it('are granted once, to an active account', () => {
      given(user, registered).when(grant).then(granted);
      given(user, registered, granted).when(grant).refused('admin.staff.already_granted');
      for (const past of [suspended, deactivated])
        given(user, registered, past).when(grant).refused('error.user.account_not_active');
      given(user, registered, erasing).when(grant).refused('error.user.erased');
    });
    it('are revoked whatever became of the account, where they were granted', () => {
      for (const past of [[], [suspended], [erasing]])
        given(user, registered, granted, ...past)
          .when(revoke)
          .then(revoked);
      given(user, registered).when(revoke).refused('admin.staff.not_granted');
      given(user, registered, granted, revoked).when(revoke).refused('admin.staff.not_granted');
    });
    it('do not include one another', () =>
      given(user, registered, granted)
        .when({ ...grant, role: 'AUDITOR' })
        .then({ type: 'StaffRoleGranted', data: { userId, role: 'AUDITOR', by: null } }));
  });

  it('refuses commands about a user who does not exist', () => {
    for (const type of ['Reactivate', 'Reinstate', 'RequestErasure', 'ConfirmErasure'] as const) {
      given(user).when({ type, userId }).refused('error.user.not_found');
      given(user, abandoned()).when({ type, userId }).refused('error.user.not_found');
    }
  });
});
