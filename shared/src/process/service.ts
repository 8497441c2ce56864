/** What each of our processes does around its own work: environment, stores, app, socket, and closing them in order. */
import { createAccessLog, type AccessLog } from '../access/access-log.js';
import { createApps, createStartingApps, type AppOptions, type Apps } from '../http.js';
import { listen } from '../http/listen.js';
import { percentOf, type Readiness } from '../http/operations.js';
import { systemRandom, type Random } from '../ids.js';
import { createPulse, type Pulse } from '../feed/pulse.js';
import { createSealer } from '../seal.js';
import { systemClock, type Clock } from '../time.js';
import { tracedAppends } from '../tracing/appends.js';
import type { Tracer } from '../tracing/tracer.js';
import { every } from '../waiting.js';
import { connect, openTracer, type ConnectOptions, type Stores } from './connect.js';
import { observeDisk } from './disk-metrics.js';
import { EnvironmentError, logFormat, readEnvironment, type Environment, type Env } from './environment.js';
import { createLog, tracedLog, type Log } from './log.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createOpenings, TELL_MS } from './opening.js';
import { isDeadProcess, processName } from './process-name.js';
import { runProcess, type Lifecycle } from './run.js';

/** What a service is built on. */
export interface Foundation {
  readonly environment: Environment;
  readonly stores: Stores;
  /** Who did and saw what. */
  readonly access: AccessLog;
  readonly clock: Clock;
  /** Of all its consumers of the log. */
  readonly pulse: Pulse;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined where no traces are wanted. */
  readonly tracer: Tracer | undefined;
  /** Names this process as a lease holder. */
  readonly owner: string;
  readonly isDead: (owner: string) => boolean;
}

/** What a process serves, and its background work. */
export interface Service extends Pick<AppOptions, 'routes' | 'pages' | 'site' | 'killSwitches' | 'accounts' | 'ready'> {
  /** Resolves when requests can be served; until then they get 503. `onFatal` is called when the service cannot go on. */
  start?(onFatal: (error: unknown) => void): Promise<void>;
  /** Stops what `start` started, after its current work. */
  stop?(): Promise<void>;
  /** Called once requests are served. */
  started?(): void;
  /** None of its requests needs what runs in the background: that stops while they are answered, and not after them. */
  readonly stopsWhileDraining?: true;
}

export interface ServiceOptions {
  /** Names the process in its log. */
  readonly name: string;
  /** Title of the API documentation. */
  readonly title?: string;
  readonly logLevel?: Environment['logLevel'];
  /** Defaults for environment variables that are not set. */
  readonly defaults: Env;
  readonly make: (foundation: Foundation) => Service;
}

export interface FoundationOptions extends ConnectOptions {
  readonly metrics?: Metrics;
  readonly tracer?: Tracer | undefined;
}

/** Opens the stores, which the caller closes. Throws what `connect` throws. */
export async function openFoundation(
  environment: Environment,
  log: Log,
  { clock = systemClock, random = systemRandom, metrics = createMetrics(), tracer, ...told }: FoundationOptions = {},
): Promise<Foundation> {
  const connected = await connect(environment, { ...told, clock, random });
  const stores = tracer ? { ...connected, events: tracedAppends(tracer, connected.events) } : connected;
  const sealer = createSealer({ ...stores, clock, random });
  const onTrouble = (error: unknown) => log.warn({ err: error }, 'who did or saw what could not be recorded');
  const access = createAccessLog({ ...stores, sealer, clock, onTrouble });
  const pulse = createPulse({ ...stores, clock });
  const process = { owner: processName(), isDead: isDeadProcess };
  return { environment, stores, access, clock, pulse, random, log, metrics, tracer, ...process };
}

/**
 * Runs a service as a process of its own, to its end. It listens before it opens its stores: it is live from then on, and ready when
 * the service has started.
 */
