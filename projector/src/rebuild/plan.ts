/**
 * What is to be rebuilt and how far it is. The plan is the truth; the queue only says "look at it", and may say so twice.
 * A token fences the workers: whoever claims a plan last is the only one who may write it.
 */
import type { Document, EventStore, JobQueue, JsonObject, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type Clock, type Instant } from '@creator-dashboards/shared/time';
import type { ViewName } from '@creator-dashboards/shared/views/registry';
import { aliasOf, generationOf, serialOf, versionOf } from '../generations.js';

export type RebuildState = 'RUNNING' | 'CAUGHT_UP' | 'DONE' | 'FAILED' | 'CANCELLED';

/** Key: "<view>.<generation>"; position: that of the candidate's checkpoint when last reported. */
export interface Rebuild extends Document {
  readonly view: ViewName;
  readonly generation: string;
  readonly state: RebuildState;
  /** Head of the log when last reported, as a decimal string. */
  readonly head: string;
  readonly token: number;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  readonly error: string | null;
  /** Back to a generation that was served before: its feeding is taken up again, and code of another version may be served now. */
  readonly rollback: boolean;
}
export const REBUILDS = 'rebuilds';
export const REBUILD_JOB = 'rebuild';
const MAX_OPEN = 1_000;

interface PlanPorts {
  readonly reads: ReadStore;
  readonly events: Pick<EventStore, 'head'>;
  readonly clock: Clock;
}

export function isOpen({ state }: Pick<Rebuild, 'state'>): boolean {
  return state === 'RUNNING' || state === 'CAUGHT_UP';
}

/** Plans a rebuild of a view, or answers the one of this version that is under way already. */
export async function planRebuild(
  { reads, events, clock }: PlanPorts,
  view: ViewName,
  version: number,
): Promise<Rebuild> {
  await reads.declare(REBUILDS, ['view', 'state']);
  for (;;) {
    const earlier = await rebuildsOf(reads, view, version);
    const open = earlier.find(isOpen);
    if (open) return open;
    const alias = await aliasOf(reads, view);
    const served = [alias?.generation, alias?.previous].filter((name) => typeof name === 'string');
    const used = [...earlier.map(({ generation }) => generation), ...served]
      .filter((generation) => versionOf(generation) === version)
      .map(serialOf);
    const generation = generationOf(version, Math.max(0, ...used) + 1);
    const plan = newPlan(view, generation, await events.head(), clock);
    if ((await reads.write(REBUILDS, [{ document: plan, expected: null }])).has(plan._id)) return plan;
  }
}

/**
 * Plans to serve again what was served before the generation of now, once it has caught up. Null when there is nothing to go
 * back to that this code can feed: a rollback of the code comes first.
 */
export async function planRollback(
  { reads, events, clock }: PlanPorts,
  view: ViewName,
  version: number,
): Promise<Rebuild | null> {
  await reads.declare(REBUILDS, ['view', 'state']);
  const previous = (await aliasOf(reads, view))?.previous;
  if (!previous || versionOf(previous) !== version) return null;
  const plan = { ...newPlan(view, previous, await events.head(), clock), rollback: true };
  const before = await reads.get<Rebuild>(REBUILDS, plan._id);
  if (before && isOpen(before)) return before;
  if (before) return updateRebuild(reads, before, { ...plan, token: before.token + 1 });
  return (await reads.write(REBUILDS, [{ document: plan, expected: null }])).has(plan._id) ? plan : null;
}

function newPlan(view: ViewName, generation: string, head: Position, clock: Clock): Rebuild {
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

async function rebuildsOf(reads: ReadStore, view: ViewName, version: number): Promise<Rebuild[]> {
  const all = await reads.find<Rebuild>(REBUILDS, { where: { view }, limit: MAX_OPEN });
  return all.filter(({ generation }) => versionOf(generation) === version);
}

/** Every rebuild that is not finished. */
export async function openRebuilds(reads: ReadStore): Promise<Rebuild[]> {
  const states: RebuildState[] = ['RUNNING', 'CAUGHT_UP'];
  const found = await Promise.all(
    states.map((state) => reads.find<Rebuild>(REBUILDS, { where: { state }, limit: MAX_OPEN })),
  );
  return found.flat();
}

export function rebuildJobId({ _id }: Pick<Rebuild, '_id'>): string {
  return `${REBUILD_JOB}-${_id}`;
}

/** Puts a job for the rebuild on the queue, unless one is there. */
export function enqueueRebuild(queue: JobQueue, plan: Pick<Rebuild, '_id'>): Promise<boolean> {
  return queue.add({ id: rebuildJobId(plan), name: REBUILD_JOB, data: { rebuild: plan._id } });
}

/** Becomes the only worker of an open rebuild. Null when it is finished, or another claimed it at the same time. */
export async function claimRebuild(reads: ReadStore, plan: Rebuild): Promise<Rebuild | null> {
  return isOpen(plan) ? updateRebuild(reads, plan, { token: plan.token + 1 }) : null;
}

/** The plan with these changes written, or null when it was claimed, cancelled or finished by somebody else. */
export async function updateRebuild(
  reads: ReadStore,
  plan: Rebuild,
  change: Partial<Omit<Rebuild, '_id'>>,
): Promise<Rebuild | null> {
  const document = { ...plan, ...change };
  const expected = { token: plan.token, state: plan.state };
  return (await reads.write(REBUILDS, [{ document, expected }])).has(plan._id) ? document : null;
}

/** What a job and its thread tell of a plan. */
export function progressOf({ position, head, state }: Rebuild): JsonObject {
  return { position: position.toString(), head, state };
}
