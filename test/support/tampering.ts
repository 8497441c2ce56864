/** Random changes of an embedded log's files, as by somebody who can write into them. Each says in words what it did. */
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { readFileSync, writeFileSync } from 'node:fs';
import { pick, type Random } from './random.js';

/** The file of the log, which nobody has open. */
type Tampering = (file: string, random: Random) => string;

const upTo = (random: Random, below: number) => Math.floor(random() * below);

// ------------------------------------------------------------------ bytes

function flip(file: string, random: Random, offsetIn: (bytes: Buffer) => number): string {
  const bytes = readFileSync(file);
  const offsets = Array.from({ length: 1 + upTo(random, 3) }, () => offsetIn(bytes));
  for (const offset of offsets) bytes[offset] = (bytes[offset] as number) ^ (1 + upTo(random, 255));
  writeFileSync(file, bytes);
  return `bytes at ${offsets.join(', ')}`;
}

const pageSizeOf = (bytes: Buffer) => bytes.readUInt16BE(16);
const INDEX_PAGES = [2, 10];

/** An offset in a page of an index: by these a stream is read, not the log. */
function inIndex(bytes: Buffer, random: Random): number {
  const size = pageSizeOf(bytes);
  const pages = Array.from({ length: bytes.length / size }, (_, page) => page * size);
  const start = pick(
    random,
    pages.filter((page) => INDEX_PAGES.includes(bytes[page] as number)),
  );
  return (start ?? 0) + upTo(random, size);
}

function inPages(file: string, random: Random, change: (bytes: Buffer, one: number, other: number) => Buffer): void {
  const bytes = readFileSync(file);
  const size = pageSizeOf(bytes);
  const page = () => upTo(random, bytes.length / size) * size;
  writeFileSync(file, change(bytes, page(), page()));
}

const ofBytes: readonly Tampering[] = [
  (file, random) => flip(file, random, (bytes) => upTo(random, bytes.length)),
  (file, random) => `index: ${flip(file, random, (bytes) => inIndex(bytes, random))}`,
  (file, random) => {
    inPages(file, random, (bytes, one, other) => {
      const size = pageSizeOf(bytes);
      const kept = Buffer.from(bytes.subarray(one, one + size));
      bytes.copy(bytes, one, other, other + size);
      kept.copy(bytes, other);
      return bytes;
    });
    return 'two pages swapped';
  },
  (file, random) => {
    inPages(file, random, (bytes, page) => bytes.fill(0, page, page + pageSizeOf(bytes)));
    return 'a page of zeros';
  },
  (file, random) => {
    inPages(file, random, (bytes, page) => bytes.subarray(0, page));
    return 'the end of the file cut off';
  },
];

// ------------------------------------------------------------------ rows

/** Runs one statement whose ?1, ?2 … are positions of random events. */
function rows(sql: string): Tampering {
  return (file, random) => {
    const database = openDatabase(file, { synchronous: 'NORMAL' });
    try {
      const positions = database
        .prepare<[number]>('SELECT position FROM events', { tuples: true })
        .all()
        .map(([position]) => position);
      const chosen = (sql.match(/\?\d/g) ?? []).map((name) => Number(name.slice(1)));
      const given = Array.from({ length: Math.max(0, ...chosen) }, () => pick(random, positions) ?? 1);
      database.exec('PRAGMA foreign_keys = OFF');
      database.prepare(sql).run(...given);
      return `${sql.replace(/\s+/g, ' ')} (${given.join(', ')})`;
    } catch (error) {
      return `nothing: ${String(error)}`; // a constraint of the table refused it
    } finally {
      database.close();
    }
  };
}

const of = (column: string, name = '?1') => `(SELECT ${column} FROM events WHERE position = ${name})`;

/** Values of two rows in these columns, each for the other's; through a value that no row has. */
function swapped(...columns: string[]): string {
  const values = columns.map(
    (column) => `${column} = CASE position WHEN ?1 THEN ${of(column, '?2')} ELSE ${of(column)} END`,
  );
  return `UPDATE events SET ${values.join(', ')} WHERE position IN (?1, ?2)`;
}

const SNAPSHOT = `json_extract(metadata, '$.snapshot') IS NOT NULL`;
const HEADS = `stream = (SELECT id FROM streams WHERE name = 'integrityHeads-all')`;

