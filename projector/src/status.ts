/** The status of each view, from the stores only, so that any process can ask. */
import type { FeedStatus } from '@creator-dashboards/shared/feed';
import type { Readiness } from '@creator-dashboards/shared/http/operations';
import { lagOf } from '@creator-dashboards/shared/feed/lag';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant, WallClock } from '@creator-dashboards/shared/time';
import { collectionOf, feedNameOf, frozenSince } from '@creator-dashboards/shared/views/alias';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from './builds.js';
import { aliasOf } from './generations.js';
import { told, type Opener } from './rebuild/acts.js';
import { isOfInterest, newestRebuilds, type Rebuild } from './rebuild/plan.js';
import { progressOf, type Progress } from './rebuild/work.js';

export interface ViewStatus {
  readonly view: string;
  /** Version of the view in this code. */
  readonly version: number;
  /** The generation served, null before the first start. */
  readonly generation: string | null;
  /** By what code it was built. Other code than this process has never writes into it. */
  readonly builtBy: 'this code' | 'kept code' | 'other code';
  readonly position: Position;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parkedKeys: number;
  /** Who feeds the served generation; empty when nobody does. */
  readonly owner: string;
  /** Since when it lacks what happened, where it is served as it stands because nobody can feed it; else null. */
  readonly frozenSince: Instant | null;
  /** Why the served documents do not belong to this log, and what to do; null if they do. */
  readonly foreign: string | null;
  /** The newest plan of the view, where it is under way, or has failed and no operator has acted since. */
  readonly rebuild:
    | (Pick<Rebuild, 'generation' | 'state' | 'position' | 'head' | 'owner' | 'startedAt' | 'error'> & {
        readonly progress: Progress;
      })
    | null;
}

/** A view's status, with this process's part in feeding it. */
export interface ProjectorStatus extends ViewStatus {
  readonly feed: Pick<FeedStatus, 'name' | 'role' | 'error'> | null;
}

export interface StatusPorts {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: WallClock;
  readonly views: ViewRegistry;
  readonly isDead?: ((owner: string) => boolean) | undefined;
  /** For the reasons of operators, which are left out without it. */
  readonly sealer?: Opener;
}

export async function statusOfViews({
  events,
  reads,
  clock,
  views,
  isDead,
  sealer,
}: StatusPorts): Promise<ViewStatus[]> {
  const rebuilds = await newestRebuilds(reads, Object.keys(views));
  return Promise.all(Object.values(views).map(statusOf));

  async function statusOf(code: View): Promise<ViewStatus> {
    const { name: view, version } = code;
    const alias = await aliasOf(reads, view);
    const generation = alias?.generation ?? null;
    const checkpoint = generation && (await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation)));
    const owner = checkpoint ? checkpoint.owner : '';
    return {
      view,
      version,
      generation,
      builtBy: generation === null ? 'this code' : await builtBy(code, generation),
      ...(await lagOf(events, clock, checkpoint ? checkpoint.position : 0n)),
      parkedKeys: generation ? await reads.count(collectionOf(view, generation), { parked: true }) : 0,
      owner: isDead?.(owner) ? '' : owner,
      frozenSince: alias && checkpoint ? frozenSince(alias, checkpoint.position) : null,
      foreign: checkpoint ? await foreignTo(events, checkpoint) : null,
      rebuild: await rebuildOf(rebuilds.get(view), sealer),
    };
  }

  async function builtBy(view: View, generation: string): Promise<ViewStatus['builtBy']> {
    const code = await codeThatBuilt(reads, view, generation);
    if (code === null) return 'other code';
    return code === view ? 'this code' : 'kept code';
  }
}

async function rebuildOf(newest: Rebuild | undefined, sealer: Opener | undefined): Promise<ViewStatus['rebuild']> {
  if (!newest || !isOfInterest(newest)) return null;
  const { generation, state, position, head, owner, startedAt, error } = sealer ? await told(sealer, newest) : newest;
  return { generation, state, position, head, owner, startedAt, error, progress: progressOf(newest) };
}

/** Whether a projector with these views is ready, once it has come to the head of the log; the checks tell what is wrong. */
export function readinessOf(statuses: readonly ProjectorStatus[], done: boolean): Pick<Readiness, 'ready' | 'checks'> {
  const checks = Object.fromEntries(
    statuses.map(({ view, generation, builtBy, position, feed, frozenSince: since, rebuild }) => [
      view,
      {
        generation,
        position: position.toString(),
        role: feed?.role ?? 'none',
        error: feed?.error ?? null,
        ...(builtBy !== 'this code' && { builtBy }),
        ...(since !== null && { frozenSince: since }),
        ...(rebuild && { rebuild: { generation: rebuild.generation, state: rebuild.state, error: rebuild.error } }),
      },
    ]),
  );
  const isWell = ({ generation, feed, rebuild }: ProjectorStatus) =>
    generation !== null && feed?.role !== 'stopped' && !(rebuild?.state === 'FAILED' && feed === null);
  return { ready: done && statuses.every(isWell), checks };
}
