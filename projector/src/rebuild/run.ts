/**
 * Builds a candidate generation beside the served one and moves the alias when it has caught up. The process may die at any step:
 * progress is the candidate's own checkpoint, so the next worker continues from there.
 */
import { createFeed } from '@creator-dashboards/shared/feed';
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { Position } from '@creator-dashboards/shared/ports';
import { isTransient } from '@creator-dashboards/shared/store-errors';
import { SECOND, toInstant } from '@creator-dashboards/shared/time';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { wait } from '@creator-dashboards/shared/waiting';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from '../builds.js';
import { aliasOf, consumerOf, moveAlias, versionOf } from '../generations.js';
import { isUnbuilt } from '../kept.js';
import { NO_COST } from './estimate.js';
import { askGate, SAMPLE } from './gate.js';
import { claimRebuild, isClaimed, REBUILDS, updateRebuild, type Rebuild, type RebuildState } from './plan.js';
import { createReplay, type Replay } from './replay.js';
import { shareOptions, type ReplayPorts } from './shares.js';
import { batchAt, createThrottle } from './throttle.js';
import { withWork, type Done, type Work } from './work.js';

export interface RebuildPorts extends ReplayPorts {
  readonly views: ViewRegistry;
  /** Aborted when the run shall end soon: a comparison is given up. */
  readonly signal?: AbortSignal;
}

export interface RebuildStep {
  readonly plan: Rebuild;
  /** Whether to step again at once, after a pause (another process holds the lease, or the served generation is ahead), or never. */
  readonly next: 'now' | 'later' | 'ended';
}

export interface RebuildRun {
  /** One batch, or one attempt to take over from the served generation. */
  step(): Promise<RebuildStep>;
  /** Gives the candidate's lease back. */
  release(): Promise<void>;
}

const BATCH = 10_000;
/** Read at once it takes ten times as much memory. */
const BATCH_BYTES = 4 * 1024 * 1024;
const WAIT_MS = 250;
const AWAY_MS = SECOND;
const COUNT_MS = 5 * SECOND;
const WAITING = 'it is ready, and the switch is left to an operator (REBUILD_ON_CHANGE=hold)';

/**
 * The run of a rebuild, fenced against older runs. Null if there is nothing to do: it is finished, held or paused, or the code that builds
 * it is not among `views`.
 */
