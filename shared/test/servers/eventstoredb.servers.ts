/** The event store contract on the server that EVENT_STORE_URL names. Its log may already contain anything. */
import { openEventStoreDb } from '../../src/adapters/eventstoredb/event-store.js';
import { PATIENT_MS } from '../../testing/contract.js';
import { eventStoreContract } from '../../testing/event-store-contract.js';

const url = process.env.EVENT_STORE_URL ?? '';

if (/^(esdb|kurrentdb)(\+discover)?:/.test(url)) {
  eventStoreContract('EventStoreDB (EVENT_STORE_URL)', async () => {
    let store = await openEventStoreDb(url, { answerMs: PATIENT_MS });
    return {
      store,
      async reopen() {
        await store.close();
        return (store = await openEventStoreDb(url, { answerMs: PATIENT_MS }));
      },
      close: () => store.close(),
    };
  });
} else {
  console.log('skipped: the contract of an event store: EVENT_STORE_URL names no EventStoreDB');
}
