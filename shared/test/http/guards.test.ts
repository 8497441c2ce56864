import { expect } from 'chai';
import type { Request, RequestHandler, Response } from 'express';
import request from 'supertest';
import { Refused } from '../../src/errors.js';
import type { AccountStatus } from '../../src/http/account.js';
import { fromMiddleware, received } from '../../src/http/guards.js';
import { rejection } from '../../testing/contract.js';
import { bearer, toyApp } from './toy-app.js';

const write = (app: ReturnType<typeof toyApp>, authorization = bearer()) =>
  request(app).post('/api/v1/things').set('Authorization', authorization).send({ amount: '1' });

describe('HTTP guards', () => {
  it('check the account at every write, even if the token was cached (G35)', async () => {
    let status: AccountStatus = 'ACTIVE';
    const app = toyApp({ accounts: { forWrites: async () => status } });
    const token = bearer();
    expect((await write(app, token)).status).to.equal(201);
    status = 'SUSPENDED';
    const refused = await write(app, token);
    expect([refused.status, refused.body.error.i18nKey]).to.deep.equal([401, 'auth.account.unknown']);
  });

  it('treat the caller of a public route as anonymous, whatever token is sent', async () => {
    const response = await request(toyApp()).post('/api/v1/open/abc').set('Authorization', bearer('ADMIN'));
    expect(response.body.data.actor).to.deep.equal({ userId: null, role: 'PUBLIC' });
  });

  it('refuse with the error of a failed account or kill switch check, and with 503 when the check itself failed', async () => {
    const said = () => Promise.reject(new Refused('error.user.erased'));
    const failed = () => Promise.reject(new Error('store down'));
    for (const app of [toyApp({ accounts: { forWrites: said } }), toyApp({ killSwitches: said })])
      expect((await write(app)).body.error.i18nKey).to.equal('error.user.erased');
    for (const app of [toyApp({ accounts: { forWrites: failed } }), toyApp({ killSwitches: failed })]) {
      const response = await write(app);
      expect([response.status, response.headers['retry-after']]).to.deep.equal([503, '5']);
    }
  });

  describe('made from a middleware', () => {
    const [asked, answered] = [{} as Request, {} as Response];
    const guard = (middleware: RequestHandler) => Promise.resolve(fromMiddleware(middleware)(asked, answered));

    it('pass when it calls next, with the request and response they were given', async () => {
      const seen: unknown[] = [];
      await guard((req, res, next) => (seen.push(req, res), next()));
      expect(seen[0] === asked && seen[1] === answered).to.equal(true);
    });
    it('refuse with the error it passes to next', async () => {
      const error = new Refused('common.rate_limited');
      expect(await rejection(guard((_req, _res, next) => next(error)))).to.equal(error);
    });
    it('refuse with an Error even if it passes something else to next, which becomes the cause', async () => {
      const error = await rejection(guard((_req, _res, next) => next('route')));
      expect(error).to.be.instanceOf(Error).and.include({ message: 'the guard failed', cause: 'route' });
    });
  });

  it('read a body only if the request says that it has one', async () => {
    const readFor: unknown[] = [];
    const guard = received(async ({ headers }) => (readFor.push(headers), undefined), {
      whileOutside: (_response, wait) => wait(),
    });
    const withHeaders = (headers: object) => ({ headers }) as Request;
    const response = { setHeader() {}, removeHeader() {} } as unknown as Response;
    for (const headers of [{}, { 'content-length': '0' }])
      expect(guard(withHeaders(headers), response), JSON.stringify(headers)).to.equal(undefined);
    expect(readFor).to.deep.equal([]);
    for (const headers of [{ 'content-length': '1' }, { 'transfer-encoding': 'chunked' }]) {
      await rejection(Promise.resolve(guard(withHeaders(headers), response))); // Nothing opened this response.
      expect(readFor.at(-1)).to.equal(headers);
    }
  });
});
