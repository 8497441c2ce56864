/** Whether the account of a token may do what it asks. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';
import { user, userStream, type UserState } from '../domain/user.js';
import type { CommandService } from '../runtime/service.js';

/** Guard of every write with a USER token: the account exists and is active (deactivated accounts, G37). */
export async function accountActive(service: CommandService, userId: string): Promise<boolean> {
  const { state } = await service.commands.load(user, userStream(userId));
  return state.status === 'ACTIVE';
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
