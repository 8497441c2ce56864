/** `Append`: one append per call, the client's path for calls with credentials. */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { expectedOf, parseProposed, type Write } from './append-request.js';
import type { Expected, AppendOutcome, ProposedEvent } from './log.js';
import { nameOf } from './reads.js';
import { MAX_APPEND_BYTES, notReady, streamDeleted, tooLarge, unhandled, type StatusError } from './refusals.js';

export function handleAppend(
  call: ServerReadableStream<AppendReq, AppendResp>,
  answer: sendUnaryData<AppendResp>,
  write: Write,
): void {
  let options: AppendReq.Options | undefined;
  const events: ProposedEvent[] = [];
  let size = 0;
  let refused = false;
  const refuse = (error: StatusError) => {
    if (!refused && !call.cancelled) answer(error);
    refused = true;
  };

  call.on('data', (request: AppendReq) => {
    options ??= request.getOptions();
    const proposed = request.getProposedMessage();
    if (!proposed || refused) return;
    size += proposed.getData_asU8().length;
    if (size > MAX_APPEND_BYTES) return refuse(tooLarge());
    const event = parseProposed(proposed);
    if (!event) return refuse(unhandled());
    events.push(event);
  });
  call.on('end', () => {
    const stream = nameOf(options?.getStreamIdentifier());
    if (refused || call.cancelled) return;
    if (!options || stream === '') return refuse(unhandled());
    const expected = expectedOf(options, options.getRevision());
    void write(call, { rpc: 'append', stream, expected, events }).then((outcome) => {
      if (outcome.kind === 'lost') return;
      if (outcome.kind === 'refused') return refuse(outcome.error);
      if (outcome.kind === 'deleted') return refuse(streamDeleted(stream));
      if (outcome.kind === 'not-ready') return refuse(notReady());
      if (!call.cancelled) answer(null, appendResponse(outcome, expected));
    });
  });
}

function appendResponse(outcome: Exclude<AppendOutcome, { kind: 'deleted' }>, expected: Expected): AppendResp {
  const response = new streams.AppendResp();
  const empty = new shared.Empty();
  if (outcome.kind === 'wrong-revision') {
    const wrong = new streams.AppendResp.WrongExpectedVersion();
    if (outcome.current === null) wrong.setCurrentNoStream(empty);
    else wrong.setCurrentRevision(String(outcome.current));
    if (expected === 'any') wrong.setExpectedAny(empty);
    else if (expected === 'no_stream') wrong.setExpectedNoStream(empty);
    else if (expected === 'stream_exists') wrong.setExpectedStreamExists(empty);
    else wrong.setExpectedRevision(String(expected));
    return response.setWrongExpectedVersion(wrong);
  }
  const success = new streams.AppendResp.Success();
  if (outcome.revision === null) success.setNoStream(empty);
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.kind === 'empty') return response.setSuccess(success.setNoPosition(empty));
  const position = String(outcome.position);
  return response.setSuccess(
    success.setPosition(new streams.AppendResp.Position().setCommitPosition(position).setPreparePosition(position)),
  );
}
