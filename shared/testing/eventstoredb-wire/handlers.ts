/** What the server does with each call: record it, reject or hold it if a test says so, ask the log, answer. */
import type { DeleteReq, TombstoneReq } from '@eventstore/db-client/generated/streams_pb.js';
import { expectedOf, type Write } from './append-request.js';
import type { Endpoint, Faults } from './faults.js';
import type { EventLog, Expected, LogRecord } from './log.js';
import { nameOf, parseRead, select, type ReadRequest } from './reads.js';
import { notLeader, notReady, streamDeleted, unhandled, wrongRevision, type StatusError } from './refusals.js';
import { eventBytes, fail, send, streamNotFound, type ReadCall } from './send.js';
import type { Handlers } from './services.js';
import { subscribe, type OpenSubscription } from './subscriptions.js';

export type Call =
  | {
      readonly rpc: 'append' | 'batchAppend';
      readonly stream: string;
      readonly expected: Expected;
      readonly ids: string[];
    }
  | ({ readonly rpc: 'read' | 'subscribe' } & ReadRequest)
  | { readonly rpc: 'delete' | 'tombstone'; readonly stream: string; readonly expected: Expected }
  | { readonly rpc: 'getSupportedMethods' | 'gossip' };

export interface Server {
  readonly log: EventLog;
  readonly faults: Faults;
  readonly open: Set<OpenSubscription>;
  readonly calls: Call[];
  /** Where clients reach it. */
  readonly self: Endpoint;
  /** Breaks the connection that carries a call. */
  breakConnection(peer: string): void;
  isConnected(peer: string): boolean;
  /** Changes when the server dies: what was in progress before is abandoned. */
  life(): number;
}

export function createHandlers(server: Server): Handlers {
  const { log, faults, open, calls } = server;

  /** Why a call is not served at all. */
  function refusal(): StatusError | null {
    if (faults.starting) return notReady();
    if (faults.hiccups > 0) {
      faults.hiccups--;
      return unhandled();
    }
    if (faults.refusals === 0) return null;
    faults.refusals--;
    return notLeader(faults.leader);
  }

  const write: Write = async (call, { rpc, stream, expected, events }) => {
    const peer = call.getPeer();
    const life = server.life();
    // What a dead server had received is still in the pipe.
    if (!server.isConnected(peer)) return { kind: 'lost' };
    calls.push({ rpc, stream, expected, ids: events.map((event) => event.id) });
    if (faults.starting) return { kind: 'not-ready' };
    const error = refusal();
    if (error) return { kind: 'refused', error };
    await faults.beforeWrite.pass();
    if (life !== server.life()) return { kind: 'lost' };
    if (faults.breakBeforeWrite > 0) {
      faults.breakBeforeWrite--;
      server.breakConnection(peer);
      return { kind: 'lost' };
    }
    const outcome = log.append(stream, expected, events);
    if (faults.breakAfterWrite > 0) {
      faults.breakAfterWrite--;
      server.breakConnection(peer);
      return { kind: 'lost' };
    }
    await faults.afterWrite.pass();
    return outcome;
  };

  async function read(call: ReadCall): Promise<void> {
    const request = parseRead(call.request);
    calls.push({ rpc: request.limit === null ? 'subscribe' : 'read', ...request });
    const error = refusal();
    if (error) return fail(call, error);
    if (request.limit === null) return subscribe(call, { log, faults, open }, request);
    await faults.reads.pass();
    const selection = select(log, request);
    if (selection === 'hangs') return;
    if (selection instanceof Error) return fail(call, selection);
    await send(
      call,
      selection === 'not-found' ? [streamNotFound(request.stream ?? '')] : responses(selection, request),
    );
    call.end();
  }

  async function remove(
    { request }: { request: DeleteReq | TombstoneReq },
    rpc: 'delete' | 'tombstone',
  ): Promise<bigint> {
    const options = request.getOptions();
    const stream = nameOf(options?.getStreamIdentifier());
    const expected = options ? expectedOf(options, options.getRevision()) : 'any';
    calls.push({ rpc, stream, expected });
    const error = refusal();
    if (error) throw error;
    const outcome = rpc === 'delete' ? log.softDelete(stream, expected) : log.tombstone(stream, expected);
    if (outcome.kind === 'deleted') throw streamDeleted(stream);
    if (outcome.kind === 'wrong-revision') throw wrongRevision(stream, expected, outcome.current);
    return 'position' in outcome ? outcome.position : 0n;
  }

  return { read, write, remove, called: (rpc) => void calls.push({ rpc }), self: () => server.self };
}

function* responses(records: Iterable<LogRecord>, { structuredIds }: ReadRequest): Generator<Buffer> {
  for (const record of records) yield eventBytes(record, structuredIds);
}
