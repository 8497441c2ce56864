/**
 * Idempotency-Key (G45): a key belongs to its caller and route. Its claim says with which request it was used and what was
 * answered, so that one key never does two things, on whatever streams, and a repeat is answered as the first time.
 */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { canonical } from '@creator-dashboards/shared/canonical';
import { Refused } from '@creator-dashboards/shared/errors';
import type { Route, RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { commandIdOf, derivedId } from '@creator-dashboards/shared/ids';
import { configValue } from '@creator-dashboards/shared/platform-config';
import type { Document, Sealed } from '@creator-dashboards/shared/ports';
import { fromInstant, HOUR, plus, SECOND, toInstant, type Instant } from '@creator-dashboards/shared/time';
import { currentConfig } from '../runtime/current-config.js';
import type { CommandService } from '../runtime/service.js';
import type { TickerTask } from '../runtime/clock-task.js';
import { sealedFor } from '../runtime/sealing.js';

/** In a collection of the command service's own, by the command id of the key's first run. `position` is where the log stood then. */
interface Claim extends Document {
  /** Of path, query and body. */
  readonly digest: string;
  readonly state: 'open' | 'done';
  /** How many runs were closed half-way before this one: each has ids of its own. */
  readonly run: number;
  readonly at: Instant;
  /** Status and data of a done one, as JSON; sealed for the caller where there is one. */
  readonly answer: Sealed<string> | string | null;
}

const CLAIMS = 'idempotencyClaims';
const KEPT_MS = 48 * HOUR;

/** Makes the collection. */
export async function declareClaims({ reads }: Pick<CommandService, 'reads'>): Promise<void> {
  await reads.declare(CLAIMS, ['at']);
}

/** Forgets claims after 48 hours: by the clock, so many at a time. */
export const forgetClaims: TickerTask = {
  name: 'forget-claims',
  run: async ({ reads }, now) => {
    const atMost = plus(now, -KEPT_MS);
    return { done: await reads.deleteUpTo(CLAIMS, { field: 'at', atMost }, 1_000), failed: 0 };
  },
};

/** The route, with its writes claimed by their Idempotency-Keys. */
export function claimed(service: CommandService, route: Route): Route {
  if (route.method === 'GET' || route.who === 'provider' || route.keyless) return route;
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
  const commandId = claim.run === 0 ? claim._id : derivedId(claim._id, String(claim.run));
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

/** The key's claim, made or, where the route lets go of it sooner, made anew. Throws Refused('common.busy') when others keep changing it. */
async function claimOf(service: CommandService, { keyTtl }: Route, request: RouteRequest, key: string) {
  const { method, template } = request;
  const fresh: Claim = {
    _id: commandIdOf(callerOf(service, request), method, template, key),
    position: await service.events.head(),
    digest: digestOf(service, request),
    state: 'open',
    run: 0,
    at: toInstant(service.clock.now()),
    answer: null,
  };
  const ttl = keyTtl && configValue(await currentConfig(service), keyTtl) * SECOND;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const made = await service.reads.write(CLAIMS, [{ document: fresh, expected: null }]);
    if (made.size > 0) return { claim: fresh, isNew: true };
    const claim = await service.reads.get<Claim>(CLAIMS, fresh._id);
    if (!claim) continue; // forgotten just now
    if (ttl === undefined || fromInstant(fresh.at) - fromInstant(claim.at) < ttl) return { claim, isNew: false };
    const anew = { ...fresh, run: claim.run + 1 };
    if (await replaced(service, claim, anew)) return { claim: anew, isNew: true };
  }
  throw new Refused('common.busy', { retryAfter: 1 });
}

/** Nobody but the caller can use a key again; on public routes the address given says who it is. */
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

/** What of a response is disclosed again. */
type Answer = Pick<RouteResponse, 'status' | 'data'>;

async function kept(
  service: CommandService,
  { actor }: RouteRequest,
  { status, data }: RouteResponse,
): Promise<Claim['answer']> {
  const text = JSON.stringify({ status, data } satisfies Answer);
  return actor.userId === null ? text : sealedFor(service, kinds.answer, [actor.userId], text);
}

/** Null where the caller was erased: what it says nobody may read any more. */
async function answerOf({ sealer }: CommandService, { answer }: Claim): Promise<Answer | null> {
  const text = typeof answer === 'string' ? answer : await sealer.open(kinds.answer, answer);
  return text === null ? null : (JSON.parse(text) as Answer);
}

/** Lost where another run of the command was faster; the claim then says what that one did. */
async function amend(service: CommandService, claim: Claim, change: Partial<Claim>): Promise<void> {
  await replaced(service, claim, { ...claim, ...change });
}

async function replaced({ reads }: CommandService, before: Claim, document: Claim): Promise<boolean> {
  const { state, run } = before;
  return (await reads.write(CLAIMS, [{ document, expected: { state, run } }])).size > 0;
}
