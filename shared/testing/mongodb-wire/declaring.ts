/** Creates, lists and drops collections, indexes and databases. */
import type { BSON } from 'mongodb';
import { matcher } from './matching.js';
import type { Request } from './messages.js';
import { openCursor, type Cursors } from './reading.js';
import { CommandError } from './refusals.js';
import { addIndex, type Collection, type Storage } from './storage.js';
import { compareValues, encode } from './values.js';

type Doc = BSON.Document;

export function create(storage: Storage, { body, database }: Request): Doc {
  const name = String(body['create']);
  if (storage.find(database, name)) throw new CommandError(48, `Collection ${database}.${name} already exists.`);
  storage.ensure(database, name);
  return { ok: 1 };
}

export function createIndexes(storage: Storage, { body, database }: Request): Doc {
  const name = String(body['createIndexes']);
  const createdCollectionAutomatically = !storage.find(database, name);
  const collection = storage.ensure(database, name);
  const numIndexesBefore = collection.indexes.size;
  for (const spec of body['indexes'] as Doc[]) {
    if (spec['partialFilterExpression']) throw new CommandError(2, 'this server has no partial indexes');
    if (!isThere(collection, spec)) addIndex(collection, { v: 2, ...spec });
  }
  const numIndexesAfter = collection.indexes.size;
  return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically, ok: 1 };
}

/** Throws when another index has its name or its key. */
function isThere(collection: Collection, asked: Doc): boolean {
  for (const { spec } of collection.indexes.values()) {
    const sameKey = compareValues(spec['key'], asked['key']) === 0;
    const same = sameKey && Boolean(spec['unique']) === Boolean(asked['unique']);
    if (spec['name'] === asked['name'] && !same)
      throw new CommandError(
        86,
        `An existing index has the same name as the requested index: ${String(asked['name'])}`,
      );
    if (sameKey && spec['name'] !== asked['name'] && Boolean(spec['unique']) === Boolean(asked['unique']))
      throw new CommandError(85, `Index already exists with a different name: ${String(spec['name'])}`);
    if (same) return true;
  }
  return false;
}

export function listIndexes(storage: Storage, cursors: Cursors, { body, database }: Request): Uint8Array {
  const name = String(body['listIndexes']);
  const collection = storage.find(database, name);
  if (!collection) throw new CommandError(26, `ns does not exist: ${database}.${name}`);
  const specs = [...collection.indexes.values()].map(({ spec }) => encode(spec));
  return openCursor(cursors, collection.ns, specs, batchSizeOf(body));
}

export function listCollections(storage: Storage, cursors: Cursors, { body, database }: Request): Uint8Array {
  const matches = matcher((body['filter'] ?? {}) as Doc);
  const entries = [...storage.collections(database)].map(([name, { uuid, indexes }]) => ({
    name,
    type: 'collection',
    options: {},
    info: { readOnly: false, uuid },
    idIndex: indexes.get('_id_')?.spec,
  }));
  const shown = entries
    .filter(matches)
    .map(({ name, type, ...rest }) => encode(body['nameOnly'] ? { name, type } : { name, type, ...rest }));
  return openCursor(cursors, `${database}.$cmd.listCollections`, shown, batchSizeOf(body));
}

const batchSizeOf = (body: Doc) => (body['cursor'] as { batchSize?: number } | undefined)?.batchSize;

/** A missing collection is no error, as of server 7. */
export function drop(storage: Storage, { body, database }: Request): Doc {
  const dropped = storage.drop(database, String(body['drop']));
  return dropped ? { nIndexesWas: dropped.indexes.size, ns: dropped.ns, ok: 1 } : { ok: 1 };
}

export function dropDatabase(storage: Storage, { database }: Request): Doc {
  storage.dropDatabase(database);
  return { dropped: database, ok: 1 };
}

export function listDatabases(storage: Storage): Doc {
  const databases = storage.databases().map((name) => ({ name, sizeOnDisk: 0, empty: false }));
  return { databases, totalSize: 0, ok: 1 };
}
