/** Keeps a worker from the switch that it was about to make when an operator paused or cancelled its plan. */
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type WallClock } from '@creator-dashboards/shared/time';
import { fenceAlias } from '../generations.js';
import { updateRebuild, type Rebuild } from './plan.js';

/**
 * Called after the plan was paused or cancelled: from then on no worker of it moves the alias. Gives the plan as it is: DONE where the
 * switch came first.
 */
export async function fenceOff(
  { reads, clock }: { readonly reads: ReadStore; readonly clock: WallClock },
  plan: Rebuild,
): Promise<Rebuild> {
  const alias = await fenceAlias(reads, plan.view);
  if (alias?.generation !== plan.generation) return plan;
  const done = { state: 'DONE', error: null, finishedAt: toInstant(clock.now()) } as const;
  return (await updateRebuild(reads, plan, done)) ?? plan;
}
