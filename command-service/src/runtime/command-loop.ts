/**
 * The only command loop: load, fold, decide, append; on conflict reload and decide again, at most 3 times. It remembers the
 * commands of each stream (domain 9.7), writes complete metadata (9.1), keeps folded states (9.9) and writes snapshots.
 */
import { isRefusal, refuse, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import { decode, encode, hashOf, type DomainEvent, type Recorded } from '@creator-dashboards/shared/events/index';
import { eventIdOf } from '@creator-dashboards/shared/ids';
import type {
  Actor,
  EventStore,
  JsonObject,
  NewEvent,
  Position,
  RecordedEvent,
  Revision,
  Sealed,
} from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, type Instant } from '@creator-dashboards/shared/time';
import type { Decider } from '../domain/decider.js';

/** What is known of a command besides its content; it becomes the events' metadata. */
export interface CommandContext {
  readonly commandId: string;
  /** HMAC of the request body; null for follow-ups, whose command id already names their cause. */
  readonly requestDigest: string | null;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: Actor;
  /** Why an admin did it. */
  readonly reason: Sealed<string> | null;
  readonly at: Instant;
}

export interface Done<S, E extends DomainEvent> {
  /** The command's events: new ones, or those of its first run. */
  readonly events: readonly Recorded<E>[];
  readonly state: S;
  /** Place of the command's last event; without events, of the stream's. */
  readonly position: Position;
  readonly replayed: boolean;
}
export type Outcome<S, E extends DomainEvent> = Done<S, E> | Refusal;

export interface CommandHandler {
  /**
   * Runs one command on its stream. `prepare` may look things up and seal values by the state just read; it runs again after
   * a conflict. Throws Refused('common.busy') after three lost conflicts.
   */
  handle<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    command: C,
    context: CommandContext,
    prepare?: (command: C, state: S) => Promise<C | Refusal>,
  ): Promise<Outcome<S, E>>;
  /**
   * The first outcome of this command on a stream, or null when it did nothing there yet. For commands of several steps: asked
   * before anything is refused, so that a retry answers its first result whatever has changed since (domain 9.7). A state
   * that refusals are judged by is read before the replay: then it holds nothing that this command did in another run.
   */
  replay<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    context: CommandContext,
  ): Promise<Outcome<S, E> | null>;
  /** The folded state of a stream as of now. */
  load<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
  ): Promise<{ state: S; exists: boolean; position: Position }>;
}

/** Every this many events of a stream one carries a snapshot. */
export const SNAPSHOT_EVERY = 200n;
/** A larger snapshot is left out: an append has a bound, and a cold load just reads further back. */
export const SNAPSHOT_MAX_BYTES = 256 * 1024;
const ATTEMPTS = 3;
const PAGE = Number(SNAPSHOT_EVERY);
const REMEMBERED_COMMANDS = 1_000;
const REMEMBERED_MS = DAY;
const CACHED_STREAMS = 5_000;

/** A remembered command: digest of its request, and its events' place in the stream. */
type Remembered = readonly [digest: string | null, first: string, count: number, at: Instant];

interface Folded<S> {
  readonly state: S;
  readonly revision: Revision;
  readonly lastId: string | null;
  readonly lastHash: string | null;
  readonly lastPosition: Position;
  /** Oldest first. */
  readonly commands: ReadonlyMap<string, Remembered>;
}