export async function openRebuild(ports: RebuildPorts, id: string): Promise<RebuildRun | null> {
  const { events, reads, clock, views } = ports;
  const found = await reads.get<Rebuild>(REBUILDS, id);
  const view = found && views[found.view];
  const code = view && (await codeThatBuilt(reads, view, found.generation));
  if (!code || (code !== view && !found.rollback)) return null;
  const claimed = await claimRebuild(reads, found, ports.owner);
  if (!claimed) return null;
  let plan = claimed;
  const { view: name, generation } = plan;
  /** What was served when the gate let the candidate pass: it is not asked again while the candidate catches up once more. */
  let passed: string | null = null;
  /** Since when the present step works, without what is already noted of it. */
  let since = clock.monotonic();
  let countedAt = since;
  /** Whether it waits for other workers, which is work, too. */
  let waits = false;
  /** What is noted of the time to store documents, and of the documents that are compared. */
  let storing = NO_COST;
  let looked = 0;
  const isCompared = !plan.rollback && typeof (await aliasOf(reads, name))?.generation === 'string';
  const throttle = createThrottle(clock, plan.rate);
  const batch = batchAt(plan.rate, ports.batch ?? BATCH);
  const feed = createFeed({ ...ports, batch, maxBytes: BATCH_BYTES, consumer: consumerOf(code, generation) });
  /** Null once the feed has the rest. */
  let replay: Replay | null = plan.rollback ? null : createReplay(shareOptions(ports, code, plan));

  /** Writes the plan. If a newer worker has claimed it, or an operator paused or cancelled it, this run is over. */
  async function write(
    change: Partial<Rebuild>,
    next: RebuildStep['next'],
    more: Omit<Done, 'ms'> = { seen: 0 },
  ): Promise<RebuildStep> {
    const now = clock.monotonic();
    const work = withWork(plan.work, { ...more, ms: now - since });
    since = now;
    const written = await updateRebuild(reads, plan, { ...change, work });
    if (!written) return { plan, next: 'ended' };
    plan = written;
    return { plan, next };
  }

  const end = (state: RebuildState, error: string | null = null) =>
    write({ state, error, finishedAt: toInstant(clock.now()) }, 'ended');

  /** Moves the alias once the candidate, now at `position`, is as far as the served generation and has passed the gate. */
  async function takeOver(position: Position): Promise<RebuildStep> {
    const alias = await aliasOf(reads, name);
    if (alias?.generation === generation) return end('DONE');
    if (alias) {
      if (alias.plan !== plan._id) return end('SUPERSEDED', `${alias.plan ?? 'no plan'} is newer`);
      if (!plan.rollback && versionOf(alias.generation) > versionOf(generation))
        return end('SUPERSEDED', `${alias.generation}, of a newer version, is served already`);
      const served = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(name, alias.generation));
      if (served && position < served.position) return { plan, next: 'later' };
      if (!plan.rollback && passed !== alias.generation) return passGate(alias.generation);
    }
    // Looked at after the alias, whose fence holds from then on.
    if (!(await isOurs())) return { plan, next: 'ended' };
    if (position > 0n && (await isUnbuilt(reads, name, generation))) return { plan, next: 'later' };
    return (await moveAlias(reads, name, alias, { generation, position, plan: plan._id }))
      ? end('DONE')
      : { plan, next: 'now' };
  }

  const compareWith = (served: string) => askGate(ports, view, plan, served, feedOn);

  /** Compares the candidate with what is served. One that may not be served is held. */
  async function passGate(served: string): Promise<RebuildStep> {
    looked = 0;
    const report = await compareWith(served);
    if (!report) return { plan, next: 'now' };
    const { _id, refusals } = report;
    const error = refusals.length > 0 ? refusals.join('; ') : plan.hold ? WAITING : null;
    if (error === null) passed = served;
    const held = error === null ? {} : ({ state: 'HELD', error } as const);
    const more = { ...comparingUpTo(report.compared), toCompare: 0 };
    return write({ report: _id, ...held }, error === null ? 'now' : 'ended', more);
  }

  /** So many documents are compared by now. */
  function comparingUpTo(compared: number) {
    const comparing = { units: Math.max(0, compared - looked), ms: clock.monotonic() - since };
    looked = compared;
    return { seen: 0, comparing, toCompare: Math.max(0, plan.work.toCompare - comparing.units) };
  }

  /** Keeps the candidate up to date, and its lease, while it is compared, of which so many documents are. */
  async function feedOn(compared: number): Promise<boolean> {
    if (ports.signal?.aborted || !(await isOurs())) return false;
    await feed.step();
    while (await feed.retryParked());
    return (await write({}, 'now', comparingUpTo(compared))).next === 'now';
  }

  const isOurs = () => isClaimed(reads, plan);

  /** The candidate's documents, now and then: to count them takes an engine a while. */
  async function countNow(atOnce: boolean, unstored = 0): Promise<Partial<Pick<Work, 'documents'>>> {
    if (!atOnce && clock.monotonic() - countedAt < COUNT_MS) return {};
    countedAt = clock.monotonic();
    return { documents: (await reads.count(collectionOf(name, generation))) + unstored };
  }

  /** How many of so many documents are to be compared before the switch. */
  function toCompareOf(documents: number): number {
    return isCompared && passed === null ? Math.min(SAMPLE, documents) : 0;
  }

  /** Another process has the lease: a worker, or whoever feeds what is served, where the one that switched died before it said so. */
  async function standBy(): Promise<RebuildStep> {
    const alias = await aliasOf(reads, name);
    return alias?.generation === generation ? end('DONE') : { plan, next: 'later' };
  }

  /** One page of a window, or a batch of its documents, and a report of what all workers have done. Null when all is folded. */
  async function replayOn(of: Replay): Promise<RebuildStep | null> {
    const { state, seen: own } = await of.step();
    if (state === 'standby') return standBy();
    if (state === 'over') replay = null;
    const { position, unstored, events: all, stored, storing: total, ...progress } = await of.progress();
    throttle.read(own, progress.workers);
    const head = (await events.head()).toString();
    const seen = Math.max(0, all - plan.work.events);
    if (state === 'over' && seen === 0) return null;
    const spent = { units: total.units - storing.units, ms: total.ms - storing.ms };
    storing = total;
    waits = state === 'waiting';
    const toCompare = toCompareOf(stored + progress.toStore);
    const more = { seen, ...progress, storing: spent, toCompare, ...(await countNow(false, unstored)) };
    return write({ position: position ?? plan.position, head }, waits ? 'later' : 'now', more);
  }

  async function stepOnce(): Promise<RebuildStep> {
    await throttle.ready(ports.signal);
    const replayed = replay && (await replayOn(replay));
    if (replayed) return replayed;
    const seen = await feed.step();
    throttle.read(seen);
    if (seen === 0 && feed.standing().role !== 'active') {
      // This very code may already be feeding the previous generation: then there is nothing to build.
      return plan.rollback ? takeOver(await feed.reachedPosition()) : standBy();
    }
    if (seen === 0) while (await feed.retryParked());
    const head = (await events.head()).toString();
    const state = seen === 0 ? 'CAUGHT_UP' : plan.state;
    const left = await events.countAfter(feed.position());
    const counted = await countNow(state !== plan.state);
    const toCompare = toCompareOf(counted.documents ?? plan.work.documents);
    const more = { seen, left, toStore: 0, toCompare, workers: 1, ...counted };
    const reported = await write({ position: feed.position(), head, state }, 'now', more);
    return seen > 0 || reported.next === 'ended' ? reported : takeOver(feed.position());
  }

  return {
    async step() {
      if (!waits) since = clock.monotonic();
      waits = false;
      if (!(await isOurs())) {
        await replay?.release();
        return { plan, next: 'ended' };
      }
      return stepOnce().catch((error: unknown) => {
        if (error instanceof FeedStopped) return end('FAILED', error.message);
        throw error;
      });
    },
    async release() {
      await replay?.release();
      await feed.release();
    },
  };
}

