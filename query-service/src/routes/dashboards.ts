/** The four dashboards (domain 1). Each is the caller's own: nothing in the path or the query chooses whose. */
import { Refused } from '@creator-dashboards/shared/errors';
import { id } from '@creator-dashboards/shared/events/define';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { referralBody } from '@creator-dashboards/shared/views/referral-dashboard/body';
import { dmConfigBody } from '@creator-dashboards/shared/views/dm-config/body';
import { profileBody } from '@creator-dashboards/shared/views/creator-profile/body';
import { dashboardBody } from '@creator-dashboards/shared/views/creator-dashboard/body';
import type { ViewReader } from '../reads/read.js';
import { shown } from '../reads/shown.js';
import type { ViewQuery } from '../reads/view-query.js';

/** By the view that each shows; `live.ts` pushes what these rows answer. */
export type Dashboards = Readonly<
  Record<'creatorDashboard' | 'creatorProfile' | 'dmConfig' | 'referralDashboard', Route>
>;

export function dashboardRoutes(reader: ViewReader): Dashboards {
  return {
    creatorDashboard: route({
      method: 'GET',
      path: '/creators/dashboard',
      summary: 'Earnings, level, wallet, DM settings and response rate of the calling creator',
      who: 'user',
      limit: 'none',
      reads: true,
      hot: true,
      data: dashboardBody,
      errors: ['creator.dashboard.not_found', 'common.view_degraded'],
      handle: (request) => reader.answer(request, ownOf('creatorDashboard', callerOf(request), request)),
    }),
    creatorProfile: route({
      method: 'GET',
      path: '/creators/profile',
      summary: 'The whole profile of the calling creator, with bio page, categories and active DM packages',
      who: 'user',
      limit: 'none',
      reads: true,
      hot: true,
      data: profileBody,
      errors: ['creator.profile.not_found', 'common.view_degraded'],
      handle: (request) => reader.answer(request, ownOf('creatorProfile', callerOf(request), request)),
    }),
    dmConfig: route({
      method: 'GET',
      path: '/creators/:creatorId/dm-config',
      summary: 'DM type, price and switch of the calling creator, as set',
      who: 'user',
      limit: 'none',
      reads: true,
      hot: true,
      params: z.strictObject({ creatorId: id }),
      data: dmConfigBody,
      errors: ['creator.ownership.forbidden', 'creator.dm.not_found', 'common.view_degraded'],
      handle: (request) => readDmConfig(reader, request),
    }),
    referralDashboard: route({
      method: 'GET',
      path: '/referral/dashboard',
      summary: 'Referral link of the caller with its counters and newest rewards',
      who: 'user',
      killSwitch: 'REFERRAL',
      limit: { max: 30, perMs: MINUTE },
      reads: true,
      hot: true,
      data: referralBody,
      errors: ['common.view_degraded'],
      handle: (request) => reader.answer(request, ownOf('referralDashboard', callerOf(request), request)),
    }),
  };
}

/**
 * Ownership is checked before existence: any id but the caller's own is a 403, so nobody learns which ids exist. The caller's id is
 * derived from the userId, without a look-up (domain 1.3).
 */
async function readDmConfig(reader: ViewReader, request: RouteRequest<{ creatorId: string }>) {
  const own = creatorIdOf(callerOf(request));
  if (request.params.creatorId.toLowerCase() !== own) return { refused: new Refused('creator.ownership.forbidden') };
  return reader.answer(request, ownOf('dmConfig', own, request));
}

/** A document that its caller alone reads. Named one by one: on Node 20, to spread what is shown costs a tenth of a read. */
function ownOf<V extends keyof Dashboards>(view: V, key: string, request: RouteRequest): ViewQuery<V> {
  const { withConfig, show, showKept } = shown[view];
  return { view, key, keptFor: callerOf(request), withConfig, show, showKept };
}
