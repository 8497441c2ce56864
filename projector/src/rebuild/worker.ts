/**
 * A rebuild in a process of its own: a replay in a service's process would delay its responses, and its memory would stay there.
 * It has the log to read and the read store to write, and nothing by which a replay could have any other effect.
 */
import { openEvents, openReads, openTracer } from '@creator-dashboards/shared/process/connect';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import { isTransient } from '@creator-dashboards/shared/store-errors';
import { SECOND, systemClock } from '@creator-dashboards/shared/time';
import { retry } from '@creator-dashboards/shared/waiting';
import { views } from '@creator-dashboards/shared/views/registry';
import type { FromWorker, ToWorker, WorkerTask } from './fork.js';
import { helping } from './help.js';
import type { Rebuild } from './plan.js';
import { openRebuild, runRebuild } from './run.js';
import { reportOf } from './work.js';

/** What the process takes beside the documents of a window: code, the stores' own memory, a page of events, garbage. */
const BESIDE_WINDOWS_MB = 176;

/** The process that started this one has the same collector, and tells when it is away. */
const silent = { warn: () => undefined };

const stop = new AbortController();
process.on('message', (told: ToWorker) => {
  if (told === 'stop') stop.abort();
  else void work(told);
});
// The process that started this one says when to stop, also after Ctrl-C, which reaches both.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
// That process has ended, or this one has finished. A replay may end at any point.
process.once('disconnect', () => process.exit());
if (!process.connected) process.exit();

async function work(task: WorkerTask): Promise<void> {
  try {
    await replay(task);
  } catch (error) {
    process.exitCode = 1;
    await tell({ failure: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect();
}

async function replay({ environment, rebuild, share }: WorkerTask): Promise<void> {
  const tracer = await openTracer(environment, { service: 'rebuild', log: silent });
  const events = await patiently(() => openEvents(environment));
  try {
    const reads = await patiently(() => openReads(environment));
    try {
      const process = { owner: processName(), isDead: isDeadProcess };
      const windowBytes = (environment.rebuildMemoryMb - BESIDE_WINDOWS_MB) * 1024 * 1024;
      const ports = {
        events,
        reads,
        clock: systemClock,
        views: withFingerprints(views),
        windowBytes,
        tracer,
        ...process,
      };
      const report = (plan: Rebuild) => void tell({ progress: reportOf(plan) });
      await runRebuild(ports, rebuild, stop.signal, report, share === 0 ? openRebuild : helping(share));
    } finally {
      await reads.close();
    }
  } finally {
    await events.close();
    await tracer?.close();
  }
}

/** Waits for a store that is away, until it shall stop. */
function patiently<T>(open: () => Promise<T>): Promise<T> {
  const mayPass = (error: unknown) => isTransient(error) && !stop.signal.aborted;
  return retry(systemClock, { patienceMs: Infinity, pauseMs: SECOND, isTransient: mayPass }, open);
}

/** Resolves when it is sent, or cannot be: then the other side is gone, and this process ends. */
function tell(told: FromWorker): Promise<void> {
  return new Promise((resolve) => process.send?.(told, undefined, undefined, () => resolve()));
}