/**
 * Runs a rebuild to its end, or until aborted; waits while a store is unreachable. Returns the plan as it is then, null if there was
 * nothing to do. Throws errors that are not transient.
 */
export async function runRebuild(
  ports: RebuildPorts,
  id: string,
  signal: AbortSignal,
  onProgress: (plan: Rebuild) => void = () => undefined,
  open: typeof openRebuild = openRebuild,
): Promise<Rebuild | null> {
  const patiently = <T>(work: () => Promise<T>): Promise<T | 'away'> =>
    work().catch((error: unknown) => {
      if (isTransient(error)) return 'away';
      throw error;
    });
  let run = await patiently(() => open({ ...ports, signal }, id));
  while (run === 'away' && !signal.aborted) {
    await wait(ports.clock, AWAY_MS, signal);
    run = await patiently(() => open({ ...ports, signal }, id));
  }
  if (run === null || run === 'away') return null;
  const opened = run;
  try {
    for (;;) {
      const step = await patiently(() => opened.step());
      if (step === 'away') {
        if (signal.aborted) return null;
        await wait(ports.clock, AWAY_MS, signal);
        continue;
      }
      const { plan, next } = step;
      onProgress(plan);
      if (signal.aborted || next === 'ended') return plan;
      if (next === 'later') await wait(ports.clock, WAIT_MS, signal);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await opened.release().catch(() => undefined); // then the lease expires
  }
}
