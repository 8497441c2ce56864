/** The key store in a MongoDB database of its own: a document per subject with its wrapped key, or with null, the tombstone. */
import type { Collection, Filter, UpdateFilter } from 'mongodb';
import { systemRandom, type Random } from '../../ids.js';
import type { KeyStore } from '../../ports.js';
import { checkName, keyWrapping, type KeyWrapping } from '../key-wrapping.js';
import { openConnection, type OpenOptions } from './client.js';
import { DUPLICATE_KEY, hasCode } from './errors.js';

type Key = { readonly _id: string; readonly wrapped: Uint8Array | null };
type Mark = { readonly _id: string; readonly value: string };
type Check = { readonly _id: string; readonly value: Uint8Array };

const DEFAULT_DATABASE = 'creator_dashboards_keys';

/** Opens the database in the URL's path. See openConnection for what it throws; StoreFailed for one of another MASTER_KEY too. */
export async function openMongoKeyStore(
  url: string,
  masterKey: string,
  { random = systemRandom, ...options }: OpenOptions & { readonly random?: Random } = {},
): Promise<KeyStore> {
  const connection = await openConnection(url, 'KEY_STORE_URL', DEFAULT_DATABASE, { ...options, retryWrites: true });
  const { db, run, close } = connection;
  const wrapping = keyWrapping(masterKey, random);
  const keys = db.collection<Key>('keys');
  const marks = db.collection<Mark>('marks');
  try {
    await run(() => checkMasterKey(db.collection('master_key_check'), wrapping));
  } catch (error) {
    await close();
    throw error;
  }

  const opened = (key: Key | null) => (key?.wrapped ? wrapping.unwrap(key._id, key.wrapped) : null);

  return {
    async getOrCreate(subject) {
      checkName(subject);
      const known = await run(() => keys.findOne({ _id: subject }));
      if (known) return opened(known);
      const wrapped = wrapping.makeKey(subject);
      return opened(await run(() => findOrInsert(keys, subject, { wrapped }))); // or that of whoever was first, or a tombstone
    },

    get: async (subject) => opened(await run(() => keys.findOne({ _id: subject }))),

    async destroy(subject) {
      checkName(subject);
      await run(() => upserting(() => keys.replaceOne({ _id: subject }, { wrapped: null }, { upsert: true })));
    },

    getMark: async (name) => (await run(() => marks.findOne({ _id: name })))?.value ?? null,

    async setMark(name, value) {
      checkName(name);
      await run(() => upserting(() => marks.replaceOne({ _id: name }, { value }, { upsert: true })));
    },

    close,
  };
}

/** Two may look at once, find nothing, and both insert: the one that comes too late finds the other's when it looks again. */
async function upserting<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!hasCode(error, DUPLICATE_KEY)) throw error;
    return write();
  }
}

/** One atomic step, acknowledged by a majority: a second look could miss what only one node has yet. */
function findOrInsert<D extends { readonly _id: string }>(
  collection: Collection<D>,
  id: string,
  content: Omit<D, '_id'>,
): Promise<D | null> {
  const filter = { _id: id } as Filter<D>;
  const update = { $setOnInsert: content } as UpdateFilter<D>;
  return upserting(() =>
    collection.findOneAndUpdate(filter, update, { upsert: true, returnDocument: 'after' }),
  ) as Promise<D | null>;
}

/** Notices another MASTER_KEY before a key is wrapped with it: from then on no one key would open everything. */
async function checkMasterKey(checks: Collection<Check>, { check, verify }: KeyWrapping): Promise<void> {
  const laidDown = await findOrInsert(checks, 'check', { value: check });
  verify(laidDown?.value, 'The database of KEY_STORE_URL');
}
