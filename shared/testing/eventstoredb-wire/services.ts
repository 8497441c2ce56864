/** The gRPC services of the fake, on the stubs that come with the client. */
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import {
  Server,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { handleAppend } from './append.js';
import type { Write } from './append-request.js';
import { handleBatchAppend } from './batch-append.js';
import type { Endpoint } from './faults.js';
import type { StatusError } from './refusals.js';
import { oneByOne, type ReadCall } from './send.js';

export interface Handlers {
  readonly read: (call: ReadCall) => Promise<void>;
  readonly write: Write;
  readonly remove: (
    call: ServerUnaryCall<DeleteReq | TombstoneReq, DeleteResp | TombstoneResp>,
    rpc: 'delete' | 'tombstone',
  ) => Promise<bigint>;
  readonly called: (rpc: 'getSupportedMethods' | 'gossip') => void;
  /** Where clients reach the server. */
  readonly self: () => Endpoint;
}

const VERSION = '23.10.6';
const LEADER = 8;
/** A message of more bytes ends its call with RESOURCE_EXHAUSTED. */
const MAX_RECEIVED_BYTES = 17 * 1024 * 1024;
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  Read: ['position', 'events'],
  BatchAppend: ['deadline_duration'],
};

export function createGrpcServer(handlers: Handlers, writeTimeoutMs: number): Server {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_RECEIVED_BYTES, interceptors: [oneByOne] });
  const definition = streamsService.StreamsService;
  server.addService(
    { ...definition, read: { ...definition.read, responseSerialize: (bytes: Buffer) => bytes } },
    {
      read: (call: ReadCall) => void handlers.read(call),
      append: (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) =>
        handleAppend(call, answer, handlers.write),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) =>
        handleBatchAppend(call, handlers.write, writeTimeoutMs),
      delete: remover('delete'),
      tombstone: remover('tombstone'),
    },
  );
  server.addService(featuresService.ServerFeaturesService, {
    getSupportedMethods(_call: unknown, answer: sendUnaryData<InstanceType<typeof features.SupportedMethods>>) {
      handlers.called('getSupportedMethods');
      answer(null, supportedMethods());
    },
  });
  server.addService(gossipService.GossipService, {
    read(_call: unknown, answer: sendUnaryData<InstanceType<typeof gossip.ClusterInfo>>) {
      handlers.called('gossip');
      answer(null, clusterOfOne(handlers.self()));
    },
  });
  return server;

  function remover(rpc: 'delete' | 'tombstone') {
    return (
      call: ServerUnaryCall<DeleteReq | TombstoneReq, DeleteResp | TombstoneResp>,
      answer: sendUnaryData<DeleteResp | TombstoneResp>,
    ) => {
      handlers.remove(call, rpc).then(
        (position) => {
          const { Position } = rpc === 'delete' ? streams.DeleteResp : streams.TombstoneResp;
          const at = new Position().setCommitPosition(String(position)).setPreparePosition(String(position));
          const response = rpc === 'delete' ? new streams.DeleteResp() : new streams.TombstoneResp();
          answer(null, response.setPosition(at));
        },
        (error: unknown) => answer(error as StatusError),
      );
    };
  }
}

function supportedMethods() {
  const methods = [
    ...['Read', 'Append', 'Delete', 'Tombstone', 'BatchAppend'].map((name) => [
      'event_store.client.streams.Streams',
      name,
    ]),
    ['event_store.client.gossip.Gossip', 'Read'],
    ['event_store.client.server_features.ServerFeatures', 'GetSupportedMethods'],
  ].map(([service, name]) =>
    new features.SupportedMethod()
      .setServiceName(service!.toLowerCase())
      .setMethodName(name!.toLowerCase())
      .setFeaturesList(service!.endsWith('Streams') ? [...(FEATURES[name!] ?? [])] : []),
  );
  return new features.SupportedMethods().setEventStoreServerVersion(VERSION).setMethodsList(methods);
}

function clusterOfOne({ host, port }: Endpoint) {
  const member = new gossip.MemberInfo()
    .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
    .setTimeStamp(String(Date.now()))
    .setState(LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
  return new gossip.ClusterInfo().setMembersList([member]);
}
