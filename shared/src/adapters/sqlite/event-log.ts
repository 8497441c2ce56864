/** The tables of the embedded log and the statements over them. Everything here is one synchronous step. */
import type { AppendResult, EventMetadata, JsonObject, RecordedEvent, Revision } from '../../ports.js';
import { DamagedEvent } from '../../store-errors.js';
import { StoreFailed } from '../../store-errors.js';
import type { EncodedEvent } from '../encode-batch.js';
import type { SqlDatabase } from './database.js';

/**
 * Stream names and types are stored once, events refer to them by number. Writers take turns (BEGIN IMMEDIATE), so positions are
 * dense and become visible in order: a reader that has read up to a position has missed none below it.
 */
const SCHEMA = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL REFERENCES streams,
    revision INTEGER NOT NULL,
    type INTEGER NOT NULL REFERENCES types,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (stream, revision)
  );
  PRAGMA user_version = 1;`;
const SCHEMA_VERSION = 1;

const BIGINTS = { bigints: true } as const;
/** The revision before a stream's first event. */
export const NO_STREAM = -1n;
const CONFLICT: AppendResult = { ok: false };

/** Creates the tables in a new file. Throws StoreFailed for a file that this release cannot read. */
export function migrate(database: SqlDatabase): void {
  const version = () => database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (version() > SCHEMA_VERSION) {
    throw new StoreFailed(`${database.file} was written by a newer release; start that one, or restore a backup.`);
  }
  if (version() === SCHEMA_VERSION) return;
  database.immediate(() => {
    if (version() === 0) database.exec(SCHEMA);
  });
}

/** Returns a function that appends one batch inside the running transaction, or writes nothing. */
export function prepareWrites(database: SqlDatabase) {
  const addStream = database.prepare('INSERT INTO streams (name) VALUES (?)');
  const findStream = database.prepare<{ id: bigint; revision: Revision | null }>(
    'SELECT id, (SELECT MAX(revision) FROM events WHERE stream = streams.id) AS revision FROM streams WHERE name = ?',
    BIGINTS,
  );
  const addType = database.prepare('INSERT INTO types (name) VALUES (?) ON CONFLICT DO NOTHING');
  const addEvent = database.prepare(
    `INSERT INTO events (stream, revision, type, id, data, metadata)
     VALUES (?, ?, (SELECT id FROM types WHERE name = ?), ?, ?, ?)`,
  );
  const findBatch = database.prepare<{ id: string; revision: bigint; position: bigint }>(
    'SELECT id, revision, position FROM events WHERE stream = ? AND revision > ? ORDER BY revision LIMIT ?',
    BIGINTS,
  );

  /** The result of an earlier append of the same batch; otherwise a conflict. */
  function firstResult(stream: bigint, expected: Revision, batch: readonly EncodedEvent[]): AppendResult {
    const written = findBatch.all(stream, expected, batch.length);
    const same = batch.every(({ id }, index) => written[index]?.id === id);
    const last = written.at(-1);
    return same && last ? { ok: true, repeated: true, revision: last.revision, position: last.position } : CONFLICT;
  }

  return (name: string, expected: bigint, batch: readonly EncodedEvent[]): AppendResult => {
    const found = findStream.get(name);
    let revision = found?.revision ?? NO_STREAM;
    if (expected > revision) return CONFLICT;
    if (expected < revision && found) return firstResult(found.id, expected, batch);

    const stream = found?.id ?? addStream.insert(name);
    let position = 0n;
    for (const { type, id, data, metadata } of batch) {
      revision += 1n;
      addType.run(type);
      position = addEvent.insert(stream, revision, type, id, data, metadata);
    }
    return { ok: true, repeated: false, revision, position };
  };
}

/** A row of the reading statements, in the order of their columns. Numbers: no file reaches 2^53 events. */
type EventRow = readonly [
  position: number,
  revision: number,
  stream: string,
  type: string,
  id: string,
  data: string,
  metadata: string,
];

export function prepareReads(database: SqlDatabase) {
  // CROSS JOIN fixes the order of the tables, so that events are always scanned by their index, never by type or stream.
  const events = `
    SELECT position, revision, streams.name, types.name, events.id, data, metadata
    FROM events CROSS JOIN streams ON streams.id = stream CROSS JOIN types ON types.id = type`;
  const ofStream = `${events} WHERE stream = (SELECT id FROM streams WHERE name = ?)`;
  const prepare = (sql: string) => database.prepare<EventRow>(sql, { tuples: true });
  return {
    forwards: prepare(`${ofStream} AND revision >= ? ORDER BY revision LIMIT ?`),
    backwards: prepare(`${ofStream} AND revision <= ? ORDER BY revision DESC LIMIT ?`),
    all: prepare(`${events} WHERE position > ? ORDER BY position LIMIT ?`),
    at: prepare(`${events} WHERE position = ?`),
    many: prepare(
      `SELECT position, revision, streams.name, types.name, events.id, data, metadata
       FROM json_each(?) AS wanted CROSS JOIN events ON position = CAST(wanted.value AS INTEGER)
       CROSS JOIN streams ON streams.id = stream CROSS JOIN types ON types.id = events.type ORDER BY wanted.key`,
    ),
    head: database.prepare<{ position: bigint | null }>('SELECT MAX(position) AS position FROM events', BIGINTS),
    /**
     * Of events up to a position: those of streams that end in two hex digits from the one to the other, or in no two hex digits; and of
     * types in a JSON array. Each unless null. What is left out is not read from its row.
     */
    narrowed: prepare(
      `${events} WHERE position > ?1 AND position <= ?2
         AND (?3 IS NULL OR substr(streams.name, -2) BETWEEN ?3 AND ?4
           OR substr(streams.name, -2) NOT GLOB '[0-9a-f][0-9a-f]')
         AND (?5 IS NULL OR type IN (SELECT id FROM types WHERE name IN (SELECT value FROM json_each(?5))))
       ORDER BY position LIMIT ?6`,
    ),
    next: database.prepare<{ position: bigint | null }>(
      'SELECT MIN(position) AS position FROM events WHERE position > ?',
      BIGINTS,
    ),
    /** Size of the payloads of the next events; octet_length takes it from the row's header, without reading them. */
    bytes: database.prepare<{ bytes: number | null }>(
      `SELECT SUM(size) AS bytes FROM (
         SELECT octet_length(data) + octet_length(metadata) AS size FROM events WHERE position > ? ORDER BY position LIMIT ?)`,
    ),
  };
}

const PAGE = 1_000;

/** All events, stream by stream, each in the order of its revisions; a page is in memory at a time. */
export function* eventsByStream(database: SqlDatabase): Generator<RecordedEvent> {
  const read = database.prepare<[...EventRow, streamId: number]>(
    `SELECT position, revision, streams.name, types.name, events.id, data, metadata, stream
     FROM events CROSS JOIN streams ON streams.id = stream CROSS JOIN types ON types.id = type
     WHERE (stream, revision) > (?, ?) ORDER BY stream, revision LIMIT ?`,
    { tuples: true },
  );
  for (let [stream, revision] = [0, -1]; ;) {
    const page = read.all(stream, revision, PAGE);
    for (const [position, at, name, type, id, data, metadata] of page)
      yield recorded([position, at, name, type, id, data, metadata]);
    const last = page.at(-1);
    if (!last) return;
    [stream, revision] = [last[7], last[1]];
  }
}

/** How large what an event says is, in characters. */
export function sizeOf([, , , , , data, metadata]: EventRow): number {
  return String(data).length + String(metadata).length; // a damaged row may hold anything
}

/**
 * As `recorded`, for whoever wants all of it: parsed at once. That costs half, since an object with getters of its own is slow to make
 * and to read.
 */
export function recordedWhole(row: EventRow): RecordedEvent {
  const [position, revision, stream, type, id, data, metadata] = row;
  try {
    return {
      stream,
      revision: BigInt(revision),
      position: BigInt(position),
      id,
      type,
      data: JSON.parse(data) as JsonObject,
      metadata: JSON.parse(metadata) as EventMetadata,
    };
  } catch {
    return recorded(row); // damaged: it throws where it is read
  }
}

/** `data` and `metadata` are parsed at first access: a reader that skips an event does not pay for its content. */
export function recorded([position, revision, stream, type, id, dataText, metadataText]: EventRow): RecordedEvent {
  let data: JsonObject | undefined;
  let metadata: EventMetadata | undefined;
  function parsed(text: string, what: 'data' | 'metadata'): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw new DamagedEvent(
        `${type} at position ${position}, revision ${revision} of ${stream}: its ${what} is not JSON`,
      );
    }
  }
  if (!Number.isSafeInteger(revision))
    throw new DamagedEvent(`the event at position ${position}: its revision is no whole number`);
  return {
    stream,
    revision: BigInt(revision),
    position: BigInt(position),
    id,
    type,
    get data() {
      return (data ??= parsed(dataText, 'data') as JsonObject);
    },
    get metadata() {
      return (metadata ??= parsed(metadataText, 'metadata') as EventMetadata);
    },
  };
}
