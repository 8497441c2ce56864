/** When to decide anew what is fed: at once where an alias has moved; every ten seconds in any case, since plans and time decide, too. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { ALIASES } from '@creator-dashboards/shared/views/alias';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { isDeepStrictEqual } from 'node:util';

const ANYWAY_MS = 10 * SECOND;

export interface MovesOptions {
  readonly reads: Pick<ReadStore, 'getMany'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly views: ViewRegistry;
}

/** Returns a function that looks at the aliases, and does the work where it is time for it. Work that fails is done again at the next call. */
export function afterMoves({ reads, clock, views }: MovesOptions): (work: () => Promise<void>) => Promise<void> {
  let done: { readonly aliases: unknown; readonly at: number } | null = null;
  return async (work) => {
    const at = clock.monotonic();
    const aliases = await reads.getMany(ALIASES, Object.keys(views));
    if (done && at - done.at < ANYWAY_MS && isDeepStrictEqual(aliases, done.aliases)) return;
    done = null;
    await work();
    done = { aliases, at };
  };
}
