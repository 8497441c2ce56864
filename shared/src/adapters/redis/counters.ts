/**
 * Counters in Redis, each operation one atomic command on one key, so it runs on a cluster too. Time is the server's.
 * Keys and members are stored as digests: they contain callers' addresses and e-mail addresses, may have any length and characters,
 * and need not be read back.
 */
import { createHash } from 'node:crypto';
import type { Counters } from '../../ports.js';
import type { Clock } from '../../time.js';
import { openConnection } from './connection.js';
import { checkPrefix } from './keys.js';
import { parseRedisUrl } from './url.js';

export interface CountersOptions {
  /** Begins every key, `<prefix>:hits:…` and `<prefix>:set:…`; letters, digits, "_", "." and "-". */
  readonly prefix?: string;
  /** How long a call waits for a connection, and then for its answer; 150 and 250 ms unless given. */
  readonly answerMs?: number;
  /** Called once each time that Redis goes away. */
  readonly onError?: (error: unknown) => void;
  readonly clock?: Clock;
}

/** Together shorter than a rate-limited route waits for its counter (http/limits.ts). */
const CONNECT_MS = 150;
const ANSWER_MS = 250;

const HIT = `
  local count = redis.call('INCR', KEYS[1])
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    left = tonumber(ARGV[1])
  end
  return {count, left}`;
const UNDO_HIT = `
  local count = redis.call('GET', KEYS[1])
  if count and tonumber(count) > 0 then redis.call('DECR', KEYS[1]) end`;
const ADD_MEMBER = `
  redis.call('SADD', KEYS[1], ARGV[1])
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return redis.call('SCARD', KEYS[1])`;

/**
 * Opens the counters at `url` without waiting for Redis. While it is away every call rejects with StoreUnavailable within
 * 400 ms, mostly at once; a hit without a reply may have been counted. Throws RangeError for an invalid URL or prefix.
 */
export function openRedisCounters(url: string, options: CountersOptions = {}): Counters {
  const {
    prefix = parseRedisUrl(url).prefix,
    answerMs,
    onError = (error) => process.emitWarning(error instanceof Error ? error : String(error)),
    clock,
  } = options;
  checkPrefix(prefix);
  const connection = openConnection(url, {
    connectMs: answerMs ?? CONNECT_MS,
    answerMs: answerMs ?? ANSWER_MS,
    onError,
    clock,
  });
  const { redis } = connection;
  const hitsOf = (key: string) => `${prefix}:hits:${digest(key)}`;
  const setOf = (set: string) => `${prefix}:set:${digest(set)}`;

  return {
    async hit(key, windowMs) {
      checkSpan(windowMs);
      const [count, left] = (await connection.run(() => redis.eval(HIT, 1, hitsOf(key), windowMs))) as [number, number];
      return { count, resetsInMs: Math.max(left, 1) };
    },
    async undoHit(key) {
      await connection.run(() => redis.eval(UNDO_HIT, 1, hitsOf(key)));
    },
    async addMember(set, member, ttlMs) {
      checkSpan(ttlMs);
      return (await connection.run(() => redis.eval(ADD_MEMBER, 1, setOf(set), digest(member), ttlMs))) as number;
    },
    async removeMember(set, member) {
      await connection.run(() => redis.srem(setOf(set), digest(member))); // removing its last member deletes the set
    },
    close: () => connection.close(),
  };
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

function checkSpan(ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 1) throw new RangeError('a window must last at least a whole millisecond');
}
