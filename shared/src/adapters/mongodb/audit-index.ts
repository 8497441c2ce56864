/**
 * The audit's index on MongoDB: a document for each event, with what it is found by as an array. Events are inserted before the state
 * counts them, so what a process that died left behind is written again, the same, by the next one.
 */
import { MongoBulkWriteError, MongoServerError, type Collection, type OptionalUnlessRequiredId } from 'mongodb';
import {
  EMPTY_INDEX,
  type AuditIndex,
  type Head,
  type IndexedEvent,
  type IndexState,
  type SignedHead,
} from '../../audit-index.js';
import { openConnection, type OpenOptions } from './client.js';
import { DUPLICATE_KEY, hasCode } from './errors.js';

interface EventDocument {
  /** The ordinal. */
  readonly _id: number;
  readonly position: bigint;
  readonly time: number;
  readonly leaf: Uint8Array;
  readonly block: Uint8Array | null;
  readonly terms: readonly number[];
}
type HeadDocument = { readonly _id: number; readonly root: string } & Partial<Omit<SignedHead, 'size' | 'root'>>;
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
  const heads = db.collection<HeadDocument>('audit.heads');

  async function state(): Promise<IndexState> {
    const found = await run(() => states.findOne({ _id: 'state' }));
    if (!found) return EMPTY_INDEX;
    const { _id, ...fields } = found;
    return fields;
  }

  async function headOf(size: number): Promise<Head | SignedHead> {
    const found = await run(() => heads.findOne({ _id: size }));
    if (!found) throw new Error(`no head of ${size} events is kept`);
    return headIn(found);
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
        const { position, time, leaf, block } = document;
        return [{ ordinal, position, time, leaf, block }];
      });
    },
    async positionsOf(ordinals) {
      const options = { projection: { position: 1 }, batchSize: ordinals.length + 1 } as const;
      const found = await run(() => events.find({ _id: { $in: [...ordinals] } }, options).toArray());
      const byOrdinal = new Map(found.map(({ _id, position }) => [_id, position]));
      return ordinals.flatMap((ordinal) => byOrdinal.get(ordinal) ?? []);
    },
    async keepHead({ size, root }) {
      await run(() => insertMissing(heads, [{ _id: size, root }]));
      return headOf(size);
    },
    async signHead({ size, root, ...signature }) {
      await run(() => heads.updateOne({ _id: size, root, signature: { $exists: false } }, { $set: signature }));
      const head = await headOf(size);
      if (head.root !== root || !isSigned(head)) throw new Error(`no head of ${size} events has this root`);
      return head;
    },
    async signedHeads({ from, direction, limit }) {
      const isForwards = direction === 'forwards';
      const filter = { _id: isForwards ? { $gte: from } : { $lte: from }, signature: { $exists: true } };
      const options = { sort: { _id: isForwards ? 1 : -1 }, limit, batchSize: limit + 1 } as const;
      return (await run(() => heads.find(filter, options).toArray())).map(headIn).filter(isSigned);
    },
    close,
  };
}

const headIn = ({ _id, ...fields }: HeadDocument): Head | SignedHead => ({ size: _id, ...fields });
const isSigned = (head: Head | SignedHead): head is SignedHead => 'signature' in head;

/** Those that are there already stay. */
async function insertMissing<T extends { readonly _id: number }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<void> {
  try {
    await collection.insertMany(documents as readonly OptionalUnlessRequiredId<T>[], { ordered: false });
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
