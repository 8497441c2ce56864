/**
 * The whole system as one app: the three services on the same stores, in one process. `start.ts` runs it, the tests of the
 * whole system step it by hand.
 */
import { createCommandService, type RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { observeClock } from '@creator-dashboards/command-service/runtime/clock-metrics';
import { features } from '@creator-dashboards/command-service/features/features';
import { demoCheckoutRoutes } from '@creator-dashboards/command-service/routes/demo-checkout';
import { createProjector, type Projector } from '@creator-dashboards/projector/projector';
import { createQueryService } from '@creator-dashboards/query-service/create-service';
import { createSimulators } from '@creator-dashboards/shared/adapters/simulators';
import type { Random } from '@creator-dashboards/shared/ids';
import type { Config } from '@creator-dashboards/shared/process/environment';
import type { Stores } from '@creator-dashboards/shared/process/connect';
import { observeFeeds } from '@creator-dashboards/shared/feed/metrics';
import { createApp } from '@creator-dashboards/shared/http';
import { signToken } from '@creator-dashboards/shared/http/auth';
import type { Log } from '@creator-dashboards/shared/process/log';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { isDeadOwner, ownerName } from '@creator-dashboards/shared/process/process-name';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { Clock } from '@creator-dashboards/shared/time';
import { views } from '@creator-dashboards/shared/views/registry';

export interface SystemOptions {
  readonly config: Config;
  readonly stores: Stores;
  readonly clock: Clock;
  /** The system's unless given. */
  readonly random?: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Public address of this installation, without a slash at its end. */
  readonly publicUrl: string;
  /** What /readyz asks before it asks the services. */
  readonly isReady?: () => boolean;
  /** How a read waits for the position it asked for; tests step the projections here. */
  readonly pause?: (ms: number) => Promise<void>;
  /** How old what a read knows besides its document may be; tests step the projections. */
  readonly rememberMs?: number;
}

export interface System {
  readonly app: ReturnType<typeof createApp>;
  /** What is mounted below /api/v1. */
  readonly routes: readonly Route[];
  readonly commands: RunningCommandService;
  readonly projector: Projector;
  /** Starts feeds, clock and rebuilds; resolves when every policy has its checkpoint. `onFatal` hears of what cannot go on. */
  start(onFatal: (error: unknown) => void): Promise<void>;
  /** Steps look-ups, policies and views to the head of the log. */
  catchUp(): Promise<void>;
  /** Ends what `start` started, after what it is doing. */
  stop(): Promise<void>;
}

export function createSystem(options: SystemOptions): System {
  const { config, stores, clock, random, log, metrics, publicUrl, pause, rememberMs, isReady = () => true } = options;
  const owner = ownerName();
  const onBatch = observeFeeds(metrics, async () => [
    ...(await commands.status()),
    ...(await Promise.all(projector.feeds.map((feed) => feed.status()))),
  ]);
  let onFatal: (error: unknown) => void = () => undefined; // until `start` names it
  const commands: RunningCommandService = createCommandService({
    ...stores,
    providers: createSimulators({ publicUrl }),
    clock,
    random,
    masterKey: config.masterKey,
    publicUrl,
    signToken: (who) => signToken(config, who, clock),
    features,
    owner,
    isDead: isDeadOwner,
    log,
    onBatch,
    onClockRun: observeClock(metrics),
  });
  const projector: Projector = createProjector({
    ...stores,
    clock,
    views,
    owner,
    isDead: isDeadOwner,
    log,
    stores: config,
    onBatch,
  });
  const queries = createQueryService({ ...stores, sealer: commands.service.sealer, clock, views, pause, rememberMs });
  const routes = [...commands.routes, ...queries.routes, ...(config.demo ? demoCheckoutRoutes(commands.service) : [])];
  const app = createApp({
    config,
    routes,
    killSwitches: commands.killSwitches,
    accountActive: commands.accountActive,
    counters: stores.counters,
    clock,
    random,
    log,
    onFatal: (error) => onFatal(error),
    metrics,
    async ready() {
      const states = await Promise.all([commands.ready(), projector.ready(), queries.ready()]);
      const checks = { commands: states[0].checks, projector: states[1].checks, queries: states[2].checks };
      return { ready: isReady() && states.every(({ ready }) => ready), checks };
    },
  });

  return {
    app,
    routes,
    commands,
    projector,
    async start(hear) {
      onFatal = hear;
      await commands.start(onFatal);
      await projector.start(onFatal);
    },
    async catchUp() {
      await commands.catchUp();
      await projector.catchUp();
    },
    async stop() {
      await Promise.all([commands.stop(), projector.stop()]);
    },
  };
}
