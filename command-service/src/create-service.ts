/** Wires the command service: features of commands, their look-ups and policies on the feed, the clock. */
import { setMaxListeners } from 'node:events';
import type { Changes } from '@creator-dashboards/shared/changes/changes';
import { type KillSwitchName } from '@creator-dashboards/shared/platform-config';
import { config as configView } from '@creator-dashboards/shared/views/config/fold';
import { createFeed, type BatchCounts, type Feed, type FeedOptions } from '@creator-dashboards/shared/feed';
import type { FeedStatus } from '@creator-dashboards/shared/feed/feed-status';
import { catchingUp } from '@creator-dashboards/shared/feed/lag';
import type { Readiness } from '@creator-dashboards/shared/http/operations';
import type { Consumer } from '@creator-dashboards/shared/feed/consumer';
import { warnOfParked } from '@creator-dashboards/shared/feed/parked-log';
import type { Pulse } from '@creator-dashboards/shared/feed/pulse';
import { systemRandom, type Random } from '@creator-dashboards/shared/ids';
import type { Counters, EventStore, KeyStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Providers } from '@creator-dashboards/shared/providers';
import type { Accounts } from '@creator-dashboards/shared/http/account';
import type { Origins } from '@creator-dashboards/shared/origins';
import type { Route } from '@creator-dashboards/shared/http/route';
import { createSealer, type Digest } from '@creator-dashboards/shared/seal';
import { KeyMissing, type StreamCut } from '@creator-dashboards/shared/store-errors';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import type { Tracer } from '@creator-dashboards/shared/tracing/tracer';
import { wait } from '@creator-dashboards/shared/waiting';
import type { Log } from '@creator-dashboards/shared/process/log';
import { accountOf } from './http/accounts.js';
import { unlock } from './runtime/key-check.js';
import { claimed, declareClaims, forgetClaims } from './http/claims.js';
import { declareMail, forgetMail, sendMail } from './runtime/mail.js';
import { declareSessions, forgetSessions } from './runtime/sessions.js';
import { tickerTask, type ClockRun } from './runtime/clock-task.js';
import type { Feature } from './features/feature.js';
import { createCommandHandler } from './runtime/command-loop.js';
import { unfinishedReservations } from './lookups/unfinished-reservations.js';
import { createLookups, lookupConsumer } from './runtime/lookups.js';
import { demandCheckpoints } from './runtime/policy-checkpoints.js';
import { createFollowUps, policyConsumer } from './runtime/policy.js';
import type { CommandService } from './runtime/service.js';
import { rememberedConfig } from './runtime/remembered-config.js';
import { tracedCommands, tracedPolicy } from './runtime/tracing.js';
import { createTicker, WATCH_MS } from './runtime/ticker.js';

export interface CommandServiceOptions {
  readonly events: EventStore;
  readonly reads: ReadStore;
  /** What is written through `reads`. */
  readonly changes: Pick<Changes, 'listen'>;
  readonly counters: Counters;
  readonly keys: KeyStore;
  readonly providers: Providers;
  readonly clock: Clock;
  /** That of the process: its feeds beat together. */
  readonly pulse?: Pulse;
  /** Default: the system's. */
  readonly random?: Random;
  readonly publicUrl: string;
  /** Null: there is no page to sign up at. */
  readonly signupUrl?: string | null;
  /** Other origins whose pages may use the cookie. */
  readonly corsOrigins?: Origins;
  readonly signToken: (who: { userId: string; role: 'USER' | 'ADMIN' | 'AUDITOR' }) => string;
  readonly features: readonly Feature[];
  readonly owner: string;
  readonly isDead?: (owner: string) => boolean;
  readonly log: Log;
  /** Called for each missing key. */
  readonly onMissingKey?: (error: KeyMissing) => void;
  /** Told of each stream that is found cut. */
  readonly onStreamCut?: (error: StreamCut) => void;
  /** Called after each batch of each feed. */
  readonly onBatch?: (feed: string, counts: BatchCounts) => void;
  /** Called for each login with wrong credentials. */
  readonly onLoginFailed?: () => void;
  /** Called after each run of a clock task. */
  readonly onClockRun?: (task: string, run: ClockRun) => void;
  /** Unless given, nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

export interface RunningCommandService {
  readonly service: CommandService;
  readonly routes: readonly Route[];
  readonly pages: readonly Route[];
  readonly accounts: Required<Pick<Accounts, 'forWrites' | 'forReads'>>;
  readonly killSwitches: (name: KillSwitchName) => Promise<boolean>;
  /**
   * Checks that the key store belongs to this log (G63), destroys again the keys that a restored one should not have (erasure,
   * domain 9.8), and takes the key of the digests from it. Part of `start`. Throws KeyMissing.
   */
  unlock(): Promise<void>;
  /**
   * Unlocks, starts feeds and clock, and resolves when the feeds have reached the head of the log. If the key store is older than the
   * log, it resolves at once, `ready` says what to do, and it tries again every 10 s. `onStopped` is called when a feed or a store
   * cannot go on.
   */
  start(onStopped: (error: unknown) => void): Promise<void>;
  /** Ends feeds and clock after their current work, and releases the leases. */
  stop(): Promise<void>;
  /** Steps every feed to the head of the log (tests, demo). */
  catchUp(): Promise<void>;
  /** Runs every clock task once for what is due now; returns the number of documents done. */
  tick(): Promise<number>;
  /** Whether the look-ups have reached the head since the start, as /readyz asks (domain 9.4). */
  ready(): Promise<Readiness>;
  status(): Promise<FeedStatus[]>;
}

const UNLOCK_AGAIN_MS = 10 * SECOND;

