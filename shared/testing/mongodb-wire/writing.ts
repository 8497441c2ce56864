/** insert, update, delete and findAndModify. Each statement is applied completely or not at all. */
import { BSON } from 'mongodb';
import { sorter } from './matching.js';
import type { Request } from './messages.js';
import { projector } from './projecting.js';
import { badValue, CommandError } from './refusals.js';
import { select } from './reading.js';
import { put, remove, storedFrom, type Collection, type Storage, type Stored } from './storage.js';
import { equalitiesOf, updated } from './updating.js';
import { decodeExact, decodePlain, encode } from './values.js';

type Doc = BSON.Document;

/** Runs the statements; the error of a statement becomes its write error, and ends an ordered command. */
function each(request: Request, statements: Uint8Array[], run: (statement: Uint8Array, index: number) => void): Doc {
  const writeErrors: Doc[] = [];
  const ordered = (request.body['ordered'] as boolean | undefined) ?? true;
  if (statements.length === 0) throw badValue(`Write batch sizes must be between 1 and 100000. Got 0 operations.`);
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.details });
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

export function insert(storage: Storage, request: Request): Doc {
  const collection = storage.ensure(request.database, String(request.body['insert']));
  let n = 0;
  const errors = each(request, request.list('documents'), (bytes) => {
    const document = decodeExact(bytes);
    const hasId = Object.keys(document)[0] === '_id';
    const { _id = new BSON.ObjectId(), ...rest } = document;
    put(collection, storedFrom(hasId ? bytes : encode({ _id: _id as unknown, ...rest })));
    n++;
  });
  return { n, ...errors, ok: 1 };
}

export function update(storage: Storage, request: Request): Doc {
  const name = String(request.body['update']);
  const upserted: Doc[] = [];
  let [n, nModified] = [0, 0];
  const errors = each(request, request.list('updates'), (bytes, index) => {
    const exact = decodeExact(bytes);
    const { q, multi, upsert } = decodePlain(bytes) as { q: Doc; multi?: boolean; upsert?: boolean };
    const isReplacement = !Object.keys(exact['u'] as Doc).some((field) => field.startsWith('$'));
    if (multi && isReplacement) throw new CommandError(9, 'multi update is not supported for replacement-style update');
    const matching = select(storage.find(request.database, name), q);
    for (const old of multi ? matching : matching.slice(0, 1)) {
      if (change(storage.ensure(request.database, name), old, exact['u'])) nModified++;
      n++;
    }
    if (matching.length > 0 || !upsert) return;
    const made = added(storage.ensure(request.database, name), exact['q'] as Doc, exact['u']);
    upserted.push({ index, _id: made.view['_id'] as unknown });
    n++;
  });
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors, ok: 1 };
}

/** Whether the document has changed. */
function change(collection: Collection, old: Stored, u: unknown): boolean {
  const next = storedFrom(encode(updated(decodeExact(old.bytes), u, {})));
  if (Buffer.compare(next.bytes, old.bytes) === 0) return false;
  put(collection, next, old);
  return true;
}

function added(collection: Collection, q: Doc, u: unknown): Stored {
  const made = storedFrom(encode(updated(null, u, equalitiesOf(q))));
  put(collection, made);
  return made;
}

export function remover(storage: Storage, request: Request): Doc {
  const collection = storage.find(request.database, String(request.body['delete']));
  let n = 0;
  const errors = each(request, request.list('deletes'), (bytes) => {
    const { q, limit } = decodePlain(bytes) as { q: Doc; limit: number };
    const matching = select(collection, q);
    for (const stored of limit === 1 ? matching.slice(0, 1) : matching) {
      if (collection) remove(collection, stored);
      n++;
    }
  });
  return { n, ...errors, ok: 1 };
}

export function findAndModify(storage: Storage, request: Request): Doc {
  const { body, exact, database } = request;
  const name = String(body['findAndModify'] ?? body['findandmodify']);
  const matching = select(storage.find(database, name), (body['query'] ?? {}) as Doc);
  const order = sorter((body['sort'] ?? {}) as Doc);
  const [old] = matching.sort((a, b) => order(a.view, b.view));
  const project = projector(body['fields'] as Doc | undefined);
  const answer = (shown: Stored | undefined, lastErrorObject: Doc): Doc => ({
    lastErrorObject,
    value: shown ? decodeExact(project(shown.bytes)) : null,
    ok: 1,
  });
  if (body['remove']) {
    const collection = storage.find(database, name);
    if (collection && old) remove(collection, old);
    return answer(old, { n: old ? 1 : 0 });
  }
  const wantsNew = body['new'] === true;
  if (old) {
    const collection = storage.ensure(database, name);
    change(collection, old, exact['update']);
    return answer(wantsNew ? collection.documents.get(old.key) : old, { n: 1, updatedExisting: true });
  }
  if (!body['upsert']) return answer(undefined, { n: 0, updatedExisting: false });
  const made = added(storage.ensure(database, name), (exact['query'] ?? {}) as Doc, exact['update']);
  const upserted = decodeExact(made.bytes)['_id'] as unknown;
  return answer(wantsNew ? made : undefined, { n: 1, updatedExisting: false, upserted });
}