export function createCommandHandler(store: EventStore): CommandHandler {
  const cache = new Map<string, Folded<unknown>>();
  const queues = new Map<string, Promise<unknown>>();

  /** Commands on one stream run one after the other within this process, so they do not conflict with each other. */
  function inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const turn = (queues.get(stream) ?? Promise.resolve()).then(work, work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (queues.get(stream) === settled) queues.delete(stream);
      });
    queues.set(stream, settled);
    return turn;
  }

  async function loadFolded<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
  ): Promise<Folded<S>> {
    const cached = cache.get(stream) as Folded<S> | undefined;
    cache.delete(stream);
    let folded: Folded<S> = {
      state: decider.initial,
      revision: -1n,
      lastId: null,
      lastHash: null,
      lastPosition: 0n,
      commands: new Map(),
    };
    let newer: RecordedEvent[];
    if (cached) {
      const [same, ...rest] = await readFrom(stream, cached.revision);
      if (same?.id === cached.lastId) [folded, newer] = [cached, rest];
      else newer = await readFrom(stream, 0n); // another log under the same name
    } else {
      const cold = await readCold(decider, stream);
      folded = cold.snapshot ?? folded;
      newer = cold.events;
    }
    folded = foldOn(decider, folded, newer);
    remember(stream, folded);
    return folded;
  }

  function remember(stream: string, folded: Folded<unknown>): void {
    cache.delete(stream);
    if (folded.revision < 0n) return; // names that lead nowhere must not push out those that do
    if (cache.size >= CACHED_STREAMS) cache.delete(cache.keys().next().value as string);
    cache.set(stream, folded);
  }

  async function readFrom(stream: string, from: Revision): Promise<RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (;;) {
      const page = await store.readStream(stream, { from: from + BigInt(all.length), limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  /** Reads backwards to the newest snapshot this decider understands, or to the stream's start. */
  async function readCold<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string) {
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
        const snapshot = event.metadata.snapshot && restore<S>(decider.snapshotVersion, event);
        if (snapshot) return { snapshot, events: newestFirst.reverse() };
        newestFirst.push(event);
      }
      if (page.length < PAGE) break;
    }
    return { snapshot: null, events: newestFirst.reverse() };
  }

  async function run<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    command: C,
    context: CommandContext,
    prepare?: (command: C, state: S) => Promise<C | Refusal>,
  ): Promise<Outcome<S, E>> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await loadFolded(decider, stream);
      const known = before.commands.get(context.commandId);
      if (known) return answerAgain(stream, before, known, context);
      const prepared = prepare ? await prepare(command, before.state) : command;
      if (isRefusal(prepared)) return prepared;
      const decided = decider.decide(prepared, before.state);
      if (isRefusal(decided)) return decided;
      if (decided.length === 0)
        return { events: [], state: before.state, position: before.lastPosition, replayed: false };
      const batch = toBatch(decider, stream, before, prepared, decided, context);
      const result = await store.append(stream, before.revision < 0n ? 'no_stream' : before.revision, batch);
      if (!result.ok || result.repeated) continue; // another run was faster, maybe of this very command: read it
      const events = recordedBatch(stream, before, batch, result.position);
      const after = foldOn(decider, before, events);
      remember(stream, after);
      return {
        events: events.map((event) => decode(event) as Recorded<E>),
        state: after.state,
        position: result.position,
        replayed: false,
      };
    }
    throw new Refused('common.busy', { retryAfter: 1 });
  }

  async function answerAgain<S, E extends DomainEvent>(
    stream: string,
    folded: Folded<S>,
    known: Remembered,
    context: CommandContext,
  ): Promise<Outcome<S, E>> {
    const [digest, first, count] = known;
    if (digest !== context.requestDigest) return refuse('common.idempotency_mismatch');
    const stored = await store.readStream(stream, { from: BigInt(first), limit: count });
    return {
      events: stored.map((event) => decode(event) as Recorded<E>),
      state: folded.state,
      position: stored.at(-1)?.position ?? folded.lastPosition,
      replayed: true,
    };
  }

  return {
    handle: (decider, command, context, prepare) => {
      const stream = decider.streamOf(command);
      return inTurn(stream, () => run(decider, stream, command, context, prepare));
    },
    replay: (decider, stream, context) =>
      inTurn(stream, async () => {
        const folded = await loadFolded(decider, stream);
        const known = folded.commands.get(context.commandId);
        return known ? answerAgain(stream, folded, known, context) : null;
      }),
    load: (decider, stream) =>
      inTurn(stream, async () => {
        const { state, revision, lastPosition } = await loadFolded(decider, stream);
        return { state, exists: revision >= 0n, position: lastPosition };
      }),
  };
}

