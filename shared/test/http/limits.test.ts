import { expect } from 'chai';
import express from 'express';
import type { RequestListener } from 'node:http';
import request from 'supertest';
import { openContext, contextOf } from '../../src/http/context.js';
import { sendError } from '../../src/http/envelope.js';
import { createLimits } from '../../src/http/limits.js';
import { silentLog, type Log } from '../../src/process/log.js';
import type { Counters } from '../../src/ports.js';
import { route, type Route } from '../../src/http/route.js';
import { signToken } from '../../src/http/auth.js';
import { memoryCounters } from '../../testing/memory-counters.js';
import { bearer, environment, movableClock, toyApp } from './toy-app.js';

const other = '0198c5f0-0000-7000-8000-000000000002';
const down = { hit: () => Promise.reject(new Error('redis://down')), undoHit: () => Promise.reject(new Error('down')) };

function make(app: RequestListener, authorization: string) {
  return request(app).post('/api/v1/things').set('Authorization', authorization).send({ amount: '1' });
}

describe('Rate limits (G26)', () => {
  it('count per user, reset when the window ends, and say when that is', async () => {
    const clock = movableClock();
    const app = toyApp({ clock });
    for (let call = 0; call < 3; call += 1) expect((await make(app, bearer('USER', clock))).status).to.equal(201);
    clock.advance(15_000);
    const refused = await make(app, bearer('USER', clock));
    expect(refused.status).to.equal(429);
    expect(refused.body.error).to.deep.include({ code: 'RATE_LIMITED', i18nKey: 'common.rate_limited' });
    expect(refused.headers['retry-after']).to.equal('45');
    expect(refused.headers).to.not.have.property('x-ratelimit-limit'); // only what the draft standard says
    const neighbour = `Bearer ${signToken(environment, { userId: other, role: 'USER' }, clock)}`;
    expect((await make(app, neighbour)).status).to.equal(201);
    clock.advance(45_000);
    expect((await make(app, bearer('USER', clock))).status).to.equal(201);
  });

  it('count each route separately', async () => {
    const keys: string[] = [];
    const clock = movableClock();
    const inner = memoryCounters(clock);
    const counters = { ...inner, hit: (key: string, ms: number) => (keys.push(key), inner.hit(key, ms)) };
    const app = toyApp({ clock, counters });
    await make(app, bearer('USER', clock));
    await request(app).post('/api/v1/open/abc');
    expect(keys).to.deep.equal([
      'limit:POST /things:user:0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c11',
      'limit:POST /open/:code:ip:127.0.0.1',
    ]);
  });

  it('count per address without a user, an IPv6 network as one address', async () => {
    const app = toyApp();
    const from = async (ip: string) => (await request(app).post('/api/v1/open/abc').set('X-Forwarded-For', ip)).status;
    expect([await from('203.0.113.1'), await from('203.0.113.1'), await from('203.0.113.1')]).to.deep.equal([
      200, 200, 429,
    ]);
    expect(await from('203.0.113.2')).to.equal(200);
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')]).to.deep.equal([
      200, 200, 429,
    ]);
  });

  it('grow with RATE_LIMIT_FACTOR', async () => {
    const app = toyApp({ environment: { ...environment, rateLimitFactor: 2 } });
    const statuses: number[] = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await request(app).post('/api/v1/open/abc')).status);
    expect(statuses).to.deep.equal([200, 200, 200, 200, 429]);
  });

  it('are enforced by counting in the process while the counters are down (9.11)', async () => {
    const clock = movableClock();
    const app = toyApp({ clock, counters: down });
    const call = async () => (await request(app).post('/api/v1/open/abc')).status;
    expect([await call(), await call(), await call()]).to.deep.equal([200, 200, 429]);
    clock.advance(60_000);
    expect(await call()).to.equal(200);
    expect(await call()).to.equal(200);
    clock.advance(15_000);
    const refused = await request(app).post('/api/v1/open/abc');
    expect([refused.status, refused.headers['retry-after']]).to.deep.equal([429, '45']);
    const paid = async () => (await make(app, bearer())).status;
    expect([await paid(), await paid(), await paid(), await paid()].slice(-1)).to.deep.equal([429]);
  });

  it('are 600 reads and 60 writes a minute unless the route says otherwise, counted without asking a store', async () => {
    const clock = movableClock();
    const asked: string[] = [];
    const counters = {
      hit: async (key: string) => (asked.push(key), { count: 1, resetsInMs: 1 }),
      undoHit: async () => {},
    };
    const usual = { summary: '', who: 'public', limit: 'usual', handle: async () => ({}) } as const;
    const routes = [route({ ...usual, method: 'GET', path: '/r' }), route({ ...usual, method: 'POST', path: '/w' })];
    const app = toyApp({ clock, counters, routes });
    for (const [call, max] of [
      [() => request(app).get('/api/v1/r'), 600],
      [() => request(app).post('/api/v1/w'), 60],
    ] as const) {
      for (let count = 1; count <= max; count += 1) expect((await call()).status, String(count)).to.equal(200);
      expect((await call()).status).to.equal(429);
      clock.advance(60_000);
      expect((await call()).status).to.equal(200);
    }
    expect(asked).to.deep.equal([]);
  });

  it('treat a counter that does not answer in time as failed', async () => {
    const hanging: Pick<Counters, 'hit' | 'undoHit'> = { hit: () => new Promise(() => {}), undoHit: async () => {} };
    const warned: { err: Error; route: string; text: string }[] = [];
    const warn = (fields: { err: Error; route: string }, text: string) => void warned.push({ ...fields, text });
    expect(await statusesOf(hanging, { ...silentLog, warn } as Log)).to.deep.equal([204, 429]);
    expect(warned.map(({ err, ...rest }) => ({ ...rest, error: err.message }))[0]).to.deep.equal({
      route: 'GET /x',
      error: 'no answer in time',
      text: 'the rate limit counters failed: this process counts alone',
    });
  });
});

/** One limiter alone, with a timeout short enough to wait for. */
async function statusesOf(counters: Pick<Counters, 'hit' | 'undoHit'>, log: Log): Promise<number[]> {
  const limits = createLimits({ counters, factor: 1, clock: movableClock(), log, timeoutMs: 5 });
  const limited: Route = route({
    method: 'GET',
    path: '/x',
    summary: '',
    who: 'public',
    limit: { max: 1, perMs: 1_000 },
    handle: async () => ({}),
  });
  const app = express()
    .use((req, res, next) => void (openContext(req, res), next()))
    .use(limits(limited) ?? [])
    .use((_req, res) => void res.status(contextOf(res) ? 204 : 500).end())
    .use(((error, _req, res, _next) => sendError(res, error)) as express.ErrorRequestHandler);
  return [(await request(app).get('/')).status, (await request(app).get('/')).status];
}
