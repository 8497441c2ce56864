/** How far the newest rebuild of a view is: once, or as server-sent events while it is under way. */
import { toJson } from '@creator-dashboards/shared/http/envelope';
import { endFrame, wantsFrames } from '@creator-dashboards/shared/http/push';
import { route, type Frame, type Route } from '@creator-dashboards/shared/http/route';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { told, type Opener, type Told } from '../rebuild/acts.js';
import { isOpen, newestRebuilds, type Rebuild } from '../rebuild/plan.js';
import { progressOf } from '../rebuild/work.js';
import { ofView, PATH, viewNamed } from './paths.js';
import { planOf, progressShown, type RebuildShown } from './shown-acts.js';

export interface ProgressPorts {
  readonly reads: Pick<ReadStore, 'getMany'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly views: ViewRegistry;
  /** For the reasons of operators. */
  readonly sealer: Opener;
}

/** Workers report each batch; nobody reads that fast. */
const LOOK_MS = SECOND / 2;

export function progressRoute({ reads, clock, views, sealer }: ProgressPorts): Route {
  async function newestOf(view: string): Promise<{ readonly rebuild: RebuildShown | null }> {
    const plan = (await newestRebuilds(reads, [view])).get(view);
    return { rebuild: plan ? toShown(await told(sealer, plan)) : null };
  }

  /** The present state, then each that differs, until the newest rebuild of the view has ended. */
  async function* framesOf(view: string, signal: AbortSignal): AsyncGenerator<Frame> {
    let told = '';
    while (!signal.aborted) {
      const data = await newestOf(view);
      const text = toJson(data);
      if (text !== told) yield { event: 'progress', data };
      told = text;
      if (!data.rebuild || !isOpen(data.rebuild)) {
        yield endFrame(data.rebuild?.state ?? 'NONE');
        return;
      }
      await wait(clock, LOOK_MS, signal);
    }
  }

  return route({
    method: 'GET',
    path: `${PATH}/:view/progress`,
    summary: 'How far the newest rebuild of a view is, and when it will be done',
    who: 'auditor',
    limit: 'usual',
    params: ofView,
    data: progressShown,
    errors: ['admin.projection.unknown'],
    pushes: 'a frame `progress` with the same data at once and whenever it has changed, then one `end` with a `reason`',
    handle: async (request) => {
      const { name } = viewNamed(views, request.params.view);
      if (wantsFrames(request)) return { frames: (signal) => framesOf(name, signal) };
      return { data: await newestOf(name) };
    },
  });
}

function toShown(plan: Told<Rebuild>): RebuildShown {
  const { position, head, owner, finishedAt } = plan;
  return { ...planOf(plan), position, head, owner, finishedAt, progress: progressOf(plan) };
}
