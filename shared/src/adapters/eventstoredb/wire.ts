/** Events as the client of EventStoreDB carries them, and back. */
import { jsonEvent, type EventData, type JSONType, type ResolvedEvent } from '@eventstore/db-client';
import { newId } from '../../ids.js';
import type { EventMetadata, JsonObject, RecordedEvent } from '../../ports.js';
import { StoreFailed } from '../../store-errors.js';
import type { EncodedEvent } from '../encode-batch.js';

/** Our id of the event, in its metadata. */
const ID = 'eventId';

/** An event as the server stores it. */
export interface WireEvent {
  /** The server's id of it. */
  readonly id: string;
  readonly type: string;
  /** JSON text. */
  readonly data: string;
  readonly metadata: string;
}

/**
 * An event to append. The server gets a new id for every append, and ours is in the metadata. The server acknowledges an append of
 * ids that it knows as if it had written them, which another run of a command must not take for its own. So on the server only the
 * expected revision decides, and here our ids decide what a conflict means.
 */
export function toWire({ id, type, data, metadata }: EncodedEvent): WireEvent {
  const before = metadata === '{}' ? '{' : `${metadata.slice(0, -1)},`;
  return { id: newId(), type, data, metadata: `${before}"${ID}":${JSON.stringify(id)}}` };
}

/** The same for a method of the client, which encodes it again. */
export function forClient({ id, type, data, metadata }: WireEvent): EventData {
  return jsonEvent({
    ...{ id, type, data: JSON.parse(data) as JSONType },
    metadata: JSON.parse(metadata) as Record<string, unknown>,
  });
}

/** Whether a resolved event is one of ours: a broken link has no event, and "$" marks the server's own. */
export function isOurs({ event }: ResolvedEvent): boolean {
  return event !== undefined && !event.type.startsWith('$');
}

/** The place of a resolved event in the whole log, 0n for one without. */
export function positionOf({ event, commitPosition }: ResolvedEvent): bigint {
  return event?.position?.commit ?? commitPosition ?? 0n;
}

/**
 * Throws StoreFailed for an event whose position is more than one number: one of an explicit transaction, which this client cannot
 * write. An event written by other software lacks our metadata; it gets the fields that all readers need.
 */
export function fromWire(resolved: ResolvedEvent): RecordedEvent {
  const { event } = resolved;
  if (!event) throw new RangeError('an event that links to nothing');
  if (event.position && event.position.commit !== event.position.prepare)
    throw new StoreFailed(`event ${event.id} of ${event.streamId} was written in an explicit transaction`);
  const { [ID]: id, ...metadata } = isRecord(event.metadata) ? event.metadata : {};
  if (!metadata['occurredAt']) metadata['occurredAt'] = event.created.toISOString();
  return {
    id: typeof id === 'string' ? id : event.id,
    stream: event.streamId,
    revision: event.revision,
    position: positionOf(resolved),
    type: event.type,
    data: event.data as JsonObject, // unchecked: the event's schema decides
    metadata: metadata as unknown as EventMetadata, // as above
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
