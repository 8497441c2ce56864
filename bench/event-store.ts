/** What a catch-up through the event store's client costs, compared with a bare loop of the client on the same server. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import { openEventStoreDb } from '@creator-dashboards/shared/adapters/eventstoredb/event-store';
import type { EventStore } from '@creator-dashboards/shared/ports';
import { views } from '@creator-dashboards/shared/views/registry';
import { buildFromNothing } from './consumers.js';
import { compare, measured } from './pairs.js';

const CREATORS = 200;
/** The page size of feeds. */
const PAGE = 1_000;

/** False where one of the ratios is under its floor. */
export async function benchEventStore(events = 20_000): Promise<boolean> {
  const workerData = { events, creators: CREATORS };
  const server = new Worker(new URL('./event-store-server.ts', import.meta.url), { workerData });
  const [{ url, count }] = (await once(server, 'message')) as [{ url: string; count: number }];
  const client = EventStoreDBClient.connectionString(url);
  const store = await openEventStoreDb(url);
  const reading = (read: () => Promise<number>) => () =>
    measured(async () => {
      const seen = await read();
      if (seen !== count) throw new Error(`${seen} events of ${count}`);
      return { count: seen, digest: '' };
    });
  const base = reading(() => readBare(client));
  try {
    for (const warmUp of [base, reading(() => readPages(store))]) await warmUp();
    return [
      await compare({
        ...{ name: "Catch-up through the event store's client, against its bare loop", floor: 0.75, goal: 0.9, base },
        ours: reading(() => readPages(store)),
      }),
      await compare({
        name: "All views from nothing on the event store's client, against one bare loop of it",
        ...{ floor: 0.4, goal: 0.7, base, pairs: 7 },
        ours: () => measured(async () => ({ count: await buildFromNothing(views, store, count), digest: '' })),
      }),
    ].every(Boolean);
  } finally {
    await store.close();
    await client.dispose();
    server.postMessage('end');
    await once(server, 'exit');
  }
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
