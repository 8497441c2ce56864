/** What stands before every route, and in which order (G25, G26, domain 9.11). */
import { expect } from 'chai';
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import { HOUR, MINUTE, SECOND } from '@creator-dashboards/shared/time';
import type { Response } from 'supertest';
import { journey } from '../support/journey.js';
import { creatorWithDms, fanWith, PASSWORD, register, registration, send, webhookId } from '../support/people.js';
import type { Caller, TestSystem } from '../support/system.js';

const nobody = '0f8fad5b-d9cb-469f-a165-70867728950e';

journey('kill switches', (openSystem) => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem();
  });
  after(() => system.close());

  const turn = (name: string, engaged: boolean) =>
    system.admin.put(`/admin/kill-switches/${name}`, { engaged, reason: 'an incident' });

  const areas: [name: string, calls: ((person: Caller) => Promise<Response>)[]][] = [
    [
      'REFERRAL',
      [
        (person) => person.get('/referral/dashboard'),
        (person) => person.get('/referral/link'),
        () => system.anybody.post('/referral/click/rita'),
      ],
    ],
    [
      'PAYOUT',
      [
        (person) => person.post('/payouts/request', { amount: '10.00' }),
        (person) => person.post(`/payouts/${nobody}/cancel`),
      ],
    ],
    [
      'PAYMENT',
      [(person) => person.get('/wallet/balance'), (person) => person.post('/wallet/load', { amount: '10.00' })],
    ],
    [
      'MESSAGING',
      [
        (person) => person.get(`/messages/${nobody}`),
        (person) => person.post('/messages', { creatorId: nobody, dmType: 'FREE', content: 'hello' }),
        (person) => person.post(`/messages/${nobody}/reply`, { content: 'hello' }),
        (person) => person.post(`/messages/${nobody}/reject`, {}),
        (person) => person.post(`/messages/${nobody}/rate`, { rating: 5 }),
      ],
    ],
    ['CREATOR_UPGRADE', [(person) => person.post('/creators/upgrade', { displayName: 'Late' })]],
    ['KYC', [(person) => person.post('/creators/kyc/start')]],
  ];

  for (const [name, calls] of areas)
    it(`${name} closes its whole area at once, reads too, and opens it again`, async () => {
      const person = await register(system, `user-${name.toLowerCase().replace('_', '-')}`);
      await system.done(turn(name, true), 200, ['KillSwitchEngaged']);
      const key = `features.${name.toLowerCase()}_disabled`;
      for (const call of calls) {
        const { body } = await system.refused(call(person), 503, key);
        expect(body.error.code).to.equal('FEATURE_DISABLED');
      }
      await system.refused(turn(name, true), 409, 'admin.kill_switch.unchanged');
      await system.done(turn(name, false), 200, ['KillSwitchReleased']);
      for (const call of calls) expect((await call(person)).status, name).to.not.equal(503);
    });

  it('never affect dashboard, profile and DM settings, admins or webhooks (9.11)', async () => {
    const creator = await creatorWithDms(system, 'carla', 'PER_MESSAGE', 5);
    const fan = await fanWith(system, 'carlasfan', '10.00');
    const { sessionId } = (await fan.post('/wallet/load', { amount: '5.00' })).body.data as { sessionId: string };
    const messageId = await send(fan, creator, 'PER_MESSAGE', 'please quarantine-me');
    for (const [name] of areas) expect((await turn(name, true)).status).to.equal(200);
    await system.catchUp();
    for (const path of ['/creators/dashboard', '/creators/profile', `/creators/${creator.creatorId}/dm-config`])
      expect((await creator.get(path)).status, path).to.equal(200);
    const dms = { dmType: 'FREE', dmActive: true };
    expect((await creator.patch(`/creators/${creator.creatorId}/dm-config`, dms)).status).to.equal(200);
    const paid = { id: webhookId(), type: 'checkout.completed', sessionId, amount: '5.00' };
    expect((await system.provider.post('/webhooks/payments', paid)).status).to.equal(200);
    const verdict = { reason: 'spam' };
    expect((await system.admin.post(`/admin/messages/${messageId}/refuse`, verdict)).status).to.equal(200);
    const { body } = await system.admin.get('/admin/kill-switches', { 'Read-After': String(await system.head()) });
    const items = body.data.items as { name: string; engaged: boolean; changedBy: string }[];
    expect(items.map(({ name, engaged }) => [name, engaged])).to.deep.equal(areas.map(([name]) => [name, true]));
    expect(items[0]?.changedBy).to.equal(system.adminId);
    for (const [name] of areas) await turn(name, false);
  });

  it('do not cover registration, which a config key closes with 403', async () => {
    const set = (value: boolean) =>
      system.admin.put('/admin/config/platform.registration_enabled', { value, reason: 'full' });
    await system.done(set(false), 200, ['ConfigValueSet']);
    const late = system.anybody.post('/auth/register', registration('late'));
    await system.refused(late, 403, 'auth.register.closed');
    await system.done(set(true), 200, ['ConfigValueSet']);
    await register(system, 'late');
  });
});

