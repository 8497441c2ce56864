import { originsOf } from '../../src/origins.js';
import { expect } from 'chai';
import request, { type Response } from 'supertest';
import type { RequestListener } from 'node:http';
import { z } from 'zod';
import { createApps } from '../../src/http.js';
import { signWebhook } from '../../src/http/webhook.js';
import { createMetrics } from '../../src/process/metrics.js';
import { route, type Route, type RouteRequest } from '../../src/http/route.js';
import { StoreUnavailable } from '../../src/store-errors.js';
import { createManualTime } from '../../testing/manual-time.js';
import { answerTo } from '../../testing/same-answers.js';
import { bearer, environment, movableClock, noon, toyApp, toyOptions, toyRoutes, userId } from './toy-app.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The whole error envelope, so that it contains nothing more and nothing less. */
function expectError(response: Response, status: number, code: string, i18nKey: string, details?: string[]) {
  expect(response.status, JSON.stringify(response.body)).to.equal(status);
  expect(response.body.success).to.equal(false);
  expect(Object.keys(response.body)).to.have.members(['success', 'error']);
  const { error } = response.body;
  expect(Object.keys(error)).to.have.members(['code', 'message', 'i18nKey', 'i18nVars', 'details', 'correlationId']);
  expect(error).to.include({ code, i18nKey });
  expect(error.message).to.be.a('string').and.not.equal('');
  expect(error.correlationId).to.match(uuid).and.equal(response.headers['x-correlation-id']);
  expect(response.headers['content-type']).to.equal('application/json; charset=utf-8');
  if (details)
    expect(error.details).to.deep.equal(details.map((message) => ({ field: message.split(': ')[0], message })));
}

const expectInvalid = (response: Response, ...details: string[]) =>
  expectError(response, 400, 'VALIDATION_FAILED', 'common.validation_failed', details);

describe('A successful HTTP response', () => {
  it("is the envelope with the route's status, positions as strings", async () => {
    const response = await request(toyApp())
      .post('/api/v1/things')
      .set('Authorization', bearer())
      .send({ amount: '5.00' });
    expect(response.status).to.equal(201);
    expect(response.text).to.equal(`{"success":true,"data":{"id":"${userId}","position":"12345678901234567890"}}`);
    expect(response.headers['cache-control']).to.equal('no-store');
  });

  it('without data is a bare envelope', async () => {
    const response = await request(toyApp()).delete(`/api/v1/things/${userId}`).set('Authorization', bearer());
    expect(response.body).to.deep.equal({ success: true });
  });

  it('comes from a handler that gets everything parsed, and nothing of Express', async () => {
    const seen: RouteRequest[] = [];
    await request(toyApp({ routes: toyRoutes(seen) }))
      .post('/api/v1/things?x=1')
      .set({ Authorization: bearer(), 'Idempotency-Key': 'key-1', 'X-Correlation-Id': userId, 'X-Other': 'yes' })
      .send({ amount: '5.00' });
    const { header, ip, ...rest } = seen[0] as RouteRequest;
    expect(rest).to.deep.equal({
      actor: { userId, role: 'USER' },
      params: {},
      query: Object.assign(Object.create(null), { x: '1' }),
      body: { amount: '5.00' },
      method: 'POST',
      isHead: false,
      template: '/things',
      correlationId: userId,
      idempotencyKey: 'key-1',
    });
    expect(header('x-other')).to.equal('yes');
    expect(ip).to.match(/127\.0\.0\.1/);
  });

  it('with a page has its own content security policy, and a 304 has no body', async () => {
    const page = await request(toyApp()).get('/api/v1/page');
    expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).to.match(/^default-src 'none'; style-src/);
    expect(page.text).to.equal('<p>hello</p>');
    const unchanged = await request(toyApp()).get('/api/v1/unchanged');
    expect(unchanged.status).to.equal(304);
    expect(unchanged.headers).to.include({ etag: 'W/"1.2.3"', 'cache-control': 'private, no-cache' });
    expect(unchanged.text).to.equal('');
  });

  it('comes from a literal path rather than a parameter, whatever the order of the table', async () => {
    const response = await request(toyApp()).get('/api/v1/things/search?q=a').set('Authorization', bearer());
    expect(response.body.data.query).to.deep.equal({ q: 'a' });
  });

  it('to HEAD is that of GET without the body, and to OPTIONS lists the methods', async () => {
    const head = await request(toyApp()).head('/api/v1/page');
    expect(head.status).to.equal(200);
    expect(head.text ?? '').to.equal('');
    const options = await request(toyApp()).options('/api/v1/things');
    expect([options.status, options.headers.allow]).to.deep.equal([204, 'OPTIONS, POST']);
  });
});

