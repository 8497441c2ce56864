import { expect } from 'chai';
import type { Request } from 'express';
import jwt from 'jsonwebtoken';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import request from 'supertest';
import { Refused } from '../../src/errors.js';
import { saysItTwice } from '../../src/http/bearer.js';
import { bearerToken } from '../../src/http/bearer.js';
import { createAuthenticator, signToken } from '../../src/http/auth.js';
import { bearer, environment, movableClock, noon, toyApp, userId } from './toy-app.js';

const path = `/api/v1/things/${userId}`;
const iat = noon / 1_000;
const claims = {
  sub: userId,
  role: 'USER',
  iat,
  exp: iat + 900,
  iss: environment.jwtIssuer,
  aud: environment.jwtAudience,
};

/** A token with any claims and header, so that each can be wrong by itself. */
function handMade(
  payload: unknown,
  { secret = environment.jwtSecrets[0] ?? '', alg = 'HS256', digest = 'sha256', header = {} } = {},
): string {
  return ofParts(JSON.stringify({ alg, typ: 'JWT', ...header }), JSON.stringify(payload), { secret, digest });
}

/** A token of these two texts, whatever they are. */
function ofParts(
  header: string,
  payload: string,
  { secret = environment.jwtSecrets[0] ?? '', digest = 'sha256' } = {},
): string {
  const signed = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `Bearer ${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`;
}
const JOSE = '{"alg":"HS256","typ":"JWT"}';

async function statusWith(authorization: string, clock = movableClock()): Promise<number> {
  return (await request(toyApp({ clock })).get(path).set('Authorization', authorization)).status;
}

