/** Referral links, for their owners and for those who follow one (domain 2.4). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow } from '@creator-dashboards/shared/errors';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import type { Position } from '@creator-dashboards/shared/ports';
import { route, type Route, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { codeText } from '../http/fields.js';
import { requireActiveUser } from '../http/accounts.js';
import { referralClicks, type TrackClick } from '../domain/referral-clicks.js';
import { nameDigest, ownerOfName } from '../commands/names.js';
import { getOrCreateLink } from '../commands/referral-links.js';
import type { CommandService } from '../runtime/service.js';

export function referralRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'GET',
      path: '/referral/link',
      summary: "The caller's referral link, made at the first call",
      who: 'user',
      killSwitch: 'REFERRAL',
      limit: { max: 30, perMs: MINUTE },
      makes: true,
      data: writtenData.extend({ code: z.string().nullable(), link: z.string().nullable() }),
      errors: ['auth.account.unknown', 'referral.link.code_collision', 'referral.link.interrupted'],
      async handle(request) {
        const account = await requireActiveUser(service, request);
        const linked = orThrow(await getOrCreateLink(service, account, await contextOf(service, request)));
        const code = await service.sealer.open(kinds.name, linked.state.code);
        const link = code === null ? null : `${service.publicUrl}/ref/${code}`;
        return writeResponse(service, linked, { code, link });
      },
    }),
    route({
      method: 'POST',
      path: '/referral/click/:code',
      summary: 'Count a click; the answer is the same for every code',
      who: 'public',
      killSwitch: 'REFERRAL',
      limit: { max: 60, perMs: MINUTE },
      params: z.strictObject({ code: codeText }),
      keyless: true,
      data: writtenData.extend({ tracked: z.literal(true) }),
      async handle(request) {
        return writeResponse(service, await countClick(service, request.params.code, request), { tracked: true });
      },
    }),
  ];
}

/** Counts a click on the link that a code belongs to; nothing for a code that nobody has. */
export async function countClick(
  service: CommandService,
  code: string,
  request: RouteRequest,
): Promise<{ readonly events: readonly Recorded[]; readonly position: Position }> {
  const owner = await ownerOfName(service, code);
  if (!owner?.link) return { events: [], position: await service.events.head() };
  const click: TrackClick = { type: 'TrackClick', userId: owner.userId, codeDigest: nameDigest(service, code) };
  return orThrow(await service.commands.handle(referralClicks, click, await contextOf(service, request)));
}