describe('The correlation id of a request (G29)', () => {
  it('is taken over when it is a UUID, and replaced otherwise', async () => {
    const given = await request(toyApp()).get('/api/v1/nowhere').set('X-Correlation-Id', userId);
    expect(given.headers['x-correlation-id']).to.equal(userId);
    for (const bad of ['abc', `${userId}x`, '<script>']) {
      const made = await request(toyApp()).get('/livez').set('X-Correlation-Id', bad);
      expect(made.headers['x-correlation-id']).to.match(uuid).and.not.equal(userId);
    }
  });
});

describe('The order of the HTTP guards (G25)', () => {
  /** A request that fails every guard; each step removes one failure and meets the next. */
  it('is 401, 403, 503, 429, 400', async () => {
    const clock = movableClock();
    let engaged = true;
    let reached = 0;
    const strict = route({
      method: 'POST',
      path: '/strict/:id',
      summary: '',
      who: 'user',
      killSwitch: 'PAYOUT',
      limit: { max: 1, perMs: 60_000 },
      params: z.strictObject({ id: z.guid() }),
      handle: async () => {
        reached += 1;
        return {};
      },
    });
    const app = toyApp({ clock, routes: [...toyRoutes(), strict], killSwitches: async () => engaged });
    const send = (authorization: string, path = '/api/v1/strict/x') =>
      request(app).post(path).set({ Authorization: authorization, 'Content-Type': 'text/plain' }).send('{');

    expectError(await send('Bearer nonsense'), 401, 'AUTH_UNAUTHORIZED', 'auth.token.invalid');
    expectError(
      await send(bearer('AUDITOR'), '/api/v1/admin/things'),
      403,
      'AUTH_ROLE_FORBIDDEN',
      'auth.role.forbidden',
    );
    expectError(await send(bearer()), 503, 'FEATURE_DISABLED', 'features.payout_disabled');
    engaged = false;
    expectError(await send(bearer()), 415, 'COMMON_UNSUPPORTED_MEDIA_TYPE', 'common.unsupported_media_type');
    expectError(await send(bearer()), 429, 'RATE_LIMITED', 'common.rate_limited');
    const huge = request(app).post('/api/v1/strict/x').set('Authorization', bearer());
    expectError(await huge.send({ big: 'x'.repeat(70_000) }), 429, 'RATE_LIMITED', 'common.rate_limited');
    clock.advance(60_000);
    const last = await request(app).post('/api/v1/strict/x').set('Authorization', bearer()).send({ a: 1 });
    expectInvalid(last, 'id: must be a valid UUID', 'body: Unrecognized key: "a"');
    expect(reached).to.equal(0);
  });

  it('lets no role stand in for another: users, admins and auditors have routes of their own', async () => {
    const app = toyApp();
    const get = async (role: 'USER' | 'ADMIN' | 'AUDITOR') =>
      (await request(app).get('/api/v1/admin/things').set('Authorization', bearer(role))).status;
    const post = async (role: 'USER' | 'ADMIN' | 'AUDITOR') =>
      (await request(app).post('/api/v1/admin/things').set('Authorization', bearer(role)).send({ reason: 'r' })).status;
    const own = async (role: 'USER' | 'ADMIN' | 'AUDITOR') =>
      (await request(app).get(`/api/v1/things/${userId}`).set('Authorization', bearer(role))).status;
    expect([await get('USER'), await get('AUDITOR'), await get('ADMIN')]).to.deep.equal([403, 200, 200]);
    expect([await own('USER'), await own('AUDITOR'), await own('ADMIN')]).to.deep.equal([200, 403, 403]);
    expect([await post('USER'), await post('AUDITOR'), await post('ADMIN')]).to.deep.equal([403, 403, 200]);
  });

  it('answers 503 when the kill switches cannot be read', async () => {
    const app = toyApp({ killSwitches: () => Promise.reject(new Error('store down')) });
    const response = await request(app).post('/api/v1/things').set('Authorization', bearer()).send({ amount: '1' });
    expectError(response, 503, 'COMMON_UNAVAILABLE', 'common.unavailable');
    expect(response.headers['retry-after']).to.equal('5');
  });

  it('admits a USER with an inactive account to a write that accepts any account, but nobody without a token', async () => {
    const back = route({
      method: 'POST',
      path: '/back',
      summary: '',
      who: 'user',
      limit: 'none',
      account: 'any',
      handle: async () => ({}),
    });
    const app = toyApp({ routes: [back], accounts: { forWrites: async () => 'DEACTIVATED' as const } });
    const call = request(app).post('/api/v1/back');
    expect((await call.set('Authorization', bearer('USER'))).status).to.equal(200);
    expect((await request(app).post('/api/v1/back')).status).to.equal(401);
  });

  it('answers 503 at once when too many requests are in progress', async () => {
    let release = () => {};
    const waiting = new Promise<void>((resolve) => (release = resolve));
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const slow = route({
      method: 'GET',
      path: '/slow',
      summary: '',
      who: 'public',
      limit: 'none',
      handle: async () => {
        entered();
        await waiting;
        return {};
      },
    });
    const app = toyApp({ routes: [slow], maxConcurrent: 1 });
    const first = request(app)
      .get('/api/v1/slow')
      .then((response) => response.status);
    await inside;
    const second = await request(app).get('/api/v1/slow');
    expectError(second, 503, 'COMMON_UNAVAILABLE', 'common.unavailable');
    expect(second.headers['retry-after']).to.equal('1');
    release();
    expect(await first).to.equal(200);
    expect((await request(app).get('/api/v1/slow')).status).to.equal(200);
  });
});

