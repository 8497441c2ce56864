/** The one Express app: serves the route tables of one service, or of several in one process, with everything around them. */
import compression from 'compression';
import cors from 'cors';
import express, { Router, type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { AccessLog } from './access/access-log.js';
import type { Environment } from './process/environment.js';
import { Refused } from './errors.js';
import { createAccountCheck, type Accounts } from './http/account.js';
import { createAuthenticator } from './http/auth.js';
import { createBodyReader, cutUnread, MAX_ARRIVING } from './http/arrival.js';
import { createBound, type Bound } from './http/bound.js';
import { contextOf } from './http/context.js';
import { docsRoutes } from './http/docs.js';
import { sendError, toRefused } from './http/envelope.js';
import { setSecurityHeaders } from './http/headers.js';
import type { KillSwitches } from './http/guards.js';
import { createLimits } from './http/limits.js';
import { mountRoutes } from './http/mount.js';
import { observe } from './http/observe.js';
import { livenessRoute, operationsRoutes, type Readiness } from './http/operations.js';
import { createPushes } from './http/push.js';
import { checkedRoutes } from './http/table.js';
import { createUnderWay } from './http/under-way.js';
import type { Log } from './process/log.js';
import type { Metrics } from './process/metrics.js';
import { openApi } from './http/openapi.js';
import type { Counters } from './ports.js';
import { API_PREFIX, type Route } from './http/route.js';
import type { Random } from './ids.js';
import { StoreFailed } from './store-errors.js';
import type { Clock } from './time.js';

const MAX_CONCURRENT = 2_000;
/** Shorter answers would gain nothing. */
const COMPRESSED_FROM_BYTES = 1_024;

export interface AppOptions {
  readonly environment: Pick<
    Environment,
    | 'jwtSecrets'
    | 'jwtIssuer'
    | 'jwtAudience'
    | 'webhookSecrets'
    | 'trustProxy'
    | 'corsOrigins'
    | 'rateLimitFactor'
    | 'operationsPort'
  >;
  /** The tables to serve, in any order. A mistake in them throws before anything is mounted. */
  readonly routes: readonly Route[];
  /** What people's browsers ask for, with paths from the root on: behind the same guards, but no part of the API. */
  readonly pages?: readonly Route[];
  /** Whether a kill switch is engaged. If it throws, the route answers 503. */
  readonly killSwitches: KillSwitches;
  readonly counters: Pick<Counters, 'hit' | 'undoHit'>;
  readonly clock: Clock;
  /** Source of correlation ids; default: the system's. */
  readonly random?: Random;
  readonly log: Log;
  /** Called when a store fails during a request: the process must end, as nothing it says can be relied on any more. */
  readonly onFatal?: (error: StoreFailed) => void;
  readonly metrics: Metrics;
  /** What /readyz answers. */
  readonly ready: () => Promise<Readiness>;
  /** Where denied attempts are recorded; nowhere unless given. */
  readonly access?: Pick<AccessLog, 'denied'>;
  /** What is known of the accounts of callers. */
  readonly accounts?: Accounts;
  /** Title of the API documentation. */
  readonly title?: string;
  readonly maxConcurrent?: number;
  /** Aborted when the process stops: answers that would go on end then. */
  readonly stopping?: AbortSignal;
}

export interface Apps {
  readonly api: Express;
  /** Probes and metrics, if they have a port of their own (OPERATIONS_PORT); else they are part of `api`. */
  readonly operations: Express | null;
}

/** The app that serves everything on one port; throws if a route table has a mistake. */
export function createApp(options: AppOptions): Express {
  return createApps({ ...options, environment: { ...options.environment, operationsPort: null } }).api;
}

/** The apps of a process, for `listen`; throws if a route table has a mistake. */
export function createApps(options: AppOptions): Apps {
  const { environment, clock, log, metrics } = options;
  const routes = checkedRoutes(options.routes);
  const bounds = {
    requests: createBound('requests', options.maxConcurrent ?? MAX_CONCURRENT, metrics),
    callers: createBound('bodies of callers', MAX_ARRIVING, metrics),
    strangers: createBound('bodies of strangers', MAX_ARRIVING, metrics),
  };
  const guards = {
    authenticator: createAuthenticator(environment, clock),
    accounts: createAccountCheck(options.accounts ?? {}, clock),
    killSwitches: options.killSwitches,
    webhookSecrets: environment.webhookSecrets,
    clock,
    limitOf: createLimits({ counters: options.counters, factor: environment.rateLimitFactor, clock, log }),
    underWay: createUnderWay(bounds.requests),
    pushes: createPushes(options),
    access: options.access,
    readBody: {
      callers: createBodyReader(clock, bounds.callers),
      strangers: createBodyReader(clock, bounds.strangers),
    },
  };
  const operations = [
    livenessRoute(),
    operationsRoutes(() => whileNotFull(Object.values(bounds), options.ready), metrics, clock),
    docsRoutes(() => openApi(routes, { title: options.title ?? 'Creator dashboards' })),
  ];
  const api = Router().use(API_PREFIX, mountRoutes(routes, guards), notFound);
  const pages = mountRoutes(checkedRoutes(options.pages ?? []), guards);
  if (environment.operationsPort === null)
    return { api: appOf([api, ...operations, pages], options), operations: null };
  // Liveness is answered on the API's port too, for callers that cannot reach the other one.
  return { api: appOf([api, livenessRoute(), pages], options), operations: appOf(operations, options) };
}

/** Seconds after which a process that starts may be asked again. */
const STARTING_RETRY_AFTER = 2;

/** What a process serves while it starts: it lives, says how far it is, and answers 503 to everything else. */
export function createStartingApps(options: StartingOptions): Apps {
  const { environment, metrics, clock } = options;
  const operations = [livenessRoute(), operationsRoutes(options.ready, metrics, clock)];
  const notYet = Router().use(() => {
    throw new Refused('common.unavailable', { retryAfter: STARTING_RETRY_AFTER });
  });
  if (environment.operationsPort === null) return { api: appOf([...operations, notYet], options), operations: null };
  return { api: appOf([livenessRoute(), notYet], options), operations: appOf([...operations, notYet], options) };
}

type StartingOptions = Pick<AppOptions, 'environment' | 'clock' | 'log' | 'metrics' | 'ready'>;

/** Routers with the middleware around all of them. */
function appOf(routers: readonly Router[], options: StartingOptions & Pick<AppOptions, 'random' | 'onFatal'>): Express {
  const { environment, clock, random, log, metrics, onFatal } = options;
  const app = express();
  app.disable('x-powered-by');
  // Routes make their own ETags, from positions.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set(
    'trust proxy',
    typeof environment.trustProxy === 'object' ? [...environment.trustProxy] : environment.trustProxy,
  );
  app.use(observe({ log, metrics, clock, random }));
  app.use((_request, response, next) => {
    setSecurityHeaders(response);
    next();
  });
  if (environment.corsOrigins.length > 0) app.use(crossOrigin(environment.corsOrigins));
  app.use(cutUnread);
  app.use(compression({ threshold: COMPRESSED_FROM_BYTES }));
  app.use(...(routers as Router[]));
  app.use(notFound);
  app.use(answerErrors(log, onFatal));
  return app;
}

