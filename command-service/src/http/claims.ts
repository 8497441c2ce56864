/**
 * Idempotency-Key (G45): a key belongs to its caller and route. Its claim records the request it was used with and the response, so
 * that one key never does two things, on any stream, and a repeat gets the first response again.
 */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { canonical } from '@creator-dashboards/shared/canonical';
import { CLAIMS, runIdOf, type ClaimFacts } from '@creator-dashboards/shared/claims';
import { Refused } from '@creator-dashboards/shared/errors';
import { isRead, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { commandIdOf } from '@creator-dashboards/shared/ids';
import { configValue } from '@creator-dashboards/shared/platform-config';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { fromInstant, HOUR, SECOND, toInstant, type Instant } from '@creator-dashboards/shared/time';
import type { CommandService } from '../runtime/service.js';
import { forgetting } from '../runtime/clock-task.js';
import { sealedFor } from '../runtime/sealing.js';

/** In a collection of the command service's own; _id is the command id of the key's first run, `position` the head of the log then. */
interface Claim extends ClaimFacts {
  /** Digest of path, query and body. */
  readonly digest: string;
  /** When the key was first used. */
  readonly at: Instant;
  /** Status and data of the response, as JSON, once done; sealed for the caller if there is one. */
  readonly answer: Sealed<string> | string | null;
}

const KEPT_MS = 48 * HOUR;

/** Creates the collection. */
export async function declareClaims({ reads }: Pick<CommandService, 'reads'>): Promise<void> {
  await reads.declare(CLAIMS, ['at']);
}

/** Deletes claims after 48 hours. */
export const forgetClaims = forgetting('forget-claims', CLAIMS, 'at', KEPT_MS);

/** The route, with its writes claimed by their Idempotency-Keys. */
export function claimed(service: CommandService, route: Route): Route {
  if (isRead(route) || route.who === 'provider' || route.keyless) return route;
  return {
    ...route,
    handle: (request) =>
      request.idempotencyKey === null
        ? route.handle(request)
        : runClaimed(service, route, request, request.idempotencyKey),
  };
}

/** A refusal leaves the claim open, so that a retry is decided again. */
async function runClaimed(
  service: CommandService,
  route: Route,
  request: RouteRequest,
  key: string,
): Promise<RouteResponse> {
  const { claim, isNew } = await claimOf(service, route, request, key);
  if (claim.digest !== digestOf(service, request)) throw new Refused('common.idempotency_mismatch');
  const known = claim.state === 'done' && (await answerOf(service, claim));
  if (known) return known;
  const commandId = runIdOf(claim._id, claim.run);
  try {
    const response = await route.handle({ ...request, run: { commandId, since: isNew ? null : claim.position } });
    await amend(service, claim, { state: 'done', answer: await kept(service, request, response) });
    return response;
  } catch (error) {
    if (error instanceof Refused && error.closesRun) await amend(service, claim, { run: claim.run + 1 });
    throw error;
  }
}

const ATTEMPTS = 3;

/**
 * The key's claim: found, created, or renewed where the route keeps it for less time. Throws Refused('common.busy') if others
 * keep changing it.
 */
async function claimOf(service: CommandService, { keyTtl }: Route, request: RouteRequest, key: string) {
  const { method, template } = request;
  const fresh: Claim = {
    _id: commandIdOf(callerOf(service, request), method, template, service.digest('idempotencyKey', key)),
    position: await service.events.head(),
    digest: digestOf(service, request),
    state: 'open',
    run: 0,
    at: toInstant(service.clock.now()),
    answer: null,
  };
  const ttl = keyTtl && configValue(await service.lookups.config(), keyTtl) * SECOND;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const made = await service.reads.write(CLAIMS, [{ document: fresh, expected: null }]);
    if (made.size > 0) return { claim: fresh, isNew: true };
    const claim = await service.reads.get<Claim>(CLAIMS, fresh._id);
    if (!claim) continue; // deleted just now
    if (ttl === undefined || fromInstant(fresh.at) - fromInstant(claim.at) < ttl) return { claim, isNew: false };
    const anew = { ...fresh, run: claim.run + 1 };
    if (await replaced(service, claim, anew)) return { claim: anew, isNew: true };
  }
  throw new Refused('common.busy', { retryAfter: 1 });
}

/** Only the same caller can use a key again; on public routes the e-mail address in the body identifies the caller. */
function callerOf({ digest }: Pick<CommandService, 'digest'>, { actor, body }: RouteRequest): string | null {
  const { email } = (body ?? {}) as { email?: unknown };
  if (actor.userId !== null || typeof email !== 'string') return actor.userId;
  return digest('caller', email.trim().toLowerCase());
}

function digestOf({ digest }: Pick<CommandService, 'digest'>, { params, query, body }: RouteRequest): string {
  const { password } = (body ?? {}) as { password?: unknown };
  const disclosed =
    typeof password === 'string' ? { ...(body as object), password: digest('password', password) } : body;
  return digest('request', canonical([params, query, disclosed]));
}

/** The parts of a response that a repeat gets. */
type Answer = Pick<RouteResponse, 'status' | 'data'>;

async function kept(
  service: CommandService,
  { actor }: RouteRequest,
  { status, data }: RouteResponse,
): Promise<Claim['answer']> {
  const text = JSON.stringify({ status, data } satisfies Answer);
  return actor.userId === null ? text : sealedFor(service, kinds.answer, [actor.userId], text);
}

/** Null if the caller was erased: nobody may read the response any more. */
async function answerOf({ sealer }: CommandService, { answer }: Claim): Promise<Answer | null> {
  const text = typeof answer === 'string' ? answer : await sealer.open(kinds.answer, answer);
  return text === null ? null : (JSON.parse(text) as Answer);
}

/** Does nothing if another run of the command was faster: the claim then holds that one's response. */
async function amend(service: CommandService, claim: Claim, change: Partial<Claim>): Promise<void> {
  await replaced(service, claim, { ...claim, ...change });
}

async function replaced({ reads }: CommandService, before: Claim, document: Claim): Promise<boolean> {
  const { state, run } = before;
  return (await reads.write(CLAIMS, [{ document, expected: { state, run } }])).size > 0;
}
