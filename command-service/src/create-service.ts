/** Wires the command service: features of commands, their look-ups and policies on the feed, the clock. */
import { setMaxListeners } from 'node:events';
import { type KillSwitchName } from '@creator-dashboards/shared/platform-config';
import { config as configView } from '@creator-dashboards/shared/views/config/fold';
import { createFeed, type BatchCounts, type Feed, type FeedStatus } from '@creator-dashboards/shared/feed';
import type { Consumer } from '@creator-dashboards/shared/feed/consumer';
import { systemRandom, type Random } from '@creator-dashboards/shared/ids';
import type { Counters, EventStore, KeyStore, Position, Providers, ReadStore } from '@creator-dashboards/shared/ports';
import type { Route } from '@creator-dashboards/shared/http/route';
import { createDigest, createSealer } from '@creator-dashboards/shared/seal';
import type { Clock } from '@creator-dashboards/shared/time';
import type { Log } from '@creator-dashboards/shared/process/log';
import { accountActive } from './http/accounts.js';
import { currentConfig } from './runtime/current-config.js';
import { checkKeyStore, repeatErasures } from './runtime/erasures.js';
import { claimed, declareClaims, forgetClaims } from './http/claims.js';
import { createClockRunner, type ClockRun } from './runtime/clock-task.js';
import type { Feature } from './features/feature.js';
import { createCommandHandler } from './runtime/command-loop.js';
import { unfinishedReservations } from './lookups/unfinished-reservations.js';
import { createLookups, lookupConsumer } from './runtime/lookups.js';
import { createFollowUps, policyConsumer } from './runtime/policy.js';
import type { CommandService } from './runtime/service.js';
import { createTicker } from './runtime/ticker.js';

export interface CommandServiceOptions {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly counters: Counters;
  readonly keys: KeyStore;
  readonly providers: Providers;
  readonly clock: Clock;
  /** The system's unless given. */
  readonly random?: Random;
  readonly masterKey: string;
  readonly publicUrl: string;
  readonly signToken: (who: { userId: string; role: 'USER' | 'ADMIN' | 'AUDITOR' }) => string;
  readonly features: readonly Feature[];
  readonly owner: string;
  readonly isDead?: (owner: string) => boolean;
  readonly log: Log;
  /** Told of each batch of each feed. */
  readonly onBatch?: (feed: string, counts: BatchCounts) => void;
  /** Told of each run of each clock task. */
  readonly onClockRun?: (task: string, run: ClockRun) => void;
}

export interface RunningCommandService {
  readonly service: CommandService;
  readonly routes: readonly Route[];
  readonly accountActive: (userId: string) => Promise<boolean>;
  readonly killSwitches: (name: KillSwitchName) => Promise<boolean>;
  /**
   * Destroys again what a restored key store should not have (domain 9.8), starts feeds and clock, and resolves when the feeds
   * have come to the head of the log. Throws StoreFailed for a key store that is not this log's. `onStopped` hears of a feed
   * or a store that cannot go on.
   */
  start(onStopped: (error: unknown) => void): Promise<void>;
  /** Ends feeds and clock after what they are doing, and gives the leases back. */
  stop(): Promise<void>;
  /** Steps every feed to the head of the log (tests, demo). */
  catchUp(): Promise<void>;
  /** Runs every clock task once for what is due now; answers for how many documents it was done. */
  tick(): Promise<number>;
  /** Whether the look-ups have reached the head since the start, as /readyz asks (domain 9.4). */
  ready(): Promise<{ ready: boolean; checks: Record<string, unknown> }>;
  status(): Promise<FeedStatus[]>;
}

export function createCommandService(options: CommandServiceOptions): RunningCommandService {
  const { events, reads, clock, owner, isDead, features, log, random = systemRandom } = options;
  const policies = features.flatMap((feature) => feature.policies);
  const folds = [configView, unfinishedReservations, ...features.flatMap((feature) => feature.lookups)];
  const toFeed = (consumer: Consumer) =>
    createFeed({
      consumer,
      events,
      reads,
      clock,
      owner,
      isDead,
      onBatch: (counts) => options.onBatch?.(consumer.name, counts),
    });

  const lookupFeeds = folds.map((fold) => toFeed(lookupConsumer(fold)));
  const lookupPosition = async (): Promise<Position> => {
    const statuses = await Promise.all(lookupFeeds.map((feed) => feed.reachedPosition()));
    return statuses.reduce((least, position) => (position < least ? position : least));
  };
  const service: CommandService = {
    events,
    reads,
    counters: options.counters,
    keys: options.keys,
    sealer: createSealer(options.keys, clock, random),
    digest: createDigest(options.masterKey),
    clock,
    random,
    providers: options.providers,
    commands: createCommandHandler(events),
    lookups: createLookups({
      events,
      reads,
      position: lookupPosition,
      step: () => Promise.all(lookupFeeds.map((feed) => feed.step())),
      clock,
    }),
    signToken: options.signToken,
    publicUrl: options.publicUrl,
    runFollowUps: createFollowUps(policies, () => service),
  };
  const policyFeeds = policies.map((policy) => toFeed(policyConsumer(policy, service)));
  const feeds: readonly Feed[] = [...lookupFeeds, ...policyFeeds];
  const clockTasks = features.flatMap((feature) => feature.clockTasks);
  const tasks = [...clockTasks.map((task) => ({ name: task.name, run: createClockRunner(task) })), forgetClaims];
  const ticker = createTicker({ tasks, service, log, onRun: options.onClockRun });

  const stopping = new AbortController();
  setMaxListeners(2 * feeds.length + 2, stopping.signal); // each feed listens as a whole, and while it waits after a fault
  let running: Promise<unknown> = Promise.resolve();
  let caughtUp = false;

  async function catchUp(): Promise<void> {
    for (const feed of feeds) await feed.catchUp();
  }

  return {
    service,
    routes: features.flatMap((feature) => feature.routes(service)).map((route) => claimed(service, route)),
    accountActive: (userId) => accountActive(service, userId),
    killSwitches: async (name) => (await currentConfig(service))?.killSwitches[name]?.engaged ?? false,
    async start(onStopped) {
      await declareClaims(service);
      await checkKeyStore(service);
      await repeatErasures(service);
      running = Promise.all([
        ...feeds.map((feed) => feed.run(stopping.signal).catch(onStopped)),
        ticker.run(stopping.signal, onStopped),
      ]);
      await catchUp();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    catchUp,
    tick: () => ticker.tick(),
    async ready() {
      const [position, head] = await Promise.all([lookupPosition(), events.head()]);
      caughtUp ||= position >= head;
      return { ready: caughtUp, checks: { lookups: position.toString(), head: head.toString() } };
    },
    status: () => Promise.all(feeds.map((feed) => feed.status())),
  };
}