const notFound: RequestHandler = () => {
  throw new Refused('common.not_found');
};

/** Not ready while a bound is reached, so that a load balancer sends the next request elsewhere. */
async function whileNotFull(bounds: readonly Bound[], ready: AppOptions['ready']): Promise<Readiness> {
  const full = bounds.filter((bound) => bound.isFull()).map(({ name }) => name);
  const readiness = await ready();
  return full.length === 0 ? readiness : { ready: false, checks: { ...readiness.checks, full } };
}

/** No credentials: the token is in a header that the caller sets explicitly. */
function crossOrigin(origins: readonly string[]): RequestHandler {
  return cors({
    origin: [...origins],
    // Named, because the default sends back whatever the preflight asked for, however long.
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-None-Match',
      'Read-After',
      'X-Correlation-Id',
    ],
    exposedHeaders: [
      ...[
        'X-Correlation-Id',
        'X-Position',
        'X-Stale',
        'X-Age',
        'X-Degraded',
        'ETag',
        'Location',
        'Content-Disposition',
      ],
      ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit-Policy'],
      ...['Retry-After', 'Allow', 'WWW-Authenticate'],
    ],
    maxAge: 600,
  });
}

/** The last handler of every error. One that is not in the catalogue is logged in full and shown to nobody. */
function answerErrors(log: Log, onFatal: AppOptions['onFatal']): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { correlationId, template } = contextOf(response);
    if (toRefused(error).key === 'common.internal_error') {
      log.error({ err: error, correlationId, route: template }, 'a request failed');
    }
    if (response.headersSent) response.destroy();
    else sendError(response, error);
    if (error instanceof StoreFailed) onFatal?.(error);
  };
}
