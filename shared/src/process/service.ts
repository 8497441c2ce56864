/** What every process of ours does around its own work: environment, stores, app, socket, and their end in order. */
import { createApps, type AppOptions } from '../http.js';
import { listen } from '../http/listen.js';
import { systemRandom, type Random } from '../ids.js';
import { systemClock, type Clock } from '../time.js';
import { connect, type ConnectOptions, type Stores } from './connect.js';
import { readEnvironment, type Environment, type Env } from './environment.js';
import { createLog, type Log } from './log.js';
import { createMetrics, type Metrics } from './metrics.js';
import { isDeadProcess, processName } from './process-name.js';
import { runProcess } from './run.js';

/** What a service stands on. */
export interface Foundation {
  readonly environment: Environment;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Names this process as the holder of leases. */
  readonly owner: string;
  readonly isDead: (owner: string) => boolean;
}

/** What a process serves, and what it does besides. */
export interface Service extends Pick<AppOptions, 'routes' | 'killSwitches' | 'accountActive' | 'ready'> {
  /** Resolves when requests may come. `onFatal` hears of what cannot go on. */
  start?(onFatal: (error: unknown) => void): Promise<void>;
  /** Ends what `start` started, after what it is doing. */
  stop?(): Promise<void>;
  /** Requests can come now. */
  listening?(): void;
}

export interface ServiceOptions {
  /** Names the process in its log. */
  readonly name: string;
  /** Of the API documentation. */
  readonly title?: string;
  readonly logLevel?: Environment['logLevel'];
  /** What the environment says unless it says otherwise. */
  readonly defaults: Env;
  readonly make: (foundation: Foundation) => Service;
}

export interface FoundationOptions extends ConnectOptions {
  readonly metrics?: Metrics;
}

/** Opens the stores, which the caller closes. Throws what `connect` throws. */
export async function openFoundation(
  environment: Environment,
  log: Log,
  { clock = systemClock, random = systemRandom, metrics = createMetrics(), onTrouble }: FoundationOptions = {},
): Promise<Foundation> {
  const stores = await connect(environment, { clock, random, onTrouble });
  return { environment, stores, clock, random, log, metrics, owner: processName(), isDead: isDeadProcess };
}

/** Express's own: whether an address is a proxy, so many hops from us. */
type ProxyTrust = (address: string, hop: number) => boolean;

/** Runs a service as a process of its own, to its end. */
export async function runService({ name, title, logLevel = 'info', defaults, make }: ServiceOptions): Promise<void> {
  const log = createLog({ logLevel }, name);
  await runProcess({
    log,
    async start(lifecycle) {
      const environment = readEnvironment(undefined, { LOG_LEVEL: logLevel, ...defaults });
      log.level = environment.logLevel;
      const onTrouble = (error: unknown) => log.warn({ err: error }, 'a store is in trouble');
      const foundation = await openFoundation(environment, log, { onTrouble });
      lifecycle.onClose('stores', () => foundation.stores.close());
      const service = make(foundation);
      // After the last request, which may still move a feed.
      const ends = service.routes.length > 0 ? lifecycle.onClose : lifecycle.onDrain;
      ends('service', () => service.stop?.());
      const onFatal = (error: unknown) => lifecycle.fatal(error);
      const { api, operations } = createApps({
        ...foundation,
        ...service,
        counters: foundation.stores.counters,
        title,
        onFatal,
        async ready() {
          const { ready, checks } = await service.ready();
          return { ready: ready && lifecycle.isReady(), checks };
        },
      });
      await service.start?.(onFatal);
      const isProxy = (address: string) => (api.get('trust proxy fn') as ProxyTrust)(address, 0);
      const edge = { host: environment.host, isProxy, metrics: foundation.metrics };
      const { port } = await listen(lifecycle, api, { ...edge, port: environment.port });
      if (operations && environment.operationsPort !== null)
        await listen(lifecycle, operations, {
          ...edge,
          port: environment.operationsPort,
          bound: 'connections of operators',
        });
      log.info({ port }, 'listening');
      service.listening?.();
    },
  });
}
