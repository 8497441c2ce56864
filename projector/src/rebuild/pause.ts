/**
 * Pauses a rebuild and lets it go on. The pause is a state of the plan in the store: it stays through restarts and deploys until an
 * operator ends it. A worker stops at its next batch boundary, and any worker goes on from there.
 */
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type WallClock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from '../builds.js';
import { textOfAct, withAct, type Who } from './acts.js';
import { fenceOff } from './fence.js';
import { isOpen, isUnderWay, rebuildsOf, updateRebuild, type Rebuild } from './plan.js';
import { planRebuild } from './planner.js';

interface PausePorts {
  readonly reads: ReadStore;
  readonly clock: WallClock;
}

/** The open plan of a view, paused: by this call, or before it. One that is held is given as it is, and DONE where the
 * switch came first. Null if there is none. */
export async function pauseRebuild({ reads, clock }: PausePorts, view: string, who: Who): Promise<Rebuild | null> {
  for (;;) {
    const open = (await rebuildsOf(reads, view)).find(isOpen);
    if (!open || !isUnderWay(open)) return open ?? null;
    const acts = withAct(open.acts, 'paused', who, toInstant(clock.now()));
    const paused = await updateRebuild(reads, open, {
      state: 'PAUSED',
      error: textOfAct({ ...who, what: 'paused' }),
      acts,
    });
    if (paused) return fenceOff({ reads, clock }, paused);
  }
}

/**
 * Lets a paused rebuild go on, fenced against the worker of before. One that other code began is replaced by a rebuild by this
 * code. `newRate` replaces its rate, null by no bound. Null if nothing is paused, or newer code serves the view.
 */
export async function resumeRebuild(
  ports: PausePorts & { readonly events: Pick<EventStore, 'head'>; readonly rebuildWorkers?: number | undefined },
  view: View,
  who: Who,
  newRate?: number | null,
): Promise<Rebuild | null> {
  const { reads, clock } = ports;
  for (;;) {
    const paused = (await rebuildsOf(reads, view.name)).find(({ state }) => state === 'PAUSED');
    if (!paused) return null;
    const rate = newRate === undefined ? paused.rate : newRate;
    if (!(await codeThatBuilt(reads, view, paused.generation))) return planRebuild(ports, view, who, { rate });
    const acts = withAct(paused.acts, 'resumed', who, toInstant(clock.now()));
    const resumed = await updateRebuild(reads, paused, {
      state: 'RUNNING',
      token: paused.token + 1,
      error: null,
      rate,
      acts,
    });
    if (resumed) return resumed;
  }
}
