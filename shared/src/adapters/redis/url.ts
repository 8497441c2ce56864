/**
 * The address of a Redis, read from QUEUE_URL: redis://[[user]:password@]host[:port][/database][?prefix=name], rediss:// for TLS. The
 * prefix begins every key, so that several installations can share a server.
 */
import { isIP } from 'node:net';
import { checkPrefix, DEFAULT_PREFIX } from './keys.js';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** Options of the TLS connection; absent for a plain one. The certificate is checked against Node's authorities. */
  readonly tls?: { readonly servername?: string };
  readonly prefix: string;
  /** The address for messages, without credentials. */
  readonly shown: string;
}

const DEFAULT_PORT = 6379;

/** Throws RangeError for an invalid address; the message contains nothing of the URL. */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'redis:' && parsed?.protocol !== 'rediss:')
    throw new RangeError('the address of a Redis must be redis://host:port or rediss://host:port');
  if (parsed.hostname === '') throw new RangeError('the address of a Redis must name its host');
  const { prefix = DEFAULT_PREFIX, ...unknown } = Object.fromEntries(parsed.searchParams);
  if (Object.keys(unknown).length > 0 || parsed.hash)
    throw new RangeError('the address of a Redis takes one parameter only, prefix');
  checkPrefix(prefix);
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(parsed.port || DEFAULT_PORT);
  return {
    host,
    port,
    ...credentialsOf(parsed),
    db: databaseOf(parsed.pathname),
    ...(parsed.protocol === 'rediss:' && { tls: isIP(host) ? {} : { servername: host } }),
    prefix,
    shown: `Redis at ${parsed.hostname}:${port}`,
  };
}

function credentialsOf({ username, password }: URL): Pick<RedisAddress, 'username' | 'password'> {
  if (password === '') {
    if (username === '') return {};
    throw new RangeError('the address of a Redis names a user without a password');
  }
  try {
    return {
      ...(username !== '' && { username: decodeURIComponent(username) }),
      password: decodeURIComponent(password),
    };
  } catch {
    throw new RangeError('the credentials in the address of a Redis are not percent-encoded');
  }
}

function databaseOf(path: string): number {
  const digits = /^\/?(\d{0,5})$/.exec(path)?.[1];
  if (digits === undefined) throw new RangeError('the path in the address of a Redis must be the number of a database');
  return Number(digits);
}
