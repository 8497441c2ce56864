/**
 * Plans repairs: single documents of what is served are made anew from the log, in place. Only by the code that built them, and while
 * no other build of the view is compared with them.
 */
import { askForRepair, MAX_REPAIRED, type Repair } from '@creator-dashboards/shared/feed/repairs';
import { newId } from '@creator-dashboards/shared/ids';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { WallClock } from '@creator-dashboards/shared/time';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from '../builds.js';
import { aliasOf } from '../generations.js';
import { isOpen, rebuildsOf } from './plan.js';

/** What is served of a view, and the code that built it, which alone may make its documents anew. */
export interface Repairable {
  readonly generation: string;
  readonly code: View;
}

/** Throws, in words for an operator, where nothing may be repaired. */
export async function repairable(reads: ReadStore, view: View): Promise<Repairable> {
  const { name } = view;
  const alias = await aliasOf(reads, name);
  if (!alias) throw new Error(`${name} is not served yet: there is nothing to repair`);
  const { generation } = alias;
  const code = await codeThatBuilt(reads, view, generation);
  if (!code)
    throw new Error(
      `${name}: ${generation} was built by other code than this: repair it with that code, or rebuild it`,
    );
  const open = (await rebuildsOf(reads, name)).find(isOpen);
  if (open)
    throw new Error(
      `${name}: ${open._id} is ${open.state}, which will be served instead: wait for its end, or "projector cancel ${name}"`,
    );
  return { generation, code };
}

/** Asks whoever feeds the generation to make these documents anew. */
export function planRepair(
  ports: { readonly reads: ReadStore; readonly clock: WallClock },
  { generation, code }: Repairable,
  keys: readonly string[],
): Promise<Repair> {
  if (keys.length > MAX_REPAIRED) throw new RangeError(`more than ${MAX_REPAIRED} documents`);
  return askForRepair(ports, { id: newId(), feed: feedNameOf(code.name, generation), keys });
}
