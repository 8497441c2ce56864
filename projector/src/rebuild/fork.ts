/** Starts a worker process of a rebuild and relays its progress. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import type { JsonObject } from '@creator-dashboards/shared/ports';

/** What the worker needs to know: it opens the log and the read store, and nothing else. */
export type WorkerEnvironment = Pick<
  Environment,
  'dataDir' | 'eventStoreUrl' | 'readStoreUrl' | 'rebuildMemoryMb' | 'traces'
>;

export interface WorkerTask {
  readonly environment: WorkerEnvironment;
  readonly rebuild: string;
  /** The share that it looks at first: 0 is the worker that claims the plan, the others help. */
  readonly share: number;
}

/** To the worker: its task, then perhaps that it shall stop at the next batch. */
export type ToWorker = WorkerTask | 'stop';
/** From the worker: how far it is, or why it cannot go on. */
export type FromWorker = { readonly progress: JsonObject } | { readonly failure: string };

/** What a process takes beside the heap that its limit is about: code, stacks, the stores' own memory. */
const BESIDE_THE_HEAP_MB = 96;

/**
 * Resolves when the process has ended, by itself or after `signal`. Rejects with what ended it: an error of its own, a signal, too
 * little memory. It ends with this process, however that ends.
 */
export function runInProcess(
  { dataDir, eventStoreUrl, readStoreUrl, rebuildMemoryMb, traces }: WorkerEnvironment,
  { rebuild, share }: Pick<WorkerTask, 'rebuild' | 'share'>,
  signal: AbortSignal,
  onProgress: (progress: JsonObject) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = start(rebuildMemoryMb);
    const tell = (told: ToWorker) => worker.send(told, () => undefined); // one that has died is heard of by its exit
    const stop = () => tell('stop');
    let failure: string | null = null;
    worker.on('message', (told: FromWorker) => {
      if ('progress' in told) onProgress(told.progress);
      else failure = told.failure;
    });
    worker.once('error', reject);
    worker.once('exit', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(new Error(failure ?? `the worker process ended by ${killedBy ?? `exit code ${code}`}`));
    });
    tell({ environment: { dataDir, eventStoreUrl, readStoreUrl, rebuildMemoryMb, traces }, rebuild, share });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

/** The built worker, or its source, for which the process must load tsx first. */
function start(memoryMb: number): ChildProcess {
  const limit = `--max-old-space-size=${memoryMb - BESIDE_THE_HEAP_MB}`;
  const isSource = import.meta.url.endsWith('.ts');
  const execArgv = isSource ? ['--conditions=source', `--import=${import.meta.resolve('tsx/esm')}`, limit] : [limit];
  const entry = fileURLToPath(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url));
  return fork(entry, { execArgv });
}
