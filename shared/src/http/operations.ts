/** Probes and metrics of a process, for operators and their tools: /livez, /readyz, /metrics. No token, no envelope. */
import { Router } from 'express';
import type { Metrics } from '../process/metrics.js';
import { isTransient } from '../store-errors.js';
import { SECOND, type Clock } from '../time.js';
import { toJson } from './envelope.js';

export interface Readiness {
  readonly ready: boolean;
  /** What was checked, by name. Public: no secrets. */
  readonly checks: Readonly<Record<string, unknown>>;
  /** How much of the log is done of what is waited for, 0 to 1, by position; left out where nothing is. */
  readonly progress?: number;
}

/** A share of the log, for people. Never "100 %" before the end. */
export function percentOf(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** /livez touches nothing: a process that waits for a store is alive. */
export function livenessRoute(): Router {
  return Router().get('/livez', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ alive: true });
  });
}

/**
 * /readyz answers 503 while `ready` says no or fails. It and /metrics are computed at most once a second, however often they are
 * requested: both cost more than an ordinary request.
 */
export function operationsRoutes(
  ready: () => Promise<Readiness>,
  { registry }: Pick<Metrics, 'registry'>,
  clock: Pick<Clock, 'monotonic'>,
): Router {
  const readiness = oncePerSecond(clock, () => ready().catch(failedCheck));
  const measurements = oncePerSecond(clock, () => registry.metrics());
  const router = Router();
  router.get('/readyz', async (_request, response) => {
    const { ready: isReady, progress, checks } = await readiness();
    const behind = progress === undefined ? {} : { progress: percentOf(progress) };
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('application/json')
      .send(toJson({ ready: isReady, ...behind, checks }));
  });
  router.get('/metrics', async (_request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Content-Type': registry.contentType }).send(await measurements());
  });
  return router;
}

/** Names the store that is away. Of anything else nothing is told: a message may quote an address with a password. */
function failedCheck(error: unknown): Readiness {
  return {
    ready: false,
    checks: isTransient(error) ? { away: error.store } : { readiness: 'the check itself failed' },
  };
}

/** Shares one result among all callers while it is computed and until it is a second old. */
function oncePerSecond<T>(clock: Pick<Clock, 'monotonic'>, work: () => Promise<T>): () => Promise<T> {
  let latest: { readonly answer: Promise<T>; until: number } | undefined;
  return () => {
    if (latest && clock.monotonic() < latest.until) return latest.answer;
    const made = { answer: work(), until: Infinity };
    const age = () => void (made.until = clock.monotonic() + SECOND);
    made.answer.then(age, age);
    latest = made;
    return made.answer;
  };
}