function foldOn<S, C, E extends DomainEvent>(
  decider: Decider<S, C, E>,
  from: Folded<S>,
  events: readonly RecordedEvent[],
): Folded<S> {
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

type Noted = Pick<RecordedEvent, 'revision' | 'metadata'>;

/** The commands remembered after these events; those long past are forgotten (domain 9.7). */
function commandsAfter(
  decider: Pick<Decider<never, never, never>, 'remembersCommands'>,
  before: ReadonlyMap<string, Remembered>,
  events: readonly Noted[],
): ReadonlyMap<string, Remembered> {
  const last = events.at(-1);
  if (!last || decider.remembersCommands === false) return before;
  const commands = new Map(before);
  for (const event of events) noteCommand(commands, event);
  prune(commands, last.metadata.occurredAt);
  return commands;
}

function noteCommand(commands: Map<string, Remembered>, event: Noted): void {
  const { commandId, requestDigest, occurredAt } = event.metadata;
  const known = commands.get(commandId);
  commands.set(
    commandId,
    known ? [known[0], known[1], known[2] + 1, known[3]] : [requestDigest, event.revision.toString(), 1, occurredAt],
  );
}

/** Forgets a command only when it is both older than a day and not among the last 1,000 (domain 9.7). */
function prune(commands: Map<string, Remembered>, now: Instant): void {
  for (const [id, [, , , at]] of commands) {
    if (commands.size <= REMEMBERED_COMMANDS || fromInstant(now) - fromInstant(at) <= REMEMBERED_MS) return;
    commands.delete(id);
  }
}

/** The events to append, each with the hash of the one before it and, where one is due, a snapshot of the state with it. */
function toBatch<S, C, E extends DomainEvent>(
  decider: Decider<S, C, E>,
  stream: string,
  before: Folded<S>,
  command: C,
  decided: readonly E[],
  context: CommandContext,
): NewEvent[] {
  const after = decided.reduce((state, event) => decider.evolve(state, event), before.state);
  const keys = decider.keysOf(after, command);
  const noted: Noted[] = [];
  let { state, lastHash: prevHash } = before;
  return decided.map((event, index) => {
    const revision = before.revision + 1n + BigInt(index);
    const metadata = {
      $correlationId: context.correlationId,
      $causationId: context.causationId,
      commandId: context.commandId,
      requestDigest: context.requestDigest,
      actor: context.actor,
      reason: context.reason,
      occurredAt: context.at,
      prevHash,
      keys,
    };
    const encoded = encode(event, eventIdOf(context.commandId, stream, index), metadata);
    prevHash = hashOf({ ...encoded, stream, revision });
    state = decider.evolve(state, event);
    noted.push({ revision, metadata: encoded.metadata });
    if ((revision + 1n) % SNAPSHOT_EVERY !== 0n) return encoded;
    const snapshot = snapshotOf(decider, state, commandsAfter(decider, before.commands, noted));
    return snapshot === null ? encoded : { ...encoded, metadata: { ...encoded.metadata, snapshot } };
  });
}

/** The batch as the store recorded it: one append is contiguous in its stream; only the last position is known, and only it is used. */
function recordedBatch(
  stream: string,
  before: Folded<unknown>,
  batch: readonly NewEvent[],
  position: Position,
): RecordedEvent[] {
  return batch.map((event, index) => ({ ...event, stream, revision: before.revision + 1n + BigInt(index), position }));
}

interface Snapshot<S> {
  readonly version: number;
  readonly state: S;
  readonly commands: readonly (readonly [string, Remembered])[];
}

/** The snapshot to write, or null where it would be too large. */
function snapshotOf<S>(
  { snapshotVersion: version }: { readonly snapshotVersion: number },
  state: S,
  commands: ReadonlyMap<string, Remembered>,
): JsonObject | null {
  const snapshot: Snapshot<S> = { version, state, commands: [...commands] };
  if (Buffer.byteLength(JSON.stringify(snapshot)) > SNAPSHOT_MAX_BYTES) return null;
  return snapshot as unknown as JsonObject; // states are JSON by contract
}

function restore<S>(version: number, event: RecordedEvent): Folded<S> | null {
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
