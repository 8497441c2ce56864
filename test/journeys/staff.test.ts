/** People who log in as staff: granted, audited, revoked (G66, G67). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { expect } from 'chai';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import type { Response } from 'supertest';
import { journey } from '../support/journey.js';
import { PASSWORD, register, type Person } from '../support/people.js';
import type { Answer, TestSystem } from '../support/system.js';

journey('an administrator', (openSystem) => {
  let system: TestSystem;
  let ada: Person;
  beforeEach(async () => {
    system = await openSystem();
    ada = await register(system, 'ada');
  });
  afterEach(() => system.close());

  const reason = 'looks after the money';
  const decide = (action: 'grant' | 'revoke', role: string, by = system.admin) =>
    by.post(`/admin/users/${ada.userId}/staff/${action}`, { role, reason });
  const logIn = (as: string, password = PASSWORD) =>
    system.anybody.post('/auth/login', { email: ada.email, password, as });
  const cookieIn = ({ headers }: Response) => ({ Cookie: String(headers['set-cookie']).split(';')[0] ?? '' });
  const refresh = (cookie: Readonly<Record<string, string>>) => system.anybody.post('/auth/refresh', undefined, cookie);
  const bearerIn = ({ body }: Response) => ({ Authorization: `Bearer ${(body.data as Answer).accessToken}` });
  const reads = async (path: string, bearer: Readonly<Record<string, string>>) =>
    (await system.anybody.get(path, bearer)).status;

  it('logs in with the role that was granted, and with no other', async () => {
    const { done, refused } = system;
    await refused(logIn('ADMIN'), 403, 'auth.login.role_not_granted');
    await done(decide('grant', 'AUDITOR'), 200, ['StaffRoleGranted']);
    await refused(logIn('ADMIN'), 403, 'auth.login.role_not_granted');
    await refused(logIn('AUDITOR', 'Wrong-horse-7'), 401, 'auth.login.invalid_credentials');
    expect((await logIn('OWNER')).status).to.equal(400);
    const bearer = bearerIn(await logIn('AUDITOR'));
    expect(await reads('/admin/config', bearer)).to.equal(200);
    expect(await reads('/wallet/balance', bearer)).to.equal(403);
    const body = { engaged: true, reason };
    await refused(system.anybody.put('/admin/kill-switches/KYC', body, bearer), 403, 'auth.role.forbidden');
  });

  it('stays logged in by refreshing, for 12 hours from the login', async () => {
    await decide('grant', 'ADMIN');
    let cookie = cookieIn(await logIn('ADMIN'));
    for (let hours = 1; hours < 12; hours += 1) {
      await system.pass(HOUR);
      const answer = await refresh(cookie);
      expect(await reads('/admin/config', bearerIn(answer))).to.equal(200);
      cookie = cookieIn(answer);
    }
    await system.pass(HOUR);
    await system.refused(refresh(cookie), 401, 'auth.refresh.invalid_token');
  });

  it('is refreshed no more once the role is revoked; her own session goes on', async () => {
    await decide('grant', 'ADMIN');
    const [staff, own] = [
      cookieIn(await logIn('ADMIN')),
      cookieIn(await system.anybody.post('/auth/login', { email: ada.email, password: PASSWORD })),
    ];
    await system.done(decide('revoke', 'ADMIN'), 200, ['StaffRoleRevoked']);
    await system.refused(refresh(staff), 401, 'auth.refresh.invalid_token');
    expect((await refresh(own)).status).to.equal(200);
    await system.refused(logIn('ADMIN'), 403, 'auth.login.role_not_granted');
  });

  it('is locked out at once when her account is suspended', async () => {
    await decide('grant', 'ADMIN');
    const login = await logIn('ADMIN');
    await system.admin.post(`/admin/users/${ada.userId}/suspend`, { reason });
    await system.pass(MINUTE);
    await system.refused(system.anybody.get('/admin/config', bearerIn(login)), 401, 'auth.account.unknown');
    await system.refused(refresh(cookieIn(login)), 401, 'auth.refresh.account_suspended');
  });

  it('is named and dismissed by administrators alone, who say why', async () => {
    const { refused, auditor, newEvents } = system;
    await refused(decide('grant', 'ADMIN', auditor), 403, 'auth.role.forbidden');
    await refused(decide('grant', 'ADMIN', ada), 403, 'auth.role.forbidden');
    await newEvents();
    await decide('grant', 'ADMIN');
    const [granted] = await newEvents();
    expect(granted?.metadata.actor).to.deep.equal({ userId: system.adminId, role: 'ADMIN' });
    const { sealer } = system.commands.service;
    expect(await sealer.open(kinds.reason, granted?.metadata.reason ?? null)).to.equal(reason);
    await refused(decide('grant', 'ADMIN'), 409, 'admin.staff.already_granted');
    await refused(decide('revoke', 'AUDITOR'), 409, 'admin.staff.not_granted');
  });
});
