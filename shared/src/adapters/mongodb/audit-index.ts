/**
 * The audit's index on MongoDB: a document for each event, with what it is found by as an array. Events are inserted before the state
 * counts them, so what a process that died left behind is written again, the same, by the next one.
 */
import { MongoBulkWriteError, MongoServerError, type Collection } from 'mongodb';
import { EMPTY_INDEX, type AuditIndex, type IndexedEvent, type IndexState } from '../../audit-index.js';
import { openConnection, type OpenOptions } from './client.js';
import { DUPLICATE_KEY, hasCode } from './errors.js';

interface EventDocument {
  /** The ordinal. */
  readonly _id: number;
  readonly position: bigint;
  readonly time: number;
  readonly leaf: Uint8Array;
  readonly terms: readonly number[];
}
type StateDocument = IndexState & { readonly _id: 'state' };

const DEFAULT_DATABASE = 'creator_dashboards';
/** Building the index on a large collection takes long. */
const INDEX_MS = 10 * 60_000;

/** Opens the index in the database of the read store's URL. See openConnection for what it throws. */
export async function openMongoAuditIndex(
  url: string,
  options?: OpenOptions,
): Promise<AuditIndex & { close(): Promise<void> }> {
  const { db, run, close } = await openConnection(url, 'READ_STORE_URL', DEFAULT_DATABASE, options);
  const events = db.collection<EventDocument>('audit.events');
  const states = db.collection<StateDocument>('audit.state');

  async function state(): Promise<IndexState> {
    const found = await run(() => states.findOne({ _id: 'state' }));
    if (!found) return EMPTY_INDEX;
    const { _id, ...fields } = found;
    return fields;
  }

  return {
    state,
    async add(added, next) {
      const size = next.size - added.length;
      if ((await state()).size !== size) return false;
      if (size === 0) await run(() => events.createIndex({ terms: 1, _id: 1 }, { name: 'terms' }), INDEX_MS);
      const documents = added.map(({ ordinal, ...fields }) => ({ _id: ordinal, ...fields }));
      await run(() => insertMissing(events, documents));
      return run(() => moveState(states, size, next));
    },
    async having(term, { from, direction, limit }) {
      const isForwards = direction === 'forwards';
      const filter = { terms: term, _id: isForwards ? { $gte: from } : { $lte: from } };
      const options = {
        projection: { _id: 1 },
        sort: { _id: isForwards ? 1 : -1 },
        limit,
        batchSize: limit + 1,
      } as const;
      return (await run(() => events.find(filter, options).toArray())).map(({ _id }) => _id);
    },
    async get(ordinals) {
      const options = { projection: { terms: 0 }, batchSize: ordinals.length + 1 } as const;
      const found = await run(() => events.find({ _id: { $in: [...ordinals] } }, options).toArray());
      const byOrdinal = new Map(found.map((document) => [document._id, document]));
      return ordinals.flatMap((ordinal): IndexedEvent[] => {
        const document = byOrdinal.get(ordinal);
        if (!document) return [];
        const { position, time, leaf } = document;
        return [{ ordinal, position, time, leaf }];
      });
    },
    async positionsOf(ordinals) {
      const options = { projection: { position: 1 }, batchSize: ordinals.length + 1 } as const;
      const found = await run(() => events.find({ _id: { $in: [...ordinals] } }, options).toArray());
      const byOrdinal = new Map(found.map(({ _id, position }) => [_id, position]));
      return ordinals.flatMap((ordinal) => byOrdinal.get(ordinal) ?? []);
    },
    close,
  };
}

/** Those that are there already are the same. */
async function insertMissing(events: Collection<EventDocument>, documents: readonly EventDocument[]): Promise<void> {
  try {
    await events.insertMany(documents, { ordered: false });
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
    // The bulk error has the code of its first error only.
    const other = [error.writeErrors].flat().find(({ code }) => code !== DUPLICATE_KEY);
    if (other) throw new MongoServerError({ message: other.errmsg ?? error.message, code: other.code });
  }
}

/** From a size on, by compare-and-set; false if it has another size by now. */
async function moveState(states: Collection<StateDocument>, size: number, next: IndexState): Promise<boolean> {
  try {
    const moved = await states.updateOne({ _id: 'state', size }, { $set: { ...next } }, { upsert: size === 0 });
    return moved.matchedCount + moved.upsertedCount > 0;
  } catch (error) {
    if (size === 0 && hasCode(error, DUPLICATE_KEY)) return false;
    throw error;
  }
}
