/**
 * The read store on MongoDB: collections and documents map one to one. It uses only atomic operations on single documents, so that it
 * runs on one node, a replica set, a sharded cluster, and on other servers that keep these contracts.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Document, GuardedWrite, Query, ReadStore } from '../../ports.js';
import { checkCollection, checkField } from '../documents.js';
import { openConnection, type OpenOptions } from './client.js';
import { hasCode } from './errors.js';
import { apply, batchesOf, prepare } from './guarded-write.js';
import { queryFilter, type Stored } from './query.js';

const DEFAULT_DATABASE = 'creator_dashboards';
const NAMESPACE_NOT_FOUND = 26;
const NAMESPACE_EXISTS = 48;
/** The index already exists: under this name or another, or with an operator's own options. */
const INDEX_EXISTS = [68, 85, 86];
/** Building an index on a large collection takes long. */
const INDEX_MS = 10 * 60_000;

/** Opens the database in the URL's path. See openConnection for what it throws. */
export async function openMongoReadStore(url: string, options?: OpenOptions): Promise<ReadStore> {
  const { db, run, close } = await openConnection(url, 'READ_STORE_URL', DEFAULT_DATABASE, options);
  const named = (collection: string) => {
    checkCollection(collection);
    return db.collection<Stored>(collection);
  };

  return {
    async get<D extends Document>(collection: string, id: string, known?: D | null) {
      const documents = named(collection);
      const found = (await run(() => documents.findOne({ _id: id }))) as D | null;
      return known && isDeepStrictEqual(found, known) ? known : found;
    },

    async getMany<D extends Document>(collection: string, ids: readonly string[]) {
      const documents = named(collection);
      const wanted = [...new Set(ids)];
      const find = () => documents.find({ _id: { $in: wanted } }, inOneTrip(wanted.length)).toArray();
      const found = wanted.length > 0 ? await run(find) : [];
      return new Map(found.map((document) => [document._id, document as unknown as D]));
    },

    async write<D extends Document>(collection: string, writes: readonly GuardedWrite<D>[]) {
      checkCollection(collection);
      const held = new Set<string>();
      for (const batch of batchesOf(writes.map(prepare)))
        if (batch.length > 0) for (const id of await run(() => apply(db, collection, batch))) held.add(id);
      return held;
    },

    async find<D extends Document>(collection: string, query: Query) {
      const { range, afterId, limit } = query;
      if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('limit must be a positive integer');
      if (range && afterId !== undefined)
        throw new RangeError('afterId goes with the order of _id; a range has `after`');
      const filter = queryFilter(query);
      const documents = named(collection);
      const way = range?.descending ? -1 : 1;
      const order = new Map([...(range ? [range.field] : []), '_id'].map((field) => [field, way] as const));
      const found = await run(() => documents.find(filter, inOneTrip(limit)).sort(order).toArray());
      return found as unknown as D[]; // what was written
    },

    async count(collection, where) {
      const documents = named(collection);
      const filter = queryFilter({ where });
      return run(() => documents.countDocuments(filter));
    },

    async countUpTo(collection, range, limit) {
      const documents = named(collection);
      const filter = queryFilter({ range });
      return run(() => documents.countDocuments(filter, { limit }));
    },

    async deleteUpTo(collection, { field, atMost }, limit) {
      const documents = named(collection);
      const due = queryFilter({ range: { field, atMost } });
      const page = { ...inOneTrip(limit), projection: { _id: 1 } };
      const found = await run(() =>
        documents
          .find(due, page)
          .sort({ [field]: 1 })
          .toArray(),
      );
      // Checked again for each: it may have been replaced in between.
      const those = { $and: [{ _id: { $in: found.map(({ _id }) => _id) } }, due] };
      return found.length > 0 ? (await run(() => documents.deleteMany(those))).deletedCount : 0;
    },

    async declare(collection, indexes) {
      const documents = named(collection);
      indexes.forEach(checkField);
      await run(() => db.createCollection(collection).catch(unless(NAMESPACE_EXISTS)));
      const keys = indexes.map((field) => ({ key: { [field]: 1, _id: 1 } }));
      if (keys.length > 0) await run(() => documents.createIndexes(keys).catch(unless(...INDEX_EXISTS)), INDEX_MS);
    },

    async collections() {
      const found = await run(() => db.listCollections({}, { nameOnly: true }).toArray());
      return found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    },

    async drop(collection) {
      const documents = named(collection);
      const isGone = (error: unknown) => error instanceof Error && error.message === 'ns not found'; // some servers give no code
      await run(() => documents.drop().catch((error: unknown) => isGone(error) || unless(NAMESPACE_NOT_FOUND)(error)));
    },

    close,
  };
}

/** All documents in the first reply if they fit, and a cursor that ends with them. */
function inOneTrip(limit: number) {
  return { limit, batchSize: limit + 1 };
}

/** Ignores these refusals: the desired state already exists. */
function unless(...codes: readonly number[]): (error: unknown) => void {
  return (error) => {
    if (!hasCode(error, ...codes)) throw error;
  };
}
