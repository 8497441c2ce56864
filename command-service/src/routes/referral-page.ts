/** The address of a referral link, which people follow: counts the click and sends them on (domain 2.4). */
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { sentTo } from '@creator-dashboards/shared/http/visit';
import { MINUTE } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { normalized } from '@creator-dashboards/shared/reservations';
import { countVisit } from '../http/visits.js';
import type { CommandService } from '../runtime/service.js';
import { countClick } from './referral.js';

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
        // Where it leads is known without a store.
        await countVisit(service, request, () => countUnlessOff(service, code, request));
        return sentTo(destinationOf(service, code));
      },
    }),
  ];
}

/** A switch that stops the referral programme leaves its links working: they lead to people's pages. */
async function countUnlessOff(service: CommandService, code: string, request: RouteRequest): Promise<void> {
  const config = await service.lookups.config();
  if (!config?.killSwitches.REFERRAL?.engaged) await countClick(service, code, request);
}

/** The same for a code that nobody has: a redirect does not tell which codes exist. */
function destinationOf({ signupUrl, publicUrl }: CommandService, code: string): string {
  if (signupUrl === null) return `${publicUrl}/${encodeURIComponent(normalized(code))}`;
  const signup = new URL(signupUrl);
  signup.searchParams.set('referralCode', code);
  return signup.href;
}