export async function runService({ name, title, logLevel = 'info', defaults, make }: ServiceOptions): Promise<void> {
  const plainLog = createLog({ logLevel, format: logFormat() }, name);
  await runProcess({
    log: plainLog,
    async start(lifecycle) {
      const environment = readEnvironment(undefined, { LOG_LEVEL: logLevel, ...defaults });
      plainLog.level = environment.logLevel;
      const metrics = createMetrics({ service: name });
      const tracer = await openTracer(environment, { service: name, log: plainLog, metrics });
      const log = tracedLog(plainLog, tracer);
      observeDisk(metrics, environment);
      let foundation: Foundation | null = null;
      let service: Service | null = null;
      const openings = createOpenings(systemClock);
      lifecycle.onClose('traces', () => tracer?.close());
      lifecycle.onClose('stores', () => foundation?.stores.close());
      lifecycle.onClose('access log', () => foundation?.access.stop());
      // After the last request, since a request may still move a feed.
      lifecycle.onClose('service', () => (service?.stopsWhileDraining ? undefined : service?.stop?.()));
      lifecycle.onDrain('service', () => (service?.stopsWhileDraining ? service.stop?.() : undefined));

      async function ready(): Promise<Readiness> {
        if (service === null) return { ready: false, checks: { stores: openings.text() ?? 'being opened' } };
        const readiness = await service.ready();
        return { ...readiness, ready: readiness.ready && lifecycle.isReady() };
      }
      const starting = { environment, log, metrics, clock: systemClock, ready };
      const serve = await openPorts(lifecycle, starting);

      const told = new AbortController();
      void every(systemClock, TELL_MS, () => tellProgress(log, ready), told.signal);
      try {
        const onTrouble = (error: unknown) => log.warn({ err: error }, 'a store is in trouble');
        foundation = await openFoundation(environment, log, { metrics, tracer, onTrouble, onOpening: openings.begin });
        foundation.access.start();
        service = make(foundation);
        const stopping = new AbortController();
        lifecycle.onStopAccepting('answers that go on', () => stopping.abort());
        const onFatal = (error: unknown) => lifecycle.fatal(error);
        const { counters } = foundation.stores;
        const apps = createApps({
          ...foundation,
          ...service,
          counters,
          title,
          onFatal,
          ready,
          stopping: stopping.signal,
        });
        await service.start?.(onFatal);
        serve(apps);
        service.started?.();
      } finally {
        told.abort();
      }
    },
  });
}

/** Listens on the ports of a starting process. Returns a function to call with its apps once they exist. Rejects if a port is taken. */
async function openPorts(
  lifecycle: Lifecycle,
  options: Parameters<typeof createStartingApps>[0] & Pick<Foundation, 'environment' | 'log'>,
): Promise<(apps: Apps) => void> {
  const { environment, log, metrics } = options;
  let apps = createStartingApps(options);
  const edge = { host: environment.host, isProxy: apps.isProxy, metrics };
  const { port } = await listen(lifecycle, (request, response) => void apps.api(request, response), {
    ...edge,
    port: environment.port,
  }).catch(explained('PORT', environment.port, environment.host));
  if (environment.operationsPort !== null)
    await listen(lifecycle, (request, response) => void apps.operations?.(request, response), {
      ...edge,
      port: environment.operationsPort,
      bound: 'connections of operators',
    }).catch(explained('OPERATIONS_PORT', environment.operationsPort, environment.host));
  log.info({ port }, 'listening');
  return (started) => void (apps = started);
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process: stop that one, or choose another port',
  EACCES: 'is not free for this user to listen on: choose a port above 1023',
  EADDRNOTAVAIL: 'cannot be listened on: HOST is no address of this machine',
  ENOTFOUND: 'cannot be listened on: HOST is no address of this machine',
};

/** Says why a port cannot be had in words for the operator, as an EnvironmentError. Other errors are thrown as they are. */
function explained(variable: string, port: number, host: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const fault = LISTEN_FAULTS[error.code ?? ''];
    throw fault === undefined
      ? error
      : new EnvironmentError([`${variable}: ${port} of ${host} ${fault} (${error.code})`]);
  };
}

/**
 * Logged as a warning, so that it shows at any usual log level: an operator who waits for a slow start must see its progress, or what
 * it waits for.
 */
async function tellProgress(log: Log, ready: () => Promise<Readiness>): Promise<void> {
  log.warn(startingText(await ready().catch((): Partial<Readiness> => ({}))));
}

/** How far a process is that starts, and what it waits for, as a sentence. */
export function startingText({ progress, checks: { stores, keys, story } = {} }: Partial<Readiness>): string {
  const parts = [progress === undefined ? null : `${percentOf(progress)} of the log`, stores, keys, story];
  const known = parts.filter((part) => typeof part === 'string').join(', ');
  return `still starting${known && `: ${known}`}; requests are answered 503 until then`;
}
