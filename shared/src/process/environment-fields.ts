/** The kinds of values that variables have: what each accepts, and its message for anything else. No message contains a value: it may be a secret. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { schemeOf } from './environment-production.js';

export const eventStoreSchemes = ['sqlite', 'esdb', 'esdb+discover', 'kurrentdb', 'kurrentdb+discover'];
export const documentSchemes = ['sqlite', 'mongodb', 'mongodb+srv'];
export const queueSchemes = ['sqlite', 'redis', 'rediss'];

export const text = z.string().min(1, 'must not be empty');

export const url = (schemes: readonly string[]) =>
  z
    .string()
    .refine(
      (value) => schemes.includes(schemeOf(value)),
      `must start with one of ${schemes.map((s) => `${s}:`).join(', ')}`,
    );

const secretList = z.string().transform(splitList);
const isSecretList = (list: readonly string[]) => list.length <= 2 && list.every((each) => each.length >= 32);
const SECRET_LIST = 'must have at least 32 characters; two, separated by a comma, while it is rotated';

/** One secret, or two during a rotation: the first one signs or wraps, both are accepted. */
export const secrets = (value: string) =>
  secretList.refine((list) => list.length > 0 && isSecretList(list), SECRET_LIST).prefault(value);

export const webhookSecret = (provider: string) =>
  secretList
    .refine(isSecretList, SECRET_LIST)
    .prefault('')
    .describe(
      `Signs the webhooks of ${provider} (X-Signature). At least 32 characters; two while rotating. Production demands it.`,
    );

/** A part of a whole, as 1 or 0.05. */
export const share = z
  .string()
  .refine((value) => /^(0|1|0\.\d{1,9})$/.test(value), 'must be a number from 0 to 1, like 0.05')
  .transform(Number);

export const flag = z.enum(['0', '1'], 'must be 0 or 1').transform((value) => value === '1');

export const PORT_RANGE = 'must be a whole number from 0 to 65535';
export const isPort = (value: string) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535;
export const port = z.string().refine(isPort, PORT_RANGE).transform(Number);

export const workers = z
  .string()
  .regex(/^([1-9]|[1-5]\d|6[0-4])$/, 'must be a whole number from 1 to 64')
  .transform(Number);

export const hours = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a whole number from 0 to 9999')
  .transform(Number);

export const generations = z
  .string()
  .regex(/^([2-9]|[1-9]\d)$/, 'must be a whole number from 2 to 99')
  .transform(Number);

const MEMORY_RANGE = 'must be a whole number from 192 to 65536';
export const memoryMb = z
  .string()
  .refine((value) => /^\d{3,5}$/.test(value) && Number(value) >= 192 && Number(value) <= 65_536, MEMORY_RANGE)
  .transform(Number);

export const factor = z
  .string()
  .refine(
    (value) => /^\d{1,6}(\.\d{1,3})?$/.test(value) && Number(value) > 0,
    'must be a number above 0 and below 1000000, with at most three decimals',
  )
  .transform(Number);

export const proxies = z
  .string()
  .refine(
    isProxyList,
    'must be "none", a number of hops from 1 to 9, or a list of addresses, networks, loopback, linklocal, uniquelocal',
  )
  .transform(parseProxies);

export const origins = z
  .string()
  .transform(splitList)
  .refine((list) => list.every(isOrigin), 'must be a list of origins like https://app.example.com (never *)');

export const address = z
  .string()
  .refine((value) => value === '' || isOrigin(value), 'must be an origin like https://app.example.com');

/** Of a service, perhaps with a path. No password: it would be printed with the address. */
export const endpoint = z
  .string()
  .refine(
    (value) => value === '' || (/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(value) && URL.canParse(value)),
    'must be an address like http://127.0.0.1:4318',
  )
  .transform((value) => value.replace(/\/$/, ''));

/** A page somewhere, perhaps with a query. */
export const webAddress = z
  .string()
  .refine(
    (value) => value === '' || (/^https?:\/\/[^/?#@\s]+([/?][^\s]*)?$/.test(value) && URL.canParse(value)),
    'must be a web address like https://www.example.com/signup',
  );

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isProxyList(value: string): boolean {
  if (value === 'none' || /^[1-9]$/.test(value)) return true;
  const list = splitList(value);
  return list.length > 0 && list.every(isProxy);
}

function isProxy(item: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(item)) return true;
  const [address = '', prefix, ...rest] = item.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128))
  );
}

function parseProxies(value: string): false | number | readonly string[] {
  if (value === 'none') return false;
  return /^[1-9]$/.test(value) ? Number(value) : Object.freeze(splitList(value));
}

function isOrigin(value: string): boolean {
  return /^https?:\/\/[^/*?#@\s]+$/.test(value) && URL.canParse(value);
}
