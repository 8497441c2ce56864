/** Applies an update to a document. Works on values that keep their BSON types. */
import { BSON } from 'mongodb';
import { badValue, CommandError } from './refusals.js';
import { compareValues, plainOf, rankOf } from './values.js';

type Doc = BSON.Document;
type Operator = (document: Doc, path: string[], operand: unknown) => void;

const OPERATORS: Readonly<Record<string, Operator>> = {
  $set: setAt,
  $unset: (document, path) => {
    const parent = parentAt(document, path, false);
    if (parent) delete parent[last(path)];
  },
  $inc: (document, path, operand) => {
    const parent = parentAt(document, path, true);
    const old = parent && Object.hasOwn(parent, last(path)) ? (parent[last(path)] as unknown) : undefined;
    setAt(document, path, old === undefined ? operand : sum(old, operand, path));
  },
  $push: (document, path, operand) => {
    const parent = parentAt(document, path, true);
    const old = (parent?.[last(path)] ?? []) as unknown;
    if (!Array.isArray(old)) throw badValue(`The field '${path.join('.')}' must be an array`);
    setAt(document, path, pushed(old, operand));
  },
};

/** The updated document. `old` is null for an upsert, whose new document starts with the `equalities` of its filter. */
export function updated(old: Doc | null, update: unknown, equalities: Doc): Doc {
  if (Array.isArray(update)) throw badValue('this server runs no pipelines in updates');
  const change = update as Doc;
  const fields = Object.keys(change);
  if (!fields.some((field) => field.startsWith('$'))) {
    const given = (old ?? equalities)['_id'] as unknown;
    const { _id = given ?? new BSON.ObjectId() } = change;
    if (old && compareValues(plainOf(_id), plainOf(old['_id'])) !== 0) throw immutable();
    return withId(old ? old['_id'] : _id, change);
  }
  const document = copyOf(old ?? equalities);
  for (const operator of fields) {
    if (operator === '$setOnInsert' && old) continue;
    const apply = OPERATORS[operator === '$setOnInsert' ? '$set' : operator];
    if (!apply) throw new CommandError(9, `Unknown modifier: ${operator}`);
    for (const [path, operand] of Object.entries(change[operator] as Doc)) apply(document, path.split('.'), operand);
  }
  if (old && compareValues(plainOf(document['_id']), plainOf(old['_id'])) !== 0) throw immutable();
  return withId(document['_id'] ?? new BSON.ObjectId(), document);
}

const immutable = () =>
  new CommandError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");

/** Fields that a filter says are equal to something: what an upsert knows of its document. */
export function equalitiesOf(filter: Doc): Doc {
  const found: Doc = {};
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and') for (const one of condition as Doc[]) Object.assign(found, equalitiesOf(one));
    if (path.startsWith('$')) continue;
    const operators = isFields(condition) && Object.keys(condition).some((key) => key.startsWith('$'));
    if (!operators && rankOf(condition) !== 11) setAt(found, path.split('.'), condition);
    else if (operators && '$eq' in condition) setAt(found, path.split('.'), condition['$eq']);
  }
  return found;
}

/** The _id is always the first field. */
function withId(_id: unknown, document: Doc): Doc {
  const made: Doc = { _id };
  for (const [field, value] of Object.entries(document)) if (field !== '_id') define(made, field, value);
  return made;
}

const last = (path: string[]) => path[path.length - 1] ?? '';
const isFields = (value: unknown): value is Doc => rankOf(value) === 4 && !(value as Doc)['_bsontype'];

function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isFields(value)) return value;
  const copy: Doc = {};
  for (const [field, inner] of Object.entries(value)) define(copy, field, copyOf(inner));
  return copy as T;
}

/** Also for a field named `__proto__`. */
function define(document: Doc, field: string, value: unknown): void {
  Object.defineProperty(document, field, { value, enumerable: true, writable: true, configurable: true });
}

function setAt(document: Doc, path: string[], value: unknown): void {
  const parent = parentAt(document, path, true);
  if (parent) define(parent, last(path), value);
}

/** The object that holds the last field of a path; created if asked. Throws where a scalar is in the way. */
function parentAt(document: Doc, path: string[], make: boolean): Doc | null {
  let parent = document;
  for (const field of path.slice(0, -1)) {
    if (!Object.hasOwn(parent, field)) {
      if (!make) return null;
      define(parent, field, {});
    }
    const next: unknown = parent[field];
    if (!isFields(next) && !Array.isArray(next)) {
      if (!make) return null;
      throw new CommandError(28, `Cannot create field in element {${field}: ${JSON.stringify(next)}}`);
    }
    parent = next;
  }
  return parent;
}

/** Of two doubles a double; of integers the narrowest type that holds the sum and is no narrower than either. */
function sum(a: unknown, b: unknown, path: string[]): unknown {
  const [left, right] = [plainOf(a), plainOf(b)];
  if (rankOf(left) !== 2 || rankOf(right) !== 2)
    throw new CommandError(14, `Cannot apply $inc to the non-numeric field '${path.join('.')}'`);
  if (a instanceof BSON.Double || b instanceof BSON.Double) return new BSON.Double(Number(left) + Number(right));
  const total = BigInt(left as number) + BigInt(right as number);
  const fits = BigInt.asIntN(32, total) === total && !(a instanceof BSON.Long) && !(b instanceof BSON.Long);
  return fits ? new BSON.Int32(Number(total)) : BSON.Long.fromBigInt(total);
}

function pushed(old: unknown[], operand: unknown): unknown[] {
  if (!isFields(operand) || !('$each' in operand)) return [...old, operand];
  const all = [...old, ...(operand['$each'] as unknown[])];
  if (!('$slice' in operand)) return all;
  const count = Number(plainOf(operand['$slice']));
  return count < 0 ? all.slice(count) : all.slice(0, count);
}
