/** Databases of collections of documents, in memory. Each document is kept as BSON bytes, and parsed when asked. */
import type { BSON } from 'mongodb';
import { decodePlain, keyOf } from './values.js';
import { valuesAt } from './matching.js';
import { CommandError } from './refusals.js';

const MAX_DOCUMENT = 16_777_216;

export interface Stored {
  readonly bytes: Uint8Array;
  /** The key of its _id. */
  readonly key: string;
  readonly view: BSON.Document;
}

export interface Index {
  /** As createIndexes was told: key, name, unique and what else. */
  readonly spec: BSON.Document;
  /** For a unique index: who holds a value. */
  readonly holders: Map<string, string> | null;
}

export interface Collection {
  readonly ns: string;
  readonly uuid: string;
  /** By the key of the _id, in order of insertion. */
  readonly documents: Map<string, Stored>;
  readonly indexes: Map<string, Index>;
}

export interface Storage {
  /** Undefined if nobody has made it. */
  find(database: string, name: string): Collection | undefined;
  /** Creates what is missing. Throws for a name that the server rejects. */
  ensure(database: string, name: string): Collection;
  drop(database: string, name: string): Collection | undefined;
  dropDatabase(database: string): void;
  /** Databases that hold a collection. */
  databases(): string[];
  collections(database: string): Map<string, Collection>;
}

export function createStorage(): Storage {
  const databases = new Map<string, Map<string, Collection>>();
  const collections = (database: string) => databases.get(database) ?? new Map<string, Collection>();
  return {
    collections,
    databases: () => [...databases.keys()].filter((name) => collections(name).size > 0),
    find: (database, name) => collections(database).get(name),
    ensure(database, name) {
      const found = collections(database).get(name);
      if (found) return found;
      checkName(database, name);
      const made = newCollection(`${database}.${name}`);
      databases.set(database, collections(database).set(name, made));
      return made;
    },
    drop(database, name) {
      const found = collections(database).get(name);
      collections(database).delete(name);
      return found;
    },
    dropDatabase: (database) => void databases.delete(database),
  };
}

function checkName(database: string, name: string): void {
  if (name === '' || name.startsWith('.') || name.endsWith('.') || /[$\0]/.test(name) || /[/\\. "$\0]/.test(database))
    throw new CommandError(73, `Invalid namespace specified '${database}.${name}'`);
}

const newCollection = (ns: string): Collection => ({
  ns,
  uuid: crypto.randomUUID(),
  documents: new Map(),
  indexes: new Map([['_id_', { spec: { v: 2, key: { _id: 1 }, name: '_id_' }, holders: null }]]),
});

export function storedFrom(bytes: Uint8Array): Stored {
  if (bytes.length > MAX_DOCUMENT)
    throw new CommandError(10334, `object to store is too large: ${bytes.length} bytes, at most ${MAX_DOCUMENT}`);
  const view = decodePlain(bytes);
  return { bytes: Uint8Array.from(bytes), key: keyOf(view['_id']), view };
}

/** Adds a document, or replaces the one with its _id. On a duplicate key it throws that error and changes nothing. */
export function put(collection: Collection, document: Stored, old?: Stored): void {
  const { documents, ns } = collection;
  if (!old && documents.has(document.key)) throw duplicate(ns, '_id_', { _id: 1 }, document.view);
  for (const { spec, holders } of collection.indexes.values()) {
    if (holders) checkUnique(ns, spec, holders, document);
  }
  if (old) forget(collection, old);
  documents.set(document.key, document);
  for (const { spec, holders } of collection.indexes.values()) {
    if (holders) for (const key of indexKeys(spec, document.view)) holders.set(key, document.key);
  }
}

export function remove(collection: Collection, document: Stored): void {
  forget(collection, document);
  collection.documents.delete(document.key);
}

function forget(collection: Collection, document: Stored): void {
  for (const { spec, holders } of collection.indexes.values()) {
    if (holders) for (const key of indexKeys(spec, document.view)) holders.delete(key);
  }
}

/** If the index is unique and the documents are not, throws the duplicate key error and changes nothing. */
export function addIndex(collection: Collection, spec: BSON.Document): void {
  const holders = spec['unique'] ? new Map<string, string>() : null;
  if (holders) {
    for (const document of collection.documents.values()) {
      checkUnique(collection.ns, spec, holders, document);
      for (const key of indexKeys(spec, document.view)) holders.set(key, document.key);
    }
  }
  collection.indexes.set(String(spec['name']), { spec, holders });
}

function checkUnique(ns: string, spec: BSON.Document, holders: Map<string, string>, document: Stored): void {
  for (const key of indexKeys(spec, document.view)) {
    const holder = holders.get(key);
    if (holder !== undefined && holder !== document.key)
      throw duplicate(ns, String(spec['name']), spec['key'] as BSON.Document, document.view);
  }
}

/**
 * One key per combination of the elements of arrays, as in a multikey index; a missing field counts as null unless it
 * is sparse.
 */
function indexKeys(spec: BSON.Document, view: BSON.Document): string[] {
  const paths = Object.keys(spec['key'] as BSON.Document).map((path) => path.split('.'));
  const parts = paths.map((path) => valuesAt(view, path).filter((value) => !Array.isArray(value)));
  if (spec['sparse'] && parts.every((values) => values.every((value) => value === undefined))) return [];
  const keys = parts.reduce<string[]>(
    (prefixes, values) => prefixes.flatMap((prefix) => values.map((value) => `${prefix}|${keyOf(value)}`)),
    [''],
  );
  return [...new Set(keys)];
}

function duplicate(ns: string, index: string, keyPattern: BSON.Document, view: BSON.Document): CommandError {
  const keyValue = Object.fromEntries(
    Object.keys(keyPattern).map((path) => [path, valuesAt(view, path.split('.'))[0] ?? null]),
  );
  const shown = Object.entries(keyValue).map(([field, value]) => `${field}: ${shownValue(value)}`);
  const message = `E11000 duplicate key error collection: ${ns} index: ${index} dup key: { ${shown.join(', ')} }`;
  return new CommandError(11000, message, { keyPattern, keyValue });
}

const shownValue = (value: unknown) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value));
