/** Sending to one reader without filling memory: a write that is not accepted at once is waited for. */
import streams from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { ServerInterceptingCall, type ServerInterceptor, type ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { recordedIn, type LogRecord } from './log.js';
import type { StatusError } from './refusals.js';

/** A read or subscription. One write takes several serialized `ReadResp`: see `oneByOne`. */
export type ReadCall = ServerWritableStream<ReadReq, readonly Buffer[]>;

const BATCH_BYTES = 32 * 1024;

/** Sends as fast as the reader reads. False when the call has ended. */
export async function send(call: ReadCall, responses: Iterable<Buffer>): Promise<boolean> {
  for (const batch of inBatches(responses)) {
    if (call.cancelled) return false;
    if (!call.write(batch)) await drained(call);
  }
  return !call.cancelled;
}

function* inBatches(responses: Iterable<Buffer>): Generator<readonly Buffer[]> {
  let batch: Buffer[] = [];
  let size = 0;
  for (const response of responses) {
    batch.push(response);
    size += response.length;
    if (size < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Splits the responses of one write. A stream of single writes waits for the socket after each of them, which is three
 * times slower.
 */
export const oneByOne: ServerInterceptor = (_method, call) =>
  new ServerInterceptingCall(call, {
    sendMessage(message: unknown, next) {
      const responses: readonly unknown[] = Array.isArray(message) ? message : [message];
      for (const response of responses.slice(0, -1)) call.sendMessage(response, () => {});
      next(responses.at(-1));
    },
  });

function drained(call: ReadCall): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'cancelled', 'close'];
    const go = () => {
      for (const event of events) call.off(event, go);
      resolve();
    };
    for (const event of events) call.on(event, go);
  });
}

/** Ends a call with a status, after what was written to it. */
export function fail(call: ReadCall, error: StatusError): void {
  call.emit('error', error);
}

export function eventBytes(record: LogRecord, structuredIds: boolean): Buffer {
  return structuredIds ? withStructuredId(record) : record.bytes;
}

function withStructuredId(record: LogRecord): Buffer {
  const hex = record.id.replaceAll('-', '');
  const half = (digits: string) => BigInt.asIntN(64, BigInt(`0x${digits}`)).toString();
  const bits = new shared.UUID.Structured()
    .setMostSignificantBits(half(hex.slice(0, 16)))
    .setLeastSignificantBits(half(hex.slice(16)));
  const recorded = recordedIn(record).setId(new shared.UUID().setStructured(bits));
  const event = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(record.position));
  return serialized(new streams.ReadResp().setEvent(event));
}

export function confirmation(): Buffer {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID());
  return serialized(new streams.ReadResp().setConfirmation(confirmed));
}

export function caughtUp(): Buffer {
  return serialized(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
}

export function checkpoint(commit: bigint, prepare: bigint): Buffer {
  const reached = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(commit))
    .setPreparePosition(String(prepare));
  return serialized(new streams.ReadResp().setCheckpoint(reached));
}

export function streamNotFound(name: string): Buffer {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(name, 'utf8'));
  const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier);
  return serialized(new streams.ReadResp().setStreamNotFound(missing));
}

function serialized(response: ReadResp): Buffer {
  return Buffer.from(response.serializeBinary());
}
