/**
 * A further worker of a rebuild: it folds shares that are free, and leaves all else to the worker that has claimed the plan. It may begin
 * before that one does.
 */
import { FeedStopped } from '@creator-dashboards/shared/feed/consumer';
import { toInstant } from '@creator-dashboards/shared/time';
import { codeThatBuilt } from '../builds.js';
import { endRebuild, REBUILDS, type Rebuild } from './plan.js';
import type { openRebuild, RebuildPorts, RebuildRun } from './run.js';
import { createShares, shareOptions } from './shares.js';
import { createThrottle } from './throttle.js';

/** `share` is the one that it looks at first. Null if there is nothing to do: the plan is not RUNNING, or other code builds it. */
export async function openHelp(ports: RebuildPorts, id: string, share: number): Promise<RebuildRun | null> {
  const { reads, clock, views, signal } = ports;
  const found = await reads.get<Rebuild>(REBUILDS, id);
  const view = found && views[found.view];
  if (!view || !isReplaying(found) || (await codeThatBuilt(reads, view, found.generation)) !== view) return null;
  const shares = createShares(shareOptions(ports, view, found), share);
  let plan = found;
  let throttle = createThrottle(clock, plan.rate);

  async function fold(): Promise<'now' | 'later' | 'ended'> {
    const { state, seen } = await shares.step();
    if (plan.rate !== null) throttle.read(seen, (await shares.progress()).workers);
    return state === 'folding' ? 'now' : state === 'waiting' ? 'later' : 'ended';
  }

  return {
    async step() {
      await throttle.ready(signal);
      const now = await reads.get<Rebuild>(REBUILDS, id);
      if (!now || !isReplaying(now)) {
        await shares.release();
        return { plan: now ?? plan, next: 'ended' };
      }
      if (now.rate !== plan.rate) throttle = createThrottle(clock, now.rate);
      plan = now;
      try {
        return { plan, next: await fold() };
      } catch (error) {
        if (!(error instanceof FeedStopped)) throw error;
        const end = { state: 'FAILED', error: error.message, finishedAt: toInstant(clock.now()) } as const;
        return { plan: (await endRebuild(reads, id, ['RUNNING'], () => end)) ?? plan, next: 'ended' };
      }
    },
    release: () => shares.release(),
  };
}

/** For `runRebuild`, in place of the worker that claims the plan. */
export function helping(share: number): typeof openRebuild {
  return (ports, id) => openHelp(ports, id, share);
}

function isReplaying({ state, rollback }: Rebuild): boolean {
  return state === 'RUNNING' && !rollback;
}
