/** The address of a referral link, which people follow: counts the click and sends them on (domain 2.4). */
import { Refused, statusOf } from '@creator-dashboards/shared/errors';
import { toRefused } from '@creator-dashboards/shared/http/envelope';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { isVisit, sentTo } from '@creator-dashboards/shared/http/visit';
import { MINUTE, SECOND } from '@creator-dashboards/shared/time';
import { within } from '@creator-dashboards/shared/waiting';
import { z } from 'zod';
import { normalized } from '@creator-dashboards/shared/reservations';
import { currentConfig } from '../runtime/current-config.js';
import type { CommandService } from '../runtime/service.js';
import { countClick } from './referral.js';

/** A visitor waits no longer for a click to be counted. */
const COUNTED_WITHIN_MS = SECOND;

export function referralPages(service: CommandService): Route[] {
  return [
    route({
      method: 'GET',
      path: '/ref/:code',
      summary: 'Follow a referral link',
      who: 'public',
      limit: { max: 60, perMs: MINUTE },
      params: z.strictObject({ code: z.string() }), // too long for a code is a code that nobody has
      async handle(request) {
        const { code } = request.params;
        if (isVisit(request)) await countedWhileStoresAnswer(service, code, request);
        return sentTo(destinationOf(service, code));
      },
    }),
  ];
}

/** Where a link leads is known without a store, so a visitor is sent on while one is away or slow. A click that takes longer may yet be counted. */
async function countedWhileStoresAnswer(service: CommandService, code: string, request: RouteRequest): Promise<void> {
  try {
    const late = () => new Refused('common.unavailable', { retryAfter: 1 });
    await within(service.clock, COUNTED_WITHIN_MS, countUnlessOff(service, code, request), late);
  } catch (error) {
    if (statusOf(toRefused(error).key) !== 503) throw error;
  }
}

/** A switch that stops the referral programme leaves its links working: they lead to people's pages. */
async function countUnlessOff(service: CommandService, code: string, request: RouteRequest): Promise<void> {
  const config = await currentConfig(service);
  if (!config?.killSwitches.REFERRAL?.engaged) await countClick(service, code, request);
}

/** The same for a code that nobody has: a redirect does not tell which codes exist. */
function destinationOf({ signupUrl, publicUrl }: CommandService, code: string): string {
  if (signupUrl === null) return `${publicUrl}/${encodeURIComponent(normalized(code))}`;
  const signup = new URL(signupUrl);
  signup.searchParams.set('referralCode', code);
  return signup.href;
}
