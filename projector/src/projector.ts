/**
 * The projector: feeds the served generation of every view, rebuilds when the code is newer or an operator asks, and follows the
 * aliases. Any number of processes may run one; leases decide which feeds what.
 */
import { createFeed, type BatchCounts, type Feed } from '@creator-dashboards/shared/feed';
import { catchingUp } from '@creator-dashboards/shared/feed/lag';
import type { Pulse } from '@creator-dashboards/shared/feed/pulse';
import { repairsIn } from '@creator-dashboards/shared/feed/repairs';
import type { Readiness } from '@creator-dashboards/shared/http/operations';
import { warnOfParked } from '@creator-dashboards/shared/feed/parked-log';
import type { Log } from '@creator-dashboards/shared/process/log';
import type { EventStore, JobQueue, ReadStore } from '@creator-dashboards/shared/ports';
import { StoreFailed } from '@creator-dashboards/shared/store-errors';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import { DAY, SECOND, type Clock } from '@creator-dashboards/shared/time';
import { readTogether } from '@creator-dashboards/shared/together';
import { every, oneAtATime } from '@creator-dashboards/shared/waiting';
import type { Tracer } from '@creator-dashboards/shared/tracing/tracer';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt, recordBuild } from './builds.js';
import { decide, standingOf, type Decision, type OnChange } from './decide.js';
import { aliasOf, consumerOf, generationOf, moveAlias, type ViewAlias } from './generations.js';
import { createLagHistory, LOOKED_EVERY_MS, type LagHistory } from './lag-history.js';
import { afterMoves } from './moves.js';
import { createOtherCode } from './other-code.js';
import type { WorkerEnvironment } from './rebuild/fork.js';
import { heldRebuilds, rebuildsUnderWay, type Rebuild } from './rebuild/plan.js';
import { planByItself } from './rebuild/planner.js';
import { enqueueRebuild, workOnRebuilds } from './rebuild/queue.js';
import { tellsTrouble } from './rebuild/trouble.js';
import {
  readinessOf,
  servedViews,
  statusOfViews,
  type FedHere,
  type ProjectorStatus,
  type ServedView,
} from './status.js';

export interface ProjectorOptions {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** That of the process: its feeds beat together. */
  readonly pulse?: Pulse;
  /** What is fed and rebuilt. */
  readonly views: ViewRegistry;
  /** Name of this process, unique per start. */
  readonly owner: string;
  readonly isDead?: (owner: string) => boolean;
  readonly log?: Log;
  /** What the processes of rebuilds work by; they have a registry of their own. Without it, rebuilds run in this process. */
  readonly stores?: WorkerEnvironment;
  /** How many generations of each view are kept after a rebuild; 2 unless given. */
  readonly keepGenerations?: number;
  /** How many processes build a view anew together, of which so many at most are of this projector; 1 unless given. */
  readonly rebuildWorkers?: number;
  /** What follows when this code changes a view; auto unless given. */
  readonly rebuildOnChange?: OnChange;
  /** For how long what was served before is fed on; 24 hours unless given. */
  readonly feedPreviousMs?: number;
  /** How often open rebuilds are put on the queue again, in case their job was lost. */
  readonly reconcileMs?: number;
  /** Called after each batch of each feed. */
  readonly onBatch?: (feed: string, counts: BatchCounts) => void;
  /** Unless given, nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

export interface Projector {
  /** The present feeds of this process; a moved alias replaces one. */
  readonly feeds: readonly Feed[];
  /** Feeds, rebuilds and follows the aliases until `stop`. `onFatal` is called when a store cannot be trusted any more. */
  start(onFatal?: (error: unknown) => void): Promise<void>;
  /** Ends everything after the current batch and releases the leases. */
  stop(): Promise<void>;
  status(): Promise<ProjectorStatus[]>;
  /** Of everything that follows the log, whoever runs it. */
  readonly lags: Pick<LagHistory, 'feeds' | 'look'>;
  /**
   * Whether every view is served, has come to the head of the log once since the start, and is fed or stood by for here; not
   * where the rebuild failed that this code needs. The checks tell every rebuild that is under way or has failed.
   */
  ready(): Promise<Readiness>;
  /** Steps every feed to the head of the log, by hand (tests, demonstration data). */
  catchUp(): Promise<void>;
}

