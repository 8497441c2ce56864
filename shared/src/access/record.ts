/** One event in the log that says who is about to do or see what: durable before it is done or shown. */
import { Refused } from '../errors.js';
import type { AccessEvent } from '../events/access.js';
import { encode, hashOf } from '../events/index.js';
import { kinds } from '../events/sealed.js';
import { eventIdOf, newId } from '../ids.js';
import type { Actor, EventMetadata, EventStore, Position, RoutingKeys } from '../ports.js';
import type { Sealer } from '../seal.js';
import { toInstant, utcDay, type WallClock } from '../time.js';

/** Who does or sees something. */
export interface Accessor {
  /** Of a token; HOST without one. */
  readonly actor: Actor;
  /** A name that was given on the host. */
  readonly by: string | null;
  readonly reason: string | null;
  /** Of the request; a new one on the host. */
  readonly correlationId?: string;
  /** Of a request with an Idempotency-Key; a new one otherwise. */
  readonly commandId?: string | undefined;
}

/** Whoever acts on the host, without a token. */
export const HOST: Actor = { userId: 'cli', role: 'SYSTEM' };

/** The caller of a route. */
export function accessorOf(
  {
    actor,
    correlationId,
    run,
  }: Pick<Accessor, 'actor'> & {
    readonly correlationId: string;
    readonly run?: { readonly commandId: string } | undefined;
  },
  reason: string | null = null,
): Accessor {
  return { actor, by: null, reason, correlationId, commandId: run?.commandId };
}

/** An access event as whoever records it gives it: the name that was given on the host is the accessor's. */
export type Access = AccessEvent extends infer E
  ? E extends { readonly type: infer T; readonly data: infer D }
    ? { readonly type: T; readonly data: Omit<D, 'by'> }
    : never
  : never;

export interface RecordPorts {
  readonly events: Pick<EventStore, 'append' | 'readStream'>;
  readonly sealer: Pick<Sealer, 'seal'>;
  readonly clock: WallClock;
}

const ATTEMPTS = 10;

/**
 * Appends to the accessor's stream of today; durable when it resolves, with its place in the log. Throws where it cannot be recorded
 * (the errors of the stores, which callers see as 503; Refused `common.busy`): then nothing may be done or shown. After an error it may
 * have been recorded all the same.
 */
export async function recordAccess(ports: RecordPorts, accessor: Accessor, access: Access): Promise<Position> {
  const { events, sealer } = ports;
  const actorId = actorIdOf(accessor);
  const metadata = await metadataOf(ports, accessor);
  const keys = { ...metadata.keys, ...personIn(access) };
  const by = accessor.by === null ? null : await sealer.seal(kinds.operator, actorId, accessor.by);
  const stream = `access-${actorId}_${utcDay(metadata.occurredAt)}`;
  const event = { type: access.type, data: { ...access.data, by } } as AccessEvent;
  const id = eventIdOf(metadata.commandId, stream, 0);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const [last] = await events.readStream(stream, { direction: 'backwards', limit: 1 });
    const encoded = encode(event, id, { ...metadata, keys, prevHash: last ? hashOf(last) : null });
    const result = await events.append(stream, last ? last.revision : 'no_stream', [encoded]);
    if (result.ok) return result.position;
  }
  throw new Refused('common.busy', { retryAfter: 1 });
}

/** Whose data was seen, so that who saw it is found by her id. */
function personIn({ data }: Access): RoutingKeys {
  return 'person' in data && data.person !== null ? { ownerId: data.person } : {};
}

/** Names the stream, and is the subject of what is sealed in it. Throws for a caller without a token, who has none. */
export function actorIdOf({ actor: { userId } }: Pick<Accessor, 'actor'>): string {
  if (userId === null) throw new Error('who has no token has no access stream');
  return userId;
}

/** Metadata of an event that an accessor causes, but for what its place in its stream says. Throws what the sealer throws. */
export async function metadataOf(
  { sealer, clock }: Pick<RecordPorts, 'sealer' | 'clock'>,
  { actor, reason, correlationId, commandId = newId() }: Accessor,
): Promise<Omit<EventMetadata, 'prevHash' | 'schemaVersion'>> {
  const userId = actorIdOf({ actor });
  return {
    $correlationId: correlationId ?? commandId,
    $causationId: commandId,
    commandId,
    actor,
    reason: reason === null ? null : await sealer.seal(kinds.reason, userId, reason),
    occurredAt: toInstant(clock.now()),
    keys: userId === HOST.userId ? {} : { userId },
  };
}
