/**
 * The only command loop: load, fold, decide, append; on conflict load and decide again, at most 3 times. A stream that is remembered is
 * tried without loading it first, but nothing is answered from memory except what an append has confirmed.
 */
import { isRefusal, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import { decode, type DomainEvent, type Recorded } from '@creator-dashboards/shared/events/index';
import type { EventStore, Position, RecordedEvent, Revision } from '@creator-dashboards/shared/ports';
import { StreamCut } from '@creator-dashboards/shared/store-errors';
import type { Decider } from '../domain/decider.js';
import { batchOf, recordedBatch, type Decision } from './batch.js';
import type { CommandContext } from './command-context.js';
import type { RememberedCommands } from './remembered-commands.js';
import { createStreamStates, foldOn, type StreamState } from './stream-states.js';

export interface CommandResult<S, E extends DomainEvent> {
  /** The command's events: new ones, or those of its first run. */
  readonly events: readonly Recorded<E>[];
  readonly state: S;
  /** Position of the command's last event; without events, of the stream's last. */
  readonly position: Position;
  readonly replayed: boolean;
}
export type CommandOutcome<S, E extends DomainEvent> = CommandResult<S, E> | Refusal;

/** A stream as it was read. */
export interface Loaded<S> {
  readonly state: S;
  readonly exists: boolean;
  readonly position: Position;
}

export interface CommandHandler {
  /** Runs one command on its stream. Throws Refused('common.busy') after three lost conflicts. */
  handle<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    command: NoInfer<C>,
    context: CommandContext,
  ): Promise<CommandOutcome<S, E>>;
  /**
   * Runs a command that is built from the state, because something must be looked up or sealed first. `commandFor` is called again after a
   * conflict, or where the state was remembered and did not lead to events; not at all if the command has run already. Throws as `handle` does.
   */
  handleBy<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    commandFor: (state: S) => Promise<NoInfer<C> | Refusal> | NoInfer<C> | Refusal,
    context: CommandContext,
  ): Promise<CommandOutcome<S, E>>;
  /**
   * The first step of a command over several streams: the state to judge its refusals by, and its earlier outcome on this stream, or
   * null. Both come from one read, so in a first run the state holds nothing that the command itself did. A non-null `earlier` is the
   * result to return, whatever has changed since (idempotency, domain 9.7).
   */
  begin<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    context: CommandContext,
  ): Promise<Loaded<S> & { readonly earlier: CommandOutcome<S, E> | null }>;
  /** The folded state of a stream as of now. */
  load<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string): Promise<Loaded<S>>;
}

const ATTEMPTS = 3;

