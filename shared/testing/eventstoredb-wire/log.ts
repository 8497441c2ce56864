/** The log of the fake server: records in order, streams, what expected revisions and repeated ids mean. */
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { readResponseOf } from './encode.js';

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  /** The whole `ReadResp` that carries it. */
  readonly bytes: Buffer;
}

/** `repeated`: these ids were there already; nothing was written. `current` null: no stream. */
export type AppendOutcome =
  | { readonly kind: 'written' | 'repeated'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'empty'; readonly revision: bigint | null }
  | { readonly kind: 'wrong-revision'; readonly current: bigint | null }
  | { readonly kind: 'deleted' };

export interface StreamRecords {
  /** Every event, even those that reads no longer show; the index is the revision. */
  readonly records: LogRecord[];
  tombstoned: boolean;
  softDeleted: boolean;
  truncateBefore: number;
  maxCount: number;
}

export interface EventLog {
  readonly records: readonly LogRecord[];
  /** The state of a stream; a missing one has no records. */
  stream(name: string): StreamRecords;
  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): AppendOutcome;
  softDelete(stream: string, expected: Expected): AppendOutcome;
  tombstone(stream: string, expected: Expected): AppendOutcome;
  /** Index in `records` of the first record at or after a position; 'inside' when the position is within a record. */
  seek(position: bigint): number | 'inside';
  /** Called with what each append wrote, before it is acknowledged. Returns the function that unsubscribes. */
  onWrite(listener: (records: readonly LogRecord[]) => void): () => void;
  restoreTo(position: bigint): void;
  /** What a restart forgets: the ids that ANY compares with. */
  forgetIds(): void;
}

/** A new server's own records come first; no event is at 0. */
const FIRST_POSITION = 1_088n;
const RECORD_OVERHEAD = 53n;
const TOMBSTONE_REVISION = 2n ** 63n - 1n;
const SOFT_DELETED = '{"$tb":9223372036854775807}';
const NOTHING = new Uint8Array();

