/** Reads of a stream and of `$all`: which records, in which order, or why not. */
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventLog, LogRecord, StreamRecords } from './log.js';
import { invalidPosition, streamDeleted, unhandled, type StatusError } from './refusals.js';

export type From = bigint | 'start' | 'end';

/** A request to read, or to subscribe when `limit` is null. */
export interface ReadRequest {
  /** Null: `$all`. */
  readonly stream: string | null;
  /** A revision in a stream, a position in `$all`. */
  readonly from: From;
  readonly backwards: boolean;
  readonly limit: number | null;
  readonly filter: Filter | null;
  readonly structuredIds: boolean;
}

export interface Filter {
  readonly on: 'stream' | 'type';
  readonly regex: string;
  readonly prefixes: readonly string[];
  /** Events that are looked at between two checkpoints. */
  readonly checkpointEvery: number;
}

export type Selection = Iterable<LogRecord> | 'not-found' | 'hangs' | StatusError;

const SEARCH_WINDOW = 32;
const BACKWARDS = 1;

export function parseRead(request: ReadReq): ReadRequest {
  const options = request.getOptions();
  const stream = options?.getStream();
  const all = options?.getAll();
  const position = all?.getPosition();
  const asked = stream ?? all;
  const place = stream?.hasRevision() ? stream.getRevision() : position?.getCommitPosition();
  return {
    stream: stream ? nameOf(stream.getStreamIdentifier()) : null,
    from: place !== undefined ? BigInt(place) : asked?.hasEnd() ? 'end' : 'start',
    backwards: Number(options?.getReadDirection()) === BACKWARDS,
    limit: options?.hasSubscription() ? null : Number(options?.getCount()),
    filter: parseFilter(options?.getFilter()),
    structuredIds: options?.getUuidOption()?.hasStructured() ?? false,
  };
}

export function nameOf(identifier: { getStreamName_asU8(): Uint8Array } | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

function parseFilter(options: ReadReq.Options.FilterOptions | undefined): Filter | null {
  if (!options) return null;
  const onStream = options.getStreamIdentifier();
  const expression = onStream ?? options.getEventType();
  return {
    on: onStream ? 'stream' : 'type',
    regex: expression?.getRegex() ?? '',
    prefixes: expression?.getPrefixList() ?? [],
    checkpointEvery: (options.getMax() || SEARCH_WINDOW) * (options.getCheckpointintervalmultiplier() || 1),
  };
}

export function matcher(filter: Filter | null): (record: LogRecord) => boolean {
  if (!filter) return () => true;
  const field = filter.on;
  if (filter.regex === '') return (record) => filter.prefixes.some((prefix) => record[field].startsWith(prefix));
  const regex = new RegExp(filter.regex);
  return (record) => regex.test(record[field]);
}

export function select(log: EventLog, request: ReadRequest): Selection {
  return request.stream === null ? selectAll(log, request) : selectStream(log, request, request.stream);
}

/** A filtered read is as the server's source has it (`ReadAllForwardsFiltered`: up to the end, `limit` counts what passes); it was not observed. */
function selectAll(log: EventLog, { from, backwards, limit, filter }: ReadRequest): Selection {
  if (limit === 0) return 'hangs';
  const { length } = log.records;
  const index = from === 'start' ? 0 : from === 'end' ? length : log.seek(from);
  if (index === 'inside') return invalidPosition();
  const matches = matcher(filter);
  return backwards
    ? down(log.records, index - 1, 0, limit, matches)
    : up(log.records, index, length - 1, limit, matches);
}

function selectStream(log: EventLog, { from, backwards, limit }: ReadRequest, name: string): Selection {
  if (limit === 0 || (from === 'end' && !backwards)) return unhandled();
  const state = log.stream(name);
  const { records, tombstoned, softDeleted } = state;
  if (tombstoned) return streamDeleted(name);
  if (records.length === 0 || softDeleted) return 'not-found';
  const first = firstShown(state);
  const last = records.length - 1;
  const start = from === 'start' ? 0 : from === 'end' ? last : Number(from);
  return backwards
    ? down(records, Math.min(start, last), first, limit)
    : up(records, Math.max(start, first), last, limit);
}

/** The oldest revision that `$tb` and `$maxCount` leave readable. */
export function firstShown({ records, truncateBefore, maxCount }: StreamRecords): number {
  return Math.max(truncateBefore, records.length - maxCount, 0);
}

type Walk = (
  records: readonly LogRecord[],
  start: number,
  last: number,
  limit: number | null,
  matches?: (record: LogRecord) => boolean,
) => Generator<LogRecord>;

const up: Walk = function* (records, start, last, limit, matches = () => true) {
  let rest = limit ?? Infinity;
  for (let i = start; i <= last && rest > 0; i++) {
    if (!matches(records[i]!)) continue;
    rest--;
    yield records[i]!;
  }
};

const down: Walk = function* (records, start, last, limit, matches = () => true) {
  let rest = limit ?? Infinity;
  for (let i = start; i >= last && rest > 0; i--) {
    if (!matches(records[i]!)) continue;
    rest--;
    yield records[i]!;
  }
};
