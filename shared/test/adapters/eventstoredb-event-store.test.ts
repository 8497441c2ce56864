import { openEventStoreDb } from '../../src/adapters/eventstoredb/event-store.js';
import { startEventStoreServer } from '../../testing/eventstoredb-wire.js';
import { PATIENT_MS } from '../../testing/contract.js';
import { eventStoreContract } from '../../testing/event-store-contract.js';

eventStoreContract('EventStoreDB', async () => {
  const server = await startEventStoreServer();
  let store = await openEventStoreDb(server.url, { answerMs: PATIENT_MS });
  return {
    store,
    async reopen() {
      await store.close();
      return (store = await openEventStoreDb(server.url, { answerMs: PATIENT_MS }));
    },
    async close() {
      await store.close();
      await server.close();
    },
  };
});
