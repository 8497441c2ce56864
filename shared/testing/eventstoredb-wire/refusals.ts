/** The errors of the server, as gRPC statuses with the metadata by which the client tells them apart. */
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { Endpoint } from './faults.js';
import type { Expected } from './log.js';

export type StatusError = Error & StatusObject;

export const MAX_APPEND_BYTES = 1_048_576;
export const NOT_READY = 'Server Is Not Ready';

/** Metadata values are ASCII. */
const ascii = (value: string) => value.replaceAll(/[^\x20-\x7e]/gu, '?');

function refusal(code: status, details: string, fields: Readonly<Record<string, string>> = {}): StatusError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(fields)) metadata.set(key, ascii(value));
  return Object.assign(new Error(details), { code, details, metadata });
}

export const notReady = () => refusal(status.UNAVAILABLE, NOT_READY);
export const unhandled = () => refusal(status.UNKNOWN, 'Exception was thrown by handler.');
export const invalidPosition = () => refusal(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
export const stopping = () => refusal(status.INTERNAL, 'The server is shutting down.');
export const tooSlow = () =>
  refusal(
    status.ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

export const notLeader = ({ host, port }: Endpoint) =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const streamDeleted = (stream: string) =>
  refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const tooLarge = () =>
  refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_BYTES),
  });

const AS_NUMBER = { no_stream: -1n, any: -2n, stream_exists: -4n };

/** For a delete; an append answers a wrong revision as a result. */
export const wrongRevision = (stream: string, expected: Expected, current: bigint | null) =>
  refusal(status.FAILED_PRECONDITION, `Delete failed due to WrongExpectedVersion. Stream: ${stream}`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(typeof expected === 'bigint' ? expected : AS_NUMBER[expected]),
    'actual-version': current === null ? '-1' : String(current),
  });
