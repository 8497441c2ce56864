/** What the read routes share: whose data is read, and what "there is none" means. */
import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';

/** The caller's userId. The guards let nobody without one through to a `user` route. */
export function callerOf(request: Pick<RouteRequest, 'actor'>): string {
  const { userId } = request.actor;
  if (userId === null) throw new Error('a route of users was called without a user');
  return userId;
}

/** A 404, unless the document is degraded: what it lacks may be in the events that could not be applied. */
export function notFound(key: ErrorKey, document: FoldedDocument | null): Refusal {
  return refuse(document?.parked ? 'common.view_degraded' : key);
}