const ofRows: readonly Tampering[] = [
  ...['data', 'metadata', 'id', 'type'].map((column) =>
    rows(`UPDATE events SET ${column} = ${of(column, '?2')} WHERE position = ?1`),
  ),
  ...[
    `'{}'`,
    `data || ' '`,
    `'['`,
    `json_set(data, '$.extra', 1)`,
    `replace(data, '1', '2')`,
    `CAST(data AS BLOB)`,
  ].map((value) => rows(`UPDATE events SET data = ${value} WHERE position = ?1`)),
  ...[`'{}'`, `json_remove(metadata, '$.prevHash')`, `json_set(metadata, '$.keys.userId', 'x')`, `'null'`].map(
    (value) => rows(`UPDATE events SET metadata = ${value} WHERE position = ?1`),
  ),
  ...[`upper(id)`, `id || char(0) || 'x'`, `''`].map((value) =>
    rows(`UPDATE events SET id = ${value} WHERE position = ?1`),
  ),
  ...['revision + 1000', '-1 - revision', 'revision + 0.5', `'first'`].map((value) =>
    rows(`UPDATE events SET revision = ${value} WHERE position = ?1`),
  ),
  ...['-position', '0', 'position + 1000000', '9000000000000000000'].map((value) =>
    rows(`UPDATE events SET position = ${value} WHERE position = ?1`),
  ),
  rows(`UPDATE events SET stream = ${of('stream', '?2')}, revision = 5000 WHERE position = ?1`),
  rows(`UPDATE events SET stream = 100000 WHERE position = ?1`),
  ...[['data'], ['metadata'], ['id'], ['data', 'metadata', 'id', 'type']].map((columns) => rows(swapped(...columns))),
  rows('DELETE FROM events WHERE position = ?1'),
  rows('DELETE FROM events WHERE position BETWEEN ?1 AND ?1 + 20'),
  rows(`DELETE FROM events WHERE stream = ${of('stream')}`),
  rows(`DELETE FROM streams WHERE id = ${of('stream')}`),
  rows(`DELETE FROM types WHERE id = ${of('type')}`),
  rows('DELETE FROM events WHERE position > ?1'),
  rows(`UPDATE streams SET name = name || '0' WHERE id = ${of('stream')}`),
  rows(`UPDATE streams SET name = name || char(0) WHERE id = ${of('stream')}`),
  rows(`UPDATE streams SET name = CAST(name AS BLOB) WHERE id = ${of('stream')}`),
  rows(`UPDATE types SET name = name || '0' WHERE id = ${of('type')}`),
  ...['-?1', 'NULL', '?1 + 100000'].map((position) =>
    rows(`INSERT INTO events (position, stream, revision, type, id, data, metadata)
          SELECT ${position}, stream, (SELECT MAX(revision) + 1 FROM events AS its WHERE its.stream = events.stream),
                 type, id, data, metadata FROM events WHERE position = ?2`),
  ),
  rows(`INSERT INTO events (stream, revision, type, id, data, metadata)
        SELECT stream, -7, type, id, data, metadata FROM events WHERE position = ?1`),
  rows(`UPDATE events SET metadata = json_set(metadata, '$.snapshot.state.extra', 'x') WHERE ${SNAPSHOT}`),
  rows(`UPDATE events SET metadata = json_remove(metadata, '$.snapshot') WHERE ${SNAPSHOT}`),
  ...['root', 'size', 'signature', 'signedAt', 'keyId'].map((field) =>
    rows(`UPDATE events SET data = json_set(data, '$.${field}', 7) WHERE ${HEADS} AND revision = ?1 % 3`),
  ),
  rows(`UPDATE events SET data = ${of('data', `(SELECT MAX(position) FROM events WHERE ${HEADS})`)} WHERE ${HEADS}`),
];

/** One of them: of bytes every other time. */
export function tamper(file: string, random: Random): string {
  return pick(random, random() < 0.5 ? ofBytes : ofRows)?.(file, random) ?? '';
}

/** Leaves so many events of the log, as if the others had never been appended. */
export function cut(file: string, left: number): void {
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  database.prepare('DELETE FROM events WHERE position > ?').run(left);
  database.close();
}
