/** The queue's side of rebuilds: takes "look at this rebuild" and works on it, in a thread where one can connect by itself. */
import type { StoreConfig } from '@creator-dashboards/shared/process/connect';
import type { Log } from '@creator-dashboards/shared/process/log';
import { newId } from '@creator-dashboards/shared/ids';
import type { JobQueue, JsonObject } from '@creator-dashboards/shared/ports';
import { progressOf, REBUILD_JOB } from './plan.js';
import { runRebuild, type RebuildPorts } from './run.js';
import { runInThread } from './thread.js';

interface WorkPorts extends Omit<RebuildPorts, 'batch'> {
  readonly queue: JobQueue;
  readonly stores?: StoreConfig;
  readonly log?: Log;
  /** Called after each job, when an alias may have moved. */
  readonly afterwards?: () => Promise<void>;
}

/** Works on rebuilds until the answered stop is awaited. */
export function workOnRebuilds({ queue, stores, log, afterwards, ...ports }: WorkPorts): () => Promise<void> {
  return queue.work(REBUILD_JOB, async ({ job, signal, progress }) => {
    const { rebuild: id } = job.data as { rebuild: string };
    const tell = (state: JsonObject) =>
      progress(state).catch((error: unknown) => log?.debug({ err: error, rebuild: id }, 'progress was not told'));
    log?.info({ rebuild: id, attempt: job.attempts }, 'rebuild begins');
    try {
      if (stores) await runInThread(stores, id, signal, (state) => void tell(state));
      else {
        // A name of its own: the live feed of the same process must not take the candidate's lease for its own.
        const owner = `${ports.owner}:${newId()}`;
        await runRebuild({ ...ports, owner }, id, signal, (plan) => void tell(progressOf(plan)));
      }
    } catch (error) {
      log?.warn({ err: error, rebuild: id }, 'rebuild broke off and will be tried again');
      throw error;
    }
    log?.info({ rebuild: id }, 'rebuild ended');
    await afterwards?.();
  });
}
