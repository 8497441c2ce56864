/**
 * What operators decide about projections, the same on the command line and over HTTP. Each is looked at first (Refused where it makes no
 * sense), then recorded in the log, then done. Each resolves with the position of its record.
 */
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { Refused } from '@creator-dashboards/shared/errors';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from '../builds.js';
import { newestReport, reportOf } from '../compare/reports.js';
import { aliasOf, versionOf } from '../generations.js';
import { withAct } from '../rebuild/acts.js';
import { rollBackFrozen, whyNotFrozen } from '../rebuild/frozen.js';
import { pauseRebuild, resumeRebuild } from '../rebuild/pause.js';
import { heldBy, isOpen, isUnderWay, newestRebuilds, rebuildsOf, resumeHeld, type Rebuild } from '../rebuild/plan.js';
import { cancelRebuild, planRebuild, planRollback } from '../rebuild/planner.js';
import { enqueueRebuild } from '../rebuild/queue.js';
import { recordAction, type OperatePorts } from './action.js';

export interface Decided {
  /** Of the record. */
  readonly position: Position;
  readonly plan: Rebuild;
}

export interface RebuildOptions {
  /** Events a second, null for no bound; undefined leaves that of a rebuild that is under way. */
  readonly rate?: number | null | undefined;
  /** Go on with the one that this code has planned before; else it is refused, naming who holds the view. */
  readonly join?: boolean;
}

export async function rebuild(
  ports: OperatePorts,
  view: View,
  operator: Accessor,
  { rate, join = false }: RebuildOptions = {},
): Promise<Decided> {
  await demandRebuildable(ports.reads, view, rate);
  const open = join ? undefined : (await rebuildsOf(ports.reads, view.name)).find(isOpen);
  if (open) throw heldBy(open);
  const details = rate === undefined ? {} : { rate };
  const { position, who } = await recordAction(ports, operator, { action: 'REBUILD', target: view.name, details });
  const plan = await planRebuild(ports, view, who, { rate: rate ?? null });
  return begun(ports, position, view, plan);
}

/** `frozen`: as it stands, where nobody can feed it any more. */
export async function rollback(
  ports: OperatePorts,
  view: View,
  operator: Accessor,
  { frozen = false }: { readonly frozen?: boolean } = {},
): Promise<Decided> {
  const target = view.name;
  const generation = (await aliasOf(ports.reads, target))?.previous ?? null;
  if (generation === null) throw new Refused('admin.projection.no_previous', { vars: { view: target } });
  const isFed = (await codeThatBuilt(ports.reads, view, generation)) !== null;
  if (!isFed) await demandFrozen(ports, view, generation, frozen);
  const details = { frozen: !isFed };
  const { position, who } = await recordAction(ports, operator, { action: 'ROLLBACK', target, generation, details });
  return begun(ports, position, view, await (isFed ? planRollback : rollBackFrozen)(ports, view, who));
}

/** Lets a held rebuild through, after another comparison in which only these paths may differ, and those of the accepted report. */
export async function letThrough(
  ports: OperatePorts,
  view: View,
  operator: Accessor,
  { accept, expect }: { readonly accept?: string | undefined; readonly expect?: readonly string[] | undefined },
): Promise<Decided> {
  const { reads, clock } = ports;
  const held = (await newestRebuilds(reads, [view.name])).get(view.name);
  if (held?.state !== 'HELD') throw new Refused('admin.projection.not_held', { vars: { view: view.name } });
  const { generation } = held;
  if (accept !== undefined) await demandReport(reads, view.name, accept, generation);
  const details = { ...(accept !== undefined && { accept }), ...(expect && { expect }) };
  const { position, who } = await recordAction(ports, operator, {
    action: 'SWITCH',
    target: view.name,
    generation,
    details,
  });
  const resumed = await resumeHeld(reads, held, {
    acts: withAct(held.acts, 'let through', who, toInstant(clock.now())),
    ...(expect && { expect: [...held.expect, ...expect] }),
    ...(accept !== undefined && { accepted: accept }),
  });
  return begun(ports, position, view, resumed);
}

