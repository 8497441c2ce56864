/**
 * A server that speaks EventStoreDB's protocol and keeps its log in memory, for tests of what is built on the real
 * client. It answers as a 23.10 node was observed to answer; `misbehave` makes it fail as real ones do.
 */
import { ServerCredentials } from '@grpc/grpc-js';
import { createFaults, type Endpoint, type Hold } from './eventstoredb-wire/faults.js';
import { createFrontDoor } from './eventstoredb-wire/front-door.js';
import { createHandlers, type Call } from './eventstoredb-wire/handlers.js';
import { createEventLog, recordedIn, systemEvent, type LogRecord } from './eventstoredb-wire/log.js';
import { stopping, tooSlow } from './eventstoredb-wire/refusals.js';
import { createGrpcServer } from './eventstoredb-wire/services.js';
import type { OpenSubscription } from './eventstoredb-wire/subscriptions.js';

export interface LoggedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly id: string;
  readonly type: string;
  /** Parsed if it is JSON, else bytes. */
  readonly data: unknown;
  /** Parsed if it is JSON, else bytes; undefined for none. */
  readonly metadata: unknown;
}

export interface Misbehaviour {
  /** Breaks the connection of the next append: before it is written, or written but not answered. */
  breakNextAppend(when: 'before-write' | 'after-write'): void;
  /** Makes appends wait: not yet written, or written but not answered. */
  holdAppends(when: 'before-write' | 'after-write'): Hold;
  /** Makes reads wait before their first event. Subscriptions are not held. */
  holdReads(): Hold;
  /**
   * Rejects this many appends, reads, subscriptions and deletes as not the leader. By default it names itself as the
   * leader.
   */
  refuseAsFollower(calls: number, leader?: Endpoint): void;
  /** Fails this many calls with an unknown error. */
  hiccup(calls: number): void;
  /** Up, but not ready, until told otherwise. */
  starting(on: boolean): void;
  /** Subscriptions, all open ones or the next one, deliver nothing more and report no error. */
  muteSubscriptions(which: 'open' | 'next'): void;
  /** Ends every open subscription with an error: too slow (what bursts cause), or the server is shutting down. */
  dropSubscriptions(reason?: 'too-slow' | 'stopping'): void;
  /** Delivers this many events twice, to any subscription. */
  deliverTwice(events: number): void;
  /** Accepts connections and requests, answers nothing, not even pings. */
  freeze(): void;
  thaw(): void;
}

export interface EventStoreServer {
  readonly url: string;
  readonly endpoint: Endpoint;
  /** Everything recorded, system events included, oldest first. */
  readonly log: LoggedEvent[];
  /** The requests so far, in order of arrival; one per append, however the client bundles them. */
  readonly calls: Call[];
  /** Open subscriptions; `live` ones have received their backlog. */
  readonly subscriptions: { readonly open: number; readonly live: number };
  readonly misbehave: Misbehaviour;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  /** Dies: connections break, calls in progress are lost; the log stays, but not the ids remembered for ANY. */
  stop(): Promise<void>;
  /**
   * Restores an older backup: everything after `position` is forgotten, and its positions are used again. Connections
   * break.
   */
  restoreTo(position: bigint): Promise<void>;
  /** Appends without a client, to any stream. */
  preload(events: Iterable<{ stream: string; type: string; data: unknown; metadata?: unknown; id?: string }>): void;
  /** Appends a system event; `type` begins with `$`. */
  writeSystemEvent(type: string, stream?: string): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

/** How many ids ANY recognises when they are appended again. */
const REMEMBERED_IDS = 50_000;
/** How long a batch append may stay incomplete. */
const WRITE_TIMEOUT_MS = 2_000;

/** `writeTimeoutMs` and `rememberedIds` are the server's own limits, lowered for tests that reach them. */
export async function startEventStoreServer({
  rememberedIds = REMEMBERED_IDS,
  writeTimeoutMs = WRITE_TIMEOUT_MS,
} = {}): Promise<EventStoreServer> {
  const log = createEventLog({ rememberedIds });
  const open = new Set<OpenSubscription>();
  const calls: Call[] = [];
  const self = { host: '127.0.0.1', port: 0 };
  const faults = createFaults(self);
  let lives = 1;

  const handlers = createHandlers({
    log,
    faults,
    open,
    calls,
    self,
    breakConnection: (peer) => door.breakOne(peer),
    isConnected: (peer) => door.isConnected(peer),
    life: () => lives,
  });
  const grpc = createGrpcServer(handlers, writeTimeoutMs);
  const innerPort = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  const door = createFrontDoor(innerPort);
  await door.open();
  self.port = door.port;

  async function stop(): Promise<void> {
    lives++;
    log.forgetIds();
    await door.close();
  }

  return {
    url: `esdb://${self.host}:${self.port}?tls=false`,
    endpoint: self,
    get log() {
      return log.records.map(loggedEvent);
    },
    calls,
    get subscriptions() {
      return { open: open.size, live: [...open].filter((subscription) => subscription.live).length };
    },
    misbehave: {
      breakNextAppend(when) {
        if (when === 'before-write') faults.breakBeforeWrite++;
        else faults.breakAfterWrite++;
      },
      holdAppends: (when) => (when === 'before-write' ? faults.beforeWrite : faults.afterWrite).hold(),
      holdReads: () => faults.reads.hold(),
      refuseAsFollower(count, leader = self) {
        faults.refusals = count;
        faults.leader = leader;
      },
      hiccup: (count) => void (faults.hiccups = count),
      starting: (on) => void (faults.starting = on),
      muteSubscriptions(which) {
        if (which === 'next') faults.mutedToCome++;
        else for (const subscription of open) subscription.mute();
      },
      dropSubscriptions(reason = 'too-slow') {
        const error = reason === 'stopping' ? stopping : tooSlow;
        for (const subscription of [...open]) subscription.fail(error());
      },
      deliverTwice: (events) => void (faults.repeats = events),
      freeze: door.freeze,
      thaw: door.thaw,
    },
    start: door.open,
    stop,
    async restoreTo(position) {
      lives++;
      log.restoreTo(position);
      await door.breakAll();
    },
    preload(events) {
      for (const { stream, type, data, metadata, id = crypto.randomUUID() } of events) {
        log.append(stream, 'any', [{ id, type, isJson: true, data: jsonBytes(data), metadata: jsonBytes(metadata) }]);
      }
    },
    writeSystemEvent(type, stream = '$system') {
      log.append(stream, 'any', [systemEvent(type, '{}')]);
    },
    async close() {
      await stop();
      grpc.forceShutdown();
    },
  };
}

const jsonBytes = (value: unknown) => Buffer.from(value === undefined ? '' : JSON.stringify(value));

function loggedEvent(record: LogRecord): LoggedEvent {
  const { stream, revision, position, id, type } = record;
  const recorded = recordedIn(record);
  const metadata = recorded.getCustomMetadata_asU8();
  return {
    stream,
    revision,
    position,
    id,
    type,
    data: parsed(recorded.getData_asU8()),
    metadata: metadata.length === 0 ? undefined : parsed(metadata),
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return bytes;
  }
}
