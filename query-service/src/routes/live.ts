/**
 * The caller's dashboards as they change (domain 1.5). It has no rule of its own: what it sends is what the rows of `dashboards.ts`
 * answer to the same caller, behind their kill switches.
 */
import { Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { bodyOf } from '@creator-dashboards/shared/http/envelope';
import { disabledKey, type KillSwitches } from '@creator-dashboards/shared/http/guards';
import { wantsFrames } from '@creator-dashboards/shared/http/push';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { MINUTE, type Clock } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import type { Watches } from '../live/watches.js';
import { liveFrames, type LiveView } from '../live/frames.js';
import { heldOf } from '../live/held.js';
import type { Dashboards } from './dashboards.js';

type LiveName = keyof Dashboards;
const LIVE = ['creatorDashboard', 'creatorProfile', 'dmConfig', 'referralDashboard'] as const satisfies LiveName[];

const query = z.strictObject({
  views: z
    .string()
    .max(200)
    .regex(new RegExp(`^(?:${LIVE.join('|')})(?:,(?:${LIVE.join('|')}))*$`), `must be names out of ${LIVE.join(', ')}`)
    .default('creatorDashboard,referralDashboard')
    .describe(`One or more of ${LIVE.join(', ')}, with commas between`),
});

export interface LivePorts {
  readonly dashboards: Dashboards;
  readonly watches: Watches;
  readonly killSwitches: KillSwitches;
  readonly clock: Pick<Clock, 'after'>;
}

export function liveRoute({ dashboards, watches, killSwitches, clock }: LivePorts): Route {
  async function demandOn({ killSwitch }: Route): Promise<void> {
    if (killSwitch && (await killSwitches(killSwitch))) throw new Refused(disabledKey(killSwitch));
  }

  function liveView(name: LiveName, request: RouteRequest): LiveView {
    const row = dashboards[name];
    const userId = callerOf(request);
    const creatorId = creatorIdOf(userId);
    const own = { ...request, template: row.path, params: row.params ? { creatorId } : {}, query: {} };
    return {
      name,
      async answer(held) {
        await demandOn(row);
        return row.handle({ ...own, header: (header) => (header === 'if-none-match' ? held : undefined) });
      },
      watch: (wake) => watches.watch(name, name === 'dmConfig' ? creatorId : userId, wake),
    };
  }

  async function readOnce({ name, answer }: LiveView, { correlationId }: RouteRequest) {
    return [name, JSON.parse(bodyOf(await answer(undefined), correlationId)) as unknown] as const;
  }

  return route({
    method: 'GET',
    path: '/live',
    summary: "The caller's dashboards, pushed at once and after each change",
    who: 'user',
    // As often as the strictest of its views: who opens it is answered as by their GETs.
    limit: { max: 30, perMs: MINUTE },
    query,
    data: z.partialRecord(z.enum(LIVE), z.unknown()),
    errors: ['features.referral_disabled', 'common.rate_limited'] satisfies ErrorKey[],
    pushes:
      'a frame for each view, named by it, at once and after each change: `data` is the body that its GET answers, `id` its ETag. ' +
      'Last-Event-ID names what the client holds, which is not sent: an ETag, of several views `view=ETag` with commas between. ' +
      'A comment every 15 s. The last frame is `end` with a `reason`, the key of an error',
    async handle(request) {
      const names = [...new Set(request.query.views.split(',') as LiveName[])];
      for (const name of names) await demandOn(dashboards[name]);
      const views = names.map((name) => liveView(name, request));
      if (!wantsFrames(request))
        return { data: Object.fromEntries(await Promise.all(views.map((view) => readOnce(view, request)))) };
      const held = heldOf(request.header('last-event-id'), names);
      const { correlationId } = request;
      return { frames: (signal) => liveFrames(views, held, { correlationId, clock, signal }) };
    },
  });
}
