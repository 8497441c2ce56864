/**
 * One connection to Redis, which reconnects by itself. Nothing is queued while Redis is away: a command is answered or refused with
 * StoreUnavailable within `connectMs + answerMs`, and is never sent twice.
 */
import { setMaxListeners } from 'node:events';
import { Redis } from 'ioredis';
import { systemRandom } from '../../ids.js';
import { StoreUnavailable } from '../../store-errors.js';
import { systemClock, type Clock } from '../../time.js';
import { wait } from '../../waiting.js';
import { parseRedisUrl } from './url.js';

export interface ConnectionOptions {
  /** How long a command waits for a connection attempt. While attempts fail, commands are refused at once. */
  readonly connectMs: number;
  /** How long a command waits for its answer. */
  readonly answerMs: number;
  /** Called once each time that Redis goes away. */
  readonly onError: (error: unknown) => void;
  /** Called each time a connection is established. */
  readonly onReady?: () => void;
  readonly clock?: Clock;
}

export interface Connection {
  readonly redis: Redis;
  /**
   * Runs a command. Throws StoreUnavailable if Redis is away, gave no answer, or cannot serve now (no memory, loading, a replica, no
   * permission); other error replies become plain Errors without the command's arguments.
   */
  run<T>(command: () => Promise<T>): Promise<T>;
  /** Reconnects to the same server, which drops the state of the old connection. Bounded. */
  renew(): Promise<void>;
  /** Waits for outstanding replies. Bounded and idempotent; commands are refused from now on. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
const MAX_PAUSE_MS = 1_000;
/** A server that owes a reply and is silent for this long is considered dead. */
const SILENCES = 4;
/** Error replies that are not about the command itself: later, or after a change on the server, it would succeed. */
const CANNOT_SERVE =
  /\b(OOM|LOADING|READONLY|BUSY|MISCONF|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|EXECABORT|NOAUTH|WRONGPASS|NOPERM)\b/;
const DISCONNECTED = /Connection is closed|Command timed out|Stream isn't writeable|aborted due to connection close/;
const MAX_TEXT = 300;

/** Does not wait for the server. Throws RangeError for an invalid URL. */
export function openConnection(url: string, options: ConnectionOptions): Connection {
  const { shown, prefix: _, ...address } = parseRedisUrl(url);
  const { connectMs, answerMs, onError, onReady, clock = systemClock } = options;
  const redis = new Redis({
    ...address,
    protocol: 2,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: 500,
    commandTimeout: answerMs,
    socketTimeout: answerMs * SILENCES,
    retryStrategy: (attempt) => Math.min(50 * 2 ** (attempt - 1), MAX_PAUSE_MS) * (0.75 + fraction() / 4),
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    // ioredis's ready check writes to the console if INFO is not permitted. Without it, a server that is loading says so itself.
    enableReadyCheck: false,
    reconnectOnError: (error) => error.message.startsWith('READONLY'), // a fail-over left us with a replica
  });
  let wasReady = false;
  /** Whether the last attempt to connect failed. */
  let down = false;
  let fault: string | null = null;
  /** Aborted when the attempt to connect has ended. */
  let attempt = beginAttempt();
  let renewing: Promise<void> | null = null;
  let closing: Promise<void> | null = null;

  // Without this listener ioredis writes to the console. Errors of commands go to their callers. The error itself is not passed on:
  // that of a refused login contains the password.
  redis.on('error', (error: NodeJS.ErrnoException) => {
    const reported = fault !== null;
    fault = textOf(error);
    if (!reported && !closing) onError(new StoreUnavailable(shown, `cannot be reached: ${fault}`));
  });
  redis.on('ready', () => {
    wasReady = true;
    down = false;
    fault = null;
    attempt.abort();
    onReady?.();
  });
  redis.on('close', () => {
    down = !wasReady;
    if (down) attempt.abort();
    else attempt = beginAttempt();
    wasReady = false;
  });

  async function renew(): Promise<void> {
    if (redis.status !== 'ready') return;
    const closed = new Promise<void>((resolve) => redis.once('close', resolve));
    redis.disconnect(true);
    await closed;
  }

  async function connected(): Promise<void> {
    await renewing;
    if (!closing && !down && redis.status !== 'ready') await wait(clock, connectMs, attempt.signal);
    if (closing) throw new Error(`the connection to ${shown} was closed`);
    if (redis.status !== 'ready')
      throw new StoreUnavailable(shown, `cannot be reached: ${fault ?? 'no connection in time'}`);
  }

  function ours(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    if (error.name === 'ReplyError')
      return CANNOT_SERVE.test(error.message)
        ? new StoreUnavailable(shown, `cannot serve now: ${textOf(error)}`)
        : new Error(`${shown} refused a command: ${textOf(error)}`);
    if (error.name === 'MaxRetriesPerRequestError' || DISCONNECTED.test(error.message))
      return new StoreUnavailable(shown, `gave no answer: ${textOf(error)}`);
    return error;
  }

  async function end(): Promise<void> {
    attempt.abort();
    try {
      if (redis.status === 'ready') await redis.quit();
      else redis.disconnect();
    } catch {
      redis.disconnect();
    }
  }

  return {
    redis,
    async run(command) {
      await connected();
      try {
        return await command();
      } catch (error) {
        throw ours(error);
      }
    },
    renew: () => (renewing ??= renew().finally(() => (renewing = null))),
    close() {
      closing ??= Promise.resolve().then(end);
      return closing;
    },
  };
}

/** Node's error for a host of several addresses has a code but no message. */
function textOf(error: NodeJS.ErrnoException): string {
  return (error.message || error.code || error.name).slice(0, MAX_TEXT);
}

function beginAttempt(): AbortController {
  const attempt = new AbortController();
  setMaxListeners(0, attempt.signal); // any number of commands may be waiting
  return attempt;
}

/** From 0 up to 1, so that many processes do not reconnect at the same time. */
function fraction(): number {
  return (systemRandom.bytes(1)[0] ?? 0) / 256;
}
