/** One valid request for every route, and a way to send what no client library would. */
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import type { Route } from '@creator-dashboards/shared/http/route';
import { Agent, request as httpRequest } from 'node:http';
import { creatorWithDms, fanWith, register, send, webhookId } from './people.js';
import { API, type Answer, type TestSystem } from './system.js';

export interface Sample {
  readonly route: Route;
  /** Values of the path's parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** What a route must be asked with. */
  readonly query?: string | undefined;
  /** Null where the route takes no body. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** Who may call it; a provider signs instead. */
  readonly headers: (body: string | Uint8Array) => Readonly<Record<string, string>>;
}

type Content = Pick<Sample, 'body' | 'query'> & { readonly params?: Readonly<Record<string, string>> };

const NIGHT = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** Registers the people needed and answers a valid request for each of the system's routes. */
export async function samplesOf(system: TestSystem): Promise<Sample[]> {
  const caller = await creatorWithDms(system, 'caller', 'PER_MESSAGE', 10);
  const other = await creatorWithDms(system, 'other', 'PER_MESSAGE', 10);
  const leaving = await register(system, 'leaving');
  const fan = await fanWith(system, 'fan', '100.00');
  const messageId = await send(fan, caller, 'PER_MESSAGE', 'hello');
  const { sessionId } = (await fan.post('/wallet/load', { amount: '5.00' })).body.data as Answer;
  const link = { title: 'Shop', url: 'https://shop.example' };
  const added = await caller.post(`/creators/${caller.creatorId}/links`, link);
  const { id: linkId } = added.body.data as Answer;
  await caller.get('/referral/link');

  const mine = { creatorId: caller.creatorId };
  const theirs = { params: { creatorId: other.creatorId, userId: other.userId } };
  const payout = { params: { payoutId: NIGHT } };
  const reason = 'a good reason';
  const because = { body: { reason } };
  const nothing = { body: null };
  const view = { params: { view: 'message' } };
  const [first] = await system.stores.events.readAll({ after: 0n, limit: 1 });
  const event = { params: { eventId: first?.id ?? NIGHT } };
  const document = { params: { view: 'creatorDashboard', key: caller.userId } };

  const contents: Readonly<Record<string, Content>> = {
    'POST /auth/register': {
      body: {
        ...{ email: 'new@example.org', password: 'Correct-horse-7', acceptTerms: true, acceptPrivacy: true },
        ...{ username: 'newcomer', displayName: 'New', intent: 'FAN', referralCode: 'caller' },
      },
    },
    'POST /auth/login': { body: { email: 'caller@example.org', password: 'Correct-horse-7' } },
    'POST /auth/refresh': nothing,
    'POST /auth/logout': nothing,
    'GET /auth/sessions': nothing,
    'POST /auth/password': { body: { currentPassword: 'Correct-horse-7', newPassword: 'Correct-horse-7' } },
    'POST /auth/password/forgot': { body: { email: 'caller@example.org' } },
    'POST /auth/password/reset': { body: { token: NIGHT, password: 'Correct-horse-8' } },
    'POST /auth/email/resend': { body: { email: 'caller@example.org' } },
    'POST /auth/email/verify': { body: { token: NIGHT } },
    'DELETE /auth/sessions': nothing,
    'DELETE /auth/sessions/:sessionId': { ...nothing, params: { sessionId: NIGHT } },
    'POST /creators/upgrade': { body: { displayName: 'Caller', bio: 'me', username: 'caller2' } },
    'GET /creators/dashboard': nothing,
    'GET /creators/profile': nothing,
    'GET /creators/:creatorId/dm-config': { ...nothing, params: mine },
    'GET /creators/:creatorId/bio': { ...nothing, params: mine },
    'GET /creators/:creatorId/vacation': { ...nothing, params: mine },
    'GET /creators/payout-settings': nothing,
    'GET /creators/kyc/status': nothing,
    'GET /creators/stripe-connect/status': nothing,
    'GET /creators/social': nothing,
    'GET /bio/:username': { ...nothing, params: { username: 'caller' } },
    'GET /users/me': nothing,
    'GET /users/blocked': nothing,
    'PATCH /creators/:creatorId/dm-config': {
      body: { dmType: 'PER_MESSAGE', dmPrice: 10, dmActive: true },
      params: mine,
    },
    'PATCH /creators/:creatorId/vacation': {
      body: { enabled: true, startDate: '2026-05-01T00:00:00.000Z', endDate: '2026-05-02T00:00:00.000Z' },
      params: mine,
    },
    'PATCH /creators/bank-details': {
      body: {
        ...{ iban: 'DE89370400440532013000', bankName: 'Bank', accountHolderName: 'C. Aller', swiftCode: 'DEUTDEFF' },
        ...{ bankCountry: 'DE', preferredPayoutMethod: 'BANK_TRANSFER', autoPayoutEnabled: false },
      },
    },
    'POST /creators/kyc/start': nothing,
    'POST /creators/kyc/refresh-link': nothing,
    'POST /creators/stripe-connect/initiate': nothing,
    'POST /creators/stripe-connect/refresh-link': nothing,
    'POST /creators/social/connect': {
      body: { platform: 'X', code: 'abc', redirectUri: 'https://app.example/back', codeVerifier: 'def' },
    },
    'POST /creators/social/disconnect': { body: { platform: 'X' } },
    'PATCH /creators/:creatorId/bio': {
      body: {
        ...{ bio: 'I write.', templateId: NIGHT, themeOverride: { colour: 'red' }, customCss: 'a {}' },
        ...{ embedEnabled: true, published: true, emailCollectionEnabled: false },
      },
      params: mine,
    },
    'POST /creators/:creatorId/links': {
      body: {
        ...{ ...link, icon: 'bag', sortOrder: 1, active: true, isSocial: false, platform: 'X', embedType: 'card' },
        ...{ embedMeta: { a: 1 }, scheduledStart: '2026-05-01T00:00:00Z', scheduledEnd: '2026-05-02T00:00:00Z' },
      },
      params: mine,
    },
    'POST /creators/:creatorId/links/reorder': { body: { linkIds: [linkId] }, params: mine },
    'PATCH /creators/links/:linkId': { body: { title: 'Market', sortOrder: 2 }, params: { linkId } },
    'DELETE /creators/links/:linkId': { ...nothing, params: { linkId: NIGHT } },
    'POST /bio/links/:linkId/click': { ...nothing, params: { linkId } },
    'PATCH /users/avatar': { body: { avatarUrl: 'https://cdn.example/a.webp' } },
    'PATCH /users/username': { body: { username: 'caller3' } },
    'POST /users/block/:userId': { ...nothing, params: { userId: leaving.userId } },
    'DELETE /users/block/:userId': { ...nothing, params: { userId: leaving.userId } },
    'POST /users/delete': { body: { reason } },
    'POST /users/reactivate': nothing,
    'POST /messages': { body: { creatorId: other.creatorId, dmType: 'PER_MESSAGE', content: 'hello' } },
    'GET /messages': nothing,
    'GET /messages/conversations': nothing,
    'GET /messages/search': { ...nothing, query: 'q=hello' },
    'GET /messages/:id': { ...nothing, params: { id: messageId } },
    'POST /messages/:id/reply': { body: { content: 'hello' }, params: { id: messageId } },
    'POST /messages/:id/reject': { body: { reason }, params: { id: messageId } },
    'POST /messages/:id/rate': { body: { rating: 5, comment: 'thanks' }, params: { id: messageId } },
    'POST /wallet/load': { body: { amount: '5.00' } },
    'GET /wallet/balance': nothing,
    'GET /wallet/activity': nothing,
    'GET /wallet/packages': nothing,
    'GET /payouts': nothing,
    'GET /payouts/report': nothing,
    'POST /payouts/request': { body: { amount: '10.00', method: 'BANK_TRANSFER' } },
    'POST /payouts/:payoutId/cancel': { ...nothing, ...payout },
    'GET /referral/link': nothing,
    'GET /referral/dashboard': nothing,
    'GET /live': nothing,
    'POST /referral/click/:code': { ...nothing, params: { code: 'caller' } },
    'POST /webhooks/payments': {
      body: { id: webhookId(), type: 'checkout.completed', sessionId, amount: '5.00' },
    },
    'POST /webhooks/payouts': { body: { id: webhookId(), payoutId: NIGHT, status: 'failed', error: 'closed' } },
    'POST /webhooks/kyc': { body: { id: webhookId(), sessionId: NIGHT, status: 'APPROVED' } },
    'POST /webhooks/stripe': {
      body: { id: webhookId(), accountId: 'acct_1', status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true },
    },
    'POST /admin/payouts/:payoutId/approve': { ...because, ...payout },
    'POST /admin/payouts/:payoutId/reject': { ...because, ...payout },
    'POST /admin/payouts/:payoutId/process': { ...because, ...payout },
    'POST /admin/payouts/:payoutId/acknowledge': { ...because, ...payout },
    'POST /admin/payouts/:payoutId/result': { body: { ...because.body, status: 'paid' }, ...payout },
    'POST /admin/wallets/:userId/freeze': { body: { type: 'FAN', reason }, ...theirs },
    'POST /admin/wallets/:userId/unfreeze': { body: { type: 'FAN', reason }, ...theirs },
    'POST /admin/wallets/:userId/adjust': {
      body: { type: 'FAN', amount: '5.00', direction: 'CREDIT', reason },
      ...theirs,
    },
    'POST /admin/creators/:creatorId/suspend': { ...because, ...theirs },
    'POST /admin/creators/:creatorId/ban': { ...because, ...theirs },
    'POST /admin/creators/:creatorId/reinstate': { ...because, ...theirs },
    'POST /admin/creators/:creatorId/level': { body: { level: 'GOLD', pinned: true, reason }, ...theirs },
    'POST /admin/creators/:creatorId/tax-form': { ...because, ...theirs },
    'POST /admin/creators/:creatorId/bank-account/verify': { ...because, ...theirs },
    'POST /admin/creators/:creatorId/categories': {
      body: { categories: [{ id: NIGHT, name: 'Night' }], reason },
      ...theirs,
    },
    'POST /admin/messages/:messageId/release': { ...because, params: { messageId } },
    'POST /admin/messages/:messageId/refuse': { ...because, params: { messageId } },
    'POST /admin/messages/:messageId/acknowledge': { ...because, params: { messageId } },
    'POST /admin/referral/rewards/:rewardId/clawback': { ...because, params: { rewardId: NIGHT } },
    'POST /admin/referral/links/:code/disable': { ...because, params: { code: 'caller' } },
    'POST /admin/referral/links/:code/enable': { ...because, params: { code: 'caller' } },
    'POST /admin/users/:userId/suspend': { ...because, ...theirs },
    'POST /admin/users/:userId/reinstate': { ...because, ...theirs },
    'POST /admin/users/:userId/erase': { ...because, params: { userId: leaving.userId } },
    'POST /admin/users/:userId/staff/grant': { body: { role: 'AUDITOR', reason }, ...theirs },
    'POST /admin/users/:userId/staff/revoke': { body: { role: 'AUDITOR', reason }, ...theirs },
    'PUT /admin/config/:key': { body: { value: 2, reason }, params: { key: 'dm.min_price' } },
    'PUT /admin/kill-switches/:name': { body: { engaged: false, reason }, params: { name: 'KYC' } },
    'GET /admin/config': nothing,
    'GET /admin/work': nothing,
    'GET /admin/kill-switches': nothing,
    'POST /admin/search': { body: { q: 'caller' } },
    'GET /admin/events': nothing,
    'GET /admin/events/export': nothing,
    'GET /admin/streams/:stream': { ...nothing, params: { stream: `user-${caller.userId}` } },
    'GET /admin/events/:eventId': { ...nothing, ...event },
    'GET /admin/correlations/:correlationId': {
      ...nothing,
      params: { correlationId: first?.metadata.$correlationId ?? NIGHT },
    },
    'GET /admin/integrity': nothing,
    'GET /admin/integrity/receipts/:eventId': { ...nothing, ...event },
    'GET /admin/users/:userId/erasure': { ...nothing, ...theirs },
    'GET /admin/money/creators/:creatorId': { ...nothing, ...theirs },
    'POST /admin/integrity/check': because,
    'GET /admin/money/differences': nothing,
    'POST /admin/money/differences/:item/acknowledge': { ...because, params: { item: NIGHT } },
    'GET /admin/money/fans/:userId': { ...nothing, ...theirs },
    'GET /admin/as-of/:view/:key': { ...nothing, ...document },
    'GET /admin/diff/:view/:key': { ...nothing, ...document },
    'GET /admin/explain/:view/:key': {
      ...nothing,
      ...document,
      query: 'field=level',
    },
    'GET /admin/projections': nothing,
    'GET /admin/projections/lag': nothing,
    'GET /admin/projections/:view/generations': { ...nothing, ...view },
    'GET /admin/projections/:view/history': { ...nothing, ...view },
    'GET /admin/projections/:view/plan': { ...nothing, ...view },
    'GET /admin/projections/:view/progress': { ...nothing, ...view },
    'GET /admin/projections/:view/reports': { ...nothing, ...view },
    'GET /admin/projections/:view/report': { ...nothing, ...view },
    'GET /admin/projections/parked': nothing,
    'GET /admin/projections/parked/:causeOrKey': { ...nothing, params: { causeOrKey: NIGHT } },
    'POST /admin/projections/:view/rebuild': { body: { rate: 5, reason }, ...view },
    'POST /admin/projections/:view/pause': { ...because, ...view },
    'POST /admin/projections/:view/resume': { body: { rate: 5, reason }, ...view },
    'POST /admin/projections/:view/cancel': { ...because, ...view },
    'POST /admin/projections/:view/switch': { body: { accept: 'message-1', expect: ['status'], reason }, ...view },
    'POST /admin/projections/:view/rollback': { body: { frozen: false, reason }, ...view },
    'POST /admin/projections/:view/repair': { body: { keys: [NIGHT], reason }, ...view },
    'POST /admin/projections/:view/drop': { body: { generation: 'v9-9', reason }, ...view },
    'POST /admin/projections/parked/retry': { body: { key: NIGHT, reason } },
    'POST /admin/projections/parked/discard': { body: { cause: '1f0c52aa', reason } },
  };

  const callers: Readonly<Record<Route['who'], (path: string) => Sample['headers']>> = {
    public: () => () => ({}),
    user: () => () => system.bearer(caller.userId),
    admin: () => () => system.bearer(system.adminId, 'ADMIN'),
    auditor: () => () => system.bearer(system.adminId, 'AUDITOR'),
    provider: (path) => (body) => ({
      'X-Signature': signWebhook(system.environment.webhookSecrets, path, body, system.clock),
    }),
  };
  return system.routes.map((route) => {
    const name = `${route.method} ${route.path}`;
    const content = contents[name];
    if (!content) throw new Error(`${name} has no sample`);
    // Someone who leaves can be no other route's caller.
    const headers = /^\/users\/(delete|reactivate)$/.test(route.path)
      ? () => system.bearer(leaving.userId)
      : callers[route.who](route.path);
    const named = Object.keys(content.params ?? {}).filter((param) => route.path.includes(`:${param}`));
    const params = Object.fromEntries(named.map((param) => [param, content.params?.[param] ?? '']));
    return { route, params, query: content.query, body: content.body, headers };
  });
}

/** The path of a request with its query, its parameters put in as they are: encode them yourself. */
export function pathOf({ route, params, query }: Pick<Sample, 'route' | 'params' | 'query'>): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? '');
  return query === undefined ? path : `${path}?${query}`;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

export type RawSender = ReturnType<typeof rawSender>;

/** Sends bytes as they are, on connections that are kept; `end` closes them. */
export function rawSender({ port }: Pick<TestSystem, 'port'>) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  return {
    send(
      method: string,
      path: string,
      headers: Readonly<Record<string, string>>,
      body: string | Uint8Array,
    ): Promise<RawAnswer> {
      const framed = { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
      return new Promise((resolve, reject) => {
        const outgoing = httpRequest({ port, agent, method, path: API + path, headers: framed }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
          });
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    },
    end: () => agent.destroy(),
  };
}
