/** What administrators do with referral links and rewards (domain 7). */
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { referralLink } from '../domain/referral-link.js';
import { referralReward, referralRewardStream, type ReferralRewardCommand } from '../domain/referral-reward.js';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { codeText } from '../http/fields.js';
import { ownerOfName } from '../commands/names.js';
import type { CommandService } from '../runtime/service.js';

const body = z.strictObject({ reason: reasonText });
export function adminReferralRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/referral/rewards/:rewardId/clawback',
      summary: 'Take a reward back; a second time changes nothing (G21)',
      who: 'admin',
      limit: 'usual',
      params: z.strictObject({ rewardId: idText }),
      body,
      data: writtenData,
      errors: ['referral.reward.not_found'],
      async handle(request) {
        const { rewardId } = request.params;
        const { referrerId } = (await service.commands.load(referralReward, referralRewardStream(rewardId))).state;
        if (referrerId === null) throw new Refused('referral.reward.not_found');
        const context = await contextOf(service, request, { subject: referrerId });
        const command: ReferralRewardCommand = { type: 'ClawBack', rewardId, cause: 'ADMIN' };
        return writeResponse(service, orThrow(await service.commands.handle(referralReward, command, context)));
      },
    }),
    linkRoute(service, 'disable', 'Disable a link: clicks still count, signups and rewards do not', 'Disable'),
    linkRoute(service, 'enable', 'Enable a disabled link', 'Enable'),
  ];
}

function linkRoute(
  service: CommandService,
  action: 'disable' | 'enable',
  summary: string,
  type: 'Disable' | 'Enable',
): Route {
  return route({
    method: 'POST',
    path: `/admin/referral/links/:code/${action}`,
    summary,
    who: 'admin',
    limit: 'usual',
    params: z.strictObject({ code: codeText }),
    body,
    data: writtenData,
    errors: ['referral.link.not_found', 'referral.link.unchanged'],
    async handle(request) {
      const owner = await ownerOfName(service, request.params.code);
      if (!owner?.link) throw new Refused('referral.link.not_found');
      const { userId } = owner;
      const context = await contextOf(service, request, { subject: userId });
      return writeResponse(service, orThrow(await service.commands.handle(referralLink, { type, userId }, context)));
    },
  });
}
