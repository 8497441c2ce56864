/** Filters and sort orders. Comparisons are those of `values.ts`; the rarer operators are mingo's. */
import { Query } from 'mingo';
import type { BSON } from 'mongodb';
import { compareValues, rankOf } from './values.js';
import { badValue } from './refusals.js';

type Test = (value: unknown, operand: unknown) => boolean;

const equal: Test = (value, operand) =>
  operand instanceof RegExp && typeof value === 'string' ? operand.test(value) : compareValues(value, operand) === 0;
const among: Test = (value, operand) => (operand as unknown[]).some((one) => equal(value, one));
const inRange =
  (holds: (order: number) => boolean): Test =>
  (value, operand) =>
    rankOf(value) === rankOf(operand) && holds(compareValues(value, operand));

type Matches = (document: BSON.Document) => boolean;

/** A field matches if its value does, or one of its elements if it is an array. */
const some =
  (test: Test) =>
  (path: string[], operand: unknown): Matches =>
  (document) =>
    valuesAt(document, path).some((value) => test(value, operand));
const none =
  (test: Test) =>
  (path: string[], operand: unknown): Matches => {
    const matches = some(test)(path, operand);
    return (document) => !matches(document);
  };

const OPERATORS: Readonly<Record<string, (path: string[], operand: unknown) => Matches>> = {
  $eq: some(equal),
  $ne: none(equal),
  $in: some(among),
  $nin: none(among),
  $gt: some(inRange((order) => order > 0)),
  $gte: some(inRange((order) => order >= 0)),
  $lt: some(inRange((order) => order < 0)),
  $lte: some(inRange((order) => order <= 0)),
  $exists: (path, operand) => (document) =>
    valuesAt(document, path).some((value) => value !== undefined) === Boolean(operand),
  $not: (path, operand) => {
    const matches = fieldMatcher(path, operand);
    return (document) => !matches(document);
  },
};

/** Throws the error by which the server rejects a filter. */
export function matcher(filter: BSON.Document): Matches {
  const parts = Object.entries(filter).map(([field, condition]) => {
    if (!field.startsWith('$')) return fieldMatcher(field.split('.'), condition);
    if (!Array.isArray(condition) || condition.length === 0) throw badValue(`${field} must be a nonempty array`);
    const inner = condition.map((one) => matcher(one as BSON.Document));
    if (field === '$and') return (document: BSON.Document) => inner.every((matches) => matches(document));
    if (field === '$or') return (document: BSON.Document) => inner.some((matches) => matches(document));
    if (field === '$nor') return (document: BSON.Document) => !inner.some((matches) => matches(document));
    throw badValue(`unknown top level operator: ${field}`);
  });
  return (document) => parts.every((matches) => matches(document));
}

function fieldMatcher(path: string[], condition: unknown): Matches {
  const operators = rankOf(condition) === 4 ? Object.entries(condition as BSON.Document) : [];
  if (!operators[0]?.[0].startsWith('$')) return some(equal)(path, condition);
  const parts = operators
    .filter(([name]) => name !== '$options')
    .map(([name, operand]) => OPERATORS[name]?.(path, operand) ?? rare(path, name, condition as BSON.Document));
  return (document) => parts.every((matches) => matches(document));
}

/** What mingo does for us; it cannot handle 64-bit integers. */
function rare(path: string[], name: string, { [name]: operand, $options }: BSON.Document): Matches {
  try {
    const options = name === '$regex' && $options !== undefined ? { $options: $options as unknown } : {};
    const query = new Query<BSON.Document>({ [path.join('.')]: { [name]: operand as unknown, ...options } });
    return (document) => query.test(document);
  } catch (error) {
    throw badValue(error instanceof Error ? error.message : String(error));
  }
}

/** Order of documents by a sort document such as `{ a: 1, _id: -1 }`. */
export function sorter(sort: BSON.Document): (a: BSON.Document, b: BSON.Document) => number {
  const fields = Object.entries(sort).map(([path, way]) => ({ path: path.split('.'), way: Number(way) }));
  return (a, b) => {
    for (const { path, way } of fields) {
      const order = compareValues(sortValue(a, path, way), sortValue(b, path, way));
      if (order !== 0) return way * order;
    }
    return 0;
  };
}

/** Of an array, the element that comes first in that direction. */
function sortValue(document: BSON.Document, path: string[], way: number): unknown {
  const values = valuesAt(document, path).filter((value) => !Array.isArray(value));
  return values.sort((a, b) => way * compareValues(a, b))[0];
}

/** The values at a path: undefined where there is none; an array counts as itself and as each of its elements. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [field, ...rest] = path;
  if (field === undefined) return Array.isArray(value) ? [value, ...(value as unknown[])] : [value];
  if (Array.isArray(value)) {
    const indexed = /^\d+$/.test(field) ? valuesAt(value[Number(field)], rest) : [];
    return [...indexed, ...value.filter((one) => rankOf(one) === 4).flatMap((one) => valuesAt(one, path))];
  }
  if (rankOf(value) !== 4 || !Object.hasOwn(value as object, field)) return [undefined];
  return valuesAt((value as BSON.Document)[field], rest);
}
