/** find, getMore, killCursors, count and the aggregate by which drivers count. */
import { aggregate } from 'mingo';
import type { BSON } from 'mongodb';
import { matcher, sorter } from './matching.js';
import { cursorReply, type Request } from './messages.js';
import { projector } from './projecting.js';
import { badValue, CommandError } from './refusals.js';
import type { Collection, Storage, Stored } from './storage.js';
import { compareValues, encode, keyOf, rankOf } from './values.js';

const FIRST_BATCH = 101;
const MAX_REPLY = 16_777_216;

/** Open cursors: what each has still to answer. */
export type Cursors = Map<bigint, { readonly ns: string; rest: Uint8Array[] }>;

/** Documents that match, by _id where the filter names them, else in order of insertion. */
export function select(collection: Collection | undefined, filter: BSON.Document): Stored[] {
  if (!collection) return [];
  const keys = keysAsked(filter['_id']);
  if (!keys) {
    const matches = matcher(filter);
    return [...collection.documents.values()].filter(({ view }) => matches(view));
  }
  const { _id, ...rest } = filter;
  const matches = matcher(rest);
  const found: Stored[] = [];
  for (const key of keys) {
    const stored = collection.documents.get(key);
    if (stored && matches(stored.view)) found.push(stored);
  }
  return keys.size > 1 ? found.sort((a, b) => compareValues(a.view['_id'], b.view['_id'])) : found;
}

/** Keys of the ids that a filter names one by one; null when every document must be examined. */
function keysAsked(condition: unknown): Set<string> | null {
  if (condition === undefined || rankOf(condition) === 11) return null;
  if (rankOf(condition) !== 4) return new Set([keyOf(condition)]);
  const operators = Object.keys(condition as BSON.Document);
  const listed: unknown = (condition as BSON.Document)['$in'];
  if (operators.length === 1 && Array.isArray(listed) && !listed.some((one) => rankOf(one) === 11))
    return new Set(listed.map(keyOf));
  return operators.some((name) => name.startsWith('$')) ? null : new Set([keyOf(condition)]);
}

export function find(storage: Storage, cursors: Cursors, { body, database }: Request): Uint8Array {
  const name = String(body['find']);
  const matching = select(storage.find(database, name), (body['filter'] ?? {}) as BSON.Document);
  const { sort, projection, batchSize, singleBatch } = body as {
    sort?: BSON.Document;
    projection?: BSON.Document;
    batchSize?: number;
    singleBatch?: boolean;
  };
  if (sort && Object.keys(sort).length > 0) {
    const order = sorter(sort);
    matching.sort((a, b) => order(a.view, b.view));
  }
  const from = Number(body['skip'] ?? 0);
  const limit = Math.abs(Number(body['limit'] ?? 0)) || Infinity;
  const project = projector(projection);
  const documents = matching.slice(from, from + limit).map(({ bytes }) => project(bytes));
  return openCursor(cursors, `${database}.${name}`, documents, batchSize, singleBatch);
}

let lastCursor = 0n;

/** Answers the first batch; the rest waits for getMore. */
export function openCursor(
  cursors: Cursors,
  ns: string,
  documents: Uint8Array[],
  batchSize: number | undefined,
  singleBatch = false,
): Uint8Array {
  const { batch, rest } = split(documents, Number(batchSize ?? FIRST_BATCH));
  if (rest.length === 0 || singleBatch) return cursorReply({ id: 0n, ns }, 'firstBatch', batch);
  const id = ++lastCursor;
  cursors.set(id, { ns, rest });
  return cursorReply({ id, ns }, 'firstBatch', batch);
}

export function getMore(cursors: Cursors, { body }: Request): Uint8Array {
  const id = BigInt(body['getMore'] as number);
  const cursor = cursors.get(id);
  if (!cursor) throw new CommandError(43, `cursor id ${id} not found`);
  const { batch, rest } = split(cursor.rest, Number(body['batchSize'] ?? 0) || Infinity);
  cursor.rest = rest;
  if (rest.length === 0) cursors.delete(id);
  return cursorReply({ id: rest.length === 0 ? 0n : id, ns: cursor.ns }, 'nextBatch', batch);
}

/** As many documents as a batch may hold, by count and by bytes. */
function split(documents: Uint8Array[], count: number): { batch: Uint8Array[]; rest: Uint8Array[] } {
  let [taken, bytes] = [0, 0];
  while (taken < Math.min(count, documents.length)) {
    bytes += documents[taken]?.length ?? 0;
    if (taken > 0 && bytes > MAX_REPLY) break;
    taken++;
  }
  return { batch: documents.slice(0, taken), rest: documents.slice(taken) };
}

export function killCursors(cursors: Cursors, { body }: Request): BSON.Document {
  const ids = (body['cursors'] as (number | bigint)[]).map(BigInt);
  const cursorsKilled = ids.filter((id) => cursors.delete(id));
  const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}

export function count(storage: Storage, { body, database }: Request): BSON.Document {
  const matching = select(storage.find(database, String(body['count'])), (body['query'] ?? {}) as BSON.Document);
  const from = Number(body['skip'] ?? 0);
  return { n: matching.slice(from, from + (Number(body['limit'] ?? 0) || Infinity)).length, ok: 1 };
}

const STAGES = new Set(['$match', '$sort', '$skip', '$limit', '$group', '$count']);

/** Only what counting needs; a $match is supported as the first stage. */
export function runAggregate(storage: Storage, cursors: Cursors, { body, database }: Request): Uint8Array {
  const name = String(body['aggregate']);
  const stages = body['pipeline'] as BSON.Document[];
  for (const stage of stages.flatMap(Object.keys)) {
    if (!STAGES.has(stage)) throw new CommandError(40324, `Unrecognized pipeline stage name: '${stage}'`);
  }
  const first = stages[0]?.['$match'] as BSON.Document | undefined;
  const rest = first ? stages.slice(1) : stages;
  if (rest.some((stage) => '$match' in stage)) throw badValue('this server matches in the first stage only');
  const views = select(storage.find(database, name), first ?? {}).map(({ view }) => view);
  const results = aggregate(views, rest).map(encode);
  const { batchSize } = (body['cursor'] ?? {}) as { batchSize?: number };
  return openCursor(cursors, `${database}.${name}`, results, batchSize);
}
