/** What operators decide about documents of a view: to make some anew, or to delete a generation. */
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { Refused } from '@creator-dashboards/shared/errors';
import type { Repair } from '@creator-dashboards/shared/feed/repairs';
import type { Position } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';
import { dropGeneration, generationsOf, type KeptGeneration } from '../kept.js';
import { planRepair } from '../rebuild/repair.js';
import type { RepairPlan } from '../rebuild/smallest.js';
import { recordAction, type OperatePorts } from './action.js';

/** How many keys of a repair its record names. */
const MAX_NAMED = 1_000;

/** Documents of what is served are made anew, by whoever feeds it. */
export async function repair(
  ports: OperatePorts,
  { plan, what, keys, selection }: RepairPlan,
  operator: Accessor,
): Promise<{ readonly position: Position; readonly asked: readonly Repair[] }> {
  const { view: target, documents } = plan;
  const { generation } = what;
  const asked = selection.kind === 'document' ? { ...selection, keys: keys.slice(0, MAX_NAMED) } : selection;
  const { position, who } = await recordAction(ports, operator, {
    action: 'REPAIR',
    ...{ target, generation, details: { ...asked, documents } },
  });
  return { position, asked: await planRepair(ports, what, keys, selection.kind, who) };
}

/** Deletes a generation that is neither served nor being built. */
export async function drop(
  ports: OperatePorts,
  view: View,
  generation: string,
  operator: Accessor,
): Promise<{ readonly position: Position; readonly dropped: KeptGeneration }> {
  const vars = { view: view.name, generation };
  const dropped = (await generationsOf(ports.reads, view.name)).find((kept) => kept.generation === generation);
  if (!dropped) throw new Refused('admin.projection.no_generation', { vars });
  const { role } = dropped;
  if (role === 'served' || role === 'building')
    throw new Refused('admin.projection.in_use', { vars: { ...vars, role } });
  const { position } = await recordAction(ports, operator, { action: 'DROP', target: view.name, generation });
  if (!(await dropGeneration(ports.reads, view.name, generation)))
    throw new Refused('admin.projection.in_use', { vars: { ...vars, role: 'served' } });
  return { position, dropped };
}
