/** The cookie that carries a refresh token, to the routes below /auth and to no others (domain 2.6). */
import { Refused } from '@creator-dashboards/shared/errors';
import { admits } from '@creator-dashboards/shared/origins';
import { API_PREFIX, type RouteRequest } from '@creator-dashboards/shared/http/route';
import { fromInstant, SECOND, type Instant } from '@creator-dashboards/shared/time';
import { textOf, tokenIn, type RefreshToken } from '../runtime/refresh-tokens.js';
import type { CommandService } from '../runtime/service.js';

const NAME = 'biore_refresh';

type Headers = Readonly<Record<'Set-Cookie', string>>;

/** The refresh token of a request; null without one that we made. */
export function refreshTokenOf(
  { digest }: Pick<CommandService, 'digest'>,
  request: Pick<RouteRequest, 'header'>,
): RefreshToken | null {
  const cookies = (request.header('cookie') ?? '').split(';').map((cookie) => cookie.trim());
  const found = cookies.find((cookie) => cookie.startsWith(`${NAME}=`));
  return found === undefined ? null : tokenIn(digest, found.slice(NAME.length + 1));
}

export function withCookie(service: CommandService, token: RefreshToken, until: Instant): Headers {
  const seconds = Math.ceil((fromInstant(until) - service.clock.now()) / SECOND);
  return { 'Set-Cookie': cookie(service, textOf(service.digest, token), seconds) };
}

export function withoutCookie(service: Pick<CommandService, 'publicUrl'>): Headers {
  return { 'Set-Cookie': cookie(service, '', 0) };
}

function cookie({ publicUrl }: Pick<CommandService, 'publicUrl'>, value: string, seconds: number): string {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  return `${NAME}=${value}; Path=${API_PREFIX}/auth; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

/**
 * Throws Refused 403 if a page of another site sent the request. Browsers name a page's origin with every POST and DELETE; a request
 * without one is from a program, which has no cookies but its own.
 */
export function requireOwnOrigin(
  { publicUrl, corsOrigins }: Pick<CommandService, 'publicUrl' | 'corsOrigins'>,
  request: Pick<RouteRequest, 'header'>,
): void {
  const origin = request.header('origin');
  if (origin === undefined || origin === publicUrl || admits(corsOrigins, origin)) return;
  const host = URL.canParse(origin) ? new URL(origin).host : null;
  if (host === null || host !== request.header('host')) throw new Refused('auth.origin.forbidden');
}
