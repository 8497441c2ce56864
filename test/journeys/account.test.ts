/** An account from registration to erasure (domain 2.6, 9.8, G33, G37). */
import { expect } from 'chai';
import { DAY } from '@creator-dashboards/shared/time';
import { journey } from '../support/journey.js';
import {
  answered,
  creatorWithDms,
  dashboards,
  fanWith,
  PASSWORD,
  read,
  register,
  registration,
  send,
  setDms,
} from '../support/people.js';
import type { TestSystem } from '../support/system.js';

journey('an account', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system.close());

  const logIn = (email: string, password = PASSWORD) => system.anybody.post('/auth/login', { email, password });

  it('is registered once per e-mail address and username, whatever their case, and logs in', async () => {
    const { done, refused, anybody } = system;
    await register(system, 'alice');
    const again = (changes: object) => anybody.post('/auth/register', { ...registration('alice'), ...changes });
    await refused(again({ username: 'other', email: 'ALICE@example.org' }), 409, 'auth.register.email_taken');
    await refused(again({ username: 'Alice', email: 'b@example.org' }), 409, 'auth.register.username_taken');
    const { accessToken, ...rest } = await done(logIn('Alice@example.org'), 200, []);
    expect(rest).to.deep.equal({ expiresIn: 900 });
    const bearer = { Authorization: `Bearer ${accessToken}` };
    expect((await anybody.get('/wallet/balance', bearer)).body.data).to.deep.equal({ balance: '0.00', frozen: false });
    await refused(logIn('alice@example.org', 'Wrong-horse-8'), 401, 'auth.login.invalid_credentials');
    await refused(logIn('nobody@example.org'), 401, 'auth.login.invalid_credentials');
    await system.pass(900_000);
    await refused(anybody.get('/wallet/balance', bearer), 401, 'auth.token.invalid');
  });

  it('that is renamed changes its referral code too; the old code still counts', async () => {
    const { done, refused } = system;
    const alice = await register(system, 'alice');
    await alice.get('/referral/link');
    const renamed = await done(alice.patch('/users/username', { username: 'alice.b' }), 200, [
      ...['Reserved', 'UsernameChanged', 'ReferralCodeRepointed'],
    ]);
    expect(renamed.username).to.equal('alice.b');
    expect(await done(alice.get('/referral/link'), 200, [])).to.include({ code: 'alice.b' });
    for (const code of ['alice', 'alice.b'])
      await done(system.anybody.post(`/referral/click/${code}`), 200, ['ReferralClickTracked']);
    await done(system.anybody.post('/referral/click/unknown'), 200, []);
    const { link } = await read(alice, '/referral/dashboard', String(await system.head()));
    expect(link).to.include({ code: 'alice.b', clicks: 2 });

    await refused(alice.patch('/users/username', { username: 'alice.c' }), 400, 'error.user.username_cooldown');
    await refused(alice.patch('/users/username', { username: 'alice.b' }), 400, 'error.user.username_same');
    const signup = system.anybody.post('/auth/register', registration('bob', { referralCode: 'alice' }));
    await done(signup, 201, ['Reserved', 'Reserved', 'UserRegistered', 'ReferralSignupRecorded']);
    // The old name stays hers in every sense (G44), and she can go back to it.
    const carol = await register(system, 'carol');
    await system.pass(31 * DAY);
    await refused(carol.patch('/users/username', { username: 'alice' }), 409, 'error.user.username_taken');
    await done(alice.patch('/users/username', { username: 'alice' }), 200, [
      'UsernameChanged',
      'ReferralCodeRepointed',
    ]);
  });

  it('that blocks another can neither send to it nor receive from it', async () => {
    const { done, refused } = system;
    const alice = await creatorWithDms(system, 'alice', 'FREE');
    const [finn, greta] = [await creatorWithDms(system, 'finn', 'FREE'), await register(system, 'greta')];
    await done(alice.post(`/users/block/${finn.userId}`), 200, ['UserBlocked']);
    const hello = (to: string) => ({ creatorId: to, dmType: 'FREE', content: 'hello' });
    await refused(finn.post('/messages', hello(alice.creatorId)), 403, 'message.send.error.blocked');
    await refused(alice.post('/messages', hello(finn.creatorId)), 403, 'message.send.error.blocked');
    await refused(alice.post(`/users/block/${finn.userId}`), 409, 'user.block.already_blocked');
    await done(alice.delete(`/users/block/${finn.userId}`), 200, ['UserUnblocked']);
    await refused(alice.delete(`/users/block/${greta.userId}`), 404, 'user.block.not_blocked');
    expect((await finn.post('/messages', hello(alice.creatorId))).status).to.equal(201);
  });

  it('can be deleted and taken back within the grace period (G37)', async () => {
    const { done, refused } = system;
    const alice = await creatorWithDms(system, 'alice', 'FREE');
    const fan = await register(system, 'finn');
    const deletion = await done(alice.post('/users/delete', {}), 200, ['UserDeactivated', 'CreatorDeactivated']);
    await refused(logIn(alice.email), 401, 'auth.login.account_deactivated');
    await refused(alice.patch('/users/avatar', { avatarUrl: null }), 401, 'auth.account.unknown');
    const message = { creatorId: alice.creatorId, dmType: 'FREE', content: 'hello' };
    await refused(fan.post('/messages', message), 403, 'message.send.error.receiver_inactive');
    expect((await dashboards(alice, deletion.position)).profile).to.include({
      creatorStatus: 'DEACTIVATED',
      deletedAt: null,
    });
    await system.pass(29 * DAY);
    const back = await done(alice.post('/users/reactivate'), 200, ['UserReactivated', 'CreatorReinstated']);
    expect((await dashboards(alice, back.position)).profile).to.include({ creatorStatus: 'ACTIVE' });
    expect((await logIn(alice.email)).status).to.equal(200);
    await refused(alice.post('/users/reactivate'), 400, 'error.user.account_not_deactivated');
    expect(await system.pass(30 * DAY)).to.deep.equal([]);
  });

  it('is erased after the grace period: no profile, no login, nothing readable left anywhere', async () => {
    const { refused } = system;
    const alice = await creatorWithDms(system, 'alice', 'PER_MESSAGE', 5);
    const finn = await fanWith(system, 'finn', '20.00');
    await finn.get('/referral/link');
    const messageId = await answered(finn, alice, 'PER_MESSAGE', 'a secret');
    await alice.patch('/users/avatar', { avatarUrl: 'https://cdn.example.org/a.webp' });
    for (const [who, i18nVars] of [
      [finn, { balance: '15.00', held: '0.00', earnings: '0.00', payouts: '0.00' }],
      [alice, { balance: '0.00', held: '0.00', earnings: '4.00', payouts: '0.00' }],
    ] as const) {
      const told = await refused(who.post('/users/delete', {}), 409, 'user.delete.balance_left');
      expect((told.body as { error: object }).error).to.deep.include({ i18nVars });
      expect((await who.post('/users/delete', { reason: 'enough', forfeit: true })).status).to.equal(200);
    }
    const ending = ['CreatorDeleted', 'UserErasureRequested', 'UserErased', 'WalletForfeited', 'PayoutBookClosed'];
    expect(await system.pass(30 * DAY)).to.include.members(ending);

    const position = String(await system.head());
    const after = { 'Read-After': position };
    for (const path of ['/creators/dashboard', '/creators/profile', `/messages/${messageId}`])
      await refused(alice.get(path, after), 401, 'auth.account.unknown');
    await refused(logIn(alice.email), 401, 'auth.login.invalid_credentials');
    await refused(finn.get('/referral/dashboard', after), 401, 'auth.account.unknown');
    await refused(alice.post('/users/reactivate'), 401, 'auth.account.unknown');
    // Her address may be used again, her name never (G44).
    const again = registration('alice');
    await refused(system.anybody.post('/auth/register', again), 409, 'auth.register.username_taken');
    const { username: _, ...nameless } = again;
    expect((await system.anybody.post('/auth/register', nameless)).status).to.equal(201);
  });

  it('is erased at once and for good by an admin; other accounts are untouched', async () => {
    const { done, refused } = system;
    const alice = await creatorWithDms(system, 'alice', 'FREE');
    const finn = await register(system, 'finn');
    const id = await send(finn, alice, 'FREE', 'remember me');
    const erase = () => system.admin.post(`/admin/users/${finn.userId}/erase`, { reason: 'request of the person' });
    expect((await erase()).status).to.equal(200);
    await system.catchUp();
    const position = String(await system.head());
    expect(await read(alice, `/messages/${id}`, position)).to.include({ content: null });
    await refused(logIn(finn.email), 401, 'auth.login.invalid_credentials');
    await refused(finn.patch('/users/avatar', { avatarUrl: null }), 401, 'auth.account.unknown');
    await done(erase(), 200, []);
    await setDms(alice, { dmType: 'FREE', dmActive: true });
    expect((await dashboards(alice, position)).profile).to.include({ creatorStatus: 'ACTIVE' });
  });

  it('suspended by an admin can neither write nor log in until it is reinstated', async () => {
    const { done, refused } = system;
    const alice = await creatorWithDms(system, 'alice', 'FREE');
    const judge = (verdict: string) =>
      system.admin.post(`/admin/users/${alice.userId}/${verdict}`, { reason: 'fraud' });
    expect((await judge('suspend')).status).to.equal(200);
    await refused(logIn(alice.email), 401, 'auth.login.account_suspended');
    await system.catchUp();
    await refused(alice.get('/creators/dashboard'), 401, 'auth.account.unknown');
    await refused(alice.patch('/users/avatar', { avatarUrl: null }), 401, 'auth.account.unknown');
    const fan = await register(system, 'finn');
    const message = { creatorId: alice.creatorId, dmType: 'FREE', content: 'hello' };
    await refused(fan.post('/messages', message), 403, 'message.send.error.receiver_inactive');
    expect((await judge('reinstate')).status).to.equal(200);
    expect((await logIn(alice.email)).status).to.equal(200);
    await done(fan.post('/messages', message), 201, ['MessageAdmitted', 'MessageSent', 'MessageDelivered']);
  });
});