/** `onCut` is called for streams whose beginning is hidden (cut streams, G65). */
export function createCommandHandler(store: EventStore, onCut?: (error: StreamCut) => void): CommandHandler {
  const streams = createStreamStates(store, onCut);

  const handleBy: CommandHandler['handleBy'] = (decider, stream, commandFor, context) =>
    streams.inTurn(stream, async () => {
      const remembered = streams.remembered(decider, stream);
      if (remembered && isFirstRun(context, remembered.commands)) {
        const decision = await decisionOn(decider, stream, remembered, commandFor).catch(() => null);
        const written = decision && !isRefusal(decision) ? await append(decider, decision, context) : null;
        if (written) return written;
      }
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const before = await streams.load(decider, stream);
        const earlier = await earlierOutcome(stream, before, context);
        if (earlier) return earlier as CommandOutcome<typeof before.state, never>;
        const decision = await decisionOn(decider, stream, before, commandFor);
        if (isRefusal(decision)) return decision;
        if (decision.events.length === 0)
          return { events: [], state: before.state, position: before.lastPosition, replayed: false };
        const written = await append(decider, decision, context);
        if (written) return written;
      }
      throw new Refused('common.busy', { retryAfter: 1 });
    });

  async function decisionOn<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    before: StreamState<S>,
    commandFor: (state: S) => Promise<C | Refusal> | C | Refusal,
  ): Promise<Decision<S, C, E> | Refusal> {
    const command = await commandFor(before.state);
    if (isRefusal(command)) return command;
    const events = decider.decide(command, before.state);
    return isRefusal(events) ? events : { stream, before, command, events };
  }

  /** Null where there is nothing to append, or where another run was faster, maybe one of this very command: then read the stream. */
  async function append<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    decision: Decision<S, C, E>,
    context: CommandContext,
  ): Promise<CommandResult<S, E> | null> {
    const { stream, before, events: decided } = decision;
    if (decided.length === 0) return null;
    const batch = batchOf(decider, decision, context);
    const result = await store.append(stream, before.revision < 0n ? 'no_stream' : before.revision, batch);
    if (!result.ok || result.repeated) return null;
    // A stream that looked new and was not: its events had been deleted.
    if (result.revision !== before.revision + BigInt(batch.length)) throw deleted(stream, onCut);
    const recorded = recordedBatch(stream, before, batch, result.position);
    const after = foldOn(decider, before, recorded);
    streams.remember(stream, after);
    const events = recorded.map((event) => decode(event) as Recorded<E>);
    return { events, state: after.state, position: result.position, replayed: false };
  }

  /** What this command has already done on the stream, as its state remembers; searched for in the stream if it may be long ago. */
  async function earlierOutcome<S, E extends DomainEvent>(
    stream: string,
    { state, lastPosition, commands }: StreamState<S>,
    { commandId, since }: CommandContext,
  ): Promise<CommandOutcome<S, E> | null> {
    const known = commands.get(commandId);
    if (!known && (since === null || lastPosition <= since)) return null;
    const stored = known
      ? await store.readStream(stream, { from: BigInt(known[0]), limit: known[1] })
      : await eventsOfCommand(store, stream, commandId, since ?? 0n);
    if (stored.length === 0) return null;
    const events = stored.map((event) => decode(event) as Recorded<E>);
    return { events, state, position: stored.at(-1)?.position ?? lastPosition, replayed: true };
  }

  return {
    handle: (decider, command, context) => handleBy(decider, decider.streamOf(command), () => command, context),
    handleBy,
    begin: (decider, stream, context) =>
      streams.inTurn(stream, async () => {
        const read = await streams.load(decider, stream);
        return { ...loaded(read), earlier: await earlierOutcome(stream, read, context) };
      }),
    load: (decider, stream) => streams.inTurn(stream, async () => loaded(await streams.load(decider, stream))),
  };
}

/** Whether nothing says that this command has run on the stream before. Another process may have run it: then the append conflicts. */
function isFirstRun({ commandId, since }: CommandContext, commands: RememberedCommands): boolean {
  return since === null && !commands.has(commandId);
}

function deleted(stream: string, onCut?: (error: StreamCut) => void): StreamCut {
  const error = new StreamCut(`stream ${stream} looked new, but had events that were deleted; it was written on`);
  onCut?.(error);
  return error;
}

const PAGE = 200;

/** The command's events in the stream after a position of the log, oldest first. */
async function eventsOfCommand(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  commandId: string,
  since: Position,
): Promise<RecordedEvent[]> {
  const newestFirst: RecordedEvent[] = [];
  for (let from: Revision | undefined; ;) {
    const backwards = { direction: 'backwards' as const, limit: PAGE, ...(from !== undefined && { from }) };
    const page = await store.readStream(stream, backwards);
    const behind = page.filter(({ position }) => position > since);
    newestFirst.push(...behind.filter(({ metadata }) => metadata.commandId === commandId));
    const last = page.at(-1);
    if (behind.length < PAGE || !last || last.revision === 0n) return newestFirst.reverse();
    from = last.revision - 1n;
  }
}

function loaded<S>({ state, revision, lastPosition }: StreamState<S>): Loaded<S> {
  return { state, exists: revision >= 0n, position: lastPosition };
}
