/**
 * What a process sees to about generations that other code built: the log says so once, and where nobody feeds the served one, reads
 * say so (X-Stale) from then until somebody does.
 */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { createSilence, isSilent } from '@creator-dashboards/shared/feed/silence';
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import type { Log } from '@creator-dashboards/shared/process/log';
import type { Clock } from '@creator-dashboards/shared/time';
import { feedNameOf, frozenSince } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { foldOf } from './builds.js';
import type { Decision } from './decide.js';
import { markFrozen, type ViewAlias } from './generations.js';
import { frozenAt } from './rebuild/frozen.js';

interface OtherCodePorts {
  readonly events: Pick<EventStore, 'head' | 'readAll'>;
  readonly reads: ReadStore;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly isDead?: ((owner: string) => boolean) | undefined;
  readonly log?: Pick<Log, 'warn'> | undefined;
}

/** `look` is called again and again, with what is served, the fingerprint of the fold that built it, and what this process feeds. */
export function createOtherCode({ events, reads, clock, isDead, log }: OtherCodePorts) {
  const silence = createSilence(clock);
  const told = new Set<string>();

  function tell({ name: view, version }: View, generation: string): void {
    if (told.has(`${view} ${generation}`)) return;
    told.add(`${view} ${generation}`);
    log?.warn({ view, generation, version }, 'other code built what is served: this code does not write into it');
  }

  /** Whether its lease is nobody's: given back, of a dead process, or silent for so long that anybody might take it. */
  function isNobodys(checkpoint: Checkpoint): boolean {
    const { owner } = checkpoint;
    const silent = silence(checkpoint);
    return owner === '' || isDead?.(owner) === true || isSilent(silent);
  }

  return {
    async look(view: View, alias: ViewAlias, fold: string | undefined, feed: Decision['feed']): Promise<void> {
      const { generation } = alias;
      if (fold !== foldOf(view)) tell(view, generation);
      const isOurs = feed.some((one) => one.generation === generation);
      if (isOurs && !alias.frozen) return;
      const checkpoint = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view.name, generation));
      if (!checkpoint) return;
      const { position } = checkpoint;
      const isFrozen = frozenSince(alias, position) !== null;
      if (!isOurs && !isFrozen && isNobodys(checkpoint))
        await markFrozen(reads, alias, await frozenAt({ events, clock }, position));
      else if (isFrozen && !isNobodys(checkpoint) && position >= (await events.head()))
        await markFrozen(reads, alias, null);
    },
  };
}
