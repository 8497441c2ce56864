/** The key store in a MongoDB database of its own: a document per subject with its wrapped key, or with null, the tombstone. */
import type { Collection, Filter, UpdateFilter } from 'mongodb';
import { systemRandom, type Random } from '../../ids.js';
import type { KeyStore } from '../../ports.js';
import { checkName, keyWrapping, rewrapAll, type KeyWrapping, type WrappedKey } from '../key-wrapping.js';
import { openConnection, type OpenOptions } from './client.js';
import { DUPLICATE_KEY, hasCode } from './errors.js';

type Key = { readonly _id: string; readonly wrapped: Uint8Array | null };
type Mark = { readonly _id: string; readonly value: string };
/** The one document of its collection. */
type MasterKeys = { readonly _id: string; readonly names: string };

const DEFAULT_DATABASE = 'creator_dashboards_keys';

/**
 * Opens the database in the URL's path. The first of `masterKeys` wraps, all unwrap. See openConnection for what it throws;
 * StoreFailed also where it holds keys of another MASTER_KEY.
 */
export async function openMongoKeyStore(
  url: string,
  masterKeys: readonly string[],
  { random = systemRandom, ...options }: OpenOptions & { readonly random?: Random } = {},
): Promise<KeyStore> {
  const connection = await openConnection(url, 'KEY_STORE_URL', DEFAULT_DATABASE, { ...options, retryWrites: true });
  const { db, run, close } = connection;
  const wrapping = keyWrapping(masterKeys, random);
  const keys = db.collection<Key>('keys');
  const marks = db.collection<Mark>('marks');
  const masterKeyNames = db.collection<MasterKeys>('master_keys');
  try {
    await run(() => layDownMasterKeys(masterKeyNames, wrapping));
  } catch (error) {
    await close();
    throw error;
  }

  const opened = (key: Key | null) => (key?.wrapped ? wrapping.unwrap(key._id, key.wrapped) : ('destroyed' as const));

  return {
    async getOrCreate(subject) {
      checkName(subject);
      const known = await run(() => keys.findOne({ _id: subject }));
      if (known) return opened(known);
      const wrapped = wrapping.makeKey(subject);
      return opened(await run(() => findOrInsert(keys, subject, { wrapped }))); // or another process's key, or a tombstone
    },

    async get(subject) {
      const key = await run(() => keys.findOne({ _id: subject }));
      return key ? opened(key) : 'none';
    },

    async rewrap() {
      const after = (subject: string) => ({ _id: { $gt: subject }, wrapped: { $ne: null } });
      const count = await rewrapAll(wrapping, {
        async page(subject, limit) {
          const found = await run(() => keys.find(after(subject)).sort({ _id: 1 }).limit(limit).toArray());
          return found.map(({ _id, wrapped }) => ({ subject: _id, wrapped }) as WrappedKey);
        },
        async replace({ subject, wrapped }, rewrapped) {
          await run(() => keys.updateOne({ _id: subject, wrapped }, { $set: { wrapped: rewrapped } }));
        },
      });
      await run(() => masterKeyNames.updateOne({}, { $set: { names: wrapping.name } }));
      return count;
    },

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

/** Two processes may find nothing at the same time and both insert: the later one finds the other's when it looks again. */
async function upserting<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!hasCode(error, DUPLICATE_KEY)) throw error;
    return write();
  }
}

/** One atomic step, acknowledged by a majority: a second read could miss what only one node has so far. */
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

/** Detects another MASTER_KEY before a key is wrapped with it: after that no single MASTER_KEY would open everything. */
async function layDownMasterKeys(documents: Collection<MasterKeys>, { name, named }: KeyWrapping): Promise<void> {
  const laidDown = (await findOrInsert(documents, 'all', { names: name }))?.names;
  const names = named(laidDown, 'The database of KEY_STORE_URL');
  // A process that wrote in between is detected when the store is opened next.
  if (names !== laidDown) await documents.updateOne({ names: laidDown }, { $set: { names } });
}
