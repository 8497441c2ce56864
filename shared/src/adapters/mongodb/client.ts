/** Opens a MongoDB database from a URL, and translates the driver's errors into ours. */
import { MongoClient, MongoError, ReadConcern, type Db, type MongoClientOptions } from 'mongodb';
import { isUnavailable, StoreFailed, StoreUnavailable } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { retry, SERVER_PATIENCE_MS, within } from '../../waiting.js';
import { translated } from './errors.js';

export interface OpenOptions {
  /** How long to wait for the server when opening. */
  readonly patienceMs?: number;
  /** How long a call may wait for an available server, and for its answer. */
  readonly answerMs?: number;
  readonly clock?: Clock;
}

interface DriverOptions {
  /** Whether the driver repeats a write whose answer was lost: only safe for idempotent writes. */
  readonly retryWrites?: boolean;
}

export interface Connection {
  readonly db: Db;
  /** Runs one call of the driver and translates its errors. A call that takes longer than `withinMs` may still be carried out. */
  run<T>(call: () => Promise<T>, withinMs?: number): Promise<T>;
  close(): Promise<void>;
}

const ANSWER_MS = 3_000;
const KNOCK_MS = 250;
/** How often each pool looks for connections to end or to make beforehand; calls wait for neither. By itself it looks 10 times a second. */
const POOL_CHECK_MS = 10_000;
/** A connection that is silent for this long is dropped. Long enough for building an index. */
const SILENCE_MS = 60_000;

/**
 * Resolves when the server answers. `variable` names the URL in messages, which never contain the URL itself. Throws StoreUnavailable
 * if no server answers in time, StoreFailed for a refused user or an invalid address.
 */
export async function openConnection(
  url: string,
  variable: string,
  defaultDatabase: string,
  {
    patienceMs = SERVER_PATIENCE_MS,
    answerMs = ANSWER_MS,
    clock = systemClock,
    retryWrites = false,
  }: OpenOptions & DriverOptions = {},
): Promise<Connection> {
  const client = makeClient(url, variable, { answerMs, retryWrites });
  const isBlind = watchHeartbeats(client, clock);
  const name = `MongoDB (${variable})`;
  const notInTime = () => new StoreUnavailable(name, 'did not answer in time');
  let closed = false;

  async function run<T>(call: () => Promise<T>, withinMs = answerMs): Promise<T> {
    if (closed) throw new Error(`the connection to ${variable} is closed`); // the driver would open a new one
    try {
      return await within(clock, withinMs, call(), notInTime); // the driver only limits each single try
    } catch (error) {
      const fault = translated(error, name);
      if (isUnavailable(fault) && isBlind())
        throw new StoreFailed(`The driver has lost sight of ${name} and will not find it again; start again.`);
      throw fault;
    }
  }

  async function close(): Promise<void> {
    closed = true;
    await client.close();
  }

  try {
    const db = client.db(databaseIn(url) ?? defaultDatabase);
    const hello = await retry(
      clock,
      { patienceMs, pauseMs: KNOCK_MS, isTransient: isUnavailable },
      () => run(() => db.command({ isMaster: 1 })), // every server supports it
    );
    // On a replica set, only what a majority has is permanent. A single node has no majority.
    const replicated = hello['setName'] !== undefined || hello['msg'] === 'isdbgrid';
    return {
      db: replicated ? client.db(db.databaseName, { readConcern: new ReadConcern('majority') }) : db,
      run,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Longer than any heartbeat takes: a server may hold one for 10 s until it has news. */
const HEARTBEAT_MS = 30_000;

/**
 * Whether a heartbeat has had no outcome for longer than any can take. Driver 7.9 may wait for ever for a heartbeat that began just as
 * its server died; then no other begins, and every call fails although the server is back.
 */
export function watchHeartbeats(client: Pick<MongoClient, 'on'>, clock: Pick<Clock, 'monotonic'>): () => boolean {
  const begun = new Map<string, number>();
  client.on('serverHeartbeatStarted', ({ connectionId }) => void begun.set(connectionId, clock.monotonic()));
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => void begun.delete(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => void begun.delete(connectionId));
  client.on('serverClosed', ({ address }) => void begun.delete(address));
  return () => [...begun.values()].some((at) => clock.monotonic() - at > HEARTBEAT_MS);
}

function makeClient(
  url: string,
  variable: string,
  { answerMs, retryWrites }: { answerMs: number; retryWrites: boolean },
): MongoClient {
  const options: MongoClientOptions = {
    appName: 'creator-dashboards',
    serverSelectionTimeoutMS: answerMs,
    connectTimeoutMS: answerMs,
    socketTimeoutMS: SILENCE_MS,
    waitQueueTimeoutMS: answerMs,
    retryWrites,
    readPreference: 'primary',
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: answerMs },
    useBigInt64: true,
    promoteBuffers: true,
    ignoreUndefined: true,
  };
  try {
    const client = new MongoClient(url, options);
    // Read when it connects, but not accepted among the options above: it is the driver's own.
    Object.assign(client.options, { minPoolSizeCheckFrequencyMS: POOL_CHECK_MS });
    return client;
  } catch (error) {
    // The driver's message may quote the URL.
    throw new StoreFailed(`${variable} is not an address of MongoDB: mongodb://user:password@host:27017/database?…`, {
      cause: error instanceof MongoError ? error.name : undefined,
    });
  }
}

/** The database in the URL's path. */
function databaseIn(url: string): string | undefined {
  return /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
}