describe('Access tokens (G35)', () => {
  it('mean the same user in capitals: ids are in lower case wherever they enter', async () => {
    const app = toyApp();
    const response = await request(app)
      .get(path)
      .set('Authorization', handMade({ ...claims, sub: userId.toUpperCase() }));
    expect(response.body.data.actor).to.deep.equal({ userId, role: 'USER' });
  });

  it('carry user, role, issue and expiry time, issuer and audience', () => {
    const token = signToken(environment, { userId, role: 'AUDITOR' }, movableClock());
    expect(jwt.decode(token, { complete: true })).to.deep.include({
      header: { alg: 'HS256', typ: 'JWT' },
      payload: { ...claims, role: 'AUDITOR' },
    });
  });

  it('are accepted when every claim is right', async () => {
    expect(await statusWith(handMade(claims))).to.equal(200);
    expect(await statusWith(handMade(claims).replace('Bearer', 'bearer'))).to.equal(200);
  });

  const wrong: Record<string, string> = {
    'nothing at all': '',
    'no token': 'Bearer',
    'another scheme': handMade(claims).replace('Bearer', 'Basic'),
    'no token but words': 'Bearer a.b.c',
    'another secret': handMade(claims, { secret: 'x'.repeat(32) }),
    'no signature (alg none)': `Bearer ${jwt.sign(claims, '', { algorithm: 'none' })}`,
    'another algorithm (HS512)': handMade(claims, { alg: 'HS512', digest: 'sha512' }),
    'another issuer': handMade({ ...claims, iss: 'somebody' }),
    'another audience': handMade({ ...claims, aud: 'something' }),
    'no issuer': handMade({ ...claims, iss: undefined }),
    'no audience': handMade({ ...claims, aud: undefined }),
    'no end': handMade({ ...claims, exp: undefined }),
    'no beginning': handMade({ ...claims, iat: undefined }),
    'an end that is no number': handMade({ ...claims, exp: '9999999999' }),
    'a beginning in the future': handMade({ ...claims, nbf: iat + 1 }),
    'an unknown role': handMade({ ...claims, role: 'ROOT' }),
    'no role': handMade({ ...claims, role: undefined }),
    'a role of the system': handMade({ ...claims, role: 'SYSTEM' }),
    'a subject that is no UUID': handMade({ ...claims, sub: 'admin' }),
    'no subject': handMade({ ...claims, sub: undefined }),
    'a payload that is a list': handMade(['x']),
    'a payload that is a text': handMade('x'),
    'a payload that is null': handMade(null),
    'a payload that is a number': handMade(1),
    'a claim that comes twice, equal': ofParts(JOSE, `${JSON.stringify(claims).slice(0, -1)},"sub":"${claims.sub}"}`),
    'a claim that comes twice in a deeper place': ofParts(
      JOSE,
      `${JSON.stringify(claims).slice(0, -1)},"x":{"a":1,"a":1}}`,
    ),
    'a header field that comes twice': ofParts('{"alg":"HS256","alg":"HS256"}', JSON.stringify(claims)),
    'another type': handMade(claims, { header: { typ: 'at+jwt' } }),
    'an extension that must be understood': handMade(claims, { header: { crit: ['exp'] } }),
    'an empty list of extensions that must be understood': handMade(claims, { header: { crit: [] } }),
    'an issue time in the future': handMade({ ...claims, iat: iat + 60, exp: iat + 900 }),
    'a life of more than a day': handMade({ ...claims, exp: iat + 86_401 }),
    'a life of more than a day, most of it over': handMade({ ...claims, iat: iat - 86_400, exp: iat + 1 }),
    'a second token behind it': `${handMade(claims)} ${handMade(claims).slice(7)}`,
    'a comma behind it': `${handMade(claims)},`,
    'a token above 4 KiB': handMade({ ...claims, more: 'x'.repeat(4_096) }),
  };
  it('are valid from their beginning on, by the clock of this process alone', async () => {
    const clock = movableClock();
    const inYears = iat + 100 * 365 * 86_400; // long after the system's own time
    const future = handMade({ ...claims, iat: inYears, nbf: inYears, exp: inYears + 900 });
    clock.advance((inYears - iat) * 1_000 - 1);
    expect(await statusWith(future, clock)).to.equal(401);
    clock.advance(1);
    expect(await statusWith(future, clock)).to.equal(200);
  });

  for (const [what, authorization] of Object.entries(wrong)) {
    it(`are rejected with ${what}`, async () => {
      const response = await request(toyApp()).get(path).set('Authorization', authorization);
      expect(response.status).to.equal(401);
      expect(response.body.error).to.deep.include({
        code: 'AUTH_UNAUTHORIZED',
        i18nKey: 'auth.token.invalid',
        details: [],
      });
    });
  }

  it('expire at exp by the injected clock, cached or not', async () => {
    const clock = movableClock();
    const app = toyApp({ clock });
    const token = bearer('USER', clock);
    const get = async () => (await request(app).get(path).set('Authorization', token)).status;
    expect(await get()).to.equal(200);
    clock.advance(899_999);
    expect(await get()).to.equal(200);
    clock.advance(1);
    expect(await get()).to.equal(401);
    expect(await statusWith(token, movableClock(noon + 900_000))).to.equal(401);
  });

  it('are cached by the whole header, only after verification, until they expire', async () => {
    const clock = movableClock();
    const authenticator = createAuthenticator(environment, clock);
    const header = bearer('ADMIN', clock);
    const asRequest = (authorization?: string) =>
      ({ headers: { authorization }, rawHeaders: ['Authorization', authorization] }) as unknown as Request;
    expect(authenticator.remembered(asRequest(header))).to.equal(null);
    await authenticator.authenticate(asRequest(header));
    expect(authenticator.remembered(asRequest(header))).to.deep.equal({ userId, role: 'ADMIN' });
    expect(authenticator.remembered(asRequest(header.slice(0, -1)))).to.equal(null);
    expect(authenticator.remembered(asRequest())).to.equal(null);
    const forged = `${header.slice(0, -2)}xx`;
    const refusal = await authenticator.authenticate(asRequest(forged)).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Refused);
    expect(authenticator.remembered(asRequest(forged))).to.equal(null);
    clock.advance(900_000);
    expect(authenticator.remembered(asRequest(header))).to.equal(null);
  });

  it('are read from a header of 4 KiB at most', () => {
    const header = (length: number) => `Bearer a.b.${'c'.repeat(length - 11)}`;
    expect(header(4_096)).to.have.length(4_096);
    expect(bearerToken(header(4_096))).to.equal(header(4_096).slice(7));
    expect(bearerToken(header(4_097))).to.equal(null);
    expect(bearerToken(undefined)).to.equal(null);
  });

  it('may live a whole day', async () => {
    expect(await statusWith(handMade({ ...claims, exp: iat + 86_400 }))).to.equal(200);
  });

  it('are accepted from a host whose clock is five seconds ahead', async () => {
    expect(await statusWith(handMade({ ...claims, iat: iat + 5 }))).to.equal(200);
    expect(await statusWith(handMade({ ...claims, iat: iat + 6 }))).to.equal(401);
  });

  it('are signed with the first of two secrets, and accepted with either', async () => {
    const [old, fresh] = [environment.jwtSecrets[0] ?? '', 'f'.repeat(32)];
    const rotating = { ...environment, jwtSecrets: [fresh, old] };
    const app = toyApp({ environment: rotating });
    const statusOf = async (token: string) => (await request(app).get(path).set('Authorization', token)).status;
    expect(await statusOf(handMade(claims, { secret: old }))).to.equal(200);
    expect(await statusOf(handMade(claims, { secret: fresh }))).to.equal(200);
    expect(await statusOf(handMade(claims, { secret: 'x'.repeat(32) }))).to.equal(401);
    const signed = signToken(rotating, { userId, role: 'USER' }, movableClock());
    expect(jwt.verify(signed, fresh, { clockTimestamp: iat, audience: environment.jwtAudience })).to.include({
      sub: userId,
    });
  });

  it('are accepted when any other header comes twice', () => {
    expect(saysItTwice({ rawHeaders: ['Accept', 'text/html', 'Accept', 'application/json'] })).to.equal(false);
  });

  it('are rejected when Authorization or Host comes twice, even if both are the same and known', async () => {
    const server = createServer(toyApp()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const token = `Authorization: ${handMade(claims)}`;
    const statusOf = (...headers: string[]) =>
      rawStatus(port, [`GET ${path} HTTP/1.1`, 'Connection: close', ...headers]);
    expect(await statusOf('Host: a', token)).to.equal(200);
    expect(await statusOf('Host: a', token, token.replace('A', 'a'))).to.equal(401);
    expect(await statusOf('Host: a', 'host: a', token)).to.equal(401);
    expect(await statusOf('Host: a', token)).to.equal(200);
    server.close();
  });
});

/** The status of a request that is sent as these lines. */
async function rawStatus(port: number, lines: readonly string[]): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(first.toString('latin1'))?.[1]);
}
