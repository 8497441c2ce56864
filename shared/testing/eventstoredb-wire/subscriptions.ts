/** Subscriptions: confirmation, backlog, `caughtUp`, then live through a small buffer that a burst overflows. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Faults } from './faults.js';
import type { EventLog, LogRecord } from './log.js';
import { firstShown, matcher, type ReadRequest } from './reads.js';
import { invalidPosition, streamDeleted, tooSlow, type StatusError } from './refusals.js';
import { caughtUp, checkpoint, confirmation, eventBytes, fail, send, type ReadCall } from './send.js';

export interface OpenSubscription {
  /** True once the backlog was delivered. */
  readonly live: boolean;
  /** Delivers nothing more, without an error. */
  mute(): void;
  fail(error: StatusError): void;
}

const LIVE_BUFFER = 32;
/**
 * While writes follow one another the reader is not served, as on a busy node: all of them must fit into the buffer.
 */
const QUIET_TURNS = 2;
const LONGEST_BURST_TURNS = 1_000;

type Delivery = LogRecord | { readonly checkpoint: bigint };

export async function subscribe(
  call: ReadCall,
  { log, faults, open }: { log: EventLog; faults: Faults; open: Set<OpenSubscription> },
  request: ReadRequest,
): Promise<void> {
  let muted = faults.mutedToCome > 0;
  if (muted) faults.mutedToCome--;
  let ended = false;
  let live = false;
  const subscription: OpenSubscription = {
    get live() {
      return live;
    },
    mute: () => (muted = true),
    fail: (error) => end(error),
  };
  let stopListening = () => {};

  function end(error?: StatusError): void {
    if (ended) return;
    ended = true;
    open.delete(subscription);
    stopListening();
    if (error) fail(call, error);
  }
  open.add(subscription);
  for (const event of ['cancelled', 'close']) call.on(event, () => end());

  function* responses(items: Iterable<Delivery>): Generator<Buffer> {
    for (const item of items) {
      if (muted || ended) return;
      if ('checkpoint' in item) {
        yield checkpoint(item.checkpoint, live ? item.checkpoint : 0n);
        continue;
      }
      const bytes = eventBytes(item, request.structuredIds);
      yield bytes;
      if (faults.repeats === 0) continue;
      faults.repeats--;
      yield bytes;
    }
  }

  await send(call, [confirmation()]);
  const start = startOf(log, request);
  if (typeof start !== 'number') return end(start);

  const route = createRoute(request);
  const source = () => sourceOf(log, request);
  let next = start;
  function* backlog(): Generator<Delivery> {
    for (let record = source()[next]; record; record = source()[next]) {
      next++;
      yield* route(record);
    }
  }
  if (request.filter && !muted) await send(call, [checkpoint(0n, 0n)]);
  while (!ended && !call.cancelled && source()[next]) await send(call, responses(backlog()));
  await goLive();

  async function goLive(): Promise<void> {
    if (ended) return;
    const buffer: Delivery[] = [];
    let events = 0;
    let overflown = false;
    let quietTurns = 0;
    let pumping = true;

    async function pump(): Promise<void> {
      for (let item = buffer.shift(); item && !ended; item = buffer.shift()) {
        if (!('checkpoint' in item)) events--;
        await send(call, responses([item]));
      }
      pumping = false;
      if (overflown && !muted) end(tooSlow());
    }

    async function burstEnds(): Promise<void> {
      for (let turns = 0; quietTurns++ < QUIET_TURNS && turns < LONGEST_BURST_TURNS; turns += 1) await turn();
    }

    function onWrite(records: readonly LogRecord[]): void {
      quietTurns = 0;
      for (const record of records) {
        if (overflown || !concerns(request, record)) continue;
        for (const item of route(record)) {
          if (!('checkpoint' in item) && ++events > LIVE_BUFFER) overflown = true;
          else buffer.push(item);
        }
      }
      if (pumping) return;
      pumping = true;
      void burstEnds().then(pump);
    }

    stopListening = log.onWrite(onWrite);
    live = true;
    if (!muted) await send(call, [caughtUp()]);
    await pump();
  }
}

/**
 * What a record becomes for a subscriber: the event if it passes the filter, then a checkpoint every so many records.
 */
function createRoute({ filter }: ReadRequest): (record: LogRecord) => Delivery[] {
  const matches = matcher(filter);
  let seen = 0;
  return (record) => {
    const items: Delivery[] = matches(record) ? [record] : [];
    if (filter && ++seen % filter.checkpointEvery === 0) items.push({ checkpoint: record.position });
    return items;
  };
}

function sourceOf(log: EventLog, { stream }: ReadRequest): readonly LogRecord[] {
  return stream === null ? log.records : log.stream(stream).records;
}

/** Events at or before the requested position are not delivered, not even those still to be written there. */
function concerns({ stream, from }: ReadRequest, record: LogRecord): boolean {
  if (stream !== null && record.stream !== stream) return false;
  return typeof from !== 'bigint' || (stream === null ? record.position : record.revision) > from;
}

/** Index of the first record of the backlog. */
function startOf(log: EventLog, { stream, from }: ReadRequest): number | StatusError {
  const state = stream === null ? null : log.stream(stream);
  if (stream !== null && state?.tombstoned) return streamDeleted(stream);
  if (from === 'end') return (state ?? log).records.length;
  if (state) return Math.max(firstShown(state), from === 'start' ? 0 : Number(from) + 1);
  if (from === 'start') return 0;
  const index = log.seek(from);
  if (index === 'inside') return invalidPosition();
  return log.records[index]?.position === from ? index + 1 : index;
}
