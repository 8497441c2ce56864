/** People who use an installation over HTTP, by nothing but its API: they register, log in, upgrade, load their wallets and talk. */
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import { newId } from '@creator-dashboards/shared/ids';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import { systemClock } from '@creator-dashboards/shared/time';

export interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly isStale: boolean;
  /** Empty for an answer without one. */
  readonly data: Readonly<Record<string, string>>;
}

/** Paths are below /api/v1. */
export type Call = (
  method: string,
  path: string,
  how?: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Answer>;

export interface Visitor {
  readonly authorization: string;
  readonly call: Call;
}

export interface Creator extends Visitor {
  readonly creatorId: string;
}

const PASSWORD = 'Correct-horse-1';

/**
 * `environment`: the installation's own, since the payment provider's reports are signed with a secret of it. `sign`: as that
 * installation checks them.
 */
export function visitorsOf(
  url: string,
  { webhookSecrets }: Pick<Environment, 'webhookSecrets'>,
  sign: typeof signWebhook = signWebhook,
) {
  const run = Math.random().toString(36).slice(2, 10);
  let count = 0;

  const callAs =
    (authorization?: string): Call =>
    async (method, path, { body, headers } = {}) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(authorization && { authorization }),
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const { data = {} } = text === '' ? {} : (JSON.parse(text) as { data?: Answer['data'] });
      const { status } = response;
      return { status, etag: response.headers.get('etag'), isStale: response.headers.has('x-stale'), data };
    };
  const anybody = callAs();

  /** What must work before anything can be measured. */
  async function demand(call: Call, method: string, path: string, body: object = {}): Promise<Answer['data']> {
    const { status, data } = await call(method, path, { body });
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status}${status === 429 ? LIMITED : ''}`);
    return data;
  }

  /** As the payment provider does it. */
  async function reportPaid(sessionId: string, amount: string): Promise<void> {
    const path = '/webhooks/payments';
    const body = { id: newId(), type: 'checkout.completed', sessionId, amount };
    const signature = sign(webhookSecrets, path, JSON.stringify(body), systemClock);
    const { status } = await anybody('POST', path, { body, headers: { 'x-signature': signature } });
    if (status === 401) throw new Error(OTHER_SECRET);
    if (status !== 200) throw new Error(`POST ${path}: ${status}`);
  }

  async function visitor(): Promise<Visitor> {
    const username = `v${run}${(count += 1)}`;
    const email = `${username}@example.org`;
    await demand(anybody, 'POST', '/auth/register', {
      ...{ email, password: PASSWORD, acceptTerms: true, acceptPrivacy: true },
      ...{ username, displayName: username },
    });
    const { accessToken } = await demand(anybody, 'POST', '/auth/login', { email, password: PASSWORD });
    const authorization = `Bearer ${accessToken}`;
    return { authorization, call: callAs(authorization) };
  }

  return {
    /** Takes messages at 1.00 each. */
    async creator(): Promise<Creator> {
      const own = await visitor();
      const { creatorId = '' } = await demand(own.call, 'POST', '/creators/upgrade', { displayName: 'a visitor' });
      const settings = { dmType: 'PER_MESSAGE', dmPrice: 1, dmActive: true };
      await demand(own.call, 'PATCH', `/creators/${creatorId}/dm-config`, settings);
      return { ...own, creatorId };
    },
    /** With 500.00. */
    async fan(): Promise<Visitor> {
      const own = await visitor();
      const amount = '500.00';
      const { sessionId = '' } = await demand(own.call, 'POST', '/wallet/load', { amount });
      await reportPaid(sessionId, amount);
      return own;
    },
  };
}

const OTHER_SECRET =
  'the installation has another WEBHOOK_SECRET (or WEBHOOK_SECRET_PAYMENTS): give this program the same, since it pays as the provider does';
const LIMITED = ': start the installation with RATE_LIMIT_FACTOR=100000, which counts this program as one caller';
