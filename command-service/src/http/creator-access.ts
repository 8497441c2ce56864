/** Whose profile a request may write, and how a command on it is run. */
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import { creatorIdOf, type CreatorId } from '@creator-dashboards/shared/ids';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';
import { creator, creatorStream, isLive, type CreatorState } from '../domain/creator/creator.js';
import type { CommandService } from '../runtime/service.js';

type Asking = Pick<RouteRequest, 'actor'>;

/** The caller's own creatorId, from the token; 403 when the path names another, existing or not (domain 1.3). */
export function ownCreatorId(request: Asking & { readonly params: { readonly creatorId: string } }): CreatorId {
  const own = creatorIdOf(callerOf(request));
  if (request.params.creatorId !== own) throw new Refused('creator.ownership.forbidden');
  return own;
}

/** The profile, or a 404 by this key. */
export async function liveCreator(
  service: CommandService,
  creatorId: CreatorId,
  notFound: ErrorKey = 'error.creator.not_found',
): Promise<CreatorState> {
  const { state } = await service.commands.load(creator, creatorStream(creatorId));
  if (!isLive(state)) throw new Refused(notFound);
  return state;
}
