/** What the event store's adapter costs a catching-up consumer, compared with a bare loop of the client on the same server. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import { openEventStoreDb } from '@creator-dashboards/shared/adapters/eventstoredb/event-store';
import type { EventStore } from '@creator-dashboards/shared/ports';

const EVENTS = 100_000;
const PAIRS = 5;
/** The page size of feeds. */
const PAGE = 1_000;
const TARGET = 0.75;

export async function benchEventStore(): Promise<number> {
  const server = new Worker(new URL('./event-store-server.ts', import.meta.url), { workerData: { events: EVENTS } });
  const [url] = (await once(server, 'message')) as [string];
  const client = EventStoreDBClient.connectionString(url);
  const store = await openEventStoreDb(url);
  try {
    const ratios: number[] = [];
    let fastest = { bare: 0, adapter: 0 };
    for (let pair = 0; pair <= PAIRS; pair += 1) {
      const bare = await perSecond(() => readBare(client));
      const adapter = await perSecond(() => readPages(store));
      if (pair === 0) continue; // warm up
      ratios.push(adapter / bare);
      fastest = { bare: Math.max(fastest.bare, bare), adapter: Math.max(fastest.adapter, adapter) };
    }
    const ratio = ratios.sort((a, b) => a - b)[PAIRS >> 1] ?? 0;
    const thousands = (rate: number) => `${(rate / 1_000).toFixed(0)} k/s`;
    console.log(
      `eventstore   bare client loop ${thousands(fastest.bare)}   adapter ${thousands(fastest.adapter)}   ` +
        `ratio ${ratio.toFixed(2)}, median of ${PAIRS} pairs (target ${TARGET})`,
    );
    return ratio;
  } finally {
    await store.close();
    await client.dispose();
    server.postMessage('end');
    await once(server, 'exit');
  }
}

async function perSecond(read: () => Promise<number>): Promise<number> {
  const began = performance.now();
  const seen = await read();
  if (seen !== EVENTS) throw new Error(`${seen} events of ${EVENTS}`);
  return (seen * 1_000) / (performance.now() - began);
}

async function readBare(client: EventStoreDBClient): Promise<number> {
  let seen = 0;
  for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START }))
    if (event && !event.type.startsWith('$')) seen += 1;
  return seen;
}

async function readPages(store: EventStore): Promise<number> {
  let seen = 0;
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: PAGE });
    const last = page.at(-1);
    if (!last) return seen;
    seen += page.length;
    after = last.position;
  }
}
