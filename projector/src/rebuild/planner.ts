/** What is to be built: the next generation of a view, or the one before once more. */
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type WallClock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { aliasOf, generationOf, serialOf, versionOf } from '../generations.js';
import { isOpen, MAX_PLANS, REBUILDS, updateRebuild, type Rebuild } from './plan.js';

interface PlannerPorts {
  readonly reads: ReadStore;
  readonly events: Pick<EventStore, 'head'>;
  readonly clock: WallClock;
}

type PlannedView = Pick<View, 'name' | 'version'>;

/** Plans a rebuild of a view, or answers the one of this version that is under way already. */
export async function planRebuild(
  { reads, events, clock }: PlannerPorts,
  { name, version }: PlannedView,
): Promise<Rebuild> {
  await declarePlans(reads);
  for (;;) {
    const earlier = await rebuildsOf(reads, name, version);
    const open = earlier.find(isOpen);
    if (open) return open;
    const alias = await aliasOf(reads, name);
    const served = [alias?.generation, alias?.previous].filter((generation) => typeof generation === 'string');
    const used = [...earlier.map(({ generation }) => generation), ...served]
      .filter((generation) => versionOf(generation) === version)
      .map(serialOf);
    const generation = generationOf(version, Math.max(0, ...used) + 1);
    const plan = newPlan(name, generation, await events.head(), clock);
    if ((await reads.write(REBUILDS, [{ document: plan, expected: null }])).has(plan._id)) return plan;
  }
}

/**
 * Plans to serve again what was served before the generation of now, once it has caught up. Null when there is nothing to go
 * back to that this code can feed: a rollback of the code comes first.
 */
export async function planRollback(
  { reads, events, clock }: PlannerPorts,
  { name, version }: PlannedView,
): Promise<Rebuild | null> {
  await declarePlans(reads);
  const previous = (await aliasOf(reads, name))?.previous;
  if (!previous || versionOf(previous) !== version) return null;
  const plan = { ...newPlan(name, previous, await events.head(), clock), rollback: true };
  const before = await reads.get<Rebuild>(REBUILDS, plan._id);
  if (before && isOpen(before)) return before;
  if (before) return updateRebuild(reads, before, { ...plan, token: before.token + 1 });
  return (await reads.write(REBUILDS, [{ document: plan, expected: null }])).has(plan._id) ? plan : null;
}

function declarePlans(reads: ReadStore): Promise<void> {
  return reads.declare(REBUILDS, ['view', 'state']);
}

function newPlan(view: string, generation: string, head: Position, clock: WallClock): Rebuild {
  return {
    _id: `${view}.${generation}`,
    position: 0n,
    view,
    generation,
    state: 'RUNNING',
    head: head.toString(),
    token: 0,
    startedAt: toInstant(clock.now()),
    finishedAt: null,
    error: null,
    rollback: false,
  };
}

async function rebuildsOf(reads: ReadStore, view: string, version: number): Promise<Rebuild[]> {
  const all = await reads.find<Rebuild>(REBUILDS, { where: { view }, limit: MAX_PLANS });
  return all.filter(({ generation }) => versionOf(generation) === version);
}
