/**
 * BSON values as MongoDB compares them: by type first, numbers by value whatever their width, strings by their UTF-8
 * bytes.
 */
import { BSON } from 'mongodb';

/** For questions: numbers are numbers, 64-bit integers are bigint. */
export const decodePlain = (bytes: Uint8Array): BSON.Document => BSON.deserialize(bytes, { useBigInt64: true });
/** For storing: every value keeps its BSON type. */
export const decodeExact = (bytes: Uint8Array): BSON.Document =>
  BSON.deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });
export const encode = (document: BSON.Document): Uint8Array => BSON.serialize(document);
/** A value of exact types, as queries see it. */
export const plainOf = (value: unknown): unknown => decodePlain(encode({ value }))['value'];

const RANKS: Readonly<Record<string, number>> = {
  MinKey: 0,
  Int32: 2,
  Double: 2,
  Long: 2,
  Decimal128: 2,
  BSONSymbol: 3,
  Binary: 6,
  ObjectId: 7,
  Timestamp: 10,
  BSONRegExp: 11,
  MaxKey: 12,
};

/** Place of a value's type in MongoDB's order; values of different ranks are never equal and no range holds both. */
export function rankOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 2;
    case 'string':
      return 3;
    case 'boolean':
      return 8;
    case 'object':
      break;
    default:
      return 1;
  }
  if (value === null) return 1;
  if (Array.isArray(value)) return 5;
  if (value instanceof Date) return 9;
  if (value instanceof RegExp) return 11;
  return RANKS[bsonTypeOf(value)] ?? 4;
}

const bsonTypeOf = (value: object): string => ('_bsontype' in value ? String(value._bsontype) : '');

export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a);
  if (rank !== rankOf(b)) return rank - rankOf(b);
  switch (rank) {
    case 1:
      return 0;
    case 2:
      return compareNumbers(numberOf(a), numberOf(b));
    case 3:
      return compareText(String(a), String(b));
    case 4:
      return compareFields(Object.entries(a as object), Object.entries(b as object));
    case 5:
      return compareLists(a as unknown[], b as unknown[]);
    case 8:
    case 9:
      return Number(a) - Number(b);
    default:
      return compareText(BSON.EJSON.stringify({ a }), BSON.EJSON.stringify({ a: b }));
  }
}

function numberOf(value: unknown): number | bigint {
  return typeof value === 'number' || typeof value === 'bigint' ? value : Number(String(value));
}

/** NaN is below all numbers. Compares a number with a bigint exactly. */
function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** By code points, which is the order of UTF-8 bytes and not that of JavaScript's `<`. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return aboveSurrogates(left) - aboveSurrogates(right);
  }
  return a.length - b.length;
}

function aboveSurrogates(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function compareFields(a: [string, unknown][], b: [string, unknown][]): number {
  for (const [i, [name, value]] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order = rankOf(value) - rankOf(other[1]) || compareText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareLists(a: unknown[], b: unknown[]): number {
  for (const [i, value] of a.entries()) {
    if (i >= b.length) return 1;
    const order = compareValues(value, b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A string that is the same for equal values and only for them, so that a Map can find by value. */
export function keyOf(value: unknown): string {
  const rank = rankOf(value);
  if (rank === 1) return '1:';
  if (rank === 2) {
    const number = numberOf(value);
    return `2:${typeof number === 'number' && Number.isInteger(number) ? BigInt(number) : number}`;
  }
  if (rank === 4) return `4:${JSON.stringify(Object.entries(value as object).map(([name, of]) => [name, keyOf(of)]))}`;
  if (rank === 5) return `5:${JSON.stringify((value as unknown[]).map(keyOf))}`;
  if (rank === 3 || rank === 8 || rank === 9) return `${rank}:${rank === 9 ? Number(value) : String(value)}`;
  return `${rank}:${BSON.EJSON.stringify({ value })}`;
}