describe('HTTP bodies and parameters', () => {
  const post = (body: string, type = 'application/json') =>
    request(toyApp()).post('/api/v1/things').set({ Authorization: bearer(), 'Content-Type': type }).send(body);

  it('are rejected when the body is not JSON', async () => {
    expectInvalid(await post('{"amount":'), 'body: must be JSON in UTF-8');
    const latin1 = request(toyApp())
      .post('/api/v1/things')
      .set({ Authorization: bearer(), 'Content-Type': 'application/json' });
    latin1.write(Buffer.from([0x22, 0xe9, 0x22]));
    expectInvalid(await latin1, 'body: must be JSON in UTF-8');
  });

  it('are rejected when the body is not an object', async () => {
    for (const body of ['[]', '"text"', '5', 'true', 'null'])
      expectInvalid(await post(body), 'body: must be an object');
  });

  it('name each problem without repeating a value', async () => {
    expectInvalid(await post('{}'), 'amount: is required');
    expectInvalid(await post('{"amount":["5"]}'), 'amount: must be a string');
    expectInvalid(
      await post('{"amount":"","count":"many"}'),
      'amount: must have at least 1 characters',
      'count: must be a number',
    );
    expectInvalid(await post('{"amount":"12345678901"}'), 'amount: must have at most 10 characters');
    expectInvalid(await post('{"amount":"1","more":1,"yet":2}'), 'body: Unrecognized keys: "more", "yet"');
  });

  it('are rejected for what a schema cannot see: __proto__, infinite numbers, half surrogates, null characters, deep nesting', async () => {
    expectInvalid(await post('{"amount":"1","__proto__":{"admin":true}}'), 'body: Unrecognized key: "__proto__"');
    expectInvalid(await post('{"amount":"1","extra":{"__proto__":1}}'), 'body: Unrecognized key: "__proto__"');
    expectInvalid(await post('{"amount":"1","count":1e400}'), 'body: a number is out of range');
    expectInvalid(await post('{"amount":"1","extra":[-1e400]}'), 'body: a number is out of range');
    expectInvalid(await post('{"amount":"\\ud800"}'), 'body: a text is not well-formed Unicode');
    expectInvalid(await post('{"amount":"1","\\udc00":1}'), 'body: a key is not well-formed Unicode');
    expectInvalid(await post('{"amount":"a\\u0000b"}'), 'body: a text has a null character');
    expectInvalid(await post('{"amount":"1","\\u0000":1}'), 'body: a key has a null character');
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    expectInvalid(await post(`{"amount":"1","extra":${deep}}`), 'body: must not be nested deeper than 32 levels');
    expect((await post('{"amount":"\\ud83d\\ude00"}')).status).to.equal(201);
  });

  it('name a bounded number of problems, of bounded length', async () => {
    const list = route({
      method: 'POST',
      path: '/list',
      summary: '',
      who: 'public',
      limit: 'none',
      body: z.strictObject({ items: z.array(z.string()) }),
      handle: async () => ({}),
    });
    const app = toyApp({ routes: [list] });
    const many = await request(app)
      .post('/api/v1/list')
      .send({ items: Array.from({ length: 100 }, () => 1) });
    expect(many.body.error.details).to.have.length(20);
    const long = await request(app)
      .post('/api/v1/list')
      .send({ items: [], ['k'.repeat(5_000)]: 1 });
    expect(long.body.error.details[0].message).to.have.length(200);
  });

  it('are rejected when the body exceeds 64 kB, sent with its length or in chunks', async () => {
    const big = JSON.stringify({ amount: 'x'.repeat(64 * 1024) });
    expectError(await post(big), 413, 'COMMON_PAYLOAD_TOO_LARGE', 'common.payload_too_large');
    const chunked = request(toyApp())
      .post('/api/v1/things')
      .set({ Authorization: bearer(), 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    chunked.write(big);
    expectError(await chunked, 413, 'COMMON_PAYLOAD_TOO_LARGE', 'common.payload_too_large');
  });

  it('accept JSON in UTF-8 only, and uncompressed', async () => {
    const refused = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/jsonp',
    ];
    for (const type of refused) {
      expectError(
        await post('{"amount":"1"}', type),
        415,
        'COMMON_UNSUPPORTED_MEDIA_TYPE',
        'common.unsupported_media_type',
      );
    }
    expect((await post('{"amount":"1"}', 'application/json; charset=UTF-8')).status).to.equal(201);
    const zipped = await request(toyApp())
      .post('/api/v1/things')
      .set({ Authorization: bearer(), 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
      .send('{"amount":"1"}');
    expectError(zipped, 415, 'COMMON_UNSUPPORTED_MEDIA_TYPE', 'common.unsupported_media_type');
  });

  it('reject fields where no body is expected, and accept an empty one', async () => {
    const app = toyApp();
    expectInvalid(await request(app).post('/api/v1/open/abc').send({ a: 1 }), 'body: Unrecognized key: "a"');
    expect((await request(app).post('/api/v1/open/abc')).status).to.equal(200);
  });

  it('are checked against their schemas', async () => {
    const get = (path: string) => request(toyApp()).get(`/api/v1${path}`).set('Authorization', bearer());
    expectInvalid(await get('/things/not-a-uuid'), 'id: must be a valid UUID');
    expectInvalid(await get('/things/search'), 'q: is required');
    expectInvalid(await get('/things/search?q=a&q=b'), 'q: must be a string');
    expectInvalid(await get('/things/%E0%A4%A'), 'path: must be properly percent-encoded');
    expectInvalid(await get('/things/search?q=a&other=2'), 'query: Unrecognized key: "other"');
    expect((await get(`/things/${userId}?other=2`)).status, 'a route without filters').to.equal(200);
  });

  it('accept an Idempotency-Key of 1 to 200 visible ASCII characters', async () => {
    const send = (key: string) =>
      request(toyApp())
        .post('/api/v1/things')
        .set({ Authorization: bearer(), 'Idempotency-Key': key })
        .send({ amount: '1' });
    expect((await send('~!'.repeat(100))).status).to.equal(201);
    for (const bad of ['x'.repeat(201), 'a b', '\u00e9', '']) {
      expectInvalid(await send(bad), 'Idempotency-Key: must have 1 to 200 visible ASCII characters');
    }
  });
});

describe('HTTP errors', () => {
  it('are 404 for an unknown path, and 405 with Allow for a wrong method', async () => {
    expectError(await request(toyApp()).get('/nowhere'), 404, 'COMMON_NOT_FOUND', 'common.not_found');
    expectError(await request(toyApp()).get('/api/v1/nowhere'), 404, 'COMMON_NOT_FOUND', 'common.not_found');
    const patch = await request(toyApp()).patch(`/api/v1/things/${userId}`);
    expectError(patch, 405, 'COMMON_METHOD_NOT_ALLOWED', 'common.method_not_allowed');
    expect(patch.headers.allow).to.equal('DELETE, GET, HEAD, OPTIONS');
  });

  it('answer a refusal by its key, with its variables and Retry-After', async () => {
    const busy = await request(toyApp()).get('/api/v1/failures/busy');
    expectError(busy, 503, 'COMMON_BUSY', 'common.busy', []);
    expect(busy.headers['retry-after']).to.equal('2');
    const vars = await request(toyApp()).get('/api/v1/failures/missing');
    expectError(vars, 400, 'ERROR_USER_USERNAME_LENGTH', 'error.user.username_length', []);
    expect(vars.body.error).to.deep.include({
      i18nVars: { min: 3, max: 30 },
      message: 'A username has 3 to 30 characters.',
    });
    expectError(await request(toyApp()).get('/api/v1/failures/erased'), 409, 'ERROR_USER_ERASED', 'error.user.erased');
  });

  it('reveal nothing of an unexpected exception, whatever status it claims', async () => {
    const response = await request(toyApp()).get('/api/v1/failures/other');
    expectError(response, 500, 'COMMON_INTERNAL_ERROR', 'common.internal_error', []);
    expect(response.text).to.not.match(/secret|srv|\.ts/);
  });

  it('of a failed store tell the process to end, and the caller to retry', async () => {
    const fatal: unknown[] = [];
    const app = toyApp({ onFatal: (error) => fatal.push(error) });
    const response = await request(app).get('/api/v1/failures/store');
    expectError(response, 503, 'COMMON_UNAVAILABLE', 'common.unavailable', []);
    expect(response.headers).to.have.property('retry-after', '1');
    expect(fatal.map((error) => (error as Error).name)).to.deep.equal(['StoreFailed']);
    await request(app).get('/api/v1/failures/other');
    expect(fatal).to.have.length(1);
  });
});

const WEBHOOKS = '/webhooks/payments';

describe('HTTP webhooks', () => {
  const webhookRoute = toyRoutes().find(({ who }) => who === 'provider') as Route;
  const clock = movableClock();
  const body = '{ "id": "w1",  "status": "paid" }';
  const send = (signature: string | undefined, sent = body) => {
    const call = request(toyApp({ clock })).post('/api/v1/webhooks/payments').set('Content-Type', 'application/json');
    return (signature === undefined ? call : call.set('X-Signature', signature)).send(sent);
  };
  const at = (ms: number) => signWebhook(environment.webhookSecrets, WEBHOOKS, body, { now: () => clock.now() + ms });

  it('accept a body that the provider signed, byte by byte', async () => {
    const response = await send(at(0));
    expect(response.status).to.equal(200);
    expect(response.body.data).to.deep.include({
      body: { id: 'w1', status: 'paid' },
      actor: { userId: null, role: 'PROVIDER' },
    });
    expect((await send(at(0), body.replace('  ', ' '))).status).to.equal(401);
  });

  it('are signed as documented', () => {
    // echo -n '1772366400./api/v1/webhooks/payments.{}' | openssl dgst -sha256 -hmac key
    const secrets = { ...environment.webhookSecrets, payments: ['key'] };
    expect(signWebhook(secrets, WEBHOOKS, '{}', { now: () => 1_772_366_400_999 })).to.equal(
      't=1772366400,v1=88df5380c1b19a2357dc4c807cf6fef530eebdfea256a9e559803afccbe6b501',
    );
  });

  it('tolerate a clock difference of five minutes either way', async () => {
    expect((await send(at(-300_000))).status).to.equal(200);
    expect((await send(at(300_000))).status).to.equal(200);
    for (const ms of [-301_000, 301_000]) {
      expectError(await send(at(ms)), 401, 'AUTH_UNAUTHORIZED', 'webhook.signature.invalid');
    }
  });

  it('with a missing, foreign or malformed signature are rejected before the body is looked at', async () => {
    const foreign = signWebhook({ ...environment.webhookSecrets, payments: ['another secret'] }, WEBHOOKS, body, clock);
    for (const bad of [
      undefined,
      '',
      foreign,
      at(0).replace('v1', 'v0'),
      at(0).slice(0, -2),
      at(0).toUpperCase(),
      `${at(0)},v1=x`,
      `v0=x,${at(0)}`,
    ]) {
      expectError(await send(bad), 401, 'AUTH_UNAUTHORIZED', 'webhook.signature.invalid');
    }
    expectError(await send(foreign, '{'), 401, 'AUTH_UNAUTHORIZED', 'webhook.signature.invalid');
  });

  it('are signed for one route: another provider, or another route of the same secret, is rejected', async () => {
    const elsewhere = signWebhook(environment.webhookSecrets, '/webhooks/payouts', body, clock);
    expect(environment.webhookSecrets.payouts).to.deep.equal(environment.webhookSecrets.payments);
    expectError(await send(elsewhere), 401, 'AUTH_UNAUTHORIZED', 'webhook.signature.invalid');
  });

  it('are accepted with either of two secrets while one is rotated', async () => {
    const signedWith = (secret: string) =>
      signWebhook({ ...environment.webhookSecrets, payments: [secret] }, WEBHOOKS, body, clock);
    const rotating = { ...environment, webhookSecrets: { ...environment.webhookSecrets, payments: ['new', 'old'] } };
    const statusOf = async (signature: string) =>
      (
        await request(toyApp({ clock, environment: rotating }))
          .post(`/api/v1${WEBHOOKS}`)
          .set({ 'Content-Type': 'application/json', 'X-Signature': signature })
          .send(body)
      ).status;
    expect(await statusOf(signedWith('new'))).to.equal(200);
    expect(await statusOf(signedWith('old'))).to.equal(200);
    expect(await statusOf(signedWith('older'))).to.equal(401);
  });

  it('have no route of a provider without secrets', () => {
    const orphan = { ...webhookRoute, path: '/webhooks/strangers' };
    expect(() => toyApp({ routes: [orphan] })).to.throw(RangeError);
  });

  it('are parsed strictly once the signature is verified', async () => {
    const odd = '{"id":"w1","status":"lost"}';
    expectInvalid(
      await send(signWebhook(environment.webhookSecrets, WEBHOOKS, odd, clock), odd),
      'status: must be paid or failed',
    );
  });
});

describe('HTTP route tables', () => {
  const row = route({
    method: 'GET',
    path: '/a/:id',
    summary: '',
    who: 'user',
    limit: 'none',
    params: z.strictObject({ id: z.string() }),
    handle: async () => ({}),
  });
  const mounting =
    (...routes: (typeof row)[]) =>
    () =>
      toyApp({ routes });

  it('refuse to mount a route that nobody may call', () => {
    expect(mounting({ ...row, who: undefined } as unknown as typeof row)).to.throw(
      /GET \/a\/:id: says not who may call/,
    );
    expect(mounting({ ...row, who: 'everybody' } as unknown as typeof row)).to.throw(/says not who may call/);
  });

  it('refuse to mount a route that does not say how often it may be called', () => {
    for (const limit of [undefined, 'never', { max: 0, perMs: 1 }, {}])
      expect(mounting({ ...row, limit } as unknown as typeof row)).to.throw(/says not how often it may be called/);
  });

  it('refuse the same path twice, even with other parameter names', () => {
    expect(mounting(row, { ...row, path: '/a/:other', params: z.strictObject({ other: z.string() }) })).to.throw(
      /declared twice/,
    );
    expect(mounting(row, { ...row, method: 'PUT' })).to.not.throw();
  });

  it('refuse a parameter without a schema, a schema without a parameter, and a guard without effect', () => {
    expect(mounting({ ...row, params: undefined })).to.throw(/has no schema for id/);
    expect(mounting({ ...row, path: '/a' })).to.throw(/has a schema for id, which its path lacks/);
    expect(mounting({ ...row, path: 'a/*' })).to.throw(/is not a path/);
    for (const q of [z.string(), z.string().optional()])
      expect(mounting({ ...row, query: z.object({ q }) })).to.throw(/passes over parameters/);
    expect(mounting({ ...row, query: z.strictObject({ q: z.string() }) })).to.not.throw();
    expect(mounting({ ...row, who: 'auditor', method: 'POST' })).to.throw(/lets auditors write/);
    expect(mounting({ ...row, who: 'auditor', method: 'POST', asks: true })).to.not.throw();
    expect(mounting({ ...row, who: 'auditor', method: 'PUT', asks: true })).to.throw(
      /asks with its body, but is no POST/,
    );
    expect(mounting({ ...row, who: 'admin', killSwitch: 'KYC' })).to.throw(/guards client routes only/);
  });
});

describe('HTTP headers and origins', () => {
  it('hide the server software and forbid documents everything', async () => {
    const { headers } = await request(toyApp()).get('/api/v1/nowhere');
    expect(headers).to.not.have.property('x-powered-by');
    expect(headers).to.not.have.property('access-control-allow-origin');
    expect(headers).to.include({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    });
  });

  it('tell how to show who one is with every 401', async () => {
    const challenge = async (path: string) => (await request(toyApp()).post(path)).headers['www-authenticate'];
    expect(await challenge('/api/v1/things')).to.equal('Bearer realm="creator-dashboards"');
    expect(await challenge('/api/v1/webhooks/payments')).to.equal('X-Signature');
    expect((await request(toyApp()).get('/api/v1/nowhere')).headers).to.not.have.property('www-authenticate');
  });

  it('tell with every 429 and 503 how many seconds to wait, in words to translate, too', async () => {
    const clock = movableClock();
    const off = toyApp({ clock, killSwitches: async () => true });
    const made = await request(off).post('/api/v1/things').set('Authorization', bearer()).send({ amount: '1' });
    expect([made.headers['retry-after'], made.body.error.i18nVars]).to.deep.equal(['60', { seconds: 60 }]);
    const busy = await request(off).get('/api/v1/failures/busy');
    expect([busy.headers['retry-after'], busy.body.error.i18nVars]).to.deep.equal(['2', { seconds: 2 }]);
    const app = toyApp({ clock });
    for (let call = 0; call < 2; call += 1) await request(app).post('/api/v1/open/abc');
    clock.advance(20_000);
    const limited = await request(app).post('/api/v1/open/abc');
    expect([limited.headers['retry-after'], limited.body.error.i18nVars]).to.deep.equal(['40', { seconds: 40 }]);
  });

  it('are compressed with a body above 1 KB, as the caller accepts it, and say what they depend on', async () => {
    const text = 'words '.repeat(1_000);
    const long = route({
      ...{ method: 'GET', summary: '', who: 'public', limit: 'none' },
      path: '/long/:length',
      params: z.strictObject({ length: z.string() }),
      handle: async ({ params }) => ({ data: text.slice(0, Number(params.length)) }),
    });
    const app = toyApp({ routes: [long] });
    const ask = (length: number, accepted: string) =>
      request(app).get(`/api/v1/long/${length}`).set('Accept-Encoding', accepted);
    for (const encoding of ['br', 'gzip']) {
      const { headers } = await ask(6_000, encoding).buffer(false);
      expect(headers).to.include({ 'content-encoding': encoding, vary: 'Accept-Encoding' });
      expect(Number(headers['content-length'] ?? 0)).to.equal(0);
    }
    expect((await ask(6_000, 'gzip')).body.data).to.equal(text);
    for (const [length, accepted] of [
      [900, 'gzip'],
      [6_000, 'identity'],
    ] as const)
      expect((await ask(length, accepted)).headers).to.not.have.property('content-encoding');
  });

  it('allow pages of this machine outside production alone, whatever their port', async () => {
    const allowed = async (nodeEnv: 'development' | 'production', origin: string) => {
      const app = toyApp({ environment: { ...environment, corsOrigins: originsOf(['https://a.example'], nodeEnv) } });
      const { headers } = await request(app).get('/livez').set('Origin', origin);
      return (
        headers['access-control-allow-origin'] === origin && headers['access-control-allow-credentials'] === 'true'
      );
    };
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'https://localhost:1', 'http://[::1]:80']) {
      expect(await allowed('development', origin), origin).to.equal(true);
      expect(await allowed('production', origin), origin).to.equal(false);
    }
    for (const nodeEnv of ['development', 'production'] as const)
      expect(await allowed(nodeEnv, 'https://a.example')).to.equal(true);
    for (const origin of [
      ...['http://localhost.evil.example', 'http://evil.example/localhost', 'http://evil-localhost', 'null'],
      ...['http://localhost:80.evil.example', 'http://127.0.0.1.evil.example', 'file://localhost', 'http://localhost:'],
    ])
      expect(await allowed('development', origin), origin).to.equal(false);
  });

  it('allow the configured origins, with the cookie, and no others', async () => {
    const app = toyApp({ environment: { ...environment, corsOrigins: ['https://app.example.com'] } });
    const from = async (origin: string) => (await request(app).get('/livez').set('Origin', origin)).headers;
    expect((await from('https://app.example.com'))['access-control-allow-origin']).to.equal('https://app.example.com');
    expect(await from('https://evil.example.com')).to.not.have.property('access-control-allow-origin');
    expect((await from('https://app.example.com'))['access-control-allow-credentials']).to.equal('true');
    expect((await from('https://app.example.com'))['access-control-expose-headers']?.split(',')).to.include.members([
      ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'WWW-Authenticate', 'Content-Disposition'],
      ...['Location', 'ETag', 'X-Position', 'X-Stale', 'X-Age', 'X-Degraded', 'Retry-After'],
    ]);
  });

  it('trust X-Forwarded-For only from a trusted proxy', async () => {
    const seen: RouteRequest[] = [];
    const ipWith = async (trustProxy: false | readonly string[]) => {
      const app = toyApp({ routes: toyRoutes(seen), environment: { ...environment, trustProxy } });
      await request(app).post('/api/v1/open/abc').set('X-Forwarded-For', '203.0.113.9');
      return seen.at(-1)?.ip;
    };
    expect(await ipWith(['loopback'])).to.equal('203.0.113.9');
    expect(await ipWith(false)).to.match(/127\.0\.0\.1/);
  });
});

