/**
 * Rebuilds on the queue: a job says "look at this plan", and whoever takes it works on the plan. Where a plan has several shares, further
 * jobs say "help with it"; who folds what is decided in the read store.
 */
import type { Log } from '@creator-dashboards/shared/process/log';
import { newId } from '@creator-dashboards/shared/ids';
import type { JobQueue, JobRun, JsonObject } from '@creator-dashboards/shared/ports';
import { keepGenerations } from '../kept.js';
import { runInProcess, type WorkerEnvironment } from './fork.js';
import { helping } from './help.js';
import { noteBreak, REBUILDS, type Rebuild } from './plan.js';
import { toInstant } from '@creator-dashboards/shared/time';
import { openRebuild, runRebuild, type RebuildPorts } from './run.js';
import { reportOf } from './work.js';

const REBUILD_JOB = 'rebuild';
const HELP_JOB = 'rebuild-help';
const KEPT = 2;

export function rebuildJobId({ _id }: Pick<Rebuild, '_id'>): string {
  return `${REBUILD_JOB}-${_id}`;
}

/** Puts jobs for the rebuild on the queue, unless they are there: one, and while it is folded one more for each further share. */
export async function enqueueRebuild(
  queue: JobQueue,
  plan: Pick<Rebuild, '_id' | 'state' | 'shares'>,
): Promise<boolean> {
  const { _id: rebuild, state, shares } = plan;
  const added = await queue.add({ id: rebuildJobId(plan), name: REBUILD_JOB, data: { rebuild } });
  for (let share = 1; state === 'RUNNING' && share < shares; share += 1)
    await queue.add({ id: `${HELP_JOB}-${rebuild}-${share}`, name: HELP_JOB, data: { rebuild, share } });
  return added;
}

/** The rebuild that a projector works on while this one waits on the queue; null if none does. */
export async function aheadOf(
  { queue, reads }: Pick<WorkPorts, 'queue' | 'reads'>,
  plan: Pick<Rebuild, '_id'>,
): Promise<Rebuild | null> {
  const jobs = await queue.list(REBUILD_JOB);
  const taken = jobs.find(({ id, state }) => state === 'active' && id !== rebuildJobId(plan));
  return taken ? reads.get<Rebuild>(REBUILDS, (taken.data as { rebuild: string }).rebuild) : null;
}

interface WorkPorts extends Omit<RebuildPorts, 'batch'> {
  readonly queue: JobQueue;
  /** What a process of its own works by, on the views of its own registry. Without it, those of `views` are built in this process. */
  readonly stores?: WorkerEnvironment;
  readonly log?: Log;
  /** How many processes build a view anew together, of which so many at most are of this one; 1 unless given. */
  readonly rebuildWorkers?: number | undefined;
  /** How many generations of a view are kept when one is done; 2 unless given. */
  readonly keepGenerations?: number | undefined;
  /** Called after each job, when an alias may have moved. */
  readonly afterwards?: () => Promise<void>;
}

/** Works on a plan, or helps with it, as the job says. */
async function workOn({ stores, log, ...ports }: WorkPorts, { job, signal, progress }: JobRun): Promise<void> {
  const { rebuild: id, share = 0 } = job.data as { rebuild: string; share?: number };
  const report = (state: JsonObject) =>
    void progress(state).catch((error: unknown) =>
      log?.debug({ err: error, rebuild: id }, 'progress was not reported'),
    );
  if (stores) return runInProcess(stores, { rebuild: id, share }, signal, report);
  // A separate owner name, so that the live feed of this process does not take the candidate's lease for its own.
  const owner = `${ports.owner}:${newId()}`;
  const open = share === 0 ? openRebuild : helping(share);
  await runRebuild({ ...ports, owner }, id, signal, (plan) => report(reportOf(plan)), open);
}

/** Works on rebuilds until the returned stop is called; await it. */
export function workOnRebuilds(options: WorkPorts): () => Promise<void> {
  const { queue, log, keepGenerations: keep = KEPT, rebuildWorkers = 1, afterwards, ...ports } = options;

  /** A generation too many is no reason to call a rebuild failed. */
  async function dropOlder(id: string): Promise<void> {
    try {
      const plan = await ports.reads.get<Rebuild>(REBUILDS, id);
      const view = plan && ports.views[plan.view];
      if (plan?.state !== 'DONE' || !view) return;
      const dropped = await keepGenerations(ports.reads, view, keep);
      if (dropped.length > 0) log?.info({ view: plan.view, dropped }, 'older generations are dropped');
    } catch (error) {
      log?.warn({ err: error, rebuild: id }, 'older generations could not be dropped');
    }
  }

  /** Where it breaks off, any other worker of the plan takes its share over. */
  async function help(run: JobRun): Promise<void> {
    const { data } = run.job;
    log?.info(data, 'helping with a rebuild');
    await workOn(options, run).catch((error: unknown) => {
      log?.warn({ err: error, ...data }, 'helping with a rebuild broke off');
      throw error;
    });
  }

  async function rebuild(run: JobRun): Promise<void> {
    const { rebuild: id } = run.job.data as { rebuild: string };
    log?.info({ rebuild: id, attempt: run.job.attempts }, 'rebuild begins');
    try {
      await workOn(options, run);
    } catch (error) {
      log?.warn({ err: error, rebuild: id }, 'rebuild broke off');
      const reason = error instanceof Error ? error.message : String(error);
      await noteBreak(ports.reads, id, reason, toInstant(ports.clock.now()));
      throw error;
    }
    log?.info({ rebuild: id }, 'rebuild ended');
    await dropOlder(id);
    await afterwards?.();
  }

  const helpers = Array.from({ length: rebuildWorkers - 1 }, () => queue.work(HELP_JOB, help));
  const stops = [queue.work(REBUILD_JOB, rebuild), ...helpers];
  return async () => void (await Promise.all(stops.map((stop) => stop())));
}
