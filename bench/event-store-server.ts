/** A thread with a fake EventStoreDB that holds a long log: read by the client and the adapter, on a core of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { newEvent } from '@creator-dashboards/shared/testing/events';
import { startEventStoreServer } from '@creator-dashboards/shared/testing/eventstoredb-wire';

const { events } = workerData as { events: number };
const CONTENT = { messageId: 'm'.repeat(36), price: 1_500, body: 'x'.repeat(300) };

function* log() {
  for (let n = 0; n < events; n += 1) {
    const { id, type, data, metadata } = newEvent({ data: CONTENT });
    yield { stream: `message-${n % 1_000}`, type, data, metadata: { ...metadata, eventId: id } };
  }
}

const server = await startEventStoreServer();
server.preload(log());
parentPort?.once('message', () => void server.close().then(() => process.exit()));
parentPort?.postMessage(server.url);
