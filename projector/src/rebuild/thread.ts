/** Starts the worker thread of a rebuild and relays its progress. */
import { Worker } from 'node:worker_threads';
import type { StoreEnvironment } from '@creator-dashboards/shared/process/connect';
import type { JsonObject } from '@creator-dashboards/shared/ports';
import type { WorkerTask } from './worker.js';

/** Resolves when the thread has ended, by itself or after `signal`. Rejects with the error that ended it. */
export function runInThread(
  environment: StoreEnvironment,
  rebuild: string,
  signal: AbortSignal,
  onProgress: (progress: JsonObject) => void,
): Promise<void> {
  const task: WorkerTask = { environment: plain(environment), rebuild };
  return new Promise((resolve, reject) => {
    const worker = startWorker(task);
    const stop = () => worker.postMessage('stop');
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    let failure: Error | null = null;
    worker.on('message', onProgress);
    worker.on('error', (error: Error) => (failure = error));
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop);
      if (failure) reject(failure);
      else resolve();
    });
  });
}

/** Only what the stores need is passed to the thread. */
function plain(environment: StoreEnvironment): StoreEnvironment {
  const { dataDir, eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl, masterKeys } = environment;
  return { dataDir, eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl, masterKeys };
}

/**
 * The built worker, or its source, for which the thread must load tsx first (threads do not inherit loaders). Not as a data: URL:
 * coverage tools fail on those.
 */
function startWorker(workerData: WorkerTask): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  const [tsx, source] = [import.meta.resolve('tsx/esm/api'), new URL('./worker.ts', import.meta.url).href];
  const script = `import('${tsx}').then(({ register }) => { register(); return import('${source}'); });`;
  return new Worker(script, { eval: true, workerData });
}
