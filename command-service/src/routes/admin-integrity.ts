/** Asks for a comparison of the whole log with what was indexed of it. Who keeps the index does it. */
import { orThrow } from '@creator-dashboards/shared/errors';
import { reasonText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { integrityChecks } from '../domain/integrity-checks.js';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import type { CommandService } from '../runtime/service.js';

export function adminIntegrityRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/integrity/check',
      summary:
        'Have the whole log compared with its index now, not only once a day; GET /admin/integrity tells how far it is',
      who: 'admin',
      limit: 'usual',
      body: z.strictObject({ reason: reasonText }),
      data: writtenData,
      errors: [],
      async handle(request) {
        const { userId: by } = request.actor;
        const context = await contextOf(service, request, by === null ? {} : { subject: by });
        return writeResponse(
          service,
          orThrow(await service.commands.handle(integrityChecks, { type: 'AskCheck', by }, context)),
        );
      },
    }),
  ];
}