export function createEventLog({ rememberedIds }: { rememberedIds: number }): EventLog {
  let records: LogRecord[] = [];
  let states = new Map<string, StreamRecords>();
  /** The last ids and those before them: between `rememberedIds` and twice as many. */
  let remembered: readonly [Map<string, LogRecord>, Map<string, LogRecord>] = [new Map(), new Map()];
  const listeners = new Set<(records: readonly LogRecord[]) => void>();

  function stream(name: string): StreamRecords {
    let state = states.get(name);
    if (!state) {
      state = { records: [], tombstoned: false, softDeleted: false, truncateBefore: 0, maxCount: Infinity };
      states.set(name, state);
    }
    return state;
  }

  function end(): bigint {
    const last = records.at(-1);
    return last ? last.position + BigInt(last.bytes.length) + RECORD_OVERHEAD : FIRST_POSITION;
  }

  function add(record: LogRecord): void {
    records.push(record);
    const state = stream(record.stream);
    if (record.type === '$streamDeleted') state.tombstoned = true;
    else state.records.push(record);
    if (record.type === '$metadata' && record.stream.startsWith('$$')) {
      applyMetadata(stream(record.stream.slice(2)), record);
    }
  }

  function put(name: string, event: ProposedEvent, revision = BigInt(stream(name).records.length)): LogRecord {
    const place = { stream: name, revision, position: end(), id: event.id, type: event.type };
    const record = { ...place, bytes: readResponseOf({ ...event, ...place, created: Date.now() }) };
    add(record);
    return record;
  }

  function remember(written: readonly LogRecord[]): void {
    for (const record of written) {
      if (remembered[0].size >= rememberedIds) remembered = [new Map(), remembered[0]];
      remembered[0].set(record.id, record);
    }
  }

  const forgetIds = () => void (remembered = [new Map(), new Map()]);

  function write(name: string, events: readonly ProposedEvent[], revision?: bigint): AppendOutcome {
    const state = stream(name);
    const undelete = state.softDeleted;
    const firstKept = state.records.length;
    const written = events.map((event) => put(name, event, revision));
    if (undelete) written.push(put(`$$${name}`, systemEvent('$metadata', `{"$tb":${firstKept}}`)));
    remember(written);
    for (const listener of listeners) listener(written);
    return { kind: 'written', ...lastOf(written.filter((record) => record.stream === name)) };
  }

  /** The records that a batch repeats; 'write' when it is new, 'wrong-revision' when it is neither. */
  function judge(name: string, expected: Expected, ids: readonly string[]): LogRecord[] | 'write' | 'wrong-revision' {
    const state = stream(name);
    const last = state.records.length - 1;
    if (expected === 'stream_exists' && last < 0) return 'wrong-revision';
    const byId = expected === 'any' || expected === 'stream_exists';
    const base = expected === 'no_stream' ? -1 : byId ? last : Number(expected);
    if (base > last) return 'wrong-revision';
    if (base === last && !byId) return 'write';

    const known = ids.map((id, i) => {
      const record = byId ? (remembered[0].get(id) ?? remembered[1].get(id)) : state.records[base + 1 + i];
      return record?.id === id && record.stream === name ? record : undefined;
    });
    const fresh = known.indexOf(undefined);
    if (fresh === -1) return known.length === 0 ? 'write' : (known as LogRecord[]);
    const mayStart = byId || (expected === 'no_stream' && state.softDeleted);
    return fresh === 0 && mayStart ? 'write' : 'wrong-revision';
  }

  const revisionOf = (name: string) => {
    const { length } = stream(name).records;
    return length === 0 ? null : BigInt(length - 1);
  };

  return {
    get records() {
      return records;
    },
    stream,
    append(name, expected, events) {
      if (stream(name).tombstoned) return { kind: 'deleted' };
      const verdict = judge(
        name,
        expected,
        events.map((event) => event.id),
      );
      if (verdict === 'wrong-revision') return { kind: verdict, current: revisionOf(name) };
      if (verdict !== 'write') return { kind: 'repeated', ...lastOf(verdict) };
      return events.length === 0 ? { kind: 'empty', revision: revisionOf(name) } : write(name, events);
    },
    softDelete(name, expected) {
      const refused = refusedDelete(name, expected);
      return refused ?? write(`$$${name}`, [systemEvent('$metadata', SOFT_DELETED)]);
    },
    tombstone(name, expected) {
      const refused = refusedDelete(name, expected);
      return refused ?? write(name, [systemEvent('$streamDeleted', '')], TOMBSTONE_REVISION);
    },
    seek(position) {
      const index = lowerBound(records, position);
      const before = records[index - 1];
      const exact = position === 0n || records[index]?.position === position;
      const past = !records[index] && position >= end();
      return exact || past || (!before && records.length === 0) ? index : 'inside';
    },
    onWrite(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    restoreTo(position) {
      const kept = records.filter((record) => record.position <= position);
      records = [];
      states = new Map();
      forgetIds();
      kept.forEach(add);
    },
    forgetIds,
  };

  function refusedDelete(name: string, expected: Expected): AppendOutcome | null {
    if (stream(name).tombstoned) return { kind: 'deleted' };
    const current = revisionOf(name);
    const asExpected =
      expected === 'any' ||
      (expected === 'stream_exists' ? current !== null : current === (expected === 'no_stream' ? null : expected));
    return asExpected ? null : { kind: 'wrong-revision', current };
  }
}

export function systemEvent(type: string, json: string): ProposedEvent {
  return { id: crypto.randomUUID(), type, isJson: true, data: Buffer.from(json), metadata: NOTHING };
}

/** The recorded event inside a record's bytes. */
export function recordedIn(record: LogRecord) {
  const event = streams.ReadResp.deserializeBinary(record.bytes).getEvent()?.getEvent();
  if (!event) throw new Error('a record without an event');
  return event;
}

function applyMetadata(state: StreamRecords, record: LogRecord): void {
  const data = JSON.parse(Buffer.from(recordedIn(record).getData_asU8()).toString('utf8')) as Record<string, unknown>;
  const truncateBefore = Number(data.$tb ?? 0);
  state.softDeleted = truncateBefore > Number.MAX_SAFE_INTEGER;
  state.truncateBefore = truncateBefore;
  state.maxCount = Number(data.$maxCount ?? Infinity);
}

function lastOf(written: readonly LogRecord[]): { revision: bigint; position: bigint } {
  const last = written[written.length - 1]!;
  return { revision: last.revision, position: last.position };
}

function lowerBound(records: readonly LogRecord[], position: bigint): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.position < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
