/** What administrators do with accounts: suspend, reinstate, erase. */
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { type ErrorKey, orThrow, Refused } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { user, userStream, type UserCommand } from '../domain/user.js';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import type { CommandService } from '../runtime/service.js';

export function adminUserRoutes(service: CommandService): Route[] {
  return [
    accountRoute(service, {
      action: 'suspend',
      summary: 'Suspend an account: no login, no writes, no messages to it',
      errors: ['error.user.account_not_active'],
      commandOf: (userId, { reason }) => ({ type: 'Suspend', userId, reason }),
    }),
    accountRoute(service, {
      action: 'reinstate',
      summary: 'Lift a suspension, or bring a deactivated account back',
      errors: ['error.user.account_active', 'error.user.erased'],
      commandOf: (userId) => ({ type: 'Reinstate', userId }),
    }),
    accountRoute(service, {
      action: 'erase',
      summary: 'Erase a person for ever: her key is destroyed',
      errors: [],
      // The account's own key is about to be destroyed, and with it any reason sealed with it.
      reasonFor: (_userId, adminId) => adminId,
      commandOf: (userId) => ({ type: 'RequestErasure', userId }),
    }),
  ];
}

interface AccountAction {
  readonly action: 'suspend' | 'reinstate' | 'erase';
  readonly summary: string;
  readonly errors: readonly ErrorKey[];
  readonly commandOf: (userId: string, context: Awaited<ReturnType<typeof contextOf>>) => UserCommand;
  /** Whose key seals the reason; default: the account's. */
  readonly reasonFor?: (userId: string, adminId: string) => string;
}

function accountRoute(
  service: CommandService,
  { action, summary, errors, commandOf, reasonFor }: AccountAction,
): Route {
  return route({
    method: 'POST',
    path: `/admin/users/:userId/${action}`,
    summary,
    who: 'admin',
    limit: 'usual',
    params: z.strictObject({ userId: idText }),
    body: z.strictObject({ reason: reasonText }),
    data: writtenData,
    errors: ['error.user.not_found', ...errors],
    async handle(request) {
      const { userId } = request.params;
      const { state } = await service.commands.load(user, userStream(userId));
      if (state.status === 'NONE') throw new Refused('error.user.not_found');
      const subject = reasonFor?.(userId, request.actor.userId ?? userId) ?? userId;
      const context = await contextOf(service, request, { subject });
      const outcome = await service.commands.handle(user, commandOf(userId, context), context);
      return writeResponse(service, orThrow(outcome));
    },
  });
}
