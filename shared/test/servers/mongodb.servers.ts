/** The contracts of the read store and of the key store on the servers that READ_STORE_URL and KEY_STORE_URL name. */
import { MongoClient } from 'mongodb';
import { openMongoKeyStore } from '../../src/adapters/mongodb/key-store.js';
import { openMongoReadStore } from '../../src/adapters/mongodb/read-store.js';
import { newId } from '../../src/ids.js';
import { PATIENT_MS, type Place } from '../../testing/contract.js';
import { keyStoreContract } from '../../testing/key-store-contract.js';
import { readStoreContract } from '../../testing/read-store-contract.js';

const { READ_STORE_URL = '', KEY_STORE_URL = '' } = process.env;
const patient = { answerMs: PATIENT_MS };
const isMongo = (url: string) => /^mongodb(\+srv)?:/.test(url);

/** A database of its own, dropped afterwards. */
function placeIn<Port extends { close(): Promise<void> }>(
  url: string,
  open: (url: string) => Promise<Port>,
): Place<Port> {
  const own = new URL(url);
  own.pathname = `/test_${newId().replaceAll('-', '')}`;
  const instances: Port[] = [];
  return {
    async connect() {
      const instance = await open(own.href);
      instances.push(instance);
      return instance;
    },
    async dispose() {
      await Promise.all(instances.map((instance) => instance.close()));
      const client = new MongoClient(own.href);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

if (isMongo(READ_STORE_URL))
  readStoreContract('MongoDB (READ_STORE_URL)', async () =>
    placeIn(READ_STORE_URL, (url) => openMongoReadStore(url, patient)),
  );
else console.log('skipped: the contract of a read store: READ_STORE_URL names no MongoDB');

if (isMongo(KEY_STORE_URL))
  keyStoreContract('MongoDB (KEY_STORE_URL)', async (masterKeys) =>
    placeIn(KEY_STORE_URL, (url) => openMongoKeyStore(url, masterKeys(), patient)),
  );
else console.log('skipped: the contract of a key store: KEY_STORE_URL names no MongoDB');
