/** Starts the worker thread of a rebuild and relays what it says. */
import { Worker } from 'node:worker_threads';
import type { StoreConfig } from '@creator-dashboards/shared/process/connect';
import type { JsonObject } from '@creator-dashboards/shared/ports';
import type { WorkerTask } from './worker.js';

/** Resolves when the thread has ended, by itself or after `signal`. Rejects with what it died of. */
export function runInThread(
  config: StoreConfig,
  rebuild: string,
  signal: AbortSignal,
  onProgress: (progress: JsonObject) => void,
): Promise<void> {
  const task: WorkerTask = { config: plain(config), rebuild };
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry(), { workerData: task });
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

/** Only what the stores need crosses the thread's border. */
function plain(config: StoreConfig): StoreConfig {
  const { dataDir, eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl, masterKey } = config;
  return { dataDir, eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl, masterKey };
}

/** The built worker; or its source, for which the thread must load tsx first (a thread does not take over its parent's loaders). */
function entry(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./worker.js', import.meta.url);
  const source = new URL('./worker.ts', import.meta.url).href;
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
