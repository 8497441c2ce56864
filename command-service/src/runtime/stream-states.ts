/**
 * Folded states of streams (long streams, domain 9.9): cached within bounds and read on from there, or read backwards to the newest
 * snapshot. Commands on one stream run one after the other within a process.
 */
import { decode, hashOf, type DomainEvent, type Recorded } from '@creator-dashboards/shared/events/index';
import type { EventStore, JsonObject, Position, RecordedEvent, Revision } from '@creator-dashboards/shared/ports';
import { StreamCut } from '@creator-dashboards/shared/store-errors';
import { LRUCache } from 'lru-cache';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Decider } from '../domain/decider.js';
import { commandsAfter, type RememberedCommand, type RememberedCommands } from './remembered-commands.js';

/** A stream as it was read: its state, its end, and the commands it remembers. */
export interface StreamState<S> {
  readonly state: S;
  /** -1n for a stream that does not exist. */
  readonly revision: Revision;
  readonly lastId: string | null;
  readonly lastHash: string | null;
  readonly lastPosition: Position;
  readonly commands: RememberedCommands;
}

export interface StreamStates {
  /** The stream as of now. */
  load<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string): Promise<StreamState<S>>;
  /** The stream as it was when this process last read or wrote it, if that is remembered: others may have written it since. */
  remembered<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string): StreamState<S> | undefined;
  /** Caches the stream's state after an append of this process. */
  remember(stream: string, state: StreamState<unknown>): void;
  /** Runs the work once all earlier work on this stream has ended, successfully or not. */
  inTurn<T>(stream: string, work: () => Promise<T>): Promise<T>;
}

/** One event in this many of a stream carries a snapshot. */
export const SNAPSHOT_EVERY = 200n;
/**
 * The largest snapshot, as part of an append. No state comes near it: no aggregate's state grows with its history (G44b), which
 * test/bounded-states.test.ts holds for each. A larger one would be left out, and every cold load would read further back.
 */
export const SNAPSHOT_MAX_BYTES = 400 * 1024;
const PAGE = Number(SNAPSHOT_EVERY);
const CACHED_STREAMS = 5_000;

