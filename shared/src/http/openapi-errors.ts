/** The errors of a route as OpenAPI responses: those of the guards in front of it and its own. */
import { codeOf, messageOf, statusOf, type ErrorKey } from '../errors.js';
import { catalogue } from '../errors/catalogue.js';
import { disabledKey } from './guards.js';
import { isRead, type Route } from './route.js';

type Schema = Record<string, unknown>;

/** One response for each status, with an example for each error that has it. */
export function errorsOf(route: Route): Record<string, Schema> {
  const byStatus = new Map<number, ErrorKey[]>();
  for (const key of new Set([...guardErrorsOf(route), ...(route.errors ?? [])])) {
    byStatus.set(statusOf(key), [...(byStatus.get(statusOf(key)) ?? []), key]);
  }
  return Object.fromEntries([...byStatus].map(([status, keys]) => [String(status), errorResponse(status, keys)]));
}

/** What the guards in front of a route can answer, in their order. */
function guardErrorsOf(route: Route): ErrorKey[] {
  const [sends, writes] = [route.method !== 'GET', !isRead(route)];
  const keys: (ErrorKey | false)[] = [
    route.who === 'provider' && 'webhook.signature.invalid',
    route.who !== 'provider' && route.who !== 'public' && 'auth.token.invalid',
    route.who !== 'provider' && route.who !== 'public' && 'auth.account.unknown',
    route.who !== 'provider' && route.who !== 'public' && 'auth.role.forbidden',
    route.killSwitch !== undefined && disabledKey(route.killSwitch),
    'common.unavailable',
    'common.key_missing',
    route.limit !== 'none' && 'common.rate_limited',
    'common.validation_failed',
    sends && 'common.payload_too_large',
    sends && 'common.unsupported_media_type',
    writes && route.who !== 'provider' && !route.keyless && 'common.idempotency_mismatch',
    'common.internal_error',
  ];
  return keys.filter((key) => key !== false);
}

function errorResponse(status: number, keys: readonly ErrorKey[]): Schema {
  return {
    description: keys.map((key) => `\`${key}\`: ${catalogue[key][1]}`).join('\n\n'),
    ...(waits(status)
      ? { headers: { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } } }
      : {}),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        examples: Object.fromEntries(keys.map((key) => [key, { value: exampleOf(key) }])),
      },
    },
  };
}

const waits = (status: number) => status === 429 || status === 503;

function exampleOf(key: ErrorKey): Schema {
  return {
    success: false,
    error: {
      code: codeOf(key),
      message: messageOf(key),
      i18nKey: key,
      i18nVars: waits(statusOf(key)) ? { seconds: 60 } : {},
      details: key === 'common.validation_failed' ? [{ field: 'amount', message: 'amount: must be a string' }] : [],
      correlationId: '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c11',
    },
  };
}

/** The error envelope (domain 0). */
export const errorSchema = {
  type: 'object',
  required: ['success', 'error'],
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      required: ['code', 'message', 'i18nKey', 'i18nVars', 'details', 'correlationId'],
      properties: {
        code: { type: 'string', pattern: '^[A-Z0-9_]+$' },
        message: { type: 'string' },
        i18nKey: { type: 'string', enum: Object.keys(catalogue) },
        i18nVars: { type: 'object' },
        details: {
          type: 'array',
          items: {
            type: 'object',
            required: ['field', 'message'],
            properties: { field: { type: 'string' }, message: { type: 'string' } },
          },
        },
        correlationId: { type: 'string', format: 'uuid' },
      },
    },
  },
};