journey('rate limits', (openSystem) => {
  let system: TestSystem;
  beforeEach(async () => {
    system = await openSystem({ rateLimits: 'real' });
  });
  afterEach(() => system.close());

  async function limited(call: () => Promise<Response>, max: number): Promise<Response> {
    for (let count = 1; count <= max; count += 1) expect((await call()).status, `call ${count}`).to.not.equal(429);
    const response = await system.refused(call(), 429, 'common.rate_limited');
    expect(response.body.error.code).to.equal('RATE_LIMITED');
    return response;
  }

  it('count per user, say when to retry, and accept the request then', async () => {
    const [rita, otto] = [await register(system, 'rita'), await register(system, 'otto')];
    const { headers } = await limited(() => rita.get('/referral/dashboard'), 30);
    expect(Number(headers['retry-after'])).to.be.within(1, 60);
    expect((await otto.get('/referral/dashboard')).status).to.equal(200);
    await system.pass(MINUTE);
    expect((await rita.get('/referral/dashboard')).status).to.equal(200);
  });

  it('count per address for anonymous callers, failed attempts too', async () => {
    let tried = 0; // Each time another account, as one account alone would answer ever more slowly.
    const attempt = () =>
      system.anybody.post('/auth/login', { email: `x${(tried += 1)}@example.org`, password: PASSWORD });
    const { headers } = await limited(attempt, 20);
    expect(Number(headers['retry-after'])).to.be.within(1, 3_600);
    const elsewhere = { 'X-Forwarded-For': '203.0.113.7' }; // The test's own address is a trusted proxy.
    const body = { email: 'x@example.org', password: PASSWORD };
    await system.refused(system.anybody.post('/auth/login', body, elsewhere), 401, 'auth.login.invalid_credentials');
    await system.pass(HOUR);
    await system.refused(attempt(), 401, 'auth.login.invalid_credentials');
  });

  it('do not apply to dashboard, profile and DM settings', async () => {
    const rita = await register(system, 'rita');
    for (let count = 0; count < 70; count += 1) expect((await rita.get('/creators/dashboard')).status).to.equal(404);
  });
});

journey('the order of guards (G25)', (openSystem) => {
  let system: TestSystem;
  before(async () => {
    system = await openSystem({ rateLimits: 'real' });
  });
  after(() => system.close());

  it('is 401, 503, 429, 400, 403, 404 for a request with everything wrong', async () => {
    const person = await register(system, 'paul');
    const path = (id: string) => `/messages/${id}/rate`;
    const wrong = { rating: 'five', unknown: true };
    const turn = (engaged: boolean) =>
      system.admin.put('/admin/kill-switches/MESSAGING', { engaged, reason: 'an incident' });
    const spend = async (times: number) => {
      for (let count = 0; count < times; count += 1)
        await system.refused(person.post(path('no-id'), wrong), 400, 'common.validation_failed');
    };
    await spend(18);
    // 403 and 404 follow a valid request only.
    const owner = await creatorWithDms(system, 'olga', 'FREE');
    const fan = await register(system, 'fanny');
    const message = await send(fan, owner, 'FREE', 'hello');
    await system.refused(person.post(path(message), { rating: 5 }), 403, 'message.error.not_authorized');
    await system.refused(person.post(path(nobody), { rating: 5 }), 404, 'message.error.not_found');
    // Twenty calls were made: 429 comes before 400, 403 and 404.
    await system.refused(person.post(path('no-id'), wrong), 429, 'common.rate_limited');
    await system.refused(person.post(path(nobody), { rating: 5 }), 429, 'common.rate_limited');
    await turn(true);
    await system.refused(person.post(path('no-id'), wrong), 503, 'features.messaging_disabled');
    await system.refused(system.anybody.post(path('no-id'), wrong), 401, 'auth.token.invalid');
    await turn(false);
  });

  it('has the 403 for a wrong role right after 401, before the request is looked at', async () => {
    const person = await register(system, 'pia');
    const path = '/admin/creators/no-id/suspend';
    await system.refused(system.anybody.post(path, {}), 401, 'auth.token.invalid');
    await system.refused(person.post(path, {}), 403, 'auth.role.forbidden');
    await system.refused(system.auditor.post(path, {}), 403, 'auth.role.forbidden');
    await system.refused(system.admin.post(path, {}), 400, 'common.validation_failed');
  });

  it('has the webhook signature first, and accepts none of another provider or of yesterday', async () => {
    const body = { id: webhookId(), type: 'chargeback', messageId: nobody, amount: '1.00' };
    await system.refused(system.anybody.post('/webhooks/payments', body), 401, 'webhook.signature.invalid');
    const forged = { 'X-Signature': `t=1777492800,v1=${'0'.repeat(64)}` };
    await system.refused(system.anybody.post('/webhooks/payments', {}, forged), 401, 'webhook.signature.invalid');
    await system.refused(system.provider.post('/webhooks/payments', {}), 400, 'common.validation_failed');
    await system.refused(system.provider.post('/webhooks/payments', body), 404, 'message.error.not_found');
    await system.refused(system.admin.post('/webhooks/payments', body), 401, 'webhook.signature.invalid');
    const signed = {
      'X-Signature': signWebhook(
        system.environment.webhookSecrets,
        '/webhooks/payments',
        JSON.stringify(body),
        system.clock,
      ),
    };
    await system.pass(5 * MINUTE + SECOND);
    await system.refused(system.anybody.post('/webhooks/payments', body, signed), 401, 'webhook.signature.invalid');
  });

  it('starts by rejecting any token that is not ours', async () => {
    const { userId } = await register(system, 'petra');
    const [head, claims = '', signature] = system.bearer(userId).Authorization.slice('Bearer '.length).split('.');
    const changed = Buffer.from(JSON.stringify({ ...claimsOf(claims), role: 'ADMIN' })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    for (const token of [
      'nonsense',
      `${head}.${changed}.${signature}`,
      `${unsigned}.${changed}.`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
    ]) {
      const headers = { Authorization: `Bearer ${token}` };
      await system.refused(system.anybody.get('/admin/config', headers), 401, 'auth.token.invalid');
    }
    const basic = { Authorization: system.bearer(userId).Authorization.replace('Bearer', 'Basic') };
    await system.refused(system.anybody.get('/creators/dashboard', basic), 401, 'auth.token.invalid');
  });
});

function claimsOf(part: string): object {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
}
