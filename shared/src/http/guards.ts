/** The guards between a request and its handler. A guard refuses by throwing; `mount.ts` runs them in order. */
import type { Request, RequestHandler, Response } from 'express';
import type { ServerResponse } from 'node:http';
import type { AccessLog } from '../access/access-log.js';
import { accessorOf } from '../access/record.js';
import { Refused, type ErrorKey } from '../errors.js';
import { isRead, type Route } from './route.js';
import type { KillSwitchName } from '../platform-config.js';
import type { Environment } from '../process/environment.js';
import type { WallClock } from '../time.js';
import type { AccountCheck } from './account.js';
import type { Authenticator, Caller } from './auth.js';
import { hasBody, type Asked, type ReadBody } from './arrival.js';
import { contextOf } from './context.js';
import { headerOf } from './headers.js';
import { orUnavailable } from './unavailable.js';
import type { UnderWay } from './under-way.js';
import { requireSignature, webhookVerifier } from './webhook.js';

/** Passes by returning. Synchronous where possible: reads run thousands of these a second. Nothing of Express: the hot lane runs it, too. */
export type Guard = (request: Asked, response: ServerResponse) => void | Promise<void>;

export type KillSwitches = (name: KillSwitchName) => Promise<boolean>;

/** Records the route for the log, the metrics and the handler. */
export function named(route: Route): Guard {
  return (_request, response) => {
    const context = contextOf(response);
    context.template = route.path;
    if (route.who === 'provider') context.actor = { userId: null, role: 'PROVIDER' };
  };
}

/** 401 without a valid token, or if its account may not do this. A staff token needs no account. */
export function authenticated(authenticator: Authenticator, route: Route, accounts: AccountCheck): Guard {
  const check = route.account === 'any' ? undefined : isRead(route) ? accounts.read : accounts.write;
  const admit = (caller: Caller, response: ServerResponse) => {
    contextOf(response).actor = caller;
    return check?.(caller);
  };
  return (request, response) => {
    const known = authenticator.remembered(request);
    if (known) return admit(known, response);
    return authenticator.authenticate(request).then((caller) => admit(caller, response));
  };
}

/** 401 for a signature that is malformed or too old, before a byte of the body is read. */
export function signatureSent(clock: WallClock): Guard {
  return (request) => void requireSignature(headerOf(request, 'x-signature'), clock);
}

/** 401 unless the provider signed exactly these bytes for this route; runs after `received`. */
export function signed(secrets: Environment['webhookSecrets'], { path }: Route, clock: WallClock): Guard {
  const verify = webhookVerifier(secrets, path, clock);
  return (request, response) =>
    verify(headerOf(request, 'x-signature'), contextOf(response).rawBody ?? new Uint8Array());
}

/** The roles that a route is for (G46): no role includes another. */
const rolesOf = { user: ['USER'], admin: ['ADMIN'], auditor: ['ADMIN', 'AUDITOR'] } as const;

/**
 * 403 for a caller of another role, which is recorded. The route's limit comes first (429), so that what a flood of attempts costs
 * is bounded.
 */
export function inRole(
  who: keyof typeof rolesOf,
  { method, path }: Route,
  { limited, access }: { readonly limited: readonly Guard[]; readonly access: Pick<AccessLog, 'denied'> | undefined },
): Guard {
  const roles: readonly string[] = rolesOf[who];
  async function deny(request: Asked, response: ServerResponse): Promise<void> {
    for (const limit of limited) await limit(request, response);
    await access?.denied(accessorOf(contextOf(response)), `${method} ${path}`);
    throw new Refused('auth.role.forbidden');
  }
  return (request, response) => (roles.includes(contextOf(response).actor.role) ? undefined : deny(request, response));
}

export function switchedOn(name: KillSwitchName, killSwitches: KillSwitches): Guard {
  const disabled = disabledKey(name);
  return async () => {
    if (await orUnavailable(() => killSwitches(name))) throw new Refused(disabled);
  };
}

export function disabledKey(name: KillSwitchName): ErrorKey {
  return `features.${name.toLowerCase() as Lowercase<KillSwitchName>}_disabled`;
}

/** Reads the body's bytes, bounded, without parsing them. If it is refused, the connection is closed: nobody reads the rest. */
export function received(readBytes: ReadBody, underWay: Pick<UnderWay, 'whileOutside'>): Guard {
  return (request, response) => {
    if (!hasBody(request)) return undefined;
    response.setHeader('Connection', 'close');
    return underWay
      .whileOutside(response, () => readBytes(request))
      .then((bytes) => {
        response.removeHeader('Connection');
        contextOf(response).rawBody = bytes;
      });
  };
}

/** A guard from middleware, which passes by calling `next`. It must need nothing that Express adds to requests and responses, but `request.ip`. */
export function fromMiddleware(middleware: RequestHandler): Guard {
  return (request, response) =>
    new Promise((resolve, reject) => {
      const next = (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('the guard failed', { cause: error }));
      };
      void middleware(request as Request, response as Response, next);
    });
}
