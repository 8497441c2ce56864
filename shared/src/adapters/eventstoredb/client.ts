/** The client of EventStoreDB, opened from a URL and made safe to use, and its errors under our names. */
import { EventStoreDBClient, type BaseOptions } from '@eventstore/db-client';
import { isUnavailable, StoreFailed, StoreUnavailable } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { retry, within } from '../../waiting.js';
import { grpcOf, type Grpc } from './grpc.js';

export interface Connection {
  readonly client: EventStoreDBClient;
  /** Options of every call. The leader answers it, so that a read sees everything that was acknowledged. */
  readonly options: BaseOptions;
  readonly grpc: Grpc;
  /** A server that does not answer a call for this long counts as gone. */
  readonly answerMs: number;
  readonly clock: Clock;
  /** Repeats a call of the client, a limited number of times, while its error is transient; then throws our error for it. */
  attempt<T>(call: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** How long to wait for each answer. */
  readonly answerMs?: number;
  readonly clock?: Clock;
}

const ANSWER_MS = 5_000;
/** Pauses before a call is tried again: long enough for a new connection, short enough for the caller. */
const RETRY_MS = [10, 50, 250];
const CLOSE_MS = 2_000;
/** Defaults for discovering a cluster's leader, where the URL has none: pauses in milliseconds, timeouts in seconds. */
const DISCOVERY = { discoveryInterval: '200', maxDiscoverAttempts: '5', gossipTimeout: '1' };
/** The options allowed in a URL. At an unknown one, the client would print the whole URL, password included. */
const OPTIONS = new Set([
  ...['tls', 'tlsCAFile', 'userCertFile', 'userKeyFile', 'connectionName', 'nodePreference'],
  ...['discoveryInterval', 'gossipTimeout', 'maxDiscoverAttempts', 'defaultDeadline'],
  ...['throwOnAppendFailure', 'keepAliveInterval', 'keepAliveTimeout', 'tlsVerifyCert'],
].map((name) => name.toLowerCase())); // prettier-ignore

/** Creates the client; nothing is sent before the first call. Throws StoreFailed for an unusable URL. */
export function openConnection(
  url: string,
  { answerMs = ANSWER_MS, clock = systemClock }: ConnectionOptions = {},
): Connection {
  const client = makeClient(url);
  survive(client);
  const options = { credentials: credentialsOf(url), requiresLeader: true, deadline: answerMs };
  const grpc = grpcOf(client, { requiresLeader: true }); // with the credentials of the URL, if there are any
  return {
    client,
    options,
    grpc,
    answerMs,
    clock,
    attempt(call) {
      const patience = { patienceMs: answerMs / 2, pauseMs: RETRY_MS, isTransient: isUnavailable };
      return retry(clock, patience, async () => {
        try {
          return await within(clock, 2 * answerMs, call(), notInTime); // discovery of a leader has no time limit
        } catch (error) {
          throw named(error);
        }
      });
    },
    async close() {
      grpc.close();
      // This may wait for ever for a call that never ends; the process does not wait for it.
      await within(clock, CLOSE_MS, client.dispose(), notInTime).catch(() => undefined);
    },
  };
}

function notInTime(): StoreUnavailable {
  return new StoreUnavailable('EventStoreDB', 'did not answer in time');
}

function makeClient(url: string): EventStoreDBClient {
  const [base = '', query = ''] = url.replace(/^kurrentdb/, 'esdb').split('?', 2);
  const parameters = new URLSearchParams(query);
  const given = new Set([...parameters.keys()].map((name) => name.toLowerCase()));
  for (const name of given)
    if (!OPTIONS.has(name)) throw new StoreFailed(`EVENT_STORE_URL has an option that nobody knows: ${name}`);
  if (/[?&]tlsVerifyCert=false/i.test(url))
    throw new StoreFailed('EVENT_STORE_URL: certificates are always checked; name your own authority by tlsCAFile=…');
  for (const [name, value] of Object.entries(DISCOVERY))
    if (!given.has(name.toLowerCase())) parameters.set(name, value);
  try {
    return EventStoreDBClient.connectionString(`${base}?${parameters.toString().replaceAll('+', '%20')}`);
  } catch (error) {
    throw new StoreFailed('EVENT_STORE_URL is not an address of EventStoreDB: esdb://user:password@host:2113?…', {
      cause: error instanceof Error && error.name === 'ParseError' ? undefined : error, // a ParseError quotes the password
    });
  }
}

/**
 * The client handles each failed call in a promise that nobody awaits: an error there (no leader named, no node found) would end the
 * process as an unhandled rejection. The failed call itself still rejects.
 */
function survive(client: EventStoreDBClient): void {
  const internals = client as unknown as { handleError: (...args: unknown[]) => Promise<void> }; // protected there
  const { handleError } = internals;
  internals.handleError = (...args) => handleError(...args).catch(() => undefined);
}

/**
 * With credentials, the client appends by a call of its own instead of a stream shared by all appends of the process, on which one
 * error fails other appends and a late answer ends the process. A server without security ignores them, so any will do if the URL
 * has none.
 */
function credentialsOf(url: string): { username: string; password: string } {
  const [, username = 'nobody', password = ''] = /^[^:]+:\/\/([^:@/]+):([^@]*)@/.exec(url) ?? [];
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

type Fault = Error & { readonly code?: unknown; readonly type?: unknown };

/** Whether the client's error is of this type; not all errors have a type. */
export function isFault(error: unknown, type: string): boolean {
  return error instanceof Error && (error as Fault).type === type;
}

/** Error types of the client for a call that was understood but cannot be done. */
const FINAL = new Set([
  'wrong-expected-version',
  'stream-not-found',
  'stream-deleted',
  'no-stream',
  'invalid-argument',
  'invalid-transaction',
  'missing-required-metadata-property',
  'unsupported',
]);
/** gRPC statuses with which the server refuses a call for good: trying again does not help. */
const REFUSALS = new Set([3, 5, 6, 9, 11]);

/** A server's error when no record begins at a position. It may also mean that something else went wrong in the server. */
export function mayBeNoPosition(error: unknown): boolean {
  return error instanceof Error && [2, 3].includes((error as Fault).code as number);
}

/** Already one of our errors, or a bug of ours. */
const KEPT = [StoreFailed, StoreUnavailable, RangeError, TypeError];

/** The client's error as ours. Everything that is not clearly final counts as transient: servers start, move and vanish in many ways. */
export function named(error: unknown): unknown {
  if (!(error instanceof Error) || KEPT.some((kind) => error instanceof kind)) return error;
  const { code, type } = error as Fault;
  if (isFault(error, 'access-denied') || code === 7 || code === 16)
    return new StoreFailed('EventStoreDB refuses the user of EVENT_STORE_URL: check the credentials and the rights.', {
      cause: error,
    });
  if (isFault(error, 'maximum-append-size-exceeded'))
    return new RangeError('the batch is larger than EventStoreDB is set to take', { cause: error });
  // A node that is not the leader says "not found" and names the leader, which the client asks next.
  if (!isFault(error, 'not-leader') && (FINAL.has(type as string) || REFUSALS.has(code as number))) return error;
  return new StoreUnavailable('EventStoreDB', `does not answer: ${error.message}`, { cause: error });
}
