/** Translates collections, fields and queries of the read store into SQL. Names are checked here first. */
import type { GuardedWrite, Query, Range } from '../../ports.js';
import { checkCollection, checkField } from '../documents.js';
import type { SqlParameter } from './database.js';

type Guard = NonNullable<GuardedWrite['expected']>;

/** A part of a WHERE clause, with the values of its placeholders. */
export interface Condition {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

const TABLE_PREFIX = 'documents:';

/** The table of a collection, quoted. Throws RangeError for an invalid name. */
export function tableOf(collection: string): string {
  checkCollection(collection);
  return `"${TABLE_PREFIX}${withoutCase(collection)}"`;
}

/** The collection of a table named by `tableOf`. */
export function collectionOf(table: string): string {
  return table.slice(TABLE_PREFIX.length).replace(/\^([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export const ALL_TABLES = `SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '${TABLE_PREFIX}*' ORDER BY name`;

export function createTable(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL)`;
}

/**
 * The _id is part of each index, so that the index provides the whole order of a query. Documents without the field, most of them for a
 * mark like `parked`, have no place in it: each would be one more page to write. Who looks for null reads the whole collection.
 */
export function createIndex(collection: string, field: string): string {
  const name = `"index:${withoutCase(collection)}:${withoutCase(field)}"`;
  const value = valueOf(field);
  return `CREATE INDEX IF NOT EXISTS ${name} ON ${tableOf(collection)} (${value}, id) WHERE ${value} IS NOT NULL`;
}

/** SQLite names are case-insensitive, ours are not: "Things" becomes "^things". Names cannot contain the mark itself. */
function withoutCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`);
}

const COLUMNS = new Map([
  ['position', 'position'],
  ['_id', 'id'],
]);

function pathOf(field: string): string {
  checkField(field);
  return `'$."${field}"'`;
}

/** The SQL expression of a field; exactly as in its index, or SQLite would not use the index. */
export function valueOf(field: string): string {
  return COLUMNS.get(field) ?? `json_extract(body, ${pathOf(field)})`;
}

/** The condition that fields are as they were read. Compares JSON text, so that 1, true and "1" differ; null equals absent. */
export function guardSql(fields: readonly string[]): string {
  return allOf(fields.map((field) => `${COLUMNS.get(field) ?? `coalesce(body -> ${pathOf(field)}, 'null')`} = ?`));
}

/** The values for the placeholders of `guardSql`, in the same order. */
export function guardParameters(expected: Guard): SqlParameter[] {
  return Object.entries(expected).map(([field, value]) =>
    COLUMNS.has(field) ? value : typeof value === 'bigint' ? `${value}` : JSON.stringify(value ?? null),
  );
}

/** The conditions of a query or count, without order and limit. */
export function conditionOf({ where = {}, range, afterId }: Omit<Query, 'limit'>): Condition {
  const conditions = Object.entries(where).map(([field, value]) => equality(field, value));
  if (range) conditions.push(within(range));
  if (afterId !== undefined) conditions.push({ sql: 'id > ?', parameters: [afterId] });
  return {
    sql: allOf(conditions.map(({ sql }) => sql)),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

function equality(field: string, value: string | number | boolean | null): Condition {
  const operand = valueOf(field);
  if (value === null) return { sql: `${operand} IS NULL`, parameters: [] };
  const type = typeof value === 'boolean' ? `${value}` : typeof value;
  return { sql: allOf([`${operand} = ?`, hasType(field, [type])]), parameters: [value] };
}

/** The order of results, as an index by `createIndex` gives it, from either end. */
export function orderOf(range: Range | undefined): string {
  if (!range) return 'id';
  const way = range.descending ? 'DESC' : 'ASC';
  return `${valueOf(range.field)} ${way}, id ${way}`;
}

function within({ field, descending, above, atMost, after }: Range): Condition {
  const operand = valueOf(field);
  const beyond = descending ? '<' : '>';
  const conditions: Condition[] = [
    ...(above === undefined ? [] : [{ sql: `${operand} > ?`, parameters: [above] }]),
    ...(atMost === undefined ? [] : [{ sql: `${operand} <= ?`, parameters: [atMost] }]),
    // Written so that the index can be used for this bound, which it cannot with a row comparison.
    ...(after === undefined
      ? []
      : [
          {
            sql: `${operand} ${beyond}= ? AND (${operand} ${beyond} ? OR id ${beyond} ?)`,
            parameters: [after.value, after.value, after._id],
          },
        ]),
  ];
  if (conditions.length === 0) conditions.push({ sql: `${operand} IS NOT NULL`, parameters: [] }); // as in its index
  const bounds = [above, atMost, after?.value].filter((bound) => bound !== undefined);
  const types = [...new Set(bounds.map((bound) => typeof bound))];
  if (types.length > 1) throw new RangeError('the bounds of a range must be all text or all numbers');
  return {
    sql: allOf([...conditions.map(({ sql }) => sql), hasType(field, types.length > 0 ? types : ['string', 'number'])]),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

const JSON_TYPES: Readonly<Record<string, string>> = {
  string: `'text'`,
  number: `'integer', 'real'`,
  true: `'true'`,
  false: `'false'`,
};

/** SQLite orders numbers before text and reads true as 1, but a query only means values of its own type. */
function hasType(field: string, types: readonly string[]): string {
  if (COLUMNS.has(field)) return 'true';
  return `json_type(body, ${pathOf(field)}) IN (${types.map((type) => JSON_TYPES[type]).join(', ')})`;
}

function allOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}
