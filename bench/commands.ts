/**
 * A durable command over HTTP, with everything running that follows it, beside the same route on the same Express app without a store: its
 * guards, its schema and an answer that is there already.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '@creator-dashboards/shared/http';
import type { Route } from '@creator-dashboards/shared/http/route';
import { memoryCounters } from '@creator-dashboards/shared/testing/memory-counters';
import { systemClock } from '@creator-dashboards/shared/time';
import { createSystem, type System } from '../system.js';
import { serve, testFoundation } from '../test/support/in-process.js';
import { listening } from './dashboards.js';
import { startLoad, type Load } from './load.js';
import { compare, withCpu, type Measured } from './pairs.js';
import { visitorsOf, type Creator } from './visitors.js';

const CREATORS = 100;
const CONNECTIONS = 32;
const RUN_MS = 1_500;

/** False where the command is slower than it may be. */
export async function benchCommands(): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-commands-'));
  const foundation = await testFoundation({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000' });
  const system = createSystem(foundation);
  await system.start((error) => console.error(error));
  const served = await serve(system, foundation);
  const storeless = await listening(
    createApp({ ...foundation, ...withoutStore(system), counters: memoryCounters(systemClock) }),
  );
  const load = startLoad();
  try {
    const visitors = visitorsOf(`http://127.0.0.1:${served.port}`, foundation.environment);
    const creators: Creator[] = [];
    for (let n = 0; n < CREATORS; n += 1) creators.push(await visitors.creator());
    const commands = pricesOf(creators);
    const on =
      ({ port }: { readonly port: number }) =>
      async (): Promise<Measured> => {
        const asked = { ...commands, connections: CONNECTIONS, ports: [port], ms: RUN_MS };
        const { result, cpuUs } = await withCpu(() => load.run(asked));
        const { answers, seconds } = result;
        return { perSecond: answers / seconds, cpuUs: cpuUs / answers, digest: '' };
      };
    for (const server of [served, storeless]) await on(server)();
    return await compare({
      ...{ name: 'HTTP command, durable, everything running, against the same route without a store' },
      ...{ floor: 0.35, goal: 0.6, base: on(storeless), ours: on(served) },
    });
  } finally {
    load.stop();
    storeless.close();
    await served.close();
    await system.stop();
    await foundation.stores.close();
    rmSync(place, { recursive: true });
  }
}

/** Every creator sets a price, again and again to another. */
export function pricesOf(creators: readonly Creator[]): Omit<Load, 'ports' | 'ms' | 'connections'> {
  const bodies = Array.from({ length: 50 }, (_, n) =>
    JSON.stringify({ dmType: 'PER_MESSAGE', dmPrice: n + 1, dmActive: true }),
  );
  const callers = creators.map(({ authorization, creatorId }) => ({
    path: `/api/v1/creators/${creatorId}/dm-config`,
    headers: { authorization },
    bodies,
  }));
  return { method: 'PATCH', path: '', callers, status: 200, isVarying: true };
}

const SET = { dmType: 'PER_MESSAGE', dmPrice: '1.00', dmActive: true, position: '1' };

/** The system's guards and schemas, none of its work: accounts are active, nothing is switched off, every answer is there already. */
function withoutStore({ routes }: System): Pick<System, 'routes' | 'accounts' | 'killSwitches' | 'ready'> {
  const answered = (route: Route): Route => ({ ...route, handle: async () => ({ data: SET }) });
  const active = async () => 'ACTIVE' as const;
  return {
    routes: routes.map(answered),
    accounts: { forWrites: active, forReads: active },
    killSwitches: async () => false,
    ready: async () => ({ ready: true, checks: {} }),
  };
}
