/**
 * A small service over real HTTP for the tests of what all services share: a few routes, everything else passed in or
 * faked.
 */
import { z } from 'zod';
import { readEnvironment, type Environment } from '../../src/process/environment.js';
import { Refused } from '../../src/errors.js';
import { createApp, type AppOptions } from '../../src/http.js';
import { signToken, type TokenRole } from '../../src/http/auth.js';
import { silentLog } from '../../src/process/log.js';
import { createMetrics } from '../../src/process/metrics.js';
import { route, type Route, type RouteRequest } from '../../src/http/route.js';
import { SubjectErased } from '../../src/seal.js';
import { StoreFailed } from '../../src/store-errors.js';
import { systemClock, type Clock, type WallClock } from '../../src/time.js';
import { memoryCounters } from '../../testing/memory-counters.js';

export const environment: Environment = readEnvironment({ LOG_LEVEL: 'silent' });
export const userId = '0198c5f0-7a3b-7c1e-9a55-3d1f8f2f7c11';
export const noon = Date.parse('2026-03-01T12:00:00.000Z');

export function movableClock(now = noon): Clock & { advance(ms: number): void } {
  let time = now;
  return { ...systemClock, now: () => time, advance: (ms) => void (time += ms) };
}

const id = z.guid();

/** `seen` gets every request that reached a handler. */
export function toyRoutes(seen: RouteRequest[] = []): Route[] {
  const echo = async (request: RouteRequest) => {
    seen.push(request);
    return { data: { params: request.params, query: request.query, body: request.body, actor: request.actor } };
  };
  return [
    route({
      method: 'GET',
      path: '/things/:id',
      summary: 'Read a thing',
      who: 'user',
      limit: 'none',
      reads: true,
      params: z.strictObject({ id }),
      handle: echo,
    }),
    route({
      method: 'GET',
      path: '/things/search',
      summary: 'Search',
      who: 'user',
      limit: 'none',
      query: z.strictObject({ q: z.string() }),
      handle: echo,
    }),
    route({
      method: 'POST',
      path: '/things',
      summary: 'Make a thing',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 3, perMs: 60_000 },
      body: z.strictObject({
        amount: z.string().min(1).max(10),
        count: z.number().optional(),
        extra: z.unknown().optional(),
      }),
      status: 201,
      data: z.strictObject({ id, position: z.bigint() }),
      errors: ['wallet.error.not_found'],
      handle: async (request) => {
        seen.push(request);
        return { data: { id: userId, position: 12345678901234567890n } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/things/:id',
      summary: 'Drop a thing',
      who: 'user',
      limit: 'none',
      params: z.strictObject({ id }),
      handle: async () => ({}),
    }),
    route({
      method: 'POST',
      path: '/open/:code',
      summary: 'Anybody may',
      who: 'public',
      keyless: true,
      limit: { max: 2, perMs: 60_000 },
      params: z.strictObject({ code: z.string().max(50) }),
      handle: echo,
    }),
    route({
      method: 'POST',
      path: '/admin/things',
      summary: 'Admins only',
      who: 'admin',
      limit: 'none',
      body: z.strictObject({ reason: z.string() }),
      handle: echo,
    }),
    route({
      method: 'GET',
      path: '/admin/things',
      summary: 'Auditors too',
      who: 'auditor',
      limit: 'none',
      handle: echo,
    }),
    route({
      method: 'POST',
      path: '/webhooks/payments',
      summary: 'From the toy provider',
      who: 'provider',
      limit: 'none',
      body: z.strictObject({ id: z.string(), status: z.enum(['paid', 'failed']) }),
      handle: echo,
    }),
    route({
      method: 'GET',
      path: '/failures/:kind',
      summary: 'Fails as told',
      who: 'public',
      limit: 'none',
      params: z.strictObject({ kind: z.string() }),
      handle: async ({ params }) => fail(params.kind),
    }),
    route({
      method: 'GET',
      path: '/page',
      summary: 'A page',
      who: 'public',
      limit: 'none',
      handle: async () => ({ html: '<p>hello</p>' }),
    }),
    route({
      method: 'GET',
      path: '/unchanged',
      summary: 'Not modified',
      who: 'public',
      limit: 'none',
      handle: async () => ({ status: 304, headers: { ETag: 'W/"1.2.3"', 'Cache-Control': 'private, no-cache' } }),
    }),
  ];
}

function fail(kind: string): never {
  if (kind === 'busy') throw new Refused('common.busy', { retryAfter: 2 });
  if (kind === 'erased') throw new SubjectErased('the key of somebody was destroyed');
  if (kind === 'missing') throw new Refused('error.user.username_length', { vars: { min: 3, max: 30 } });
  if (kind === 'store') throw new StoreFailed('/srv/data/events.db failed: the disk is full');
  throw Object.assign(new Error('secret at /srv/app/secret.ts:12'), { status: 404, expose: true });
}

export function toyOptions(options: Partial<AppOptions> = {}): AppOptions {
  const clock = options.clock ?? movableClock();
  return {
    environment,
    routes: toyRoutes(),
    killSwitches: async () => false,
    counters: memoryCounters(clock),
    clock,
    log: silentLog,
    metrics: createMetrics({ processMetrics: false }),
    ready: async () => ({ ready: true, checks: {} }),
    ...options,
  };
}

export function toyApp(options: Partial<AppOptions> = {}) {
  return createApp(toyOptions(options));
}

export function bearer(role: TokenRole = 'USER', clock: WallClock = movableClock(), lifetime?: number): string {
  return `Bearer ${signToken(environment, { userId, role }, clock, lifetime)}`;
}