/** How often aliases are checked. */
const FOLLOW_MS = 2 * SECOND;
const RECONCILE_MS = 10 * SECOND;

/** A generation that this process feeds or is on standby for. */
interface FedGeneration {
  readonly view: string;
  readonly feed: Feed;
  readonly stopping: AbortController;
  running: Promise<void>;
}

export function createProjector(options: ProjectorOptions): Projector {
  const { events, reads, queue, clock, pulse, views, owner, isDead, log, reconcileMs = RECONCILE_MS } = options;
  const { rebuildOnChange: onChange = 'auto', feedPreviousMs = DAY } = options;
  /** All views are looked at together. */
  const looks = readTogether(reads);
  const repairs = repairsIn(reads);
  /** By the name of the feed. */
  const fed = new Map<string, FedGeneration>();
  const planned = new Set<string>();
  const otherCode = createOtherCode({ events, reads, clock, isDead, log });
  const tellTrouble = tellsTrouble(options);
  let onFatal: ((error: unknown) => void) | null = null;
  let stopWork: (() => Promise<void>) | null = null;
  let stopping = new AbortController();
  let loops: readonly Promise<void>[] = [];
  const inTurn = oneAtATime();
  const whereMoved = afterMoves(options);
  const lags = createLagHistory({ events, reads, clock });
  const progressOfViews = catchingUp();

  /** The alias of a view. One that has none is served from now on, from a generation that is built in place. */
  async function servedAlias(view: View): Promise<ViewAlias> {
    for (let serial = 1; ; serial += 1) {
      const alias = await aliasOf(looks, view.name);
      if (alias) return alias;
      const generation = generationOf(view.version, serial);
      if (!(await recordBuild(reads, view, generation))) continue; // other code has begun it, and died
      await moveAlias(reads, view.name, null, { generation, position: await events.head() });
    }
  }

  /** What this process feeds of a view. Plans a rebuild where this code changes it. */
  async function toFeedOf(view: View, held: readonly Rebuild[]): Promise<Decision['feed']> {
    const alias = await servedAlias(view);
    const standing = await standingOf(looks, view, alias, { now: clock.now(), feedPreviousMs });
    const { feed, rebuild } = decide(view, standing, onChange);
    await otherCode.look(view, alias, standing.served.fold, feed);
    if ((rebuild === 'start' || rebuild === 'hold') && !planned.has(view.name)) {
      planned.add(view.name); // once per start: a rebuild that failed waits for an operator, or for the next start
      const plan = await planByItself(options, view, alias, rebuild === 'hold');
      if (plan) await enqueueRebuild(queue, plan).catch(reconciledLater);
    }
    const candidates = await Promise.all(
      held.map(async ({ generation }) => ({ generation, code: await codeThatBuilt(looks, view, generation) })),
    );
    return [...feed, ...candidates.flatMap(({ generation, code }) => (code === view ? [{ generation, code }] : []))];
  }

  async function follow(view: View, held: readonly Rebuild[]): Promise<void> {
    const wanted = new Map(
      (await toFeedOf(view, held)).map((one) => [feedNameOf(view.name, one.generation), one] as const),
    );
    for (const [name, one] of fed)
      if (one.view === view.name && !wanted.has(name)) {
        await halt(one);
        fed.delete(name);
      }
    for (const [name, one] of wanted) if (!fed.has(name)) begin(view.name, one.generation, one.code);
  }

  function begin(view: string, generation: string, code: View): void {
    log?.info({ view, generation }, 'feeding');
    const consumer = consumerOf(code, generation);
    const onBatch = (counts: BatchCounts, lagSeconds: number) => {
      lags.heard(consumer.name, lagSeconds);
      options.onBatch?.(consumer.name, counts);
    };
    const onParked = log && warnOfParked(log, consumer.name);
    const also = { onBatch, tracer: options.tracer, repairs, announces: true, ...(onParked && { onParked }) };
    const feed = createFeed({ consumer, events, reads, clock, pulse, owner, isDead, ...also });
    const next: FedGeneration = { view, feed, stopping: new AbortController(), running: Promise.resolve() };
    if (onFatal) run(next);
    fed.set(consumer.name, next);
  }

  /** Follows all aliases and held rebuilds; calls do not overlap. A view in trouble does not delay the others. */
  function followAll(): Promise<void> {
    return inTurn(async () => {
      const held = await heldRebuilds(reads);
      const followed = await Promise.allSettled(
        Object.values(views).map((view) =>
          follow(
            view,
            held.filter((plan) => plan.view === view.name),
          ),
        ),
      );
      const failed = followed.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    });
  }

  function run(one: FedGeneration): void {
    one.running = one.feed.run(one.stopping.signal).catch((error: unknown) => {
      if (error instanceof StoreFailed) return onFatal?.(error);
      log?.error({ err: error, feed: one.feed.name }, 'a projection stopped');
    });
  }

  async function halt(one: FedGeneration): Promise<void> {
    one.stopping.abort();
    await one.running;
    await one.feed.release().catch(() => undefined); // then the lease expires
  }

  /** The plan is in the read store, so an unavailable queue only delays the rebuild. */
  function reconciledLater(error: unknown): void {
    log?.warn({ err: error }, 'a rebuild waits for the queue');
  }

  async function reconcile(): Promise<void> {
    await tellTrouble();
    for (const plan of await rebuildsUnderWay(reads)) {
      const view = views[plan.view];
      if (view && (await codeThatBuilt(reads, view, plan.generation))) await enqueueRebuild(queue, plan);
    }
  }

  function repeat(ms: number, work: () => Promise<void>): Promise<void> {
    const again = (error: unknown) => log?.warn({ err: error }, 'the projector tries again');
    return every(clock, ms, () => work().catch(again), stopping.signal);
  }

  function withFeed<V extends ServedView>(served: V): V & FedHere {
    const own = served.generation && fed.get(feedNameOf(served.view, served.generation));
    const one = own || [...fed.values()].find(({ view }) => view === served.view);
    return { ...served, feed: one?.feed.standing() ?? null };
  }

  return {
    get feeds() {
      return [...fed.values()].map(({ feed }) => feed);
    },
    async start(hear = () => undefined) {
      onFatal = hear;
      for (const one of fed.values()) run(one);
      await followAll();
      const afterwards = async () => {
        await followAll();
        await tellTrouble();
      };
      stopWork = workOnRebuilds({ ...options, afterwards });
      await reconcile().catch(reconciledLater);
      stopping = new AbortController();
      loops = [
        repeat(FOLLOW_MS, () => whereMoved(followAll)),
        repeat(reconcileMs, reconcile),
        repeat(LOOKED_EVERY_MS, lags.look),
      ];
    },
    async stop() {
      onFatal = null;
      stopping.abort();
      await Promise.all([stopWork?.(), ...loops]);
      await Promise.all([...fed.values()].map(halt));
      fed.clear();
    },
    status: async () => (await statusOfViews(options)).map(withFeed),
    lags,
    async ready() {
      const [head, served] = await Promise.all([events.head(), servedViews(options)]);
      const least = served.reduce((most, { position }) => (position < most ? position : most), head);
      const { done, progress } = progressOfViews(least, head);
      return { ...readinessOf(served.map(withFeed), done), progress };
    },
    async catchUp() {
      await followAll();
      for (const { feed } of fed.values()) await feed.catchUp();
    },
  };
}
