/** The status of each view, from the stores only, so that any process can ask. */
import type { FeedStanding } from '@creator-dashboards/shared/feed/feed-status';
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

/** What is served of a view, and how far it is. */
export interface ServedView {
  readonly view: string;
  /** Version of the view in this code. */
  readonly version: number;
  /** The generation served, null before the first start. */
  readonly generation: string | null;
  /** By what code it was built. Other code than this process has never writes into it. */
  readonly builtBy: 'this code' | 'kept code' | 'other code';
  readonly position: Position;
  /** Who feeds the served generation; empty when nobody does. */
  readonly owner: string;
  /** Since when it lacks what happened, where it is served as it stands because nobody can feed it; else null. */
  readonly frozenSince: Instant | null;
  /** The newest plan of the view, where it is under way, or has failed and no operator has acted since. */
  readonly rebuild:
    | (Pick<Rebuild, 'generation' | 'state' | 'position' | 'head' | 'owner' | 'startedAt' | 'error'> & {
        readonly progress: Progress;
      })
    | null;
}

export interface ViewStatus extends ServedView {
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parkedKeys: number;
  /** Why the served documents do not belong to this log, and what to do; null if they do. */
  readonly foreign: string | null;
}

/** This process's part in feeding a view. */
export interface FedHere {
  readonly feed: FeedStanding | null;
}
export type ProjectorStatus = ViewStatus & FedHere;

export interface StatusPorts {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: WallClock;
  readonly views: ViewRegistry;
  readonly isDead?: ((owner: string) => boolean) | undefined;
  /** For the reasons of operators, which are left out without it. */
  readonly sealer?: Opener;
}

/** Reads a few records of each view and nothing of the log, since the readiness of a process is asked for often. */
export function servedViews(ports: StatusPorts): Promise<ServedView[]> {
  return ofEachView(ports, async (served) => served);
}

/** Also counts, for which it reads in the log where views are behind. */
export function statusOfViews(ports: StatusPorts): Promise<ViewStatus[]> {
  const { events, reads, clock } = ports;
  return ofEachView(ports, async (served, checkpoint) => ({
    ...served,
    ...(await lagOf(events, clock, served.position)),
    parkedKeys: served.generation
      ? await reads.count(collectionOf(served.view, served.generation), { parked: true })
      : 0,
    foreign: checkpoint ? await foreignTo(events, checkpoint) : null,
  }));
}

async function ofEachView<T>(
  { reads, views, isDead, sealer }: StatusPorts,
  tell: (served: ServedView, checkpoint: Checkpoint | null) => Promise<T>,
): Promise<T[]> {
  const rebuilds = await newestRebuilds(reads, Object.keys(views));
  return Promise.all(
    Object.values(views).map(async (code) => {
      const { name: view, version } = code;
      const alias = await aliasOf(reads, view);
      const generation = alias?.generation ?? null;
      const checkpoint = generation ? await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation)) : null;
      const owner = checkpoint ? checkpoint.owner : '';
      const served = {
        view,
        version,
        generation,
        builtBy: generation === null ? ('this code' as const) : await builtBy(reads, code, generation),
        position: checkpoint ? checkpoint.position : 0n,
        owner: isDead?.(owner) ? '' : owner,
        frozenSince: alias && checkpoint ? frozenSince(alias, checkpoint.position) : null,
        rebuild: await rebuildOf(rebuilds.get(view), sealer),
      };
      return tell(served, checkpoint);
    }),
  );
}

async function builtBy(reads: ReadStore, view: View, generation: string): Promise<ServedView['builtBy']> {
  const code = await codeThatBuilt(reads, view, generation);
  if (code === null) return 'other code';
  return code === view ? 'this code' : 'kept code';
}

async function rebuildOf(newest: Rebuild | undefined, sealer: Opener | undefined): Promise<ServedView['rebuild']> {
  if (!newest || !isOfInterest(newest)) return null;
  const { generation, state, position, head, owner, startedAt, error } = sealer ? await told(sealer, newest) : newest;
  return { generation, state, position, head, owner, startedAt, error, progress: progressOf(newest) };
}

/** Whether a projector with these views is ready, once it has come to the head of the log; the checks tell what is wrong. */
export function readinessOf(
  served: readonly (ServedView & FedHere)[],
  done: boolean,
): Pick<Readiness, 'ready' | 'checks'> {
  const checks = Object.fromEntries(
    served.map(({ view, generation, builtBy, position, feed, frozenSince: since, rebuild }) => [
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
  const isWell = ({ generation, feed, rebuild }: ServedView & FedHere) =>
    generation !== null && feed?.role !== 'stopped' && !(rebuild?.state === 'FAILED' && feed === null);
  return { ready: done && served.every(isWell), checks };
}
