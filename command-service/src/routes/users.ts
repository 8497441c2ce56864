/** What users do with their own account (domain 2.6; deactivation, G37). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { idText, reasonText } from '@creator-dashboards/shared/http/fields';
import { usernameText, webAddress } from '../http/fields.js';
import { block, blockStream } from '../domain/block.js';
import { user, type UserState, userStream, type UserCommand } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import { type ErrorKey, orThrow, refuse, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import { configValue } from '@creator-dashboards/shared/platform-config';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { requireActiveUser } from '../http/accounts.js';
import { moneyLeft } from '../commands/money-left.js';
import { renameUser } from '../commands/rename-user.js';
import type { CommandService } from '../runtime/service.js';

export function userRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'PATCH',
      path: '/users/avatar',
      summary: 'Set or remove the avatar',
      who: 'user',
      limit: 'usual',
      body: z.strictObject({ avatarUrl: webAddress.nullable().describe('null removes it') }),
      data: writtenData.extend({ avatarUrl: z.string().nullable() }),
      errors: ['auth.account.unknown'],
      async handle(request) {
        const { userId } = await requireActiveUser(service, request);
        const { avatarUrl: url } = request.body;
        const context = await contextOf(service, request);
        const setAvatar = async ({ avatarUrl: before }: UserState) => {
          const same = url === (await service.sealer.open(kinds.avatarUrl, before));
          const avatarUrl = same || url === null ? null : await service.sealer.seal(kinds.avatarUrl, userId, url);
          return { type: 'SetAvatar' as const, userId, avatarUrl: same ? before : avatarUrl };
        };
        const outcome = await service.commands.handleBy(user, userStream(userId), setAvatar, context);
        return writeResponse(service, orThrow(outcome), { avatarUrl: url });
      },
    }),
    route({
      method: 'PATCH',
      path: '/users/username',
      summary: 'Choose another username',
      who: 'user',
      limit: { max: 5, perMs: HOUR },
      body: z.strictObject({ username: usernameText }),
      data: writtenData.extend({ username: z.string() }),
      errors: [
        'auth.account.unknown',
        'error.user.username_length',
        'error.user.username_format',
        'error.user.username_same',
        'error.user.username_cooldown',
        'error.user.username_taken',
        'error.user.too_many_names',
        'error.user.username_interrupted',
      ],
      async handle(request) {
        const { userId } = await requireActiveUser(service, request);
        const context = await contextOf(service, request);
        const renamed = orThrow(await renameUser(service, userId, request.body.username, context));
        const chosen = renamed.events.find((event) => event.type === 'UsernameChanged');
        const username = await service.sealer.open(kinds.name, chosen?.data.new ?? renamed.state.username);
        return writeResponse(service, renamed, { username });
      },
    }),
    blockRoute(service, 'POST', 'Block', 'Block a user: no messages in either direction', [
      'error.user.not_found',
      'user.block.self',
      'user.block.already_blocked',
    ]),
    blockRoute(service, 'DELETE', 'Unblock', 'Unblock a user', ['user.block.not_blocked']),
    route({
      method: 'POST',
      path: '/users/delete',
      summary: 'Deactivate the account now and erase it after the grace period',
      who: 'user',
      limit: 'usual',
      account: 'any', // a retry comes from an account that is deactivated already
      body: z.strictObject({
        reason: reasonText.optional(),
        forfeit: z.boolean().default(false).describe('Give up the money that is left: it is not paid back'),
      }),
      data: writtenData.extend({ purgeAt: z.iso.datetime().nullable() }),
      errors: ['auth.account.unknown', 'user.delete.balance_left'],
      async handle(request) {
        const userId = callerOf(request);
        const { reason, forfeit } = request.body;
        const graceDays = configValue(await service.lookups.config(), 'gdpr.delete_grace_days');
        const context = await contextOf(service, request);
        const deactivate = async ({ status }: UserState): Promise<UserCommand | Refusal> => {
          if (status !== 'ACTIVE') return refuse('auth.account.unknown');
          const kept = forfeit ? null : await moneyLeft(service, userId);
          if (kept) return kept;
          const sealed = reason === undefined ? null : await service.sealer.seal(kinds.reason, userId, reason);
          return { type: 'Deactivate', userId, reason: sealed, graceDays, at: context.at };
        };
        const outcome = orThrow(await service.commands.handleBy(user, userStream(userId), deactivate, context));
        const deactivated = outcome.events.find((event) => event.type === 'UserDeactivated');
        return writeResponse(service, outcome, { purgeAt: deactivated?.data.purgeAt ?? null });
      },
    }),
    route({
      method: 'POST',
      path: '/users/reactivate',
      summary: 'Take a deactivated account back before it is erased',
      who: 'user',
      limit: 'usual',
      account: 'any',
      data: writtenData,
      errors: ['auth.account.unknown', 'error.user.account_not_deactivated'],
      async handle(request) {
        const userId = callerOf(request);
        const { state } = await service.commands.load(user, userStream(userId));
        if (state.status === 'NONE' || isGone(state)) throw new Refused('auth.account.unknown');
        const context = await contextOf(service, request);
        const outcome = await service.commands.handle(user, { type: 'Reactivate', userId }, context);
        return writeResponse(service, orThrow(outcome));
      },
    }),
  ];
}

function blockRoute(
  service: CommandService,
  method: 'POST' | 'DELETE',
  type: 'Block' | 'Unblock',
  summary: string,
  errors: readonly ErrorKey[],
): Route {
  return route({
    method,
    path: '/users/block/:userId',
    summary,
    who: 'user',
    limit: 'usual',
    params: z.strictObject({ userId: idText }),
    data: writtenData,
    errors: ['auth.account.unknown', ...errors],
    async handle(request) {
      const { userId } = await requireActiveUser(service, request);
      const otherId = request.params.userId;
      const context = await contextOf(service, request);
      const commandFor = async () => {
        const nobody = type === 'Block' && otherId !== userId && !(await isSomebody(service, otherId));
        return nobody ? refuse('error.user.not_found') : { type, userId, otherId };
      };
      const outcome = await service.commands.handleBy(block, blockStream(userId, otherId), commandFor, context);
      return writeResponse(service, orThrow(outcome));
    },
  });
}

async function isSomebody(service: CommandService, userId: string): Promise<boolean> {
  const { state } = await service.commands.load(user, userStream(userId));
  return state.status !== 'NONE' && !isGone(state);
}