export function createCommandService(options: CommandServiceOptions): RunningCommandService {
  const { events, reads, changes, clock, pulse, owner, isDead, features, log, random = systemRandom, tracer } = options;
  const policies = features.flatMap((feature) => feature.policies).map((each) => tracedPolicy(tracer, each));
  const folds = [configView, unfinishedReservations, ...features.flatMap((feature) => feature.lookups)];
  const config = rememberedConfig(reads, clock);
  const toFeed = (consumer: Consumer, own: Pick<FeedOptions, 'reads' | 'tracer'> = { reads }) =>
    createFeed({
      consumer,
      events,
      ...own,
      clock,
      pulse,
      owner,
      isDead,
      onBatch: (counts) => options.onBatch?.(consumer.name, counts),
      onParked: warnOfParked(log, consumer.name),
    });

  const lookupFeeds = folds.map((fold) =>
    toFeed(lookupConsumer(fold), { reads: fold.name === configView.name ? config.reads : reads, tracer }),
  );
  const lookupPosition = async (): Promise<Position> => {
    const statuses = await Promise.all(lookupFeeds.map((feed) => feed.reachedPosition()));
    return statuses.reduce((least, position) => (position < least ? position : least));
  };
  const service: CommandService = {
    events,
    reads,
    counters: options.counters,
    keys: options.keys,
    sealer: createSealer({ keys: options.keys, events, clock, random, onMissing: options.onMissingKey }),
    digest: (kind, value) => digest(kind, value),
    clock,
    random,
    providers: options.providers,
    commands: tracedCommands(tracer, createCommandHandler(events, options.onStreamCut)),
    lookups: createLookups({
      events,
      reads,
      config,
      position: lookupPosition,
      step: () => Promise.all(lookupFeeds.map((feed) => feed.step())),
      clock,
    }),
    signToken: options.signToken,
    onLoginFailed: options.onLoginFailed ?? (() => undefined),
    publicUrl: options.publicUrl,
    signupUrl: options.signupUrl ?? null,
    corsOrigins: options.corsOrigins ?? [],
    runFollowUps: createFollowUps(policies, () => service),
  };
  const policyFeeds = policies.map((policy) => toFeed(policyConsumer(policy, service)));
  const feeds: readonly Feed[] = [...lookupFeeds, ...policyFeeds];
  const clockTasks = features.flatMap((feature) => feature.clockTasks.map(tickerTask));
  const tasks = [...clockTasks, forgetClaims, forgetSessions, ...forgetMail, sendMail];
  const ticking = { service, changes, log, onRun: options.onClockRun };
  const ticker = createTicker({ ...ticking, tasks });
  const watches = features.flatMap((feature) => feature.watches ?? []);
  const watcher = createTicker({ ...ticking, tasks: watches, everyMs: WATCH_MS });

  const stopping = new AbortController();
  setMaxListeners(2 * feeds.length + 2, stopping.signal); // each feed listens as a whole, and while it waits after a fault
  let running: Promise<unknown> = Promise.resolve();
  const progressOfLookups = catchingUp();

  let digest: Digest = () => {
    throw new KeyMissing('the key of the digests is not there yet');
  };
  /** What is wrong with the key store, for the operator. */
  let locked: string | null = null;

  async function tryToUnlock(): Promise<boolean> {
    try {
      digest = await unlock(service);
      locked = null;
    } catch (error) {
      if (!(error instanceof KeyMissing)) throw error;
      options.onMissingKey?.(error);
      locked = error.message;
    }
    return locked === null;
  }

  async function catchUp(): Promise<void> {
    if (locked !== null) return; // no policy may act with keys of another time
    for (const feed of feeds) await feed.catchUp();
  }

  /** Resolves to whether an operator restored the key store before the service was stopped. */
  async function unlocked(): Promise<boolean> {
    while (!stopping.signal.aborted) {
      await wait(clock, UNLOCK_AGAIN_MS, stopping.signal);
      if (!stopping.signal.aborted && (await tryToUnlock())) return true;
    }
    return false;
  }

  return {
    service,
    routes: features.flatMap((feature) => feature.routes(service)).map((route) => claimed(service, route)),
    pages: features.flatMap((feature) => feature.pages?.(service) ?? []),
    accounts: { forWrites: (userId) => accountOf(service, userId), forReads: (userId) => accountOf(service, userId) },
    killSwitches: async (name) => (await service.lookups.config())?.killSwitches[name]?.engaged ?? false,
    async start(onStopped) {
      await declareClaims(service);
      await declareSessions(service);
      await declareMail(service);
      await demandCheckpoints(service, policies);
      const run = () =>
        Promise.all([
          ...feeds.map((feed) => feed.run(stopping.signal).catch(onStopped)),
          ticker.run(stopping.signal, onStopped),
          watcher.run(stopping.signal, onStopped),
        ]);
      if (await tryToUnlock()) {
        running = run();
        return catchUp();
      }
      running = unlocked()
        .then((open) => (open ? run() : undefined))
        .catch(onStopped);
    },
    async stop() {
      stopping.abort();
      await running;
    },
    async unlock() {
      digest = await unlock(service);
    },
    catchUp,
    tick: async () => (await ticker.tick()) + (await watcher.tick()),
    async ready() {
      if (locked !== null) return { ready: false, checks: { keys: locked } };
      const [position, head] = await Promise.all([lookupPosition(), events.head()]);
      const { done, progress } = progressOfLookups(position, head);
      return { ready: done, progress, checks: { lookups: position.toString(), head: head.toString() } };
    },
    status: () => Promise.all(feeds.map((feed) => feed.status())),
  };
}
