/** Translates guards and queries of the read store for MongoDB. Names and values are checked here first. */
import type { Filter } from 'mongodb';
import type { GuardedWrite, Query, Range } from '../../ports.js';
import { checkField } from '../documents.js';

/** A document as the driver gives it. */
export interface Stored {
  readonly _id: string;
  readonly [field: string]: unknown;
}

type Scalar = string | number | boolean | bigint | null;

/** Matches the document while its fields are as they were read. Null equals absent, as in MongoDB's own comparison. */
export function guardFilter(id: string, expected: NonNullable<GuardedWrite['expected']>): Filter<Stored> {
  const guards = Object.entries(expected).map(([field, value]) => equality(field, value ?? null));
  return guards.length > 0 ? { _id: id, $and: guards } : { _id: id };
}

/** The conditions of a query or count, without order and limit. */
export function queryFilter({ where = {}, range, afterId }: Omit<Query, 'limit'>): Filter<Stored> {
  const conditions = Object.entries(where).map(([field, value]) => equality(field, value));
  if (range) conditions.push(within(range));
  if (afterId !== undefined) conditions.push({ _id: { $gt: afterId } });
  return conditions.length > 0 ? { $and: conditions } : {};
}

function equality(field: string, value: Scalar): Filter<Stored> {
  checkField(field);
  // Undefined would be dropped and an object could be an operator: both would change the query.
  if (value === undefined || (typeof value === 'object' && value !== null))
    throw new RangeError(`${field} can be compared with text, a number, a boolean or null only`);
  return { [field]: { $eq: value } };
}

/** MongoDB compares a bound with values of its own type only. */
function within({ field, descending, above, atMost, after }: Range): Filter<Stored> {
  checkField(field);
  const bounds = [above, atMost, after?.value].filter((bound) => bound !== undefined);
  if (bounds.some((bound) => typeof bound !== 'string' && typeof bound !== 'number'))
    throw new RangeError('a bound of a range must be text or a number');
  if (new Set(bounds.map((bound) => typeof bound)).size > 1)
    throw new RangeError('the bounds of a range must be all text or all numbers');
  if (bounds.length === 0) return { $or: [{ [field]: { $type: 'string' } }, { [field]: { $type: 'number' } }] };
  const conditions: Filter<Stored>[] = [
    ...(above === undefined ? [] : [{ [field]: { $gt: above } }]),
    ...(atMost === undefined ? [] : [{ [field]: { $lte: atMost } }]),
  ];
  if (after === undefined) return { $and: conditions };
  const { value, _id } = after;
  const beyond = descending
    ? [{ [field]: { $lte: value } }, { $or: [{ [field]: { $lt: value } }, { _id: { $lt: _id } }] }]
    : [{ [field]: { $gte: value } }, { $or: [{ [field]: { $gt: value } }, { _id: { $gt: _id } }] }];
  return { $and: [...conditions, ...beyond] };
}
