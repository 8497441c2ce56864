/** What a production process, or one that others can reach, refuses to start with (design rule 13). Works on raw values, beside the schema. */
import { BlockList, isIP } from 'node:net';
import { devSecrets, weaknessOf } from './secrets.js';

type Values = Readonly<Record<string, string | undefined>>;

const SECRETS = ['MASTER_KEY', 'JWT_SECRET', 'AUDIT_SIGNING_KEY'] as const;
const WEBHOOK_SECRETS = ['PAYMENTS', 'KYC', 'PAYOUTS', 'STRIPE'].map((provider) => `WEBHOOK_SECRET_${provider}`);

/** Settings that are fine on a laptop but unsafe where others can reach the process, whatever NODE_ENV is: one line each. */
export function unsafeToReach(values: Values): string[] {
  if (isLoopback(values.HOST ?? '127.0.0.1')) return [];
  const problems = values.PUBLIC_URL ? [] : ['PUBLIC_URL must be set where HOST is no loopback address'];
  if (values.NODE_ENV === 'production') return problems; // reported by the production checks
  const standIn = WEBHOOK_SECRETS.every((name) => values[name]) ? [] : ['WEBHOOK_SECRET' as const];
  for (const name of [...SECRETS, ...standIn] as const)
    if (partsOf(values[name] ?? devSecrets[name]).includes(devSecrets[name]))
      problems.push(`${name} must be set where HOST is no loopback address: the default is public`);
  return problems;
}

/** Settings that are fine on a laptop but unsafe in production, one line each. */
export function unsafeForProduction(values: Values): string[] {
  const problems = secretProblems(values);
  for (const name of ['PUBLIC_URL', 'SIGNUP_URL'])
    if (values[name]?.startsWith('http:')) problems.push(`${name} must begin with https: in production`);
  if (partsOf(values.CORS_ORIGINS ?? '').some((origin) => origin.startsWith('http:')))
    problems.push('CORS_ORIGINS must begin with https: in production');
  if (partsOf(values.TRUST_PROXY ?? '').some(isWiderThanSlash8))
    problems.push('TRUST_PROXY must have no network wider than a /8 in production');
  for (const name of ['EVENT_STORE_URL', 'READ_STORE_URL', 'QUEUE_URL', 'KEY_STORE_URL']) {
    const value = values[name] ?? 'sqlite:';
    if (isPlaintext(value)) problems.push(`${name} must use TLS in production`);
    if (trustsAnybody(value)) problems.push(`${name} must check the server's certificate in production`);
    if (isOpenToAll(value)) problems.push(`${name} must name a user with a password of its own in production`);
  }
  if (Number(values.RATE_LIMIT_FACTOR ?? 1) > 1) problems.push('RATE_LIMIT_FACTOR must not be above 1 in production');
  if (values.DEMO === '1') problems.push('DEMO must not be 1 in production');
  return problems;
}

/** Checks that every secret is set, strong, and used for one purpose only. */
function secretProblems(values: Values): string[] {
  const names = [...SECRETS, ...WEBHOOK_SECRETS];
  const problems: string[] = [];
  const users = new Map<string, string>();
  for (const name of names) {
    const parts = partsOf(values[name] ?? '');
    if (parts.length === 0) problems.push(`${name} must be set in production`);
    for (const part of parts) {
      const weakness = weaknessOf(part);
      if (weakness !== null) problems.push(`${name} must be a good secret in production: ${weakness}`);
      const user = users.get(part);
      if (user === name) problems.push(`${name} must not hold the same secret twice`);
      else if (user !== undefined) problems.push(`${name} must not be equal to ${user} in production`);
      users.set(part, name);
    }
  }
  return problems;
}

function partsOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const IPV4_IN_IPV6 = new BlockList();
IPV4_IN_IPV6.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Includes IPv6 networks that contain IPv4 ones: IPv4 addresses are looked up in them as ::ffff:a.b.c.d. */
function isWiderThanSlash8(network: string): boolean {
  const [address = '', prefix] = network.split('/');
  const version = isIP(address);
  if (version === 0 || prefix === undefined) return false;
  const bits = Number(prefix);
  if (bits < 8) return true;
  if (version === 4 || bits >= 104) return false;
  if (IPV4_IN_IPV6.check(address, 'ipv6')) return true;
  const own = new BlockList();
  own.addSubnet(address, bits, 'ipv6');
  return own.check('::ffff:0:1', 'ipv6');
}

/** Whether a URL has an option, given as a pattern of "name=value", however it is written. */
function has(value: string, option: string): boolean {
  return new RegExp(`[?&](${option})(&|$)`, 'i').test(decoded(value));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Whether data would cross the network unencrypted. EventStoreDB and mongodb+srv use TLS unless told otherwise. */
function isPlaintext(value: string): boolean {
  const option = (pattern: string) => has(value, pattern);
  switch (schemeOf(value)) {
    case 'mongodb':
      return !option('(tls|ssl)=true');
    case 'mongodb+srv':
      return option('(tls|ssl)=false');
    case 'redis':
      return true;
    case 'esdb':
    case 'esdb+discover':
    case 'kurrentdb':
    case 'kurrentdb+discover':
      return option('tls=false');
    default:
      return false;
  }
}

/** Whether certificate checks are off, so that the encrypted connection may end at an impostor. */
function trustsAnybody(value: string): boolean {
  return has(value, 'tlsVerifyCert=false|tlsInsecure=true|tlsAllowInvalid(Certificates|Hostnames)=true');
}

/** Default passwords of servers and examples, which attackers try first. */
const KNOWN_PASSWORDS = ['', 'changeit', 'admin', 'password', 'secret', 'root', 'example', 'test'];

/** Whether anybody can log in: no password, or a well-known one. For MongoDB a certificate will do instead. */
function isOpenToAll(value: string): boolean {
  if (schemeOf(value) === 'sqlite' || has(value, 'authMechanism=MONGODB-X509')) return false;
  const [, , password = ''] = /^[^:]+:\/\/([^:@/]*):([^@/]*)@/.exec(value) ?? [];
  const word = decoded(password).toLowerCase();
  return KNOWN_PASSWORDS.includes(word) || word.startsWith('development-');
}

export function schemeOf(value: string): string {
  return /^([a-z][a-z0-9+]*):/.exec(value)?.[1] ?? '';
}
