/** What operators and their machines ask a process: is it alive, is it ready, how is it doing. No token, no envelope. */
import { Router } from 'express';
import type { Metrics } from '../process/metrics.js';
import { toJson } from './envelope.js';

export interface Readiness {
  readonly ready: boolean;
  /** What was looked at, by name; shown to whoever asks, so no secrets. */
  readonly checks: Readonly<Record<string, unknown>>;
}

/** /livez touches nothing: a process that waits for a store is alive. /readyz answers 503 while `ready` says no or fails. */
export function operationsRoutes(ready: () => Promise<Readiness>, metrics: Metrics): Router {
  const router = Router();
  router.get('/livez', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ alive: true });
  });
  router.get('/readyz', async (_request, response) => {
    const { ready: isReady, checks } = await ready().catch(() => ({
      ready: false,
      checks: { readiness: 'the check itself failed' },
    }));
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('application/json')
      .send(toJson({ ready: isReady, checks }));
  });
  router.get('/metrics', async (_request, response) => {
    response
      .set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.registry.contentType })
      .send(await metrics.registry.metrics());
  });
  return router;
}
