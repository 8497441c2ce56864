/** Rebuilds on the queue: a job says "look at this plan", and whoever takes it works on the plan. */
import type { Log } from '@creator-dashboards/shared/process/log';
import { newId } from '@creator-dashboards/shared/ids';
import type { JobQueue, JsonObject } from '@creator-dashboards/shared/ports';
import { keepGenerations } from '../kept.js';
import { runInProcess, type WorkerEnvironment } from './fork.js';
import { noteBreak, REBUILDS, type Rebuild } from './plan.js';
import { toInstant } from '@creator-dashboards/shared/time';
import { runRebuild, type RebuildPorts } from './run.js';
import { reportOf } from './work.js';

const REBUILD_JOB = 'rebuild';
const KEPT = 2;

export function rebuildJobId({ _id }: Pick<Rebuild, '_id'>): string {
  return `${REBUILD_JOB}-${_id}`;
}

/** Puts a job for the rebuild on the queue, unless there is one. */
export function enqueueRebuild(queue: JobQueue, plan: Pick<Rebuild, '_id'>): Promise<boolean> {
  return queue.add({ id: rebuildJobId(plan), name: REBUILD_JOB, data: { rebuild: plan._id } });
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
  /** How many generations of a view are kept when one is done; 2 unless given. */
  readonly keepGenerations?: number | undefined;
  /** Called after each job, when an alias may have moved. */
  readonly afterwards?: () => Promise<void>;
}

/** Works on rebuilds until the returned stop is called; await it. */
export function workOnRebuilds({
  queue,
  stores,
  log,
  keepGenerations: keep = KEPT,
  afterwards,
  ...ports
}: WorkPorts): () => Promise<void> {
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

  return queue.work(REBUILD_JOB, async ({ job, signal, progress }) => {
    const { rebuild: id } = job.data as { rebuild: string };
    const report = (state: JsonObject) =>
      progress(state).catch((error: unknown) => log?.debug({ err: error, rebuild: id }, 'progress was not reported'));
    log?.info({ rebuild: id, attempt: job.attempts }, 'rebuild begins');
    try {
      if (stores) await runInProcess(stores, id, signal, (state) => void report(state));
      else {
        // A separate owner name, so that the live feed of this process does not take the candidate's lease for its own.
        const owner = `${ports.owner}:${newId()}`;
        await runRebuild({ ...ports, owner }, id, signal, (plan) => void report(reportOf(plan)));
      }
    } catch (error) {
      log?.warn({ err: error, rebuild: id }, 'rebuild broke off');
      const reason = error instanceof Error ? error.message : String(error);
      await noteBreak(ports.reads, id, reason, toInstant(ports.clock.now()));
      throw error;
    }
    log?.info({ rebuild: id }, 'rebuild ended');
    await dropOlder(id);
    await afterwards?.();
  });
}
