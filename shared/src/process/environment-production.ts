/** What a production process refuses to start with (design rule 13). */

/** For development only; production refuses them. */
export const devSecrets = {
  MASTER_KEY: 'development-master-key-never-use-in-production',
  JWT_SECRET: 'development-jwt-secret-never-use-in-production',
  WEBHOOK_SECRET: 'development-webhook-secret-never-use-in-production',
} as const;

/** What is fine on a laptop and a hole in production, one line each. Works on raw values, so it runs beside the schema. */
export function unsafeForProduction(values: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(devSecrets)) {
    if ((values[name] ?? value) === value) problems.push(`${name} must be set in production: the default is public`);
  }
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

/** Whether the encrypted connection may end at somebody else's server. */
function trustsAnybody(value: string): boolean {
  return has(value, 'tlsVerifyCert=false|tlsInsecure=true|tlsAllowInvalid(Certificates|Hostnames)=true');
}

/** Passwords that servers come with, examples show and strangers try first. */
const KNOWN_PASSWORDS = ['', 'changeit', 'admin', 'password', 'secret', 'root', 'example', 'test'];

/** Whether anybody may enter: no password, or one that everybody knows. MongoDB takes a certificate in its place. */
function isOpenToAll(value: string): boolean {
  if (schemeOf(value) === 'sqlite' || has(value, 'authMechanism=MONGODB-X509')) return false;
  const [, , password = ''] = /^[^:]+:\/\/([^:@/]*):([^@/]*)@/.exec(value) ?? [];
  const word = decoded(password).toLowerCase();
  return KNOWN_PASSWORDS.includes(word) || word.startsWith('development-');
}

export function schemeOf(value: string): string {
  return /^([a-z][a-z0-9+]*):/.exec(value)?.[1] ?? '';
}
