import { account } from '@creator-dashboards/shared/views/account/fold';
import { expect } from 'chai';
import {
  config,
  creatorId,
  dashboard,
  dmConfig,
  link,
  bioPage,
  profile,
  referral,
  strangerId,
  userId,
  adminId,
  T0,
} from '@creator-dashboards/shared/testing/fixtures/documents';
import { expectSame, type Answer } from '@creator-dashboards/shared/testing/same-answers';
import { MINUTE } from '@creator-dashboards/shared/time';
import { openHarness, type Harness } from './harness.js';

const PATHS = ['/creators/dashboard', '/creators/profile', `/creators/${creatorId}/dm-config`, '/referral/dashboard'];
/** Of version 4: one that a caller named. */
const CORRELATION_ID = '11111111-2222-4333-8444-555555555555';

describe('The hot lane and Express', () => {
  let query: Harness;
  let own: readonly [string, string];
  beforeEach(async () => {
    query = await openHarness();
    own = ['Authorization', query.bearer(userId)];
  });
  afterEach(() => query.close());

  const served = async () => {
    await query.serve(300n);
    await query.write('creatorDashboard', dashboard({ avatarUrl: null }));
    await query.write('creatorProfile', profile());
    await query.write('dmConfig', dmConfig());
    await query.write('referralDashboard', referral({ link: null }));
    await query.write('config', config());
  };

  /** The answer of both to each address. */
  async function ask(
    headers: readonly (readonly [string, string])[],
    how: { method?: string; more?: string; body?: string } = {},
  ) {
    const { method = 'GET', more = '', body } = how;
    const answers: Answer[] = [];
    for (const path of PATHS)
      answers.push(
        await expectSame(query.withLane.app, query.withoutLane.app, {
          method,
          path: `/api/v1${path}${more}`,
          headers,
          body,
        }),
      );
    return answers;
  }
  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
  const same = (status: number) => PATHS.map(() => status);
  const headerOf = ({ headers }: Answer, name: string) =>
    headers.find((header) => header.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';

  it('answer GET and HEAD alike, to any spelling of the address, with a query and with a body', async () => {
    await served();
    for (const method of ['GET', 'HEAD']) {
      expect(statuses(await ask([own], { method }))).to.deep.equal(same(200));
      expect(statuses(await ask([own], { method, more: '?fresh=1' }))).to.deep.equal(same(200));
      expect(statuses(await ask([own], { method, more: '/' }))).to.deep.equal(same(200));
      expect(statuses(await ask([own], { method, more: '/x' }))).to.deep.equal(same(404));
    }
    expect(
      statuses(await ask([own, ['Content-Type', 'text/plain'], ['Content-Length', '1']], { body: 'x' })),
    ).to.deep.equal(same(415));
    expect(statuses(await ask([own], { method: 'POST' }))).to.deep.equal(same(405));
    expect(statuses(await ask([own], { method: 'OPTIONS' }))).to.deep.equal(same(204));
  });

  it('answer alike who may not read', async () => {
    await served();
    const [, token] = own;
    const refused = [[], [['Authorization', 'Bearer x']], [['Authorization', `${token}x`]], [own, own]] as const;
    for (const headers of refused) expect(statuses(await ask(headers))).to.deep.equal(same(401));
    const admin = ['Authorization', query.bearer(adminId, 'ADMIN')] as const;
    expect(statuses(await ask([admin]))).to.deep.equal(same(403));
    await query.write('account', { ...account.initial, _id: userId, position: 1n, status: 'SUSPENDED' });
    expect(statuses(await ask([own]))).to.deep.equal(same(401));
    query.advance(901_000);
    expect(statuses(await ask([own]))).to.deep.equal(same(401));
  });

  it('answer alike what is not there, not the caller’s, not well asked for or switched off', async () => {
    expect(statuses(await ask([own]))).to.deep.equal(same(503)); // nothing is built yet
    await query.serve(300n);
    expect(statuses(await ask([own]))).to.deep.equal([404, 404, 404, 200]);
    const stranger = ['Authorization', query.bearer(strangerId)] as const;
    expect(statuses(await ask([stranger]))).to.deep.equal([404, 404, 403, 200]);
    for (const id of ['x', `${creatorId}0`, '%41', creatorId.toUpperCase(), 'a'.repeat(200)])
      await expectSame(query.withLane.app, query.withoutLane.app, {
        path: `/api/v1/creators/${id}/dm-config`,
        headers: [own],
      });
    await query.write('config', {
      ...config(),
      killSwitches: { REFERRAL: { engaged: true, changedBy: adminId, changedAt: T0 } },
    });
    expect(statuses(await ask([own]))).to.deep.equal([404, 404, 404, 503]);
  });

  it('answer alike what is degraded, and the call beyond a limit', async () => {
    await served();
    await query.write('creatorDashboard', dashboard({ avatarUrl: null, parked: true }));
    await query.write('creatorProfile', { _id: userId, position: 0n, parked: true });
    expect(statuses(await ask([own]))).to.deep.equal([200, 503, 200, 200]);
    for (let call = 0; call < 28; call += 1) await query.get('/referral/dashboard');
    expect(statuses(await ask([own]))).to.deep.equal([200, 503, 200, 200]);
    expect(statuses(await ask([own]))).to.deep.equal([200, 503, 200, 429]);
  });

  it('answer alike to what is asked on conditions', async () => {
    await served();
    const etags = (await ask([own])).map((answer) => headerOf(answer, 'etag'));
    for (const [index, etag] of etags.entries()) {
      query.advance(MINUTE); // or the limit of one of them is reached
      for (const method of ['GET', 'HEAD'])
        for (const value of [etag, etag.slice(2), '*', `"x", ${etag}`])
          expect(statuses(await ask([own, ['If-None-Match', value]], { method }))[index]).to.equal(304);
      expect(statuses(await ask([own, ['If-None-Match', '"another"']]))[index]).to.equal(200);
    }
  });

  it('answer alike to a reader who waits, is too early, or names no position', async () => {
    await served();
    const after = (position: string) => ask([own, ['Read-After', position]]);
    expect(statuses(await after('300'))).to.deep.equal(same(200));
    expect(statuses(await after('301'))).to.deep.equal(same(400)); // the log is empty
    for (const position of ['x', '-1', '9'.repeat(19), '9'.repeat(20)])
      expect(statuses(await after(position))).to.deep.equal(same(400));
  });

  it('answer alike to other origins, with the correlation id that was named, and compressed', async () => {
    await served();
    const links = Array.from({ length: 20 }, (_, n) =>
      link({ id: `497f6eca-6276-4993-bfeb-53cbbbba6f${10 + n}`, content: null as never }),
    );
    await query.write('creatorProfile', profile({ bioPage: bioPage({ initialBio: null as never, links }) }));
    for (const origin of ['https://app.example', 'https://evil.example'])
      expect(statuses(await ask([own, ['Origin', origin], ['X-Correlation-Id', CORRELATION_ID]]))).to.deep.equal(
        same(200),
      );
    for (const method of ['GET', 'HEAD'])
      for (const encoding of ['gzip', 'br', 'gzip, br', 'identity', 'gzip;q=0', 'x']) {
        const [, large] = await ask([own, ['Accept-Encoding', encoding]], { method });
        const wanted =
          method === 'GET' && encoding.includes('br') ? 'br' : method === 'GET' && encoding === 'gzip' ? 'gzip' : '';
        expect(headerOf(large as Answer, 'content-encoding')).to.equal(wanted);
      }
  });

  it('write the same lines and count the same', async () => {
    await served();
    await ask([own]);
    await ask([]);
    const lines = ({ lines: all }: Harness['withLane']) =>
      all
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map(({ method, route, status, userId: who, msg }) => ({ method, route, status, who, msg }));
    expect(lines(query.withLane)).to.deep.equal(lines(query.withoutLane)).and.to.have.length(8);
    const counts = async ({ metrics }: Harness['withLane']) =>
      (await metrics.registry.metrics()).split('\n').filter((line) => /^http_.*_count|^http_edge/.test(line));
    expect(await counts(query.withLane)).to.deep.equal(await counts(query.withoutLane));
  });
});
