/** A thread with a fake EventStoreDB that holds a platform's log: read by the client and the adapter, on a core of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { startEventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';
import { fillLog } from './made-log.js';

const { events, creators } = workerData as { events: number; creators: number };
const place = mkdtempSync(join(tmpdir(), 'bench-event-store-'));
const log = openEventStore(join(place, 'events.db'));
const server = await startEventStoreServer();
await fillLog(log, events, creators);
let count = 0;
for (let after = 0n; ;) {
  const page = await log.readAll({ after, limit: 1_000 });
  server.preload(page.map(({ id, metadata, ...event }) => ({ ...event, metadata: { ...metadata, eventId: id } })));
  const last = page.at(-1);
  if (!last) break;
  count += page.length;
  after = last.position;
}
await log.close();
rmSync(place, { recursive: true });
parentPort?.once('message', () => void server.close().then(() => process.exit()));
parentPort?.postMessage({ url: server.url, count });