/** The rebuild or rollback that is under way stops at its next batch. One that is paused already stays so. */
export async function pause(ports: OperatePorts, view: View, operator: Accessor): Promise<Decided> {
  const vars = { view: view.name };
  const open = (await rebuildsOf(ports.reads, view.name)).find(isOpen);
  if (!open) throw new Refused('admin.projection.not_rebuilding', { vars });
  if (open.state === 'HELD') throw new Refused('admin.projection.held', { vars });
  const { position, who } = await recordAction(ports, operator, {
    action: 'PAUSE',
    target: view.name,
    generation: open.generation,
  });
  const plan = await pauseRebuild(ports, view.name, who);
  return ended(position, view, plan, 'PAUSED');
}

/** `rate` replaces that of the plan, null by no bound. */
export async function resume(
  ports: OperatePorts,
  view: View,
  operator: Accessor,
  rate?: number | null,
): Promise<Decided> {
  const paused = (await rebuildsOf(ports.reads, view.name)).find(({ state }) => state === 'PAUSED');
  if (!paused) throw new Refused('admin.projection.not_paused', { vars: { view: view.name } });
  await demandRebuildable(ports.reads, view);
  const { generation } = paused;
  const details = rate === undefined ? {} : { rate };
  const { position, who } = await recordAction(ports, operator, {
    action: 'RESUME',
    target: view.name,
    generation,
    details,
  });
  return begun(ports, position, view, await resumeRebuild(ports, view, who, rate));
}

/** Ends the rebuild or rollback that is under way or has failed; what is served stays. */
export async function cancel(ports: OperatePorts, view: View, operator: Accessor): Promise<Decided> {
  const { reads } = ports;
  const newest = (await newestRebuilds(reads, [view.name])).get(view.name);
  const open = (await rebuildsOf(reads, view.name)).find(isOpen);
  const plan = open ?? (newest?.state === 'FAILED' ? newest : undefined);
  if (!plan) throw new Refused('admin.projection.not_rebuilding', { vars: { view: view.name } });
  const { generation } = plan;
  const { position, who } = await recordAction(ports, operator, { action: 'CANCEL', target: view.name, generation });
  return ended(position, view, await cancelRebuild(ports, view, who), 'CANCELLED');
}

/** Refuses what the planner would refuse. */
async function demandRebuildable(reads: ReadStore, view: View, rate?: number | null): Promise<void> {
  const [plans, alias] = await Promise.all([rebuildsOf(reads, view.name), aliasOf(reads, view.name)]);
  const open = plans.filter(isOpen);
  if ([...open, ...(alias ? [alias] : [])].some(({ generation }) => versionOf(generation) > view.version))
    throw new Refused('admin.projection.newer_code', { vars: { view: view.name } });
  for (const plan of rate === undefined ? [] : open.filter((one) => one.rate !== rate))
    if ((await codeThatBuilt(reads, view, plan.generation)) === view)
      throw new Refused('admin.projection.other_rate', { vars: { rebuild: plan._id } });
}

/** Refuses to serve what nobody can feed, unless that is asked for and possible. */
async function demandFrozen(ports: OperatePorts, view: View, generation: string, isAsked: boolean): Promise<void> {
  const vars = { view: view.name, generation };
  const reason = await whyNotFrozen(ports, view);
  if (reason !== null) throw new Refused('admin.projection.not_frozen', { vars: { ...vars, reason } });
  if (!isAsked) throw new Refused('admin.projection.not_fed', { vars });
}

async function demandReport(reads: ReadStore, view: string, id: string, generation: string): Promise<void> {
  if ((await reportOf(reads, view, id))?.b.generation === generation) return;
  const newest = (await newestReport(reads, view))?._id ?? 'none';
  throw new Refused('admin.projection.other_report', { vars: { report: id, generation, newest } });
}

/** A plan for a worker, on the queue. Where the queue is away, a projector puts it there later. */
async function begun(
  { queue }: Pick<OperatePorts, 'queue'>,
  position: Position,
  view: View,
  plan: Rebuild | null,
): Promise<Decided> {
  if (!plan) throw new Refused('admin.projection.decided', { vars: { view: view.name } });
  if (isUnderWay(plan)) await enqueueRebuild(queue, plan).catch(() => undefined);
  return { position, plan };
}

/** Unless the switch, or somebody else, came first. */
function ended(position: Position, { name: view }: View, plan: Rebuild | null, state: Rebuild['state']): Decided {
  if (plan?.state === state) return { position, plan };
  if (plan?.state === 'DONE')
    throw new Refused('admin.projection.switched', { vars: { view, generation: plan.generation } });
  throw new Refused('admin.projection.decided', { vars: { view } });
}
