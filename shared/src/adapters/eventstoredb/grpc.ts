/** What is used of the client beneath its own methods: the connection that it keeps, and the arguments that it gives to each call. */
import type { BaseOptions, EventStoreDBClient } from '@eventstore/db-client';
import errors from '@eventstore/db-client/dist/utils/CommandError.js';
import service from '@eventstore/db-client/generated/streams_grpc_pb.js';

export type StreamsClient = InstanceType<typeof service.StreamsClient>;
type CallArguments = Required<Parameters<StreamsClient['batchAppend']>>;

/** Private or protected there. */
interface Internals {
  getGRPCClient(service: unknown, name: string): Promise<StreamsClient>;
  callArguments(options: BaseOptions, more: { readonly deadline: number }): CallArguments;
  handleError(client: StreamsClient, error: Error): Promise<void>;
}

export interface ReadListener {
  readonly message: (bytes: Uint8Array) => void;
  readonly end: () => void;
  /** The client's error. */
  readonly error: (error: Error) => void;
}

export interface Grpc {
  /** On the present connection: another one after the server or its leader has changed. */
  streams(): Promise<StreamsClient>;
  /** Of a call that ends when one of both sides ends it. */
  endless(): CallArguments;
  /** Sends a read. One message is handed over, and each further one after `next`. */
  read(client: StreamsClient, request: Uint8Array, listener: ReadListener): { next(): void; cancel(): void };
  /** Has the client connect again where this error says that it must. */
  failed(client: StreamsClient, error: Error): void;
  /** Cancels the reads under way. */
  close(): void;
}

const { path } = service.StreamsService.read;
const OK = 0;
const CANCELLED = 1;
const PROPAGATE_ALL = 0xffff;

export function grpcOf(client: EventStoreDBClient, options: BaseOptions): Grpc {
  const internals = client as unknown as Internals;
  const reads = new Set<() => void>();
  const endless = () => internals.callArguments(options, { deadline: Infinity });
  const failed = (streams: StreamsClient, error: Error) => void internals.handleError(streams, error);
  return {
    streams: () => internals.getGRPCClient(service.StreamsClient, 'streams'),
    endless,
    read(streams, request, { message, end, error }) {
      const [metadata, { credentials }] = endless();
      const call = streams.getChannel().createCall(path, Infinity, null, null, PROPAGATE_ALL);
      if (credentials) call.setCredentials(credentials);
      let isCancelled = false;
      const cancel = () => {
        isCancelled = true;
        call.cancelWithStatus(CANCELLED, 'no more is wanted');
      };
      reads.add(cancel);
      call.start(metadata, {
        onReceiveMetadata: () => undefined,
        onReceiveMessage: message,
        onReceiveStatus(status) {
          reads.delete(cancel);
          if ((status.code as number) === OK) return end();
          const fault = Object.assign(new Error(`${status.code}: ${status.details}`), status);
          if (!isCancelled) failed(streams, fault);
          error(errors.convertToCommandError(fault));
        },
      });
      call.sendMessageWithContext({}, Buffer.from(request));
      call.halfClose();
      call.startRead();
      return { next: () => call.startRead(), cancel };
    },
    failed,
    close: () => reads.forEach((cancel) => cancel()),
  };
}
