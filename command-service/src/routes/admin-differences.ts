/** Differences of the money: an administrator who has looked into one acknowledges it, so that payouts may go on. */
import { orThrow } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { moneyDifference } from '../domain/money-difference.js';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import type { CommandService } from '../runtime/service.js';

export function adminDifferenceRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/money/differences/:item/acknowledge',
      summary: 'Acknowledge a difference of the money: it stops payouts no more. Then release the kill switch PAYOUT',
      who: 'admin',
      limit: 'usual',
      params: z.strictObject({ item: idText }),
      body: z.strictObject({ reason: reasonText }),
      data: writtenData,
      errors: ['admin.money.unknown_difference', 'admin.money.already_acknowledged'],
      async handle(request) {
        const { userId: by } = request.actor;
        // The reason is sealed for the administrator: a difference is about nobody.
        const context = await contextOf(service, request, by === null ? {} : { subject: by });
        const command = { type: 'Acknowledge' as const, item: request.params.item, by };
        return writeResponse(service, orThrow(await service.commands.handle(moneyDifference, command, context)));
      },
    }),
  ];
}
