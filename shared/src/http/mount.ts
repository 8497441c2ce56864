/**
 * Mounts route tables behind their guards, in the order of G25:
 * 401 token -> 403 role -> 503 kill switch -> 429 limit -> 400 request -> the handler (403 object, 404). Who has another role is limited
 * before the 403.
 * So a body is read only from a caller who may send one, except a provider's, whose signature covers it.
 */
import { Router, type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import type { AccessLog } from '../access/access-log.js';
import { Refused } from '../errors.js';
import type { Environment } from '../process/environment.js';
import { isRead, type Route } from './route.js';
import type { Clock } from '../time.js';
import type { AccountCheck } from './account.js';
import type { Authenticator } from './auth.js';
import type { ReadBody } from './arrival.js';
import { parseJson } from './body.js';
import { contextOf } from './context.js';
import { invalid, sendResponse } from './envelope.js';
import * as guard from './guards.js';
import type { Pushes } from './push.js';
import type { UnderWay } from './under-way.js';
import { validate } from './validate.js';

interface Guards {
  readonly authenticator: Authenticator;
  readonly accounts: AccountCheck;
  readonly killSwitches: guard.KillSwitches;
  readonly webhookSecrets: Environment['webhookSecrets'];
  readonly clock: Clock;
  readonly limitOf: (route: Route) => RequestHandler | null;
  readonly underWay: UnderWay;
  readonly pushes: Pushes;
  readonly access: Pick<AccessLog, 'denied'> | undefined;
  /** How bodies are read from callers with a token, and from everybody else. */
  readonly readBody: { readonly callers: ReadBody; readonly strangers: ReadBody };
}

/** `routes` in the order of `checkedRoutes`. */
export function mountRoutes(routes: readonly Route[], guards: Guards): Router {
  const router = Router({ caseSensitive: true });
  router.use(guards.underWay.enter);
  for (const route of routes) {
    const method = route.method.toLowerCase() as Lowercase<Route['method']>;
    const handler = inOrder([guard.named(route), ...guardsOf(route, guards), handled(route, guards)]);
    router[method](route.path, route.makes ? passHeadOn(handler) : handler);
  }
  for (const [path, methods] of methodsByPath(routes)) router.all(path, noteAllowed(methods));
  router.use(refuseMethod);
  return router;
}

/** One Express handler for a whole route: a router layer per guard would cost more than most guards do. */
function inOrder(steps: readonly guard.Guard[]): RequestHandler {
  return async (request, response) => {
    for (const step of steps) {
      const passed = step(request, response);
      if (passed) await passed;
    }
  };
}

/** Express answers a HEAD by the route of GET; this one must not. */
function passHeadOn(handler: RequestHandler): RequestHandler {
  return (request, response, next) => (request.method === 'HEAD' ? next() : handler(request, response, next));
}

function guardsOf(route: Route, guards: Guards): guard.Guard[] {
  const { callers, strangers } = guards.readBody;
  const isStranger = route.who === 'public' || route.who === 'provider';
  const received = guard.received(isStranger ? strangers : callers, guards.underWay);
  const limit = guards.limitOf(route);
  const limited = limit ? [guard.fromMiddleware(limit)] : [];
  if (route.who === 'provider') {
    const { webhookSecrets, clock } = guards;
    return [guard.signatureSent(clock), received, guard.signed(webhookSecrets, route, clock), ...limited];
  }
  return [
    ...(route.who === 'public'
      ? []
      : [
          guard.authenticated(guards.authenticator, route, guards.accounts),
          guard.inRole(route.who, route, { limited, access: guards.access }),
        ]),
    ...(route.killSwitch ? [guard.switchedOn(route.killSwitch, guards.killSwitches)] : []),
    ...limited,
    received,
  ];
}

const nothing = z.strictObject({});
const anything = z.unknown();

/** Parses the request by the route's schemas and answers what its handler says. */
function handled(route: Route, guards: Guards): guard.Guard {
  const admitted =
    route.who === 'public' ? () => undefined : guard.authenticated(guards.authenticator, route, guards.accounts);
  return async (request, response) => {
    const context = contextOf(response);
    const { rawBody } = context;
    const parsed = validate({
      params: { place: 'path', schema: route.params ?? nothing, value: request.params },
      query: { place: 'query', schema: route.query ?? anything, value: request.query },
      body: { place: 'body', schema: route.body ?? nothing, value: rawBody ? parseJson(rawBody) : {} },
    });
    const answer = await route.handle({
      ...parsed,
      actor: context.actor,
      method: route.method,
      isHead: request.method === 'HEAD',
      template: route.path,
      correlationId: context.correlationId,
      idempotencyKey: isRead(route) ? null : idempotencyKeyOf(request),
      header: (name) => request.get(name),
      ip: request.ip ?? '',
    });
    const { frames } = answer;
    if (!frames) return sendResponse(response, route.status ?? 200, answer);
    const listener = { caller: context.actor.userId ?? request.ip ?? '', admit: () => admitted(request, response) };
    await guards.underWay.whileOutside(response, () => guards.pushes.push(response, frames, listener));
  };
}

function idempotencyKeyOf(request: Request): string | null {
  const key = request.get('idempotency-key');
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw invalid('Idempotency-Key: must have 1 to 200 visible ASCII characters');
  return key;
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method, makes } of routes) {
    const allowed = method === 'GET' && !makes ? ['GET', 'HEAD'] : [method];
    methods.set(path, [...(methods.get(path) ?? []), ...allowed]);
  }
  return methods;
}

/** Several paths can match one URL; all their methods are allowed. */
function noteAllowed(methods: readonly string[]): RequestHandler {
  return (_request, response, next) => {
    for (const method of methods) contextOf(response).allowed.add(method);
    next();
  };
}

const refuseMethod: RequestHandler = (request, response, next) => {
  const { allowed } = contextOf(response);
  if (allowed.size === 0) return next();
  response.setHeader('Allow', [...allowed, 'OPTIONS'].sort().join(', '));
  if (request.method !== 'OPTIONS') throw new Refused('common.method_not_allowed');
  response.status(204).end();
};
