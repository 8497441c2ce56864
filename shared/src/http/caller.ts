import { Refused } from '../errors.js';
import type { RouteRequest } from './route.js';

/** The caller's userId, from the token. Throws Refused (401) without one, which the guards already exclude on a `user` route. */
export function callerOf({ actor }: Pick<RouteRequest, 'actor'>): string {
  if (actor.userId === null) throw new Refused('auth.token.invalid');
  return actor.userId;
}
