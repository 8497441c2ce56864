/**
 * What a decision appends: its events with complete metadata (domain 9.1), each with the hash of the previous event of its stream
 * and, where one is due, a snapshot of the state.
 */
import { encode, hashOf, type DomainEvent } from '@creator-dashboards/shared/events/index';
import { eventIdOf } from '@creator-dashboards/shared/ids';
import type { EventMetadata, NewEvent, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { Decider } from '../domain/decider.js';
import type { CommandContext } from './command-context.js';
import { commandsAfter, type Noted } from './remembered-commands.js';
import { isSnapshotDue, snapshotOf, type StreamState } from './stream-states.js';

/** The decided events, with the command, stream and state they come from. */
export interface Decision<S, C, E extends DomainEvent> {
  readonly stream: string;
  readonly before: StreamState<S>;
  readonly command: C;
  readonly events: readonly E[];
}

export function batchOf<S, C, E extends DomainEvent>(
  decider: Decider<S, C, E>,
  { stream, before, command, events }: Decision<S, C, E>,
  context: CommandContext,
): NewEvent[] {
  const after = events.reduce((state, event) => decider.evolve(state, event), before.state);
  const keys = decider.keysOf(after, command);
  const noted: Noted[] = [];
  let { state, lastHash: prevHash } = before;
  return events.map((event, index) => {
    const revision = before.revision + 1n + BigInt(index);
    const metadata = { ...metadataOf(context), prevHash, keys: { ...keys, ...decider.keysOfEvent?.(event) } };
    const encoded = encode(event, eventIdOf(context.commandId, stream, index), metadata);
    prevHash = hashOf({ ...encoded, stream, revision });
    state = decider.evolve(state, event);
    noted.push({ revision, metadata: encoded.metadata });
    if (!isSnapshotDue(revision)) return encoded;
    const snapshot = snapshotOf(decider, state, commandsAfter(decider, before.commands, noted));
    return snapshot === null ? encoded : { ...encoded, metadata: { ...encoded.metadata, snapshot } };
  });
}

function metadataOf(context: CommandContext): Omit<EventMetadata, 'prevHash' | 'keys' | 'schemaVersion' | 'snapshot'> {
  return {
    $correlationId: context.correlationId,
    $causationId: context.causationId,
    commandId: context.commandId,
    actor: context.actor,
    reason: context.reason,
    occurredAt: context.at,
  };
}

/** The batch as the store recorded it. Revisions are contiguous; of the positions only the last is known, and only it is used. */
export function recordedBatch(
  stream: string,
  before: StreamState<unknown>,
  batch: readonly NewEvent[],
  position: Position,
): RecordedEvent[] {
  return batch.map((event, index) => ({ ...event, stream, revision: before.revision + 1n + BigInt(index), position }));
}
