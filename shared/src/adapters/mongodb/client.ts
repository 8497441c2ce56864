/** A database of MongoDB, opened from a URL, and the driver's errors under our names. */
import { MongoClient, MongoError, ReadConcern, type Db, type MongoClientOptions } from 'mongodb';
import { isUnavailable, StoreFailed, StoreUnavailable } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { retry, within } from '../../waiting.js';
import { translated } from './errors.js';

export interface OpenOptions {
  /** How long to wait for the server when opening. */
  readonly patienceMs?: number;
  /** How long a call may wait for a server that can take it, and for its answer. */
  readonly answerMs?: number;
  readonly clock?: Clock;
}

interface DriverOptions {
  /** Whether the driver sends a write again whose answer was lost: only where doing it twice is as good as once. */
  readonly retryWrites?: boolean;
}

export interface Connection {
  readonly db: Db;
  /** Runs one call of the driver and gives its errors our names. What takes longer than `withinMs` may be done all the same. */
  run<T>(call: () => Promise<T>, withinMs?: number): Promise<T>;
  close(): Promise<void>;
}

const PATIENCE_MS = 30_000;
const ANSWER_MS = 3_000;
const KNOCK_MS = 250;
/** A connection that is silent for this long is dropped. Building an index is silent for long. */
const SILENCE_MS = 60_000;

/**
 * Resolves when the server answers. `variable` names the URL in messages, which never hold what stands in it. Throws
 * StoreUnavailable when nobody answers in time, StoreFailed for a user or an address that cannot be.
 */
export async function openConnection(
  url: string,
  variable: string,
  defaultDatabase: string,
  {
    patienceMs = PATIENCE_MS,
    answerMs = ANSWER_MS,
    clock = systemClock,
    retryWrites = false,
  }: OpenOptions & DriverOptions = {},
): Promise<Connection> {
  const client = makeClient(url, variable, { answerMs, retryWrites });
  const isBlind = watchHeartbeats(client, clock);
  let closed = false;

  async function run<T>(call: () => Promise<T>, withinMs = answerMs): Promise<T> {
    if (closed) throw new Error(`the connection to ${variable} is closed`); // the driver would open another one
    try {
      return await within(clock, withinMs, call(), notInTime); // the driver bounds its single tries only
    } catch (error) {
      const fault = translated(error, `MongoDB (${variable})`);
      if (isUnavailable(fault) && isBlind())
        throw new StoreFailed(
          `The driver has lost sight of MongoDB (${variable}) and will not find it again; start again.`,
        );
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
      () => run(() => db.command({ isMaster: 1 })), // every server knows it
    );
    // On a replica set, what a majority holds is what stays. A node on its own has nobody to agree with.
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

function notInTime(): StoreUnavailable {
  return new StoreUnavailable('MongoDB did not answer in time');
}

/** Longer than any heartbeat takes: a server may hold one for 10 s until it has news. */
const HEARTBEAT_MS = 30_000;

/**
 * Tells whether a heartbeat has had no outcome for longer than any takes. Driver 7.9 may wait for ever for one that began as its
 * server died; no other begins then, and every call fails although the server is back.
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
    return new MongoClient(url, options);
  } catch (error) {
    // The driver's own words may quote the URL.
    throw new StoreFailed(`${variable} is not an address of MongoDB: mongodb://user:password@host:27017/database?…`, {
      cause: error instanceof MongoError ? error.name : undefined,
    });
  }
}

/** The database in the URL's path. */
function databaseIn(url: string): string | undefined {
  return /^[^:]+:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
}
