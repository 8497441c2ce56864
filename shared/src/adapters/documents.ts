/** Checks of names, documents and other JSON, shared by all adapters, so that all engines accept the same. */
import type { Document } from '../ports.js';

const COLLECTION = /^[A-Za-z][A-Za-z0-9_.-]*$/;
const FIELD = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/** MongoDB's limit on nesting. */
const MAX_DEPTH = 100;

/** Throws RangeError unless every engine supports the name. */
export function checkCollection(name: string): void {
  if (!COLLECTION.test(name)) throw new RangeError(`not a collection name: ${JSON.stringify(name)}`);
}

/** Throws RangeError unless the name is that of a top-level field: no path, no operator. */
export function checkField(name: string): void {
  if (!FIELD.test(name)) throw new RangeError(`not the name of a top-level field: ${JSON.stringify(name)}`);
}

/** Throws RangeError unless JSON can express the whole document, apart from its bigint position. */
export function checkDocument(document: Document): void {
  if (typeof document._id !== 'string') throw new RangeError('a document needs an _id of text');
  if (typeof document.position !== 'bigint') throw new RangeError(`${document._id}: position is not a bigint`);
  checkFields(document, document._id, 'position', 1);
}

/** Throws RangeError unless JSON can express the whole object. `what` names it in the message. */
export function checkJson(what: string, object: object): void {
  checkFields(object, what, null, 1);
}

/** Throws RangeError for a value that JSON would lose or change. Written for speed: every write of a projection passes here. */
function checkValue(value: unknown, what: string, depth: number): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (Number.isFinite(value)) return;
      break;
    case 'object':
      if (value === null) return;
      if (depth > MAX_DEPTH) throw new RangeError(`${what} is nested too deeply`);
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) checkValue(value[i], what, depth + 1);
        return;
      }
      return checkFields(value, what, null, depth);
    default:
  }
  throw new RangeError(`${what} holds what JSON cannot express: a ${typeof value}`);
}

/** Undefined fields are left out, as JSON does. */
function checkFields(object: object, what: string, except: string | null, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    throw new RangeError(`${what} holds an object that is not plain`);
  for (const field in object) {
    if (field === except) continue;
    const value = (object as Record<string, unknown>)[field];
    if (value !== undefined) checkValue(value, what, depth + 1);
  }
}
