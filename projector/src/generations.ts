/**
 * A view on the feed. Each generation has documents, a checkpoint and a lease of its own; one alias per view says which is served.
 */
import { foldConsumer, type Consumer } from '@creator-dashboards/shared/feed/consumer';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { ALIASES, collectionOf, feedNameOf, type Alias, type Frozen } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';

export { generationOf, serialOf, versionOf } from '@creator-dashboards/shared/views/generation';

/** The alias as the projector writes it; readers need the generations only. */
export interface ViewAlias extends Alias {
  /** The generation served before, which processes with older code go on feeding during a rolling deploy. */
  readonly previous: string | null;
  /** Id of the newest plan of the view, the only one that may move this; null before the first. */
  readonly plan: string | null;
  /** Counts the pauses and cancellations: a switch that began before one is not made. */
  readonly fence: number;
}

/** How many generations the alias names besides the served one and the one before. */
const MAX_EARLIER = 8;

export function consumerOf(view: View, generation: string): Consumer {
  return foldConsumer(view, collectionOf(view.name, generation), feedNameOf(view.name, generation));
}

export function aliasOf(reads: Pick<ReadStore, 'get'>, view: string): Promise<ViewAlias | null> {
  return reads.get<ViewAlias>(ALIASES, view);
}

/**
 * Serves another generation, if the served one, the newest plan and the fence are still those of `from` (null: none yet). False if another
 * process was faster.
 */
export async function moveAlias(
  reads: ReadStore,
  view: string,
  from: ViewAlias | null,
  to: { readonly generation: string; readonly position: Position; readonly plan?: string; readonly frozen?: Frozen },
): Promise<boolean> {
  const document = {
    _id: view,
    plan: null,
    ...to,
    previous: from?.generation ?? null,
    earlier: from ? earlierOf(from, to.generation) : [],
    fence: 0,
    ...(from && { plan: from.plan, fence: from.fence }),
  };
  const expected = from && { generation: from.generation, plan: from.plan, fence: from.fence };
  return (await reads.write<ViewAlias>(ALIASES, [{ document, expected }])).has(view);
}

function earlierOf({ generation, previous, earlier = [] }: ViewAlias, next: string): readonly string[] {
  const known = previous === null ? earlier : [previous, ...earlier];
  return [...new Set(known)].filter((one) => one !== next && one !== generation).slice(0, MAX_EARLIER);
}

/**
 * Takes a generation out of the alias of its view, so that nobody shows or feeds it for having been served; a switch to it that has read the
 * alias before fails. False if it is served.
 */
export async function forgetServed(reads: ReadStore, view: string, generation: string): Promise<boolean> {
  for (;;) {
    const alias = await aliasOf(reads, view);
    if (!alias) return true;
    if (alias.generation === generation) return false;
    const { previous, earlier = [] } = alias;
    const document = {
      ...alias,
      previous: previous === generation ? null : previous,
      earlier: earlier.filter((one) => one !== generation),
      fence: alias.fence + 1,
    };
    const expected = { generation: alias.generation, plan: alias.plan, fence: alias.fence };
    if ((await reads.write<ViewAlias>(ALIASES, [{ document, expected }])).has(view)) return true;
  }
}

/** Says of what is served that nobody feeds it, or (null) that somebody does. Lost if another process has just changed the alias. */
export async function markFrozen(reads: ReadStore, alias: ViewAlias, frozen: Frozen | null): Promise<void> {
  const expected = { generation: alias.generation, plan: alias.plan, fence: alias.fence };
  await reads.write<ViewAlias>(ALIASES, [{ document: { ...alias, frozen }, expected }]);
}

/** Makes a plan the only one that may move the alias of its view, whatever was planned before. */
export async function nameNewestPlan(reads: ReadStore, view: string, plan: string): Promise<void> {
  for (;;) {
    const alias = await aliasOf(reads, view);
    if (!alias || alias.plan === plan) return; // nothing is served yet: the first generation that is built will be
    const expected = { generation: alias.generation, plan: alias.plan, fence: alias.fence };
    if ((await reads.write<ViewAlias>(ALIASES, [{ document: { ...alias, plan }, expected }])).has(view)) return;
  }
}

/** Makes every switch fail that has read the alias before. Gives the alias as it is then, null if nothing is served yet. */
export async function fenceAlias(reads: ReadStore, view: string): Promise<ViewAlias | null> {
  for (;;) {
    const alias = await aliasOf(reads, view);
    if (!alias) return null;
    const document = { ...alias, fence: alias.fence + 1 };
    const expected = { generation: alias.generation, plan: alias.plan, fence: alias.fence };
    if ((await reads.write<ViewAlias>(ALIASES, [{ document, expected }])).has(view)) return document;
  }
}
