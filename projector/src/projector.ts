/**
 * The projector: feeds the served generation of every view, rebuilds where the code is newer or an operator asks, and follows
 * the aliases. Any number of processes may run one; leases decide who feeds what.
 */
import type { StoreConfig } from '@creator-dashboards/shared/process/connect';
import { createFeed, type BatchCounts, type Feed, type FeedStatus } from '@creator-dashboards/shared/feed';
import type { Log } from '@creator-dashboards/shared/process/log';
import type { EventStore, JobQueue, ReadStore } from '@creator-dashboards/shared/ports';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { type ViewName, viewNames, views } from '@creator-dashboards/shared/views/registry';
import { aliasOf, consumerOf, generationOf, generationToFeed, moveAlias, versionOf } from './generations.js';
import { enqueueRebuild, openRebuilds, planRebuild } from './rebuild/plan.js';
import { workOnRebuilds } from './rebuild/job.js';
import { statusOfViews, type ViewStatus } from './status.js';

export interface ProjectorOptions {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** Names this process, unique per start. */
  readonly owner: string;
  readonly isDead?: (owner: string) => boolean;
  readonly log?: Log;
  /** Where rebuild threads connect to. Without it rebuilds run on this thread. */
  readonly stores?: StoreConfig;
  /** How often open rebuilds are put on the queue again, where one that was lost is missing. */
  readonly reconcileMs?: number;
  /** Told of each batch of each feed. */
  readonly onBatch?: (feed: string, counts: BatchCounts) => void;
}

/** A view's status, with how this process takes part in feeding it. */
export interface ProjectorStatus extends ViewStatus {
  readonly feed: Pick<FeedStatus, 'name' | 'role' | 'error'> | null;
}

export interface Projector {
  /** The feeds of this process now; a moved alias replaces one. */
  readonly feeds: readonly Feed[];
  /** Feeds, rebuilds and follows the aliases until `stop`. `onFatal` hears of a store that cannot be trusted any more. */
  start(onFatal?: (error: unknown) => void): Promise<void>;
  /** Ends everything after the batch at hand and gives the leases back. */
  stop(): Promise<void>;
  status(): Promise<ProjectorStatus[]>;
  /** Whether every view is served and this process can feed or stand by for it. */
  ready(): Promise<{ ready: boolean; checks: Record<string, unknown> }>;
  /** Steps every feed to the head of the log, by hand (tests, demonstration data). */
  catchUp(): Promise<void>;
}

/** How soon a moved alias is followed. */
const FOLLOW_MS = 250;
const RECONCILE_MS = 10 * SECOND;

interface Live {
  readonly generation: string;
  readonly feed: Feed;
  readonly stopping: AbortController;
  running: Promise<void>;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { events, reads, queue, clock, owner, isDead, log, reconcileMs = RECONCILE_MS } = options;
  const live = new Map<ViewName, Live>();
  const planned = new Set<ViewName>();
  const timers = new Set<NodeJS.Timeout>();
  let onFatal: ((error: unknown) => void) | null = null;
  let stopWork: (() => Promise<void>) | null = null;
  let following: Promise<unknown> = Promise.resolve();

  /** What of this view is ours to feed now. A view nobody serves yet is built in place; one of older code by a rebuild. */
  async function generationOfView(view: ViewName): Promise<string | null> {
    const { version } = views[view];
    let alias = await aliasOf(reads, view);
    if (!alias) {
      await moveAlias(reads, view, null, { generation: generationOf(version), position: 0n });
      alias = await aliasOf(reads, view);
    }
    if (!alias) throw new Error(`the alias of ${view} is gone`);
    if (versionOf(alias.generation) < version && !planned.has(view)) {
      planned.add(view); // once per start: a rebuild that failed waits for an operator, or for the next start
      const plan = await planRebuild({ reads, events, clock }, view, version);
      await enqueueRebuild(queue, plan).catch(reconciledLater);
    }
    return generationToFeed(alias, version);
  }

  async function follow(view: ViewName): Promise<void> {
    const generation = await generationOfView(view);
    const current = live.get(view);
    if (current?.generation === generation) return;
    if (current) {
      await halt(current);
      live.delete(view);
    }
    if (generation === null) return;
    log?.info({ view, generation }, 'feeding');
    const consumer = consumerOf(view, generation);
    const onBatch = (counts: BatchCounts) => options.onBatch?.(consumer.name, counts);
    const feed = createFeed({ consumer, events, reads, clock, owner, isDead, onBatch });
    const next: Live = { generation, feed, stopping: new AbortController(), running: Promise.resolve() };
    if (onFatal) run(next);
    live.set(view, next);
  }

  /** Follows all aliases, one call after the other. A view in trouble keeps none of the others waiting. */
  function followAll(): Promise<void> {
    const next = following.then(async () => {
      const failed = (await Promise.allSettled(viewNames.map(follow))).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    });
    following = next.catch(() => undefined);
    return next;
  }

  function run(one: Live): void {
    one.running = one.feed.run(one.stopping.signal).catch((error: unknown) => {
      if (error instanceof StoreFailed) return onFatal?.(error);
      log?.error({ err: error, feed: one.feed.name }, 'a projection stopped');
    });
  }

  async function halt(one: Live): Promise<void> {
    one.stopping.abort();
    await one.running;
    await one.feed.release().catch(() => undefined); // then the lease runs out
  }

  /** The plan stands in the read store, so a queue that is away delays a rebuild and nothing else. */
  function reconciledLater(error: unknown): void {
    log?.warn({ err: error }, 'a rebuild waits for the queue');
  }

  async function reconcile(): Promise<void> {
    for (const plan of await openRebuilds(reads))
      if (versionOf(plan.generation) === views[plan.view].version) await enqueueRebuild(queue, plan);
  }

  function every(ms: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work()
        .catch((error: unknown) => log?.warn({ err: error }, 'the projector tries again'))
        .finally(() => onFatal && every(ms, work));
    }, ms);
    timers.add(timer);
  }

  async function status(): Promise<ProjectorStatus[]> {
    const views = await statusOfViews({ events, reads, clock });
    return Promise.all(
      views.map(async (status) => {
        const one = live.get(status.view);
        if (!one) return { ...status, feed: null };
        const { name, role, error } = await one.feed.status();
        return { ...status, feed: { name, role, error } };
      }),
    );
  }

  return {
    get feeds() {
      return [...live.values()].map(({ feed }) => feed);
    },
    async start(hear = () => undefined) {
      onFatal = hear;
      for (const one of live.values()) run(one);
      await followAll();
      stopWork = workOnRebuilds({ ...options, afterwards: followAll });
      await reconcile().catch(reconciledLater);
      every(FOLLOW_MS, followAll);
      every(reconcileMs, reconcile);
    },
    async stop() {
      onFatal = null;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await Promise.all([stopWork?.(), following]);
      await Promise.all([...live.values()].map(halt));
      live.clear();
    },
    status,
    async ready() {
      const statuses = await status();
      const checks = Object.fromEntries(
        statuses.map(({ view, generation, position, feed }) => [
          view,
          { generation, position: position.toString(), role: feed?.role ?? 'none', error: feed?.error ?? null },
        ]),
      );
      return {
        ready: statuses.every(({ generation, feed }) => generation !== null && feed?.role !== 'stopped'),
        checks,
      };
    },
    async catchUp() {
      await followAll();
      for (const { feed } of live.values()) await feed.catchUp();
    },
  };
}
