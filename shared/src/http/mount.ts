/**
 * Mounts route tables behind their guards, in the order of G25:
 * 401 token -> 403 role -> 503 kill switch -> 429 limit -> 400 request -> the handler (403 object, 404). Who has another role is limited
 * before the 403.
 * So a body is read only from a caller who may send one, except a provider's, whose signature covers it.
 */
import { Router, type RequestHandler } from 'express';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { AccessLog } from '../access/access-log.js';
import { Refused } from '../errors.js';
import type { Environment } from '../process/environment.js';
import { isRead, type Route, type RouteRequest, type RouteResponse } from './route.js';
import type { Clock } from '../time.js';
import { then, type Soon } from '../waiting.js';
import type { AccountCheck } from './account.js';
import type { Authenticator } from './auth.js';
import type { Asked, ReadBody } from './arrival.js';
import { parseJson } from './body.js';
import { contextOf, type Context } from './context.js';
import { invalid, sendResponse } from './envelope.js';
import * as guard from './guards.js';
import type { Pushes } from './push.js';
import { headerOf } from './headers.js';
import type { UnderWay } from './under-way.js';
import { validate } from './validate.js';

export interface Guards {
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
  router.use((_request, response, next) => {
    guards.underWay.enter(response);
    next();
  });
  for (const route of routes) {
    const method = route.method.toLowerCase() as Lowercase<Route['method']>;
    const handler = answeredBy(route, guards);
    router[method](route.path, route.makes ? passHeadOn(handler) : handler);
  }
  for (const [path, methods] of methodsByPath(routes)) router.all(path, noteAllowed(methods));
  router.use(refuseMethod);
  return router;
}

/** What a router finds out about a request. */
export interface Found {
  readonly params: unknown;
  readonly query: unknown;
  /** The caller's address; empty where nobody asks for it. */
  readonly ip: string;
}

/** Runs a request through a whole route, from its guards to its answer. Throws Refused. */
export type Steps = (request: Asked, response: ServerResponse, found: Found) => Soon<RouteResponse>;

/** The steps of a route, for Express and for the hot lane: one function, since a router layer per guard costs more than most guards do. */
export function stepsOf(route: Route, guards: Guards): Steps {
  const steps = [guard.named(route), ...guardsOf(route, guards)];
  return (request, response, found) =>
    then(passAll(steps, request, response), () => route.handle(requestOf(route, request, contextOf(response), found)));
}

/** Passes guards in order, and waits for none that passes at once. */
function passAll(guards: readonly guard.Guard[], request: Asked, response: ServerResponse, from = 0): Soon<void> {
  for (let at = from; at < guards.length; at += 1) {
    const passed = guards[at]?.(request, response);
    if (passed) return passed.then(() => passAll(guards, request, response, at + 1));
  }
}

function answeredBy(route: Route, guards: Guards): RequestHandler {
  const steps = stepsOf(route, guards);
  const admitted =
    route.who === 'public' ? () => undefined : guard.authenticated(guards.authenticator, route, guards.accounts);
  return async (request, response) => {
    const { params, query, ip = '' } = request;
    const answer = await steps(request, response, { params, query, ip });
    const { frames } = answer;
    if (!frames) return sendResponse(response, route.status ?? 200, answer);
    const { userId } = contextOf(response).actor;
    const listener = { caller: userId ?? ip, admit: () => admitted(request, response) };
    await guards.underWay.whileOutside(response, () => guards.pushes.push(response, frames, listener));
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

/** Parses the request by the route's schemas. Throws Refused (400). */
function requestOf(route: Route, request: Asked, context: Context, { params, query, ip }: Found): RouteRequest {
  const { rawBody, actor, correlationId } = context;
  const parsed = isPlain(route, rawBody)
    ? { params, query, body: {} }
    : validate({
        params: { place: 'path', schema: route.params ?? nothing, value: params },
        query: { place: 'query', schema: route.query ?? anything, value: query },
        body: { place: 'body', schema: route.body ?? nothing, value: rawBody ? parseJson(rawBody) : {} },
      });
  return {
    // Named one by one: spreading costs more than what the hot lane does besides.
    params: parsed.params,
    query: parsed.query,
    body: parsed.body,
    actor,
    correlationId,
    ip,
    method: route.method,
    isHead: request.method === 'HEAD',
    template: route.path,
    idempotencyKey: isRead(route) ? null : idempotencyKeyOf(request),
    header: (name) => headerOf(request, name),
  };
}

/** Whether there is nothing to parse: no parameter, and no body where none may be. */
function isPlain({ params, query, body, path }: Route, rawBody: Buffer | undefined): boolean {
  return !params && !query && !body && !rawBody && !path.includes(':');
}

function idempotencyKeyOf(request: Asked): string | null {
  const key = headerOf(request, 'idempotency-key');
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
    const context = contextOf(response);
    context.allowed = [...context.allowed, ...methods];
    next();
  };
}

const refuseMethod: RequestHandler = (request, response, next) => {
  const { allowed } = contextOf(response);
  if (allowed.length === 0) return next();
  response.setHeader('Allow', [...new Set([...allowed, 'OPTIONS'])].sort().join(', '));
  if (request.method !== 'OPTIONS') throw new Refused('common.method_not_allowed');
  response.status(204).end();
};
