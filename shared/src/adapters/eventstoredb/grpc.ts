/** What is used of the client beneath its own methods: the connection that it keeps, and the arguments that it gives to each call. */
import type { BaseOptions, EventStoreDBClient } from '@eventstore/db-client';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';

export type StreamsClient = InstanceType<typeof grpc.StreamsClient>;
type CallArguments = Parameters<StreamsClient['batchAppend']>;

/** Private or protected there. */
interface Internals {
  getGRPCClient(service: unknown, name: string): Promise<StreamsClient>;
  callArguments(options: BaseOptions, more?: { readonly deadline: number }): CallArguments;
  handleError(client: StreamsClient, error: Error): Promise<void>;
}

export interface Grpc {
  /** On the present connection: another one after the server or its leader has changed. */
  streams(): Promise<StreamsClient>;
  /** Of a call that ends when one of both sides ends it. */
  endless(): CallArguments;
  /** Has the client connect again where this error says that it must. */
  failed(client: StreamsClient, error: Error): void;
}

export function grpcOf(client: EventStoreDBClient, options: BaseOptions): Grpc {
  const internals = client as unknown as Internals;
  return {
    streams: () => internals.getGRPCClient(grpc.StreamsClient, 'streams'),
    endless: () => internals.callArguments(options, { deadline: Infinity }),
    failed: (streams, error) => void internals.handleError(streams, error),
  };
}
