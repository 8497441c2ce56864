/** The one Express app: serves the route tables of one service, or of several in one process, with everything around them. */
import express, { Router, type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { RequestListener } from 'node:http';
import type { AccessLog } from './access/access-log.js';
import type { Environment } from './process/environment.js';
import { Refused } from './errors.js';
import { createAccountCheck, type Accounts } from './http/account.js';
import { createAuthenticator } from './http/auth.js';
import { createBodyReader, cutUnread, MAX_ARRIVING } from './http/arrival.js';
import { createBound, type Bound } from './http/bound.js';
import { docsRoutes } from './http/docs.js';
import type { KillSwitches } from './http/guards.js';
import { withLane } from './http/lane.js';
import { createLimits } from './http/limits.js';
import { mountRoutes, stepsOf } from './http/mount.js';
import { livenessRoute, operationsRoutes, type Readiness } from './http/operations.js';
import { createPushes } from './http/push.js';
import { siteRoutes, type Site } from './http/site.js';
import { createSurroundings, type Around, type Surroundings, type SurroundingsOptions } from './http/surroundings.js';
import { checkedRoutes } from './http/table.js';
import { createUnderWay } from './http/under-way.js';
import type { Log } from './process/log.js';
import type { Metrics } from './process/metrics.js';
import { openApi } from './http/openapi.js';
import type { Counters } from './ports.js';
import { API_PREFIX, type Route } from './http/route.js';
import type { Random } from './ids.js';
import type { StoreFailed } from './store-errors.js';
import type { Clock } from './time.js';
import type { Tracer } from './tracing/tracer.js';

const MAX_CONCURRENT = 2_000;

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
  /** The pages that run in people's browsers. */
  readonly site?: Site | null;
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
  /** Unless given, nothing is traced. */
  readonly tracer?: Tracer | undefined;
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
  /** Answers every row by Express, the hot ones too. */
  readonly noLane?: true;
}

export interface Apps {
  readonly api: RequestListener;
  /** Probes and metrics, if they have a port of their own (OPERATIONS_PORT); else they are part of `api`. */
  readonly operations: RequestListener | null;
  /** Whether an address is one of our proxies (TRUST_PROXY). */
  readonly isProxy: (address: string) => boolean;
}

/** The app that serves everything on one port; throws if a route table has a mistake. */
export function createApp(options: AppOptions): RequestListener {
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
    accounts: createAccountCheck(options.accounts ?? {}),
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
  const surroundings = createSurroundings(options);
  const api = Router().use(API_PREFIX, mountRoutes(routes, guards), notFound);
  const site = siteRoutes(options.site ?? null);
  const pages = mountRoutes(checkedRoutes(options.pages ?? []), guards);
  const isShared = environment.operationsPort === null;
  // Liveness is answered on the API's port too, for callers that cannot reach the other one.
  const app = appOf([api, ...(isShared ? operations : [livenessRoute()]), site, pages], environment, surroundings);
  const steps = (route: Route) => stepsOf(route, guards);
  const { enter } = guards.underWay;
  return {
    api: options.noLane ? app : withLane(app, { ...surroundings, routes, stepsOf: steps, enter }),
    operations: isShared ? null : appOf(operations, environment, surroundings),
    isProxy: isProxyOf(app),
  };
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
  const surroundings = createSurroundings(options);
  const whole = appOf([...operations, notYet], environment, surroundings);
  const isProxy = isProxyOf(whole);
  if (environment.operationsPort === null) return { api: whole, operations: null, isProxy };
  return { api: appOf([livenessRoute(), notYet], environment, surroundings), operations: whole, isProxy };
}

export type StartingOptions = SurroundingsOptions & Pick<AppOptions, 'environment' | 'ready'>;

/** Routers with what surrounds all of them. */
function appOf(
  routers: readonly Router[],
  environment: Pick<Environment, 'trustProxy'>,
  { observe, setCommon, crossOrigin, compress, answerError }: Surroundings,
): Express {
  const app = express();
  app.disable('x-powered-by');
  // Routes make their own ETags, from positions.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set(
    'trust proxy',
    typeof environment.trustProxy === 'object' ? [...environment.trustProxy] : environment.trustProxy,
  );
  app.use(inOne([observe, setCommon, crossOrigin, cutUnread, compress]));
  app.use(...(routers as Router[]));
  app.use(notFound);
  const last: ErrorRequestHandler = (error, _request, response, _next) => answerError(error, response);
  app.use(last);
  return app;
}

/** Whether an address is a proxy that Express trusts: what it is to be asked of a connection's own address. */
function isProxyOf(app: Express): (address: string) => boolean {
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  return (address) => trusts(address, 0);
}

/** Middleware as one layer of a router: each layer costs more than these do. */
function inOne(all: readonly Around[]): RequestHandler {
  return (request, response, next) => {
    const run = (at: number): void => {
      const each = all[at];
      if (each) each(request, response, () => run(at + 1));
      else next();
    };
    run(0);
  };
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
