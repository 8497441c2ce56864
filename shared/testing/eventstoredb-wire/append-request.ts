/** What both ways to append ask for, and how the server reads it from their messages. */
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected, AppendOutcome, ProposedEvent } from './log.js';
import type { StatusError } from './refusals.js';

export interface AppendRequest {
  readonly rpc: 'append' | 'batchAppend';
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly ProposedEvent[];
}

/** `not-ready` and `lost` (the connection is gone, nobody to answer) are not outcomes of the log. */
export type Write = (
  call: { getPeer(): string },
  request: AppendRequest,
) => Promise<AppendOutcome | { kind: 'not-ready' } | { kind: 'lost' } | { kind: 'refused'; error: StatusError }>;

const UUID_SHAPE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Null for what the server cannot turn into an event. */
export function parseProposed(
  proposed: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage,
): ProposedEvent | null {
  const map = proposed.getMetadataMap();
  const id = idOf(proposed.getId());
  const type = map.get('type');
  if (!id || !type) return null;
  return {
    id,
    type,
    isJson: map.get('content-type') === 'application/json',
    data: proposed.getData_asU8(),
    metadata: proposed.getCustomMetadata_asU8(),
  };
}

export function idOf(uuid: UUID | undefined): string | null {
  const bits = uuid?.getStructured();
  if (bits) {
    const half = (value: string) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');
    const hex = half(bits.getMostSignificantBits()) + half(bits.getLeastSignificantBits());
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  const id = uuid?.getString() ?? '';
  return UUID_SHAPE.test(id) ? id.toLowerCase() : null;
}

export function expectedOf(
  options: { hasNoStream(): boolean; hasAny(): boolean; hasStreamExists(): boolean },
  revision: string,
): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'stream_exists' : BigInt.asIntN(64, BigInt(revision));
}
