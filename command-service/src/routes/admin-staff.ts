/** Who else may log in as ADMIN or AUDITOR; the first one is named on the host (`npm run staff`). */
import { orThrow } from '@creator-dashboards/shared/errors';
import type { ErrorKey } from '@creator-dashboards/shared/errors';
import { staffRole } from '@creator-dashboards/shared/events/user';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { user } from '../domain/user.js';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import type { CommandService } from '../runtime/service.js';

export function adminStaffRoutes(service: CommandService): Route[] {
  return [
    roleRoute(service, 'grant', 'GrantRole', 'Let somebody log in as ADMIN or AUDITOR', [
      'error.user.erased',
      'error.user.account_not_active',
      'admin.staff.already_granted',
    ]),
    roleRoute(service, 'revoke', 'RevokeRole', 'End that: the role is not refreshed any more', [
      'admin.staff.not_granted',
    ]),
  ];
}

function roleRoute(
  service: CommandService,
  action: 'grant' | 'revoke',
  type: 'GrantRole' | 'RevokeRole',
  summary: string,
  errors: readonly ErrorKey[],
): Route {
  return route({
    method: 'POST',
    path: `/admin/users/:userId/staff/${action}`,
    summary,
    who: 'admin',
    limit: 'usual',
    params: z.strictObject({ userId: idText }),
    body: z.strictObject({ role: staffRole, reason: reasonText }),
    data: writtenData,
    errors: ['error.user.not_found', ...errors],
    async handle(request) {
      const { userId } = request.params;
      const context = await contextOf(service, request, { subject: userId });
      const command = { type, userId, role: request.body.role, by: null };
      return writeResponse(service, orThrow(await service.commands.handle(user, command, context)));
    },
  });
}
