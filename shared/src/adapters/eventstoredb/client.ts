/** The client of EventStoreDB, opened from a URL and made safe to use, and its errors under our names. */
import { EventStoreDBClient, type BaseOptions } from '@eventstore/db-client';
import { isUnavailable, StoreFailed, StoreUnavailable } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { retry, within } from '../../waiting.js';

export interface Connection {
  readonly client: EventStoreDBClient;
  /** What every call is made with. The leader answers it, so that what was acknowledged is what is read. */
  readonly options: BaseOptions;
  /** A server that does not answer a call for this long is as good as gone. */
  readonly answerMs: number;
  readonly clock: Clock;
  /** Runs a call of the client again, some times, while its fault is one that passes; then throws it under our name. */
  attempt<T>(call: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** How long to wait for each answer. */
  readonly answerMs?: number;
  readonly clock?: Clock;
}

const ANSWER_MS = 5_000;
/** Pauses before a call is tried again: long enough for a connection to be made anew, short enough for who waits. */
const RETRY_MS = [10, 50, 250];
const CLOSE_MS = 2_000;
/** How a cluster is asked who leads it, unless the URL says otherwise: pauses in milliseconds, waits in seconds. */
const DISCOVERY = { discoveryInterval: '200', maxDiscoverAttempts: '5', gossipTimeout: '1' };
/** What a URL may say. The client would print the whole URL, password included, at an option that it does not know. */
const OPTIONS = new Set([
  ...['tls', 'tlsCAFile', 'userCertFile', 'userKeyFile', 'connectionName', 'nodePreference'],
  ...['discoveryInterval', 'gossipTimeout', 'maxDiscoverAttempts', 'defaultDeadline'],
  ...['throwOnAppendFailure', 'keepAliveInterval', 'keepAliveTimeout', 'tlsVerifyCert'],
].map((name) => name.toLowerCase())); // prettier-ignore

/** Makes the client; nothing is sent before the first call. Throws StoreFailed for a URL that it cannot use. */
export function openConnection(
  url: string,
  { answerMs = ANSWER_MS, clock = systemClock }: ConnectionOptions = {},
): Connection {
  const client = makeClient(url);
  survive(client);
  return {
    client,
    options: { credentials: credentialsOf(url), requiresLeader: true, deadline: answerMs },
    answerMs,
    clock,
    attempt(call) {
      const patience = { patienceMs: answerMs / 2, pauseMs: RETRY_MS, isTransient: isUnavailable };
      return retry(clock, patience, async () => {
        try {
          return await within(clock, 2 * answerMs, call(), notInTime); // looking for a leader has no bound
        } catch (error) {
          throw named(error);
        }
      });
    },
    async close() {
      // Waits for ever for a call that nobody ends: the process does not wait for that.
      await within(clock, CLOSE_MS, client.dispose(), notInTime).catch(() => undefined);
    },
  };
}

function notInTime(): StoreUnavailable {
  return new StoreUnavailable('EventStoreDB did not answer in time');
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
      cause: error instanceof Error && error.name === 'ParseError' ? undefined : error, // that one quotes the password
    });
  }
}

/**
 * The client tells itself of each failed call and waits for no answer: what that throws (no leader named, no node found) would
 * end the process as an unhandled rejection. The failed call itself is rejected all the same.
 */
function survive(client: EventStoreDBClient): void {
  const internals = client as unknown as { handleError: (...args: unknown[]) => Promise<void> }; // protected there
  const { handleError } = internals;
  internals.handleError = (...args) => handleError(...args).catch(() => undefined);
}

/**
 * Credentials given with a call make the client append by a call of its own instead of a stream shared by all appends of the
 * process, where one stream's error fails other appends and a late answer ends the process. A server without security
 * ignores them, so nobody's do where the URL has none.
 */
function credentialsOf(url: string): { username: string; password: string } {
  const [, username = 'nobody', password = ''] = /^[^:]+:\/\/([^:@/]+):([^@]*)@/.exec(url) ?? [];
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

type Fault = Error & { readonly code?: unknown; readonly type?: unknown };

/** Whether the client's error is of this type; not every one has one. */
export function isFault(error: unknown, type: string): boolean {
  return error instanceof Error && (error as Fault).type === type;
}

/** What the client says of a call that was understood and cannot be done. */
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
/** Statuses of gRPC by which the server says that it knows the call and refuses it: asking again helps nobody. */
const REFUSALS = new Set([3, 5, 6, 9, 11]);

/** How a server says that no record begins at a position. It may also mean that something else went wrong in the server. */
export function mayBeNoPosition(error: unknown): boolean {
  return error instanceof Error && [2, 3].includes((error as Fault).code as number);
}

/** Ours already, or a mistake of ours. */
const KEPT = [StoreFailed, StoreUnavailable, RangeError, TypeError];

/** The client's error as ours. Everything that is not clearly final passes: servers start, move and vanish in many ways. */
export function named(error: unknown): unknown {
  if (!(error instanceof Error) || KEPT.some((kind) => error instanceof kind)) return error;
  const { code, type } = error as Fault;
  if (isFault(error, 'access-denied') || code === 7 || code === 16)
    return new StoreFailed('EventStoreDB refuses the user of EVENT_STORE_URL: check the credentials and the rights.', {
      cause: error,
    });
  if (isFault(error, 'maximum-append-size-exceeded'))
    return new RangeError('the batch is larger than EventStoreDB is set to take', { cause: error });
  // Whoever is not the leader says that nothing was found, and names the leader: the client asks there next.
  if (!isFault(error, 'not-leader') && (FINAL.has(type as string) || REFUSALS.has(code as number))) return error;
  return new StoreUnavailable(`EventStoreDB does not answer: ${error.message}`, { cause: error });
}
