/** Being logged in, over HTTP: login, refresh, logout (domain 2.6, G66). */
import { expect } from 'chai';
import { MINUTE } from '@creator-dashboards/shared/time';
import type { Response } from 'supertest';
import { journey } from '../support/journey.js';
import { PASSWORD, register, type Person } from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

journey('a session', (openSystem) => {
  let system: TestSystem;
  let alice: Person;
  beforeEach(async () => {
    system = await openSystem();
    alice = await register(system, 'alice');
  });
  afterEach(() => system.close());

  const cookieIn = ({ headers }: Response) => {
    const [cookie = ''] = (headers['set-cookie'] as unknown as readonly string[] | undefined) ?? [];
    return { Cookie: cookie.split(';')[0] ?? '' };
  };
  const logIn = async () =>
    cookieIn(await system.anybody.post('/auth/login', { email: alice.email, password: PASSWORD }));
  const refresh = (headers: Readonly<Record<string, string>>) =>
    system.anybody.post('/auth/refresh', undefined, headers);
  const isOver = (headers: Readonly<Record<string, string>>) =>
    system.refused(refresh(headers), 401, 'auth.refresh.invalid_token');

  it('outlives the access token of its login by refreshing, until it is logged out', async () => {
    const { done, anybody, pass } = system;
    const first = await logIn();
    await pass(16 * MINUTE);
    const response = refresh(first);
    const { accessToken } = await done(response, 200, []);
    const bearer = { Authorization: `Bearer ${accessToken}` };
    expect((await anybody.get('/wallet/balance', bearer)).status).to.equal(200);
    const second = cookieIn(await response);
    expect(second).to.not.deep.equal(first);
    const logout = anybody.post('/auth/logout', undefined, second);
    await done(logout, 200, []);
    expect(cookieIn(await logout)).to.deep.equal({ Cookie: 'biore_refresh=' });
    await isOver(second);
  });

  it('is over when its refresh token was used twice, and that is in the log', async () => {
    const stolen = await logIn();
    const second = cookieIn(await refresh(stolen));
    await system.pass(MINUTE);
    await system.newEvents();
    const { status, body } = await refresh(stolen);
    expect([status, body.error.i18nKey]).to.deep.equal([401, 'auth.refresh.token_reuse_detected']);
    expect((await system.newEvents()).map(({ type }) => type)).to.deep.equal(['RefreshTokenReused']);
    await isOver(second);
  });

  it('is one of several, which end one by one or all at once', async () => {
    const { done } = system;
    const later = () => system.pass(1_000).then(logIn);
    const [one, two, three] = [await logIn(), await later(), await later()];
    const { items } = (await done(alice.get('/auth/sessions', two), 200, [])) as unknown as {
      items: readonly { id: string; current: boolean }[];
    };
    expect(items.map(({ current }) => current)).to.deep.equal([false, true, false]);
    await done(alice.delete(`/auth/sessions/${items[0]?.id}`), 200, []);
    await isOver(one);
    await done(alice.delete('/auth/sessions'), 200, ['SessionsRevoked']);
    for (const ended of [two, three]) await isOver(ended);
    expect((await alice.get('/auth/sessions')).body.data).to.deep.equal({ items: [] });
  });

  it('outlasts a new password that was chosen in it, and is the only one that does', async () => {
    const [mine, other] = [await logIn(), await logIn()];
    const body = { currentPassword: PASSWORD, newPassword: 'Better-horse-2' };
    await system.refused(
      alice.post('/auth/password', { ...body, currentPassword: 'No-horse-3' }),
      403,
      'auth.password.wrong',
    );
    await system.done(alice.post('/auth/password', body, mine), 200, ['UserPasswordChanged', 'SessionsRevoked']);
    expect((await refresh(mine)).status).to.equal(200);
    await isOver(other);
    await system.refused(
      system.anybody.post('/auth/login', { email: alice.email, password: PASSWORD }),
      401,
      'auth.login.invalid_credentials',
    );
  });

  it('is not there any more for an erased person', async () => {
    const cookie = await logIn();
    await system.admin.post(`/admin/users/${alice.userId}/erase`, { reason: 'asked for' });
    await system.pass(1_000);
    await isOver(cookie);
    expect(await system.stores.reads.count('sessions')).to.equal(0);
  });

  it('is refused to a page of another site, and kept from scripts', async () => {
    const login = await system.anybody.post('/auth/login', { email: alice.email, password: PASSWORD });
    expect(String(login.headers['set-cookie'])).to.match(/; Path=\/api\/v1\/auth; .*HttpOnly; SameSite=Strict$/);
    expect(JSON.stringify(login.body.data as Answer)).to.not.include(cookieIn(login).Cookie.slice(20));
    const foreign = { ...cookieIn(login), Origin: 'https://evil.example' };
    await system.refused(refresh(foreign), 403, 'auth.origin.forbidden');
  });
});
