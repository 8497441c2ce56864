/** Whether the account of a token may do what it asks. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { AccountStatus } from '@creator-dashboards/shared/http/account';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';
import { user, userStream, type UserState } from '../domain/user.js';
import type { CommandService } from '../runtime/service.js';

/** The status of an account, null where there is none: what the guards ask, of the account's own stream. */
export async function accountOf(service: CommandService, userId: string): Promise<AccountStatus | null> {
  const { status } = (await service.commands.load(user, userStream(userId))).state;
  return status === 'NONE' ? null : status;
}

/** The caller's account; 401 when it does not exist or is not active. */
export async function requireActiveUser(
  service: CommandService,
  request: RouteRequest<unknown, unknown, unknown>,
): Promise<UserState & { userId: string }> {
  const userId = request.actor.userId ?? '';
  const { state } = await service.commands.load(user, userStream(userId));
  if (state.status !== 'ACTIVE') throw new Refused('auth.account.unknown');
  return { ...state, userId };
}
