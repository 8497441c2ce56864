/**
 * What a simple command costs the command service on servers, beside one bare append through the same client. The servers are those that
 * the environment names, else fakes in a process of their own; views are fed elsewhere.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { openCommandService } from '@creator-dashboards/command-service/command-service';
import { createApp } from '@creator-dashboards/shared/http';
import { newId } from '@creator-dashboards/shared/ids';
import { testFoundation } from '../test/support/in-process.js';
import { onServers } from '../test/support/store-modes.js';
import { pricesOf } from './commands.js';
import { listening } from './dashboards.js';
import { startLoad } from './load.js';
import { compare, measured, withCpu, type Measured } from './pairs.js';
import { visitorsOf, type Creator } from './visitors.js';

const CALLERS = 16;
/** No more than callers: each is asked often in a run, so that almost every command changes something. */
const CREATORS = CALLERS;
const APPENDS = 1_000;
const RUN_MS = 1_500;

/** False where the command costs more than it may. */
export async function benchServerCommands(): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-server-commands-'));
  const servers = await onServers.open();
  const opened = await testFoundation({ DATA_DIR: place, RATE_LIMIT_FACTOR: '100000', ...servers.env });
  const events = await servers.isolated(opened.stores.events);
  const foundation = { ...opened, stores: { ...opened.stores, events } };
  const commands = openCommandService(foundation, undefined);
  await commands.start((error) => console.error(error));
  const served = await listening(createApp({ ...foundation, ...commands, counters: foundation.stores.counters }));
  const client = EventStoreDBClient.connectionString(servers.env['EVENT_STORE_URL'] ?? '');
  const load = startLoad();
  try {
    const visitors = visitorsOf(`http://127.0.0.1:${served.port}`, foundation.environment);
    const creators: Creator[] = [];
    for (let n = 0; n < CREATORS; n += 1) creators.push(await visitors.creator());
    // The bare appends have both cores for themselves and the servers, so the commands have them, too.
    const asked = { ...pricesOf(creators), connections: CALLERS, ports: [served.port], ms: RUN_MS, sleeps: true };
    const ours = async (): Promise<Measured> => {
      const { result, cpuUs } = await withCpu(() => load.run(asked));
      const { answers, seconds } = result;
      return { perSecond: answers / seconds, cpuUs: cpuUs / answers, digest: '' };
    };
    const base = () => measured(() => appendBare(client));
    for (const warmUp of [base, ours]) await warmUp();
    return await compare({
      ...{ name: 'CPU of the command service per simple command on servers, against one bare append of the client' },
      ...{ by: 'cpu', floor: 4, goal: 2, base, ours },
    });
  } finally {
    load.stop();
    served.close();
    await commands.stop();
    await client.dispose();
    await opened.stores.close();
    await servers.close();
    rmSync(place, { recursive: true });
  }
}

/**
 * Each caller to a stream of its own, each append after the one before. Types with `$` are the server's: the command service, which is in
 * this process, is not told of them.
 */
async function appendBare(client: EventStoreDBClient): Promise<{ count: number; digest: string }> {
  const each = Math.ceil(APPENDS / CALLERS);
  async function append(): Promise<void> {
    const stream = `bench-${newId()}`;
    for (let n = 0; n < each; n += 1)
      await client.appendToStream(stream, jsonEvent({ type: '$bench', data: CONTENT }), {
        expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1),
      });
  }
  await Promise.all(Array.from({ length: CALLERS }, append));
  return { count: each * CALLERS, digest: '' };
}

/** About the size of what a command appends. */
const CONTENT = { id: 'm'.repeat(36), by: 'u'.repeat(36), body: 'x'.repeat(300) };
