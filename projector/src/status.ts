/** The status of each view, from the stores only, so that any process can ask. */
import { lagOf } from '@creator-dashboards/shared/feed/lag';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { WallClock } from '@creator-dashboards/shared/time';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { aliasOf } from './generations.js';
import { isOfInterest, newestRebuilds, type Rebuild } from './rebuild/plan.js';
import { progressOf, type Progress } from './rebuild/work.js';

export interface ViewStatus {
  readonly view: string;
  /** Version of the view in this code. */
  readonly version: number;
  /** The generation served, null before the first start. */
  readonly generation: string | null;
  readonly position: Position;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parkedKeys: number;
  /** Who feeds the served generation; empty when nobody does. */
  readonly owner: string;
  /** Why the served documents do not belong to this log, and what to do; null if they do. */
  readonly foreign: string | null;
  /** The newest plan of the view, where it is under way, or has failed and no operator has acted since. */
  readonly rebuild:
    | (Pick<Rebuild, 'generation' | 'state' | 'position' | 'head' | 'owner' | 'startedAt' | 'error'> & {
        readonly progress: Progress;
      })
    | null;
}

export interface StatusPorts {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: WallClock;
  readonly views: ViewRegistry;
  readonly isDead?: ((owner: string) => boolean) | undefined;
}

export async function statusOfViews({ events, reads, clock, views, isDead }: StatusPorts): Promise<ViewStatus[]> {
  const rebuilds = await newestRebuilds(reads, Object.keys(views));
  return Promise.all(Object.values(views).map(statusOf));

  async function statusOf({ name: view, version }: View): Promise<ViewStatus> {
    const generation = (await aliasOf(reads, view))?.generation ?? null;
    const checkpoint = generation && (await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation)));
    const owner = checkpoint ? checkpoint.owner : '';
    return {
      view,
      version,
      generation,
      ...(await lagOf(events, clock, checkpoint ? checkpoint.position : 0n)),
      parkedKeys: generation ? await reads.count(collectionOf(view, generation), { parked: true }) : 0,
      owner: isDead?.(owner) ? '' : owner,
      foreign: checkpoint ? await foreignTo(events, checkpoint) : null,
      rebuild: rebuildOf(rebuilds.get(view)),
    };
  }
}

function rebuildOf(newest: Rebuild | undefined): ViewStatus['rebuild'] {
  if (!newest || !isOfInterest(newest)) return null;
  const { generation, state, position, head, owner, startedAt, error } = newest;
  return { generation, state, position, head, owner, startedAt, error, progress: progressOf(newest) };
}
