/**
 * A batch of guarded writes as one command. A compare-and-set replaces a document that is still as it was read. An insert is an
 * upsert with a filter that matches nothing: if the _id is taken, it is a duplicate key.
 */
import {
  BSON,
  MongoBulkWriteError,
  MongoServerError,
  type AnyBulkWriteOperation,
  type BulkWriteResult,
  type Db,
} from 'mongodb';
import type { Document, GuardedWrite } from '../../ports.js';
import { checkDocument } from '../documents.js';
import { DUPLICATE_KEY, isRefusedArgument, isRefusedDocument } from './errors.js';
import { guardFilter, type Stored } from './query.js';

/** A write as the driver takes it. */
export interface PreparedWrite {
  readonly write: GuardedWrite;
  readonly operation: AnyBulkWriteOperation<Stored>;
}

/** Throws RangeError for what could not be written in full. */
export function prepare(write: GuardedWrite): PreparedWrite {
  const { document, expected } = write;
  checkDocument(document);
  const { _id: id, position } = document;
  if (BigInt.asIntN(64, position) !== position) throw new RangeError(`${id}: position is not an int64`);
  const filter = expected ? guardFilter(id, expected) : { _id: id, position: { $exists: false } };
  return { write, operation: { replaceOne: { filter, replacement: { ...document }, upsert: !expected } } };
}

/** Batches in which each document is written once: the server may take a batch in any order. */
export function batchesOf(writes: readonly PreparedWrite[]): PreparedWrite[][] {
  let batch: PreparedWrite[] = [];
  const batches = [batch];
  let ids = new Set<string>();
  for (const prepared of writes) {
    const id = prepared.write.document._id;
    if (ids.has(id)) {
      batches.push((batch = []));
      ids = new Set();
    }
    ids.add(id);
    batch.push(prepared);
  }
  return batches;
}

/**
 * Applies a batch; returns the ids whose guard held. For a single write the server's count decides. If only some compare-and-sets of
 * a batch held, they are those whose documents are now stored as written. So of two writers of identical content both may be told
 * that it held, and a writer whose document was replaced since is told that it did not.
 */
export async function apply(db: Db, collection: string, batch: readonly PreparedWrite[]): Promise<Set<string>> {
  const result = await sendBatch(db, collection, batch);
  const held = new Set<string>(Object.values<string>(result.upsertedIds));
  const swaps = batch.filter(({ write }) => write.expected).map(({ write }) => write.document);
  if (result.matchedCount === 0) return held;
  const doubtful = result.matchedCount < swaps.length;
  for (const { _id } of doubtful ? await asWritten(db, collection, swaps) : swaps) held.add(_id);
  return held;
}

/** Throws what the driver throws, but RangeError for a refused document. A duplicate key means that the guard failed. */
async function sendBatch(db: Db, collection: string, batch: readonly PreparedWrite[]): Promise<BulkWriteResult> {
  const operations = batch.map(({ operation }) => operation);
  try {
    return await db.collection<Stored>(collection).bulkWrite(operations, { ordered: false });
  } catch (error) {
    if (isRefusedArgument(error) || error instanceof RangeError) throw refusal(error, batch); // RangeError: of a buffer
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    const refused = errors.find(({ code }) => code !== DUPLICATE_KEY);
    if (refused && isRefusedDocument(refused.code)) throw refusal(error, batch);
    // The bulk error has the code of its first error, which may be a harmless duplicate key.
    if (refused) throw new MongoServerError({ message: refused.errmsg ?? error.message, code: refused.code });
    if (errors.length === 0 || error.result.getWriteConcernError()) throw error;
    return error.result;
  }
}

async function asWritten(db: Db, collection: string, documents: readonly Document[]): Promise<Document[]> {
  const wanted = { _id: { $in: documents.map(({ _id }) => _id) } };
  const found = await db
    .collection<Stored>(collection)
    .find(wanted, { batchSize: documents.length + 1 })
    .toArray();
  const stored = new Map(found.map((document) => [document._id, bytesOf(document)]));
  return documents.filter((document) => stored.get(document._id)?.equals(bytesOf(document)));
}

/** The server moves the _id to the front and keeps the order of all other fields. */
function bytesOf({ _id, ...fields }: Stored | Document): Buffer {
  return Buffer.from(BSON.serialize({ _id, ...fields }, { ignoreUndefined: true }));
}

/** Names the document that cannot be stored: one that the driver cannot encode, else the largest. */
function refusal(error: Error, batch: readonly PreparedWrite[]): RangeError {
  let largest = { id: '', size: 0 };
  for (const { write } of batch) {
    try {
      const size = BSON.calculateObjectSize(write.document, { ignoreUndefined: true });
      if (size > largest.size) largest = { id: write.document._id, size };
    } catch (cause) {
      return new RangeError(`${write.document._id} cannot be stored: ${String(cause)}`);
    }
  }
  return new RangeError(`${largest.id} cannot be stored (${largest.size} bytes): ${error.message}`);
}
