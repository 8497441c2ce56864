/** A refresh of a session (G66): each takes a refresh token's place by the next one. */
import { refuse, Refused, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import { derivedId } from '@creator-dashboards/shared/ids';
import { HOUR, SECOND, toInstant } from '@creator-dashboards/shared/time';
import { user, userStream, type UserState } from '../domain/user.js';
import { outlasts } from '../domain/user-access.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { RefreshToken } from '../runtime/refresh-tokens.js';
import type { CommandService } from '../runtime/service.js';
import { endSession, judge, refreshed, sessionOf, type Session } from '../runtime/sessions.js';

/** What keeps its session going, and the token to come with next time. */
export interface Refreshed {
  readonly session: Session;
  readonly token: RefreshToken;
}

const ATTEMPTS = 3;

/**
 * `key`: digest of the request's Idempotency-Key. A token that was replaced gets its successor again for a moment, and with the same
 * key for as long as the successor is unused; otherwise it was reused, which ends the session and is recorded.
 */
export async function refreshSession(
  service: CommandService,
  token: RefreshToken | null,
  key: string | null,
  context: CommandContext,
): Promise<Refreshed | Refusal> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const session = token && (await sessionOf(service, token));
    if (!session) return refuse('auth.refresh.invalid_token');
    const judged = judge(session, { number: token.number, key, now: toInstant(service.clock.now()) });
    if (judged === 'over') return refuse('auth.refresh.invalid_token');
    if (judged === 'reused') return reused(service, session, context);
    const { state } = await service.commands.load(user, userStream(session.userId));
    const refusal = refusalFor(state, session);
    if (refusal) return refuse(refusal);
    if (judged === 'again') return { session, token: { ...token, number: session.number } };
    await countRefresh(service, session);
    const next = await refreshed(service, session, { key, revocations: state.sessions.count });
    if (next) return { session: next, token: { ...token, number: next.number } };
  }
  throw new Refused('common.busy', { retryAfter: 1 });
}

/** Recorded first: if this stops half-way, the same token comes to the same end. */
async function reused(service: CommandService, session: Session, context: CommandContext): Promise<Refusal> {
  const { _id: sessionId, userId } = session;
  const once = { ...context, commandId: derivedId(sessionId, 'reused') };
  await service.commands.handle(user, { type: 'ReportReuse', userId, sessionId }, once);
  await endSession(service, session);
  return refuse('auth.refresh.token_reuse_detected');
}

/** A suspended account's session waits; a deactivated one's goes on, so that its owner can come back (G37). */
function refusalFor({ status, sessions, roles }: UserState, session: Session): ErrorKey | null {
  if (!outlasts(sessions, session)) return 'auth.refresh.invalid_token';
  if (status === 'SUSPENDED') return 'auth.refresh.account_suspended';
  if (session.role !== 'USER' && !(status === 'ACTIVE' && roles.includes(session.role)))
    return 'auth.refresh.invalid_token';
  return status === 'ACTIVE' || status === 'DEACTIVATED' ? null : 'auth.refresh.invalid_token';
}

const PER_HOUR = 60;

/** Counted by session, not by address: many people share one. Without counters nothing is refused: a token works once. */
async function countRefresh({ counters }: CommandService, { _id }: Session): Promise<void> {
  const hit = await counters.hit(`refresh:${_id}`, HOUR).catch(() => null);
  if (hit && hit.count > PER_HOUR) throw new Refused('common.rate_limited', { retryAfter: hit.resetsInMs / SECOND });
}
