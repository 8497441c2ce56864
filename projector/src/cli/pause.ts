/** projector pause | resume <view>: stops a rebuild at its next batch, and lets it go on. */
import { systemClock } from '@creator-dashboards/shared/time';
import { pauseRebuild, resumeRebuild } from '../rebuild/pause.js';
import { viewNamed, whoOf, withStores, type Io, type WhoOptions } from './command.js';
import { followToItsEnd, rateOf, waitOf, type ReplayOptions } from './rebuild.js';

export function pause(io: Io, name: string, options: WhoOptions & { json?: boolean }): Promise<boolean> {
  const view = viewNamed(io, name);
  return withStores(io, options, async ({ stores, output }) => {
    const plan = await pauseRebuild({ ...stores, clock: systemClock }, view.name, whoOf(options));
    if (!plan) throw new Error(`${name}: nothing is being rebuilt`);
    if (plan.state === 'DONE') throw new Error(`${name}: it is served from ${plan.generation} already`);
    if (plan.state === 'HELD') throw new Error(`${name}: the rebuild is held: see "projector switch" and "cancel"`);
    output.result(plan, `${plan._id} is paused: let it go on with "projector resume ${name}"`);
    return true;
  });
}

export function resume(io: Io, name: string, options: ReplayOptions): Promise<boolean> {
  const view = viewNamed(io, name);
  const rate = rateOf(options);
  const waitMs = waitOf(options);
  return withStores(io, options, async (run) => {
    const plan = await resumeRebuild({ ...run.stores, clock: systemClock }, view, whoOf(options), rate);
    if (!plan) throw new Error(`${name}: no rebuild that this code can go on with is paused: see "projector status"`);
    return followToItsEnd(run, plan, waitMs);
  });
}
