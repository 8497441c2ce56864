/**
 * An act with an Idempotency-Key is done once (G45): a repeat is told what the first was told. The claim stands among those of commands,
 * which the command service forgets after 48 hours.
 */
import { canonical } from '@creator-dashboards/shared/canonical';
import { CLAIMS, runIdOf, type ClaimFacts } from '@creator-dashboards/shared/claims';
import { Refused } from '@creator-dashboards/shared/errors';
import { toJson } from '@creator-dashboards/shared/http/envelope';
import type { Route, RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { commandIdOf } from '@creator-dashboards/shared/ids';
import type { KeyStore, ReadStore } from '@creator-dashboards/shared/ports';
import { digestFrom, type Digest } from '@creator-dashboards/shared/seal';
import { MINUTE, toInstant, type Instant, type WallClock } from '@creator-dashboards/shared/time';

interface OncePorts {
  readonly reads: Pick<ReadStore, 'declare' | 'get' | 'write'>;
  readonly clock: WallClock;
  readonly keys: Pick<KeyStore, 'get'>;
}

interface Claim extends ClaimFacts {
  /** Of path and body. */
  readonly digest: string;
  readonly at: Instant;
  /** Until when a run has it; null where none does. Past it, the process that ran it has died. */
  readonly runsUntil: Instant | null;
  /** The data of the answer, as JSON. */
  readonly answer: string | null;
}

/** No act takes so long. */
const RUN_MS = 2 * MINUTE;

/** A refusal or failure is not kept: a repeat is decided again. */
export function doneOnce(ports: OncePorts, route: Route): Route {
  const known = digestFrom(ports.keys);
  return {
    ...route,
    async handle(request) {
      if (request.idempotencyKey === null) return route.handle(request);
      const claim = await claimOf(ports, await known(), request, request.idempotencyKey);
      if (claim.answer !== null) return { data: JSON.parse(claim.answer) as unknown };
      const end = (change: Partial<Claim>) => replace(ports, claim, { ...claim, runsUntil: null, ...change });
      let response: RouteResponse;
      try {
        response = await route.handle({ ...request, run: { commandId: runIdOf(claim._id, claim.run), since: null } });
      } catch (error) {
        await end({}).catch(() => undefined); // then its time runs out
        throw error;
      }
      await end({ state: 'done', answer: toJson(response.data) });
      return response;
    },
  };
}

/** One that is done, or held by this run. Throws Refused: 422 for another request, 503 while another run has it. */
async function claimOf(ports: OncePorts, digest: Digest, request: RouteRequest, key: string): Promise<Claim> {
  const { actor, method, template, params, body } = request;
  const { reads, clock } = ports;
  const now = toInstant(clock.now());
  const fresh: Claim = {
    _id: commandIdOf(actor.userId, method, template, digest('idempotencyKey', key)),
    position: 0n,
    digest: digest('request', canonical([params, body])),
    state: 'open',
    run: 0,
    at: now,
    runsUntil: toInstant(clock.now() + RUN_MS),
    answer: null,
  };
  await reads.declare(CLAIMS, ['at']);
  const made = await reads.write(CLAIMS, [{ document: fresh, expected: null }]);
  if (made.size > 0) return fresh;
  const known = await reads.get<Claim>(CLAIMS, fresh._id);
  if (known && known.digest !== fresh.digest) throw new Refused('common.idempotency_mismatch');
  if (known?.state === 'done') return known;
  if (known && (known.runsUntil === null || known.runsUntil <= now)) {
    const again = { ...fresh, at: known.at, run: known.run + 1 };
    if (await replace(ports, known, again)) return again;
  }
  throw new Refused('common.busy', { retryAfter: 1 });
}

async function replace({ reads }: OncePorts, { state, run }: Claim, document: Claim): Promise<boolean> {
  return (await reads.write(CLAIMS, [{ document, expected: { state, run } }])).size > 0;
}
