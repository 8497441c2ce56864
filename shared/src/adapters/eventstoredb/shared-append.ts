/**
 * Appends over one long call for all of the process, at half the cost of a call each. The client has one, too, but there an error of one
 * append fails all others, and a late answer ends the process.
 *
 * This call only saves: what it does not answer with a position or a conflict may or may not have been written, and is to be sent again,
 * with the same ids, by a call of its own, which says what is wrong.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import uuids from '@eventstore/db-client/dist/utils/grpcUUID.js';
import { newId } from '../../ids.js';
import type { Position, Revision } from '../../ports.js';
import { StoreUnavailable } from '../../store-errors.js';
import type { Connection } from './client.js';
import type { StreamsClient } from './grpc.js';
import type { WireEvent } from './wire.js';

/** Where the last event of an append is; null where the stream is at another revision than was expected. */
export type Appended = { readonly revision: Revision; readonly position: Position } | null;

export interface SharedAppend {
  /** Throws StoreUnavailable where this call has no answer. */
  append(stream: string, expected: Revision | 'no_stream', events: readonly WireEvent[]): Promise<Appended>;
  close(): void;
}

interface Waiting {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (fault: StoreUnavailable) => void;
}

interface LongCall {
  readonly client: StreamsClient;
  readonly duplex: ReturnType<StreamsClient['batchAppend']>;
  /** By their correlation ids. */
  readonly waiting: Map<string, Waiting>;
}

const CONFLICT = 'event_store.client.WrongExpectedVersion';

export function createSharedAppend({ grpc, answerMs, clock }: Connection): SharedAppend {
  let present: LongCall | null = null;
  const open = new Set<LongCall>();
  let closed = false;

  function begin(client: StreamsClient): LongCall {
    const call: LongCall = { client, duplex: client.batchAppend(...grpc.endless()), waiting: new Map() };
    call.duplex.on('data', (response: BatchAppendResp) => answered(call, response));
    call.duplex.on('end', () => broken(call, new Error('the server ended the call')));
    call.duplex.on('error', (error: Error) => {
      broken(call, error);
      if (!closed) grpc.failed(client, error);
    });
    open.add(call);
    return call;
  }

  function answered(call: LongCall, response: BatchAppendResp): void {
    const id = uuids.parseUUID(response.getCorrelationId()) ?? '';
    const waiting = call.waiting.get(id);
    if (!waiting) return; // too late
    call.waiting.delete(id);
    const position = response.getSuccess()?.getPosition();
    if (position)
      return waiting.resolve({
        revision: BigInt(response.getSuccess()?.getCurrentRevision() ?? 0),
        position: BigInt(position.getCommitPosition()),
      });
    if (response.getError()?.getDetails()?.getTypeName() === CONFLICT) return waiting.resolve(null);
    leave(call); // maybe its node does not lead any more
    waiting.reject(new StoreUnavailable('EventStoreDB', `refused an append: ${response.getError()?.getMessage()}`));
  }

  /** Appends no more over this call. What it carries may still be answered. */
  function leave(call: LongCall): void {
    if (present !== call) return;
    present = null;
    call.duplex.end();
  }

  function broken(call: LongCall, error: Error): void {
    if (present === call) present = null;
    open.delete(call);
    const fault = new StoreUnavailable('EventStoreDB', `broke off: ${error.message}`, { cause: error });
    for (const { reject } of call.waiting.values()) reject(fault);
    call.waiting.clear();
  }

  return {
    async append(stream, expected, events) {
      const client = await grpc.streams();
      if (present && present.client !== client) leave(present);
      const call = (present ??= begin(client));
      const id = newId();
      let cancel = () => {};
      try {
        return await new Promise<Appended>((resolve, reject) => {
          call.waiting.set(id, { resolve, reject });
          cancel = clock.after(answerMs, () => {
            call.waiting.delete(id);
            leave(call); // another one may not be stuck
            reject(new StoreUnavailable('EventStoreDB', 'did not answer in time'));
          });
          call.duplex.write(requestOf(id, stream, expected, events));
        });
      } finally {
        cancel();
      }
    },
    close() {
      closed = true;
      for (const { duplex } of open) duplex.cancel();
    },
  };
}

function requestOf(id: string, stream: string, expected: Revision | 'no_stream', events: readonly WireEvent[]) {
  const options = new streams.BatchAppendReq.Options().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(stream)),
  );
  if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else options.setStreamPosition(expected.toString());
  return new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(id))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposed))
    .setIsFinal(true);
}

function proposed({ id, type, data, metadata }: WireEvent) {
  const message = new streams.BatchAppendReq.ProposedMessage()
    .setId(new shared.UUID().setString(id))
    .setData(Buffer.from(data))
    .setCustomMetadata(Buffer.from(metadata));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message;
}