describe('HTTP operations endpoints', () => {
  it('answer /livez without touching anything', async () => {
    const down = () => Promise.reject(new Error('down'));
    const response = await request(
      toyApp({ ready: down, killSwitches: down, counters: { hit: down, undoHit: down } }),
    ).get('/livez');
    expect([response.status, response.text]).to.deep.equal([200, '{"alive":true}']);
  });

  it('answer /readyz with the checks behind it', async () => {
    const yes = await request(toyApp({ ready: async () => ({ ready: true, checks: { position: 7n } }) })).get(
      '/readyz',
    );
    expect([yes.status, yes.body]).to.deep.equal([200, { ready: true, checks: { position: '7' } }]);
    const no = await request(toyApp({ ready: async () => ({ ready: false, checks: { lookups: 'behind' } }) })).get(
      '/readyz',
    );
    expect([no.status, no.body]).to.deep.equal([503, { ready: false, checks: { lookups: 'behind' } }]);
    const away = new StoreUnavailable('MongoDB (READ_STORE_URL)', 'does not answer: connect ECONNREFUSED 10.0.0.7');
    const red = await request(toyApp({ ready: () => Promise.reject(away) })).get('/readyz');
    expect([red.status, red.text]).to.deep.equal([503, '{"ready":false,"checks":{"away":"MongoDB (READ_STORE_URL)"}}']);
    const broken = await request(toyApp({ ready: () => Promise.reject(new Error('mongodb://user:pw@host')) })).get(
      '/readyz',
    );
    expect(broken.status).to.equal(503);
    expect(broken.text).to.not.contain('pw');
  });

  it('measure requests by route template', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const app = toyApp({ metrics });
    await request(app).get(`/api/v1/things/${userId}`).set('Authorization', bearer());
    await request(app).get('/api/v1/somebody/else');
    const response = await request(app).get('/metrics');
    expect(response.headers['content-type']).to.match(/^text\/plain/);
    expect(response.text).to.contain(
      'http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 1',
    );
    expect(response.text).to.contain('route="unmatched",status="404"} 1');
    expect(response.text).to.not.contain(userId);
  });

  it('measure methods that nobody has heard of as one', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const app = toyApp({ metrics });
    for (const method of ['propfind', 'mkcol', 'get'] as const) await request(app)[method]('/x');
    const labels = [...(await metrics.registry.metrics()).matchAll(/_count\{method="(\w+)"/g)].map(
      ([, method]) => method,
    );
    expect(labels).to.have.members(['other', 'GET']);
  });

  it('work out readiness and measurements once a second, whoever asks how often', async () => {
    const time = createManualTime(noon);
    let looks = 0;
    const metrics = createMetrics({ processMetrics: false });
    const app = toyApp({ clock: time, metrics, ready: async () => ({ ready: true, checks: { looks: (looks += 1) } }) });
    const ask = async () => (await request(app).get('/readyz')).body.checks.looks as number;
    expect(await Promise.all([ask(), ask()])).to.deep.equal([1, 1]);
    const measured = async () => (await request(app).get('/metrics')).text;
    const first = await measured();
    expect(await measured()).to.equal(first);
    await time.advance(999);
    expect(await ask()).to.equal(1);
    await time.advance(1);
    expect(await ask()).to.equal(2);
    expect(await measured()).to.not.equal(first);
  });

  it('have a port of their own where one is set; both say that they live', async () => {
    const { api, operations } = createApps({ ...toyOptions(), environment: { ...environment, operationsPort: 9000 } });
    const statuses = async (app: RequestListener) =>
      Promise.all(
        ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs', '/api/v1/page'].map(
          async (path) => (await request(app).get(path)).status,
        ),
      );
    expect(await statuses(api)).to.deep.equal([200, 404, 404, 404, 404, 200]);
    expect(await statuses(operations as RequestListener)).to.deep.equal([200, 200, 200, 200, 200, 404]);
  });

  it('leave pages to the port of the API, behind its guards, and answer an unknown path with one 404', async () => {
    const page = { ...toyRoutes()[0]!, method: 'GET', path: '/pages/:name', who: 'public', limit: 'none' } as Route;
    const pages = [{ ...page, params: z.strictObject({ name: z.string() }), handle: async () => ({ html: '<p>' }) }];
    const { api, operations } = createApps({
      ...{ ...toyOptions({ maxConcurrent: 1 }), pages },
      environment: { ...environment, operationsPort: 9000 },
    });
    expect((await request(api).get('/pages/one')).text).to.equal('<p>');
    expect((await request(operations as RequestListener).get('/pages/one')).status).to.equal(404);
    expect((await request(api).post('/pages/one')).headers.allow).to.equal('GET, HEAD, OPTIONS');
    // Each gives its place among the requests under way back, and so the next one is served.
    for (const path of ['/api/v1/unknown', '/api/v1/unknown', '/unknown', '/unknown'])
      expect((await request(api).get(path)).body.error.i18nKey, path).to.equal('common.not_found');
  });

  it('hang one listener on the end of a response: with two on Node 20, requests outlive several collections', async () => {
    const { api } = createApps(toyOptions());
    const counts: number[] = [];
    const counted: RequestListener = (asked, response) => {
      api(asked, response);
      counts.push(response.listenerCount('close'));
    };
    await answerTo(counted, { path: '/api/v1/page' });
    expect(counts).to.deep.equal([1]);
  });

  it('measure the process itself', async () => {
    const metrics = createMetrics();
    expect(await metrics.registry.metrics()).to.match(/process_cpu_user_seconds_total/);
  });
});
