/** Failed and held rebuilds, in the log of the process. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Log } from '@creator-dashboards/shared/process/log';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { newestRebuilds } from './plan.js';

/** Tells each once per process, also what failed or is held elsewhere or since before it began. */
export function tellsTrouble({
  reads,
  views,
  log,
}: {
  readonly reads: ReadStore;
  readonly views: ViewRegistry;
  readonly log?: Log;
}): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    for (const { _id: rebuild, state, error } of (await newestRebuilds(reads, Object.keys(views))).values()) {
      if ((state !== 'FAILED' && state !== 'HELD') || told.has(`${rebuild} ${error}`)) continue;
      told.add(`${rebuild} ${error}`);
      if (state === 'FAILED')
        log?.error({ rebuild, reason: error }, 'a rebuild has failed: what is served stays until an operator acts');
      else log?.warn({ rebuild, reason: error }, 'a rebuild is held: what is served stays until an operator acts');
    }
  };
}
