import { digestWith } from '@creator-dashboards/shared/seal';
import { DAY, HOUR, MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { userStream } from '../../src/domain/user.js';
import { textOf, tokenIn } from '../../src/runtime/refresh-tokens.js';
import { anotherProcess, openPeople, PASSWORD, someName, type People, type Person } from './people.js';

interface Items {
  readonly items: readonly Record<'id' | 'device' | 'startedAt' | 'current', unknown>[];
}

describe('A session', () => {
  let c: People;
  beforeEach(async () => {
    c = await openPeople();
  });
  afterEach(() => c.close());

  const cookieOf = (headers: Readonly<Record<string, string>> = {}) => headers['Set-Cookie']?.split(';')[0] ?? '';

  /** Somebody who has just logged in, with her cookie. */
  async function loggedIn(who?: Person & { readonly email: string }) {
    const email = who?.email ?? `${someName()}@example.org`;
    const person = who ?? { ...(await c.register({ email })), email };
    const options = { body: { email, password: PASSWORD }, headers: { 'user-agent': 'A browser' } };
    return { ...person, cookie: cookieOf((await c.call('POST /auth/login', options)).headers) };
  }

  const refresh = (cookie: string, more: { readonly key?: string; readonly headers?: Record<string, string> } = {}) =>
    c.call('POST /auth/refresh', { ...more, headers: { cookie, ...more.headers } });
  /** The key it is refused with, or null. */
  const refusalOf = async (cookie: string, key?: string) =>
    (await refresh(cookie, key === undefined ? {} : { key })).refused?.key ?? null;
  const next = async (cookie: string, key?: string) =>
    cookieOf((await refresh(cookie, key === undefined ? {} : { key })).headers);
  const sessions = async (who: Person, cookie = '') =>
    ((await c.data('GET /auth/sessions', { as: who, headers: { cookie } })) as unknown as Items).items;

  it('is kept by a cookie for the routes below /auth alone, which no script and no other site can send', async () => {
    const email = `${someName()}@example.org`;
    await c.register({ email });
    const { headers } = await c.call('POST /auth/login', { body: { email, password: PASSWORD } });
    expect(headers?.['Set-Cookie']).to.match(
      /^biore_refresh=[^;]{100,200}; Path=\/api\/v1\/auth; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
  });

  it('goes on by its refresh token, which each refresh replaces', async () => {
    const { userId, cookie } = await loggedIn();
    const first = await refresh(cookie);
    expect(first.data).to.deep.equal({ accessToken: `token of ${userId} USER`, expiresIn: 900 });
    const second = cookieOf(first.headers);
    expect(second).to.not.equal(cookie);
    expect(await next(second)).to.not.be.oneOf([cookie, second]);
    expect(await c.types(userStream(userId))).to.deep.equal(['UserRegistered']);
  });

  it('is over 30 days after its last refresh, not a second before', async () => {
    const { cookie } = await loggedIn();
    await c.advance(30 * DAY - SECOND);
    const second = await next(cookie);
    await c.advance(30 * DAY - SECOND);
    const third = await next(second);
    await c.advance(30 * DAY);
    expect(await refusalOf(third)).to.equal('auth.refresh.invalid_token');
    await c.tick();
    expect(await c.service.reads.count('sessions')).to.equal(0);
  });

  describe('whose refresh token comes again', () => {
    it('answers two pages that refresh at once with one and the same next token', async () => {
      const { cookie } = await loggedIn();
      const both = await Promise.all([next(cookie), next(cookie)]);
      expect(both[0]).to.equal(both[1]).and.to.not.equal(cookie);
      expect(await refusalOf(both[0])).to.equal(null);
    });

    it('also where two processes are asked', async () => {
      const { cookie } = await loggedIn();
      const other = anotherProcess(c);
      const asked = { headers: { cookie } };
      const both = await Promise.all([c.call('POST /auth/refresh', asked), other.call('POST /auth/refresh', asked)]);
      expect(cookieOf(both[0].headers)).to.equal(cookieOf(both[1].headers));
    });

    it('within 30 s is the same refresh; later it was reused, which ends the session and is recorded once', async () => {
      const { cookie, userId, ...who } = await loggedIn();
      const second = await next(cookie);
      await c.advance(30 * SECOND);
      expect(await next(cookie)).to.equal(second);
      await c.advance(SECOND);
      expect(await refusalOf(cookie)).to.equal('auth.refresh.token_reuse_detected');
      expect(await refusalOf(cookie)).to.equal('auth.refresh.invalid_token');
      expect(await refusalOf(second)).to.equal('auth.refresh.invalid_token');
      const [sessionId] = second.slice('biore_refresh='.length).split('.');
      const [, reused, ...others] = await c.log(userStream(userId));
      expect(others).to.deep.equal([]);
      expect(reused).to.deep.include({ type: 'RefreshTokenReused', data: { userId, sessionId } });
      expect(await refusalOf((await loggedIn({ ...who, userId })).cookie)).to.equal(null);
    });

    it('with the Idempotency-Key of its refresh is never reused, however late, while its successor is not used', async () => {
      const { cookie } = await loggedIn();
      const second = await next(cookie, 'key-1');
      await c.advance(DAY);
      expect(await next(cookie, 'key-1')).to.equal(second);
      const third = await next(second, 'key-2');
      expect(await refusalOf(third)).to.equal(null);
      expect(await refusalOf(cookie, 'key-1')).to.equal('auth.refresh.token_reuse_detected');
    });

    it('with another key, or without one, later was reused', async () => {
      for (const key of ['key-2', undefined]) {
        const { cookie } = await loggedIn();
        await next(cookie, 'key-1');
        await c.advance(MINUTE);
        expect(await refusalOf(cookie, key)).to.equal('auth.refresh.token_reuse_detected');
      }
    });

    it('from two refreshes ago was reused, also within 30 s', async () => {
      const { cookie } = await loggedIn();
      await next(await next(cookie));
      expect(await refusalOf(cookie)).to.equal('auth.refresh.token_reuse_detected');
    });
  });

  it('is ended by no token that we did not make, nor by one of another session', async () => {
    const { cookie } = await loggedIn();
    const used = await next(cookie);
    const [id = '', secret = '', , mac = ''] = cookie.slice('biore_refresh='.length).split('.');
    const forged = [
      '',
      'x',
      `${id}.${secret}.0.${'0'.repeat(40)}`,
      `${id}.${secret}.1.${mac}`,
      `${id}.${mac}.0.${mac}`,
    ];
    const digest = c.service.digest;
    const foreign = { sessionId: id, secret: 'A'.repeat(43), number: 0 };
    for (const value of [...forged, textOf(digest, foreign)])
      expect(await refusalOf(`biore_refresh=${value}`), value).to.equal('auth.refresh.invalid_token');
    expect(await refusalOf('')).to.equal('auth.refresh.invalid_token');
    expect(await refusalOf(used)).to.equal(null);
  });

  it('is not stored with anything that makes its token', async () => {
    const { cookie } = await loggedIn();
    const [, secret = ''] = cookie.split('.');
    const [stored] = await c.service.reads.find('sessions', { limit: 9 });
    expect(JSON.stringify({ ...stored, position: '0' })).to.not.include(secret);
  });

  it('is kept from a page of another site', async () => {
    const { cookie } = await loggedIn();
    for (const [origin, host] of [
      ['https://evil.example', 'localhost:3000'],
      ['null', 'localhost:3000'],
      ['http://localhost:3000.evil.example', 'localhost:3000'],
    ] as const)
      for (const row of ['POST /auth/refresh', 'POST /auth/logout'])
        await c.refused('auth.origin.forbidden', row, { headers: { cookie, origin, host } });
    for (const [origin, host] of [
      ['http://localhost:3000', 'inside'],
      ['https://proxied.example', 'proxied.example'],
    ] as const)
      expect((await refresh(cookie, { headers: { origin, host } })).refused).to.equal(undefined);
  });

  it('is refreshed 60 times an hour at most', async () => {
    const { cookie } = await loggedIn();
    let last = cookie;
    for (let times = 0; times < 60; times += 1) last = await next(last);
    await c.refused('common.rate_limited', 'POST /auth/refresh', { headers: { cookie: last } });
    await c.advance(HOUR);
    expect(await refusalOf(last)).to.equal(null);
  });

  it('is ended by a logout, which clears the cookie and leaves others alone', async () => {
    const one = await loggedIn();
    const other = await loggedIn(one);
    const { headers } = await c.call('POST /auth/logout', { headers: { cookie: one.cookie } });
    expect(headers?.['Set-Cookie']).to.equal('biore_refresh=; Path=/api/v1/auth; Max-Age=0; HttpOnly; SameSite=Strict');
    expect(await refusalOf(one.cookie)).to.equal('auth.refresh.invalid_token');
    expect(await refusalOf(other.cookie)).to.equal(null);
    await c.call('POST /auth/logout');
  });

  it('waits while its account is suspended, and goes on while it is deactivated (G37)', async () => {
    const { cookie, ...who } = await loggedIn();
    await c.admit('suspend', who.userId);
    const { refused, headers } = await refresh(cookie);
    expect(refused?.key).to.equal('auth.refresh.account_suspended');
    expect(headers, 'the cookie stays').to.equal(undefined);
    await c.admit('reinstate', who.userId);
    const second = await next(cookie);
    await c.call('POST /users/delete', { as: who, body: {} });
    expect(await refusalOf(second)).to.equal(null);
  });

  it('is over for an erased person, and nothing is left of it after the next tick of the clock', async () => {
    const { cookie, userId } = await loggedIn();
    await c.admit('erase', userId);
    await c.pass(SECOND);
    expect(await refusalOf(cookie)).to.equal('auth.refresh.invalid_token');
    expect(await c.service.reads.count('sessions')).to.equal(0);
  });

  describe('seen and ended by its owner', () => {
    it('is listed with its browser, oldest first, and the one that asks is known by its cookie', async () => {
      const one = await loggedIn();
      await c.advance(MINUTE);
      const other = await loggedIn(one);
      const listed = await sessions(one, other.cookie);
      expect(listed.map(({ device, current }) => [device, current])).to.deep.equal([
        ['A browser', false],
        ['A browser', true],
      ]);
      expect(listed.map(({ startedAt }) => startedAt)).to.deep.equal([
        '2026-04-29T20:00:00.000Z',
        '2026-04-29T20:01:00.000Z',
      ]);
      expect(await sessions(await c.register())).to.deep.equal([]);
    });

    it('is ended by its id, by nobody else', async () => {
      const one = await loggedIn();
      const [{ id } = { id: '' }] = await sessions(one);
      const params = { sessionId: String(id) };
      const row = 'DELETE /auth/sessions/:sessionId';
      await c.refused('auth.sessions.not_found', row, { as: await c.register(), params });
      expect(await refusalOf(one.cookie)).to.equal(null);
      await c.call(row, { as: one, params });
      expect(await sessions(one)).to.deep.equal([]);
    });

    it('ends with all others at once, by one event; who logs in afterwards is not concerned', async () => {
      const one = await loggedIn();
      const other = await loggedIn(one);
      await c.call('DELETE /auth/sessions', { as: one });
      for (const { cookie } of [one, other]) expect(await refusalOf(cookie)).to.equal('auth.refresh.invalid_token');
      expect(await c.types(userStream(one.userId))).to.deep.equal(['UserRegistered', 'SessionsRevoked']);
      const again = await loggedIn(one);
      expect(await refusalOf(again.cookie)).to.equal(null);
      expect(await sessions(one)).to.have.length(1);
    });

    it('stays over when an older copy of the store comes back', async () => {
      const one = await loggedIn();
      const { reads } = c.service;
      const copies = await reads.find('sessions', { limit: 9 });
      await c.call('DELETE /auth/sessions', { as: one });
      await c.pass(SECOND);
      await reads.write(
        'sessions',
        copies.map((document) => ({ document, expected: null })),
      );
      expect(await refusalOf(one.cookie)).to.equal('auth.refresh.invalid_token');
      expect(await sessions(one)).to.deep.equal([]);
    });

    it('is one of 50 at most: with the next login the oldest is over', async () => {
      const one = await loggedIn();
      let newest = one;
      for (let times = 0; times < 50; times += 1) {
        await c.advance(SECOND);
        newest = await loggedIn(one);
      }
      expect(await sessions(one)).to.have.length(50);
      expect(await refusalOf(one.cookie)).to.equal('auth.refresh.invalid_token');
      expect(await refusalOf(newest.cookie)).to.equal(null);
    });
  });
});

describe('A refresh token', () => {
  const digest = digestWith(Buffer.from('a key'));
  const token = { sessionId: '0f8fad5b-d9cb-469f-a165-70867728950e', secret: 's'.repeat(43), number: 7 };

  it('is read as it was written, with the key that wrote it', () => {
    expect(tokenIn(digest, textOf(digest, token))).to.deep.equal(token);
    expect(tokenIn(digestWith(Buffer.from('another key')), textOf(digest, token))).to.equal(null);
  });

  it('is none once a character of it was changed', () => {
    const text = textOf(digest, token);
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === '1' ? '2' : '1';
      expect(tokenIn(digest, text.slice(0, at) + other + text.slice(at + 1)), String(at)).to.equal(null);
    }
  });
});
