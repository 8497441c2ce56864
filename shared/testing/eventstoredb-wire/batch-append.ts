/** `BatchAppend`: many appends in one long call, the client's default path. Errors are messages; the call continues. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { expectedOf, idOf, parseProposed, type Write } from './append-request.js';
import { encoded, message, packed, text, uint } from './encode.js';
import type { Expected, AppendOutcome, ProposedEvent } from './log.js';
import { nameOf } from './reads.js';
import { MAX_APPEND_BYTES, NOT_READY } from './refusals.js';

interface Pending {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: ProposedEvent[];
  size: number;
}

/** `timeoutMs`: how long an incomplete append stays pending; then it is answered, whatever was answered before. */
export function handleBatchAppend(
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
  write: Write,
  timeoutMs: number,
): void {
  const pending = new Map<string, Pending>();
  const timers = new Set<NodeJS.Timeout>();

  function answer(correlation: string, stream: string, fill: (response: BatchAppendResp) => void): void {
    if (call.cancelled) return;
    const response = new streams.BatchAppendResp()
      .setCorrelationId(new shared.UUID().setString(correlation))
      .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')));
    fill(response);
    call.write(response);
  }

  function begin(correlation: string, options: BatchAppendReq.Options): void {
    const stream = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(options, options.getStreamPosition());
    pending.set(correlation, { stream, expected, events: [], size: 0 });
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (pending.delete(correlation)) answer(correlation, stream, (response) => response.setError(timedOut()));
    }, timeoutMs);
    timers.add(timer);
  }

  function receive(request: BatchAppendReq): void {
    const correlation = idOf(request.getCorrelationId()) ?? '';
    const options = request.getOptions();
    if (options && !pending.has(correlation)) begin(correlation, options);
    const append = pending.get(correlation);
    if (!append) return;
    const { stream, expected } = append;
    for (const proposed of request.getProposedMessagesList()) {
      const event = parseProposed(proposed);
      // It stays pending: a second answer follows when the time is over.
      if (!event) return answer(correlation, stream, (response) => response.setError(badRequest()));
      append.size += event.data.length;
      append.events.push(event);
    }
    if (append.size > MAX_APPEND_BYTES) {
      pending.delete(correlation);
      return answer(correlation, stream, (response) => response.setError(maximumExceeded()));
    }
    if (!request.getIsFinal()) return;
    pending.delete(correlation);
    if (stream === '') return answer(correlation, stream, (response) => response.setError(badRequest()));
    void write(call, { rpc: 'batchAppend', stream, expected, events: append.events }).then((outcome) => {
      if (outcome.kind === 'lost') return;
      if (outcome.kind === 'refused') return void call.emit('error', outcome.error);
      answer(correlation, stream, (response) => fillBatch(response, outcome, expected));
    });
  }

  call.on('data', receive);
  for (const event of ['end', 'cancelled', 'close'])
    call.on(event, () => timers.forEach((timer) => clearTimeout(timer)));
  call.on('end', () => call.end());
}

function fillBatch(
  response: BatchAppendResp,
  outcome: AppendOutcome | { kind: 'not-ready' },
  expected: Expected,
): BatchAppendResp {
  if (outcome.kind === 'not-ready') return response.setError(statusOf(0, NOT_READY, 'google.protobuf.Empty'));
  if (outcome.kind === 'deleted') return response.setError(statusOf(9, '', 'event_store.client.StreamDeleted'));
  if (outcome.kind === 'wrong-revision') return response.setError(wrongExpected(outcome.current, expected));
  const success = new streams.BatchAppendResp.Success();
  if (outcome.revision !== null) success.setCurrentRevision(String(outcome.revision));
  if (outcome.kind !== 'empty') {
    const position = String(outcome.position);
    success.setPosition(new shared.AllStreamPosition().setCommitPosition(position).setPreparePosition(position));
  }
  return response.setSuccess(success);
}

/** A `google.rpc.Status` whose detail says which error it is. */
function statusOf(code: number, details: string, type: string, fill = () => {}): Status {
  const bytes = encoded(() => {
    packed(3, type, fill);
    text(2, details);
    uint(1, code);
  });
  return status.Status.deserializeBinary(bytes);
}

const timedOut = () => statusOf(4, 'Timeout', 'event_store.client.Timeout');
const badRequest = () => statusOf(3, 'Bad Request', 'event_store.client.BadRequest');
const maximumExceeded = () =>
  statusOf(3, 'Maximum Append Size Exceeded', 'event_store.client.MaximumAppendSizeExceeded', () =>
    uint(1, MAX_APPEND_BYTES),
  );

function wrongExpected(current: bigint | null, expected: Expected): Status {
  const fields = { any: 4, stream_exists: 5, no_stream: 6 };
  return statusOf(6, 'Wrong Expected Version', 'event_store.client.WrongExpectedVersion', () => {
    if (typeof expected === 'bigint') uint(3, expected);
    else message(fields[expected], () => {});
    if (current === null) message(2, () => {});
    else uint(1, current);
  });
}
