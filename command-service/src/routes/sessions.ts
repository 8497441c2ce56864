/** Sessions (domain 2.6, G66): refresh, logout, and what a person sees and ends of her own. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { isRefusal, orThrow, Refused } from '@creator-dashboards/shared/errors';
import { TOKEN_LIFETIME_SECONDS } from '@creator-dashboards/shared/http/auth';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { idText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { user, userStream } from '../domain/user.js';
import { outlasts } from '../domain/user-access.js';
import { refreshSession } from '../commands/refresh-session.js';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { refreshTokenOf, requireOwnOrigin, withCookie, withoutCookie } from '../http/refresh-cookie.js';
import { endSession, endSessions, lastingSessions, ownSession, sessionOf } from '../runtime/sessions.js';
import type { CommandService } from '../runtime/service.js';

/** An access token; the refresh token goes with it, as a cookie. */
export const loggedIn = z.object({ accessToken: z.string(), expiresIn: z.literal(TOKEN_LIFETIME_SECONDS) });

const shown = z.object({
  id: z.guid(),
  role: z.enum(['USER', 'ADMIN', 'AUDITOR']),
  startedAt: z.iso.datetime(),
  refreshedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  device: z.string().nullable().describe('User-Agent of the login'),
  current: z.boolean().describe('The one that this request came with'),
});

export function sessionRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/refresh',
      summary: 'A new access token, for the refresh token in the cookie, which the next one replaces',
      who: 'public',
      limit: 'usual',
      keyless: 'handled',
      data: loggedIn,
      errors: [
        'auth.origin.forbidden',
        'auth.refresh.invalid_token',
        'auth.refresh.account_suspended',
        'auth.refresh.token_reuse_detected',
      ],
      async handle(request) {
        requireOwnOrigin(service, request);
        const { idempotencyKey } = request;
        const key = idempotencyKey === null ? null : service.digest('idempotencyKey', idempotencyKey);
        const token = refreshTokenOf(service, request);
        const outcome = await refreshSession(service, token, key, await contextOf(service, request));
        if (isRefusal(outcome)) {
          // A suspension may be lifted.
          const isOver = outcome.refused !== 'auth.refresh.account_suspended';
          return { refused: new Refused(outcome.refused), ...(isOver && { headers: withoutCookie(service) }) };
        }
        const { userId, role, expiresAt } = outcome.session;
        return {
          headers: withCookie(service, outcome.token, expiresAt),
          data: { accessToken: service.signToken({ userId, role }), expiresIn: TOKEN_LIFETIME_SECONDS },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/logout',
      summary: 'End the session of the cookie; an access token lives on for its 15 minutes',
      who: 'public',
      limit: 'usual',
      keyless: true,
      data: z.object({}),
      errors: ['auth.origin.forbidden'],
      async handle(request) {
        requireOwnOrigin(service, request);
        const token = refreshTokenOf(service, request);
        const session = token && (await sessionOf(service, token));
        if (session) await endSession(service, session);
        return { headers: withoutCookie(service), data: {} };
      },
    }),
    route({
      method: 'GET',
      path: '/auth/sessions',
      summary: 'Where the caller is logged in, oldest first',
      who: 'user',
      limit: 'usual',
      data: z.object({ items: z.array(shown) }),
      async handle(request) {
        const userId = callerOf(request);
        const { state } = await service.commands.load(user, userStream(userId));
        const current = refreshTokenOf(service, request)?.sessionId;
        const sessions = await lastingSessions(service, userId, state.sessions);
        const items = sessions.map(async ({ _id: id, role, startedAt, refreshedAt, expiresAt, device }) => ({
          ...{ id, role, startedAt, refreshedAt, expiresAt },
          ...{ device: await service.sealer.open(kinds.device, device), current: id === current },
        }));
        return { data: { items: await Promise.all(items) } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions',
      summary: 'Log out everywhere: no session can be refreshed any more',
      who: 'user',
      limit: 'usual',
      data: writtenData,
      async handle(request) {
        const userId = callerOf(request);
        const context = await contextOf(service, request);
        const outcome = orThrow(await service.commands.handle(user, { type: 'RevokeSessions', userId }, context));
        await endSessions(service, userId, (session) => outlasts(outcome.state.sessions, session));
        const response = await writeResponse(service, outcome);
        return { ...response, headers: withoutCookie(service) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions/:sessionId',
      summary: 'End one session of the caller',
      who: 'user',
      limit: 'usual',
      keyless: true,
      params: z.strictObject({ sessionId: idText }),
      data: z.object({}),
      errors: ['auth.sessions.not_found'],
      async handle(request) {
        const session = await ownSession(service, callerOf(request), request.params.sessionId);
        if (!session) throw new Refused('auth.sessions.not_found');
        await endSession(service, session);
        return { data: {} };
      },
    }),
  ];
}
