/**
 * Plans repairs: single documents of what is served are made anew from the log, in place. Only by the code that built them, and while
 * no other build of the view is compared with them.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import { askForRepair, MAX_REPAIRED, type Repair } from '@creator-dashboards/shared/feed/repairs';
import { newId } from '@creator-dashboards/shared/ids';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { WallClock } from '@creator-dashboards/shared/time';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import { versionOf } from '@creator-dashboards/shared/views/generation';
import type { View } from '@creator-dashboards/shared/views/view';
import { buildOf, codeThatBuilt, foldOf } from '../builds.js';
import { aliasOf } from '../generations.js';
import { BY_ITSELF, type Who } from './acts.js';
import { heldBy, isOpen, rebuildsOf } from './plan.js';
import type { Selection } from './selection.js';

/** What is served of a view, and the code that built it, which alone may make its documents anew. */
export interface Repairable {
  readonly generation: string;
  readonly code: View;
}

/** Throws Refused (409) where nothing may be repaired. */
export async function repairable(reads: ReadStore, view: View): Promise<Repairable> {
  const { name } = view;
  const alias = await aliasOf(reads, name);
  if (!alias) throw new Refused('admin.projection.not_served', { vars: { view: name } });
  const { generation } = alias;
  const code = await codeThatBuilt(reads, view, generation);
  if (!code) throw new Refused('admin.projection.other_code', { vars: { view: name, generation } });
  const open = (await rebuildsOf(reads, name)).find(isOpen);
  if (open) throw heldBy(open);
  return { generation, code };
}

/** What has changed in the code of a view since a generation was built, in words; null where nothing has that it uses. */
export async function changeSince(reads: ReadStore, view: View, generation: string): Promise<string | null> {
  const build = await buildOf(reads, view, generation);
  const version = versionOf(generation);
  if (version !== view.version) return `${generation} was built by version ${version}`;
  if (build?.fold !== foldOf(view)) return `its fold has changed since ${generation} was built`;
  const isOtherShape = view.fingerprints && build.shape !== null && build.shape !== view.fingerprints.shape;
  return isOtherShape ? `the shape of its documents has changed since ${generation} was built` : null;
}

/** Asks whoever feeds the generation to make these documents anew; so many at a time as one pass over the log makes. */
export async function planRepair(
  ports: { readonly reads: ReadStore; readonly clock: WallClock },
  { generation, code }: Repairable,
  keys: readonly string[],
  kind: Selection['kind'] = 'document',
  who: Who = BY_ITSELF,
): Promise<Repair[]> {
  const asked: Repair[] = [];
  const request = newId();
  const { actor, by, reason } = who;
  const what = { request, view: code.name, generation, kind, actor, by, reason };
  for (let from = 0; from < keys.length; from += MAX_REPAIRED) {
    const part = keys.slice(from, from + MAX_REPAIRED);
    const some = { id: newId(), feed: feedNameOf(code.name, generation), keys: part, asked: what };
    asked.push(await askForRepair(ports, some));
  }
  return asked;
}
