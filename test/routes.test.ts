/** The API as mounted, as documented and as agreed (domain 2, 7, 8): one list, three times the same. */
import { createChanges } from '@creator-dashboards/shared/changes/changes';
import { parseUsername } from '@creator-dashboards/command-service/commands/usernames';
import { createQueryService, type QueryServiceOptions } from '@creator-dashboards/query-service/create-service';
import { isRead, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import request, { type Response } from 'supertest';
import { z } from 'zod';
import { register, type Person } from './support/people.js';
import { openSystem, type Caller, type TestSystem } from './support/system.js';

/** Method, path, caller, status of success where it is not 200, kill switch, limit. */
const agreed = `
  POST /auth/register public 201 10/hour
  POST /auth/login public 20/hour
  POST /auth/refresh public usual
  POST /auth/logout public usual
  GET /auth/sessions user usual
  POST /auth/password user 10/hour
  POST /auth/password/forgot public 10/hour
  POST /auth/password/reset public 20/hour
  POST /auth/email/resend public 10/hour
  POST /auth/email/verify public 20/hour
  DELETE /auth/sessions user usual
  DELETE /auth/sessions/:sessionId user usual

  POST /creators/upgrade user 201 CREATOR_UPGRADE 30/hour
  GET /creators/dashboard user none
  GET /creators/profile user none
  GET /creators/:creatorId/dm-config user none
  GET /creators/:creatorId/bio user usual
  GET /creators/:creatorId/vacation user usual
  GET /creators/payout-settings user usual
  GET /creators/kyc/status user KYC usual
  GET /creators/stripe-connect/status user usual
  GET /creators/social user usual
  GET /bio/:username public 120/minute
  PATCH /creators/:creatorId/dm-config user 30/hour
  PATCH /creators/:creatorId/vacation user 30/hour
  PATCH /creators/bank-details user 10/hour
  POST /creators/kyc/start user 201 KYC 5/hour
  POST /creators/kyc/refresh-link user KYC 10/hour
  POST /creators/stripe-connect/initiate user 201 10/hour
  POST /creators/stripe-connect/refresh-link user 10/hour
  POST /creators/social/connect user 201 30/hour
  POST /creators/social/disconnect user 30/hour
  PATCH /creators/:creatorId/bio user 30/hour
  POST /creators/:creatorId/links user 201 30/hour
  POST /creators/:creatorId/links/reorder user 30/hour
  PATCH /creators/links/:linkId user 30/hour
  DELETE /creators/links/:linkId user 30/hour
  POST /bio/links/:linkId/click public 60/minute

  GET /users/me user usual
  GET /users/blocked user usual
  PATCH /users/avatar user usual
  PATCH /users/username user 5/hour
  POST /users/block/:userId user usual
  DELETE /users/block/:userId user usual
  POST /users/delete user usual
  POST /users/reactivate user usual

  POST /messages user 201 MESSAGING 10/minute
  GET /messages user MESSAGING 60/minute
  GET /messages/conversations user MESSAGING 60/minute
  GET /messages/search user MESSAGING 60/minute
  GET /messages/:id user MESSAGING 60/minute
  POST /messages/:id/reply user MESSAGING 20/minute
  POST /messages/:id/reject user MESSAGING 60/minute
  POST /messages/:id/rate user MESSAGING 20/hour

  POST /wallet/load user 201 PAYMENT 10/minute
  GET /wallet/balance user PAYMENT usual
  GET /wallet/activity user PAYMENT usual
  GET /wallet/packages public PAYMENT usual
  GET /payouts user PAYOUT usual
  GET /payouts/report user PAYOUT usual
  POST /payouts/request user 201 PAYOUT 30/hour
  POST /payouts/:payoutId/cancel user PAYOUT 30/hour

  GET /referral/link user REFERRAL 30/minute
  GET /referral/dashboard user REFERRAL 30/minute
  GET /live user 30/minute
  POST /referral/click/:code public REFERRAL 60/minute

  POST /webhooks/payments provider none
  POST /webhooks/payouts provider none
  POST /webhooks/kyc provider none
  POST /webhooks/stripe provider none

  POST /admin/payouts/:payoutId/approve admin PAYOUT usual
  POST /admin/payouts/:payoutId/reject admin usual
  POST /admin/payouts/:payoutId/process admin PAYOUT usual
  POST /admin/payouts/:payoutId/result admin usual
  POST /admin/payouts/:payoutId/acknowledge admin usual
  POST /admin/wallets/:userId/freeze admin usual
  POST /admin/wallets/:userId/unfreeze admin usual
  POST /admin/wallets/:userId/adjust admin usual
  POST /admin/creators/:creatorId/suspend admin usual
  POST /admin/creators/:creatorId/ban admin usual
  POST /admin/creators/:creatorId/reinstate admin usual
  POST /admin/creators/:creatorId/level admin usual
  POST /admin/creators/:creatorId/tax-form admin usual
  POST /admin/creators/:creatorId/bank-account/verify admin usual
  POST /admin/creators/:creatorId/categories admin usual
  POST /admin/messages/:messageId/release admin usual
  POST /admin/messages/:messageId/refuse admin usual
  POST /admin/messages/:messageId/acknowledge admin usual
  POST /admin/referral/rewards/:rewardId/clawback admin usual
  POST /admin/referral/links/:code/disable admin usual
  POST /admin/referral/links/:code/enable admin usual
  POST /admin/users/:userId/suspend admin usual
  POST /admin/users/:userId/reinstate admin usual
  POST /admin/users/:userId/erase admin usual
  POST /admin/users/:userId/staff/grant admin usual
  POST /admin/users/:userId/staff/revoke admin usual
  PUT /admin/config/:key admin usual
  PUT /admin/kill-switches/:name admin usual
  GET /admin/config auditor usual
  GET /admin/work auditor usual
  GET /admin/kill-switches auditor usual
  POST /admin/search auditor usual
  GET /admin/events auditor usual
  GET /admin/events/export auditor 10/minute
  GET /admin/events/:eventId auditor usual
  GET /admin/streams/:stream auditor usual
  GET /admin/correlations/:correlationId auditor usual
  GET /admin/integrity auditor usual
  GET /admin/integrity/receipts/:eventId auditor usual
  GET /admin/users/:userId/erasure auditor usual
  GET /admin/money/creators/:creatorId auditor usual
  GET /admin/money/fans/:userId auditor usual
  GET /admin/as-of/:view/:key auditor 60/minute
  GET /admin/diff/:view/:key auditor 60/minute
  GET /admin/explain/:view/:key auditor 60/minute
  POST /admin/integrity/check admin usual
  GET /admin/money/differences auditor usual
  POST /admin/money/differences/:item/acknowledge admin usual
  GET /admin/projections auditor usual
  GET /admin/projections/lag auditor usual
  GET /admin/projections/:view/generations auditor usual
  GET /admin/projections/:view/history auditor usual
  GET /admin/projections/:view/plan auditor usual
  GET /admin/projections/:view/progress auditor usual
  GET /admin/projections/:view/reports auditor usual
  GET /admin/projections/:view/report auditor usual
  GET /admin/projections/parked auditor usual
  GET /admin/projections/parked/:causeOrKey auditor usual
  POST /admin/projections/:view/rebuild admin usual
  POST /admin/projections/:view/pause admin usual
  POST /admin/projections/:view/resume admin usual
  POST /admin/projections/:view/cancel admin usual
  POST /admin/projections/:view/switch admin usual
  POST /admin/projections/:view/rollback admin usual
  POST /admin/projections/:view/repair admin usual
  POST /admin/projections/:view/drop admin usual
  POST /admin/projections/parked/retry admin usual
  POST /admin/projections/parked/discard admin usual
`;

/** From the root on, for people's browsers. */
const agreedPages = `
  GET /ref/:code public 60/minute
  GET /go/:linkId public 60/minute
  GET /:username public 120/minute
`;

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
const lines = linesOf(agreed);
const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`;
const words = { [MINUTE]: 'minute', [HOUR]: 'hour' };
/** What writes no event of its own. */
const WITHOUT_EVENT =
  /(\/auth\/(login|refresh|logout|sessions\/:sessionId|password\/forgot|email\/resend)|\/refresh-link)$/;
const isWrite = (route: Route) => !isRead(route);
const isAgreedRead = (name: string) => /^(GET |POST \/admin\/search\b)/.test(name);

describe('The routes', () => {
  let system: TestSystem;
  let person: Person;
  before(async () => {
    system = await openSystem();
    person = await register(system, 'somebody');
  });
  after(() => system.close());

  /** Calls a route with ids that do not exist. */
  function call(caller: Caller, { method, path }: Route, body?: object): Promise<Response> {
    const filled = path.replace(/:\w+/g, '0f8fad5b-d9cb-469f-a165-70867728950e');
    if (method === 'GET') return caller.get(filled);
    if (method === 'DELETE') return caller.delete(filled);
    return caller[method.toLowerCase() as 'post' | 'put' | 'patch'](filled, body);
  }

  const callersOf: Readonly<Record<Route['who'], () => Caller>> = {
    public: () => system.anybody,
    user: () => person,
    admin: () => system.admin,
    auditor: () => system.auditor,
    provider: () => system.provider,
  };

  it('are the agreed ones, with their callers, kill switches and limits', () => {
    const told = ({ method, path, who, status, killSwitch, limit }: Route) =>
      [method, path, who, status, killSwitch, typeof limit === 'string' ? limit : `${limit.max}/${words[limit.perMs]}`]
        .filter(Boolean)
        .join(' ');
    expect(system.routes.map(told)).to.have.members(lines);
    expect(system.pages.map(told)).to.have.members(linesOf(agreedPages));
  });

  it("are the query service's when they read, but for the referral link, which its first read makes, sessions, and projections", () => {
    const reads = createQueryService({ sealer: {}, views: {}, changes: createChanges() } as QueryServiceOptions).routes; // Nothing is called.
    const others = /^GET \/(referral\/link$|auth\/sessions$|admin\/projections)/;
    const agreedReads = lines.map((line) => line.split(' ').slice(0, 2).join(' ')).filter(isAgreedRead);
    expect(reads.map(nameOf)).to.have.members(agreedReads.filter((name) => !others.test(name)));
  });

  it('are the documented ones, and each says who may call it and how it answers', async () => {
    const { body } = await request(system.server).get('/openapi.json');
    const paths = body.paths as Record<string, Record<string, Record<string, unknown>>>;
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')} ${String(operation['x-who'])}`,
        limit: operation['x-limit'] as { max: number; seconds: number } | null,
        operation,
      })),
    );
    const policies = lines.map((line) => line.split(' ').slice(0, 3).join(' '));
    expect(documented.map(({ name }) => name)).to.have.members(policies);
    const limits = { usual: ['600/60', '60/60'], none: ['none', 'none'] } as const;
    for (const { name, operation, limit } of documented) {
      const agreedLimit =
        lines
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')
          .at(-1) ?? '';
      const isKnown = agreedLimit === 'usual' || agreedLimit === 'none';
      const expected = isKnown
        ? limits[agreedLimit][isAgreedRead(name) ? 0 : 1]
        : agreedLimit.replace('minute', '60').replace('hour', '3600');
      expect(limit ? `${limit.max}/${limit.seconds}` : 'none', name).to.equal(expected);
      expect(operation.summary, name)
        .to.be.a('string')
        .that.matches(/^[A-Z]/);
      const status = / (201) /.exec(`${lines.find((line) => line.startsWith(name)) ?? ''} `)?.[1] ?? '200';
      expect(operation.responses, name).to.have.property(status);
    }
    const ids = documented.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('have documentation with plausible examples', async () => {
    const { text } = await request(system.server).get('/openapi.json');
    expect(text).to.not.include('9007199254740991');
    expect(text).to.not.match(/"format":"(uuid|date-time)","pattern"/);
  });

  it('document what they answer; writes answer the position of what they wrote', () => {
    const silent = system.routes.filter((route) => !route.data).map(nameOf);
    expect(silent).to.deep.equal([]);
    const unplaced = system.routes
      .filter((route) => isWrite(route) && !WITHOUT_EVENT.test(nameOf(route)))
      .filter(({ data }) => !(data instanceof z.ZodObject) || !Object.hasOwn(data.shape, 'position'));
    expect(unplaced.map(nameOf)).to.deep.equal([]);
  });

  it('have the kill switch of their area, and under /admin and /webhooks only where money would be paid out', () => {
    const guarded = system.routes.filter(({ path }) => /^\/(messages|payouts|wallet|referral)\b/.test(path));
    expect(guarded.filter(({ killSwitch }) => !killSwitch).map(nameOf)).to.deep.equal([]);
    const free = system.routes.filter(({ path }) => /^\/(admin|webhooks)\b/.test(path));
    expect(free.filter(({ killSwitch }) => killSwitch).map(nameOf)).to.deep.equal([
      'POST /admin/payouts/:payoutId/approve',
      'POST /admin/payouts/:payoutId/process',
    ]);
  });

  it('refuse a caller without token, signature or account, or with another role', async () => {
    const stranger = system.as('0f8fad5b-d9cb-469f-a165-70867728950e');
    for (const route of system.routes) {
      const refused = async (caller: Caller, status: number, key: string) => {
        const { status: answered, body } = await call(caller, route, {});
        expect([answered, body.error?.i18nKey], nameOf(route)).to.deep.equal([status, key]);
      };
      const { who } = route;
      if (who === 'public') continue;
      await refused(system.anybody, 401, who === 'provider' ? 'webhook.signature.invalid' : 'auth.token.invalid');
      if (who === 'provider') await refused(system.admin, 401, 'webhook.signature.invalid');
      if (who === 'user' && isWrite(route)) await refused(stranger, 401, 'auth.account.unknown');
      if (who === 'admin' || who === 'auditor') await refused(person, 403, 'auth.role.forbidden');
      if (who === 'admin') await refused(system.auditor, 403, 'auth.role.forbidden');
    }
  });

  it('keep their first path segments from usernames', () => {
    const served = [...system.routes, ...system.pages].filter(({ path }) => !path.startsWith('/:'));
    const own = ['livez', 'readyz', 'metrics', 'openapi', 'docs', 'console', 'api'];
    for (const segment of new Set([...served.map(({ path }) => path.split('/')[1] ?? ''), ...own]))
      expect(parseUsername(segment, null, 'auth.register.username_taken'), segment).to.have.property('refused');
  });

  it('handle an empty or missing body without failing', async () => {
    for (const route of system.routes) {
      if (/^\/users\/(delete|reactivate)$/.test(route.path)) continue; // It would succeed and leave nobody to call the others.
      for (const body of [undefined, {}]) {
        const response = await call(callersOf[route.who](), route, body);
        expect(response.status, `${nameOf(route)} ${JSON.stringify(response.body)}`).to.be.lessThan(500);
        if (route.streams) expect(response.body.success, nameOf(route)).to.equal(undefined);
        else expect(response.body.success, nameOf(route)).to.equal(response.status < 400);
      }
    }
  });

  it('refuse a parameter that they do not know where they have filters, and pass over it elsewhere', async () => {
    const reads = system.routes.filter((route) => !isWrite(route));
    for (const route of reads) {
      const of = async (query: string) =>
        (await call(callersOf[route.who](), { ...route, path: route.path + query })).status;
      const plain = await of('');
      const [withOne, repeated] = [await of('?_=1'), await of('?_=1&_=2')];
      const expected = route.query ? 400 : plain;
      expect([withOne, repeated], `${nameOf(route)}, without it ${plain}`).to.deep.equal([expected, expected]);
    }
    expect(new Set(reads.map(({ query }) => query !== undefined)).size, 'some have filters, some have none').to.equal(
      2,
    );
  });

  it('that write as an admin require a reason of 1 to 500 characters (G34)', async () => {
    const writes = system.routes.filter((route) => route.who === 'admin');
    expect(writes.length).to.equal(lines.filter((line) => / admin( PAYOUT)? usual$/.test(line)).length);
    for (const route of writes)
      for (const body of [{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: null }]) {
        const { status, body: answer } = await call(system.admin, route, body);
        expect(status, nameOf(route)).to.equal(400);
        const details = answer.error.details as readonly { message: string }[];
        expect(details.map(({ message }) => message).join(), nameOf(route)).to.match(/\breason: /);
      }
  });
});