export function createStreamStates(
  store: Pick<EventStore, 'readStream'>,
  onCut: (error: StreamCut) => void = () => undefined,
): StreamStates {
  const cache = new LRUCache<string, StreamState<unknown>>({ max: CACHED_STREAMS });
  const queues = new Map<string, Promise<unknown>>();

  function remember(stream: string, state: StreamState<unknown>): void {
    if (state.revision < 0n)
      cache.delete(stream); // a missing stream would evict a real one
    else cache.set(stream, state);
  }

  /** A stream is read whole or not at all: the rest of a cut stream must not pass for a shorter history (G65). Throws StreamCut. */
  function demandWhole(stream: string, [first]: readonly RecordedEvent[]): void {
    if (!first || (first.revision === 0n && first.metadata.prevHash === null)) return;
    const error = new StreamCut(
      `stream ${stream} begins at revision ${first.revision}: its start was cut off ($maxCount, $maxAge, a truncation or a deletion)`,
    );
    onCut(error);
    throw error;
  }

  async function readFrom(stream: string, from: Revision): Promise<RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (;;) {
      const page = await store.readStream(stream, { from: from + BigInt(all.length), limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  /** Reads backwards to the newest snapshot that this decider understands, or to the stream's start. */
  async function readCold<S>(snapshotVersion: number, stream: string) {
    const newestFirst: RecordedEvent[] = [];
    for (;;) {
      const before = newestFirst.at(-1)?.revision;
      if (before === 0n) break;
      const page = await store.readStream(stream, {
        direction: 'backwards',
        limit: PAGE,
        ...(before !== undefined && { from: before - 1n }),
      });
      for (const event of page) {
        const snapshot = event.metadata.snapshot && restore<S>(snapshotVersion, event);
        if (snapshot) return { snapshot, events: newestFirst.reverse() };
        newestFirst.push(event);
      }
      if (page.length < PAGE) break;
    }
    return { snapshot: null, events: newestFirst.reverse() };
  }

  return {
    async load<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string) {
      const cached = cache.get(stream) as StreamState<S> | undefined;
      if (!cached) {
        const { snapshot, events } = await readCold<S>(decider.snapshotVersion, stream);
        if (!snapshot) demandWhole(stream, events);
        const cold = await foldInTurns(decider, snapshot ?? emptyStream(decider.initial), events);
        remember(stream, cold);
        return cold;
      }
      const [same, ...rest] = await readFrom(stream, cached.revision);
      const isSameLog = same?.id === cached.lastId; // else it is another log under the same name, or the stream was cut
      const events = isSameLog ? rest : await readFrom(stream, 0n);
      if (!isSameLog) demandWhole(stream, events);
      const read = await foldInTurns(decider, isSameLog ? cached : emptyStream(decider.initial), events);
      remember(stream, read);
      return read;
    },
    remembered: (_decider, stream) => cache.get(stream) as StreamState<never> | undefined,
    remember,
    inTurn(stream, work) {
      const turn = (queues.get(stream) ?? Promise.resolve()).then(work, work);
      const ended = turn
        .catch(() => undefined)
        .then(() => {
          if (queues.get(stream) === ended) queues.delete(stream);
        });
      queues.set(stream, ended);
      return turn;
    },
  };
}

export function emptyStream<S>(state: S): StreamState<S> {
  return { state, revision: -1n, lastId: null, lastHash: null, lastPosition: 0n, commands: new Map() };
}

export function foldOn<S, C, E extends DomainEvent>(
  decider: Decider<S, C, E>,
  from: StreamState<S>,
  events: readonly RecordedEvent[],
): StreamState<S> {
  const last = events.at(-1);
  if (!last) return from;
  return {
    state: events.reduce((state, event) => decider.evolve(state, decode(event) as Recorded<E>), from.state),
    revision: last.revision,
    lastId: last.id,
    lastHash: hashOf(last),
    lastPosition: last.position,
    commands: commandsAfter(decider, from.commands, events),
  };
}

/** How many events are folded before other work gets a turn. */
const TURN = 100;

/** Like foldOn, but lets other work run in between, so that a long stream blocks nobody (long streams, domain 9.9). */
async function foldInTurns<S, C, E extends DomainEvent>(
  decider: Decider<S, C, E>,
  from: StreamState<S>,
  events: readonly RecordedEvent[],
): Promise<StreamState<S>> {
  let state = from;
  for (let done = 0; done < events.length; done += TURN) {
    if (done > 0) await nextTurn();
    state = foldOn(decider, state, events.slice(done, done + TURN));
  }
  return state;
}

interface Snapshot<S> {
  readonly version: number;
  readonly state: S;
  readonly commands: readonly (readonly [string, RememberedCommand])[];
}

export function isSnapshotDue(revision: Revision): boolean {
  return (revision + 1n) % SNAPSHOT_EVERY === 0n;
}

/** The snapshot to write, or null if it is too large. */
export function snapshotOf<S>(
  { snapshotVersion: version }: { readonly snapshotVersion: number },
  state: S,
  commands: RememberedCommands,
): JsonObject | null {
  const snapshot: Snapshot<S> = { version, state, commands: [...commands] };
  if (Buffer.byteLength(JSON.stringify(snapshot)) > SNAPSHOT_MAX_BYTES) return null;
  return snapshot as unknown as JsonObject; // states are JSON by contract
}

export function restore<S>(version: number, event: RecordedEvent): StreamState<S> | null {
  const snapshot = event.metadata.snapshot as unknown as Snapshot<S>; // written by snapshotOf
  if (snapshot.version !== version) return null;
  return {
    state: snapshot.state,
    revision: event.revision,
    lastId: event.id,
    lastHash: hashOf(event),
    lastPosition: event.position,
    commands: new Map(snapshot.commands),
  };
}
