/** One read of the server: a call of gRPC without the client's streams around it, which cost half as much again. */
import type { ResolvedEvent } from '@eventstore/db-client';
import convert from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { StoreUnavailable } from '../../store-errors.js';
import type { Connection } from './client.js';
import type { ReadRequest } from './read-request.js';

/**
 * Hands over what the server sends, until that is all or `take` returns false; nothing where there is no such stream. Leaves no call open.
 * Rejects with the client's errors, with what `take` throws, and where the server goes silent.
 */
export async function read(
  { grpc, answerMs, clock }: Pick<Connection, 'grpc' | 'answerMs' | 'clock'>,
  request: ReadRequest,
  take: (resolved: ResolvedEvent) => boolean,
): Promise<void> {
  const client = await grpc.streams();
  await new Promise<void>((resolve, reject) => {
    let heard = clock.monotonic();
    let ended = false;
    let cancelWatch = watch();

    function watch(): () => void {
      return clock.after(answerMs / 4, () => {
        if (clock.monotonic() - heard <= answerMs) cancelWatch = watch();
        else leave(() => reject(new StoreUnavailable('EventStoreDB', 'fell silent')));
      });
    }
    function finish(settle: () => void): void {
      if (ended) return;
      ended = true;
      cancelWatch();
      settle();
    }
    function leave(settle: () => void): void {
      finish(settle);
      setImmediate(() => call.cancel()); // not amid an answer: gRPC does not expect it there
    }

    const call = grpc.read(client, request.serializeBinary(), {
      message(bytes) {
        if (ended) return;
        heard = clock.monotonic();
        try {
          const event = streams.ReadResp.deserializeBinary(bytes).getEvent();
          if (event && !take(convert.convertGrpcEvent(event))) return leave(resolve);
        } catch (error) {
          return leave(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
        call.next();
      },
      end: () => finish(resolve),
      error: (error) => finish(() => reject(error)),
    });
  });
}
