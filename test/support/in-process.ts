/** What tests run the system on in this process, and how they call it. */
import { UNFINISHED_AFTER_MS } from '@creator-dashboards/command-service/runtime/clock-task';
import { createApp } from '@creator-dashboards/shared/http';
import { openTracer } from '@creator-dashboards/shared/process/connect';
import { readEnvironment, type Env } from '@creator-dashboards/shared/process/environment';
import { silentLog, tracedLog, type Log } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { openFoundation, type Foundation, type FoundationOptions } from '@creator-dashboards/shared/process/service';
import type { KeyStore } from '@creator-dashboards/shared/ports';
import { DIGESTS, digestWith, type Digest } from '@creator-dashboards/shared/seal';
import { systemClock, type Clock } from '@creator-dashboards/shared/time';
import { PATIENT_MS } from '@creator-dashboards/shared/testing/contract';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { System } from '../../system.js';

type TestOptions = Pick<FoundationOptions, 'clock' | 'random' | 'answerMs'> & { readonly log?: Log };

/** Stores and everything else as these variables say. Nothing is logged without a log; the caller closes `stores`. */
export async function testFoundation(
  env: Env,
  { clock = systemClock, random, answerMs = PATIENT_MS, log = silentLog }: TestOptions = {},
): Promise<Foundation> {
  const environment = readEnvironment({ NODE_ENV: 'test', PUBLIC_URL: 'http://localhost:3000', ...env });
  const metrics = createMetrics({ processMetrics: false });
  const tracer = await openTracer(environment, { service: 'test', log, metrics });
  const options = { clock, random, answerMs, metrics, tracer, onTrouble: () => undefined };
  return openFoundation(environment, tracedLog(log, tracer), options);
}

/** The digest of the system whose keys these are. */
export async function digestOf({ keys }: { readonly keys: Pick<KeyStore, 'get'> }): Promise<Digest> {
  const key = await keys.get(DIGESTS);
  if (typeof key === 'string') throw new Error('the key of the digests is not there');
  return digestWith(key);
}

/** By this clock everything that stopped half-way is old enough for the clock's tasks to undo it. */
export const laterClock: Clock = { ...systemClock, now: () => systemClock.now() + 2 * UNFINISHED_AFTER_MS };

/** The system over HTTP, on a free port of this host. */
export async function serve(system: System, foundation: Foundation, onFatal?: (error: unknown) => void) {
  const app = createApp({ ...foundation, ...system, counters: foundation.stores.counters, onFatal });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    /** Cuts off whoever is still connected. */
    async close(): Promise<void> {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
