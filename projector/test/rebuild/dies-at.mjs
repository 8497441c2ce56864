/** Loaded into a process by NODE_OPTIONS: in the worker of a rebuild it puts `dying-stores.ts` before the stores. */
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && /rebuild.worker\.ts$/.test(process.argv[1] ?? '')) register(import.meta.url);

/** A hook of Node: which module an import leads to. */
export function resolve(specifier, context, next) {
  const isStores = specifier === '@creator-dashboards/shared/process/connect';
  const isWorker = context.parentURL?.endsWith('/rebuild/worker.ts');
  return next(isStores && isWorker ? new URL('dying-stores.ts', import.meta.url).href : specifier, context);
}
