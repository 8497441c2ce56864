/**
 * The system as `start.ts` runs it, with feeds and clock running, but in this process and on fakes at wire level that
 * tests make misbehave. The keys are in a MongoDB of their own, as operators are told to have them.
 */
import type { Env } from '@creator-dashboards/shared/process/environment';
import type { FeedStatus } from '@creator-dashboards/shared/feed/feed-status';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import { startEventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';
import { startMongoServer } from '@creator-dashboards/shared/testing/mongodb-wire';
import type { Clock } from '@creator-dashboards/shared/time';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystem } from '../../system.js';
import { laterClock, serve, testFoundation } from './in-process.js';
import type { StoreMode } from './store-modes.js';

export type Fakes = Awaited<ReturnType<typeof startFakes>>;
export type Running = Awaited<ReturnType<typeof openRunning>>;

export async function startFakes() {
  const [events, documents, keys] = await Promise.all([
    startEventStoreServer(),
    startMongoServer(),
    startMongoServer(),
  ]);
  // Where the driver polls (servers without topologyVersion, as the fake), a look at the server that begins in the very moment in
  // which its connection ends never ends, and no other is begun. A look that was not long ago is not begun in that moment.
  const looks = 'heartbeatFrequencyMS=500';
  const env = {
    EVENT_STORE_URL: events.url,
    READ_STORE_URL: `${documents.url}/views?${looks}`,
    KEY_STORE_URL: `${keys.url}/keys?${looks}`,
  };
  return {
    events,
    documents,
    keys,
    /** The variables that name them. */
    env,
    /** For a system whose feeds are stepped; it ends without them. */
    mode: (more: Env = {}): StoreMode => ({
      name: 'on fakes',
      open: async () => ({
        env: { ...env, ...more },
        isolated: async (log) => log,
        pass: async () => {},
        close: async () => {},
      }),
    }),
    close: async () => void (await Promise.all([events.close(), documents.close(), keys.close()])),
  };
}

/**
 * Nothing runs before `start`. `answerMs`: how long servers may take for an answer. `clock`: that of whoever else works on the stores,
 * by which its tasks go.
 */
export async function openRunning(env: Env, { answerMs, clock }: { answerMs?: number; clock?: Clock } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'running-'));
  const foundation = await testFoundation(
    { DATA_DIR: folder, RATE_LIMIT_FACTOR: '100000', ...env },
    { answerMs, ...(clock && { clock }) },
  );
  const { environment, stores } = foundation;
  const system = createSystem(foundation);
  const fatal: unknown[] = [];
  const onFatal = (error: unknown) => void fatal.push(error);
  const served = await serve(system, foundation, onFatal);
  const { port } = served;

  const statuses = async (): Promise<FeedStatus[]> => [
    ...(await system.commands.status()),
    ...(await Promise.all(system.projector.feeds.map((feed) => feed.status()))),
  ];

  /** Waits until the running feeds, and what they append, have reached the end of the log by themselves. */
  async function settled(): Promise<void> {
    for (;;) {
      const head = await stores.events.head();
      const behind = (await statuses()).filter(({ position }) => position < head);
      if (behind.length === 0 && (await stores.events.head()) === head) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    environment,
    stores,
    system,
    port,
    /** What the process would have ended with. */
    fatal,
    start: () => system.start(onFatal),
    statuses,
    settled,
    /** Undoes, as the clock does a minute later, what stopped half-way and was not asked again. */
    async undoUnfinished(): Promise<void> {
      await settled();
      const metrics = createMetrics({ processMetrics: false });
      const { commands } = createSystem({ ...foundation, clock: laterClock, metrics });
      await commands.unlock();
      await commands.tick();
      await settled();
    },
    /** A page beside the API: probes, metrics. */
    async page(path: string): Promise<{ status: number; text: string }> {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: await response.text() };
    },
    async close(): Promise<void> {
      await served.close();
      await system.stop();
      await stores.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
