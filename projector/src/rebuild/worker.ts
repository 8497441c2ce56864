/** A rebuild in a thread of its own, with its own connections: a replay on a service's thread would delay its responses. */
import { parentPort, workerData } from 'node:worker_threads';
import { connect, type StoreEnvironment } from '@creator-dashboards/shared/process/connect';
import { withFingerprints } from '@creator-dashboards/shared/process/fingerprints';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import { isTransient } from '@creator-dashboards/shared/store-errors';
import { SECOND, systemClock } from '@creator-dashboards/shared/time';
import { retry } from '@creator-dashboards/shared/waiting';
import { views } from '@creator-dashboards/shared/views/registry';
import { runRebuild } from './run.js';
import { reportOf } from './work.js';

export interface WorkerTask {
  readonly environment: StoreEnvironment;
  readonly rebuild: string;
}

if (!parentPort) throw new Error('this module is the entry of a worker thread');
const port = parentPort;
const { environment, rebuild } = workerData as WorkerTask;
const stop = new AbortController();
const mayPass = (error: unknown) => isTransient(error) && !stop.signal.aborted;
port.once('message', () => stop.abort());

const stores = await retry(systemClock, { patienceMs: Infinity, pauseMs: SECOND, isTransient: mayPass }, () =>
  connect(environment),
);
try {
  const ports = {
    events: stores.events,
    reads: stores.reads,
    clock: systemClock,
    views: withFingerprints(views),
    owner: processName(),
    isDead: isDeadProcess,
  };
  await runRebuild(ports, rebuild, stop.signal, (plan) => port.postMessage(reportOf(plan)));
} finally {
  await stores.close();
  port.close();
}
