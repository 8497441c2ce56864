/** Passwords (domain 2.6): argon2id, on the thread pool, so that other requests do not wait for it. */
import { hash, verify } from '@node-rs/argon2';
import type { Random } from '@creator-dashboards/shared/ids';
import { dictionary } from '@zxcvbn-ts/language-common';
import { z } from 'zod';

const MIN_LENGTH = 8;

/** The 10,000 most common passwords that are long enough, in lower case. */
const common = new Set(dictionary['passwords-common'].filter(({ length }) => length >= MIN_LENGTH).slice(0, 10_000));

/** A password as it is hashed and compared (G53): in NFC, the same text however a keyboard composes its characters. */
export const passwordText = z.string().normalize('NFC').max(128);

export const newPassword = passwordText
  .min(MIN_LENGTH)
  .refine((text) => /\p{Lu}/u.test(text), 'needs an upper-case letter')
  .refine((text) => /\p{Ll}/u.test(text), 'needs a lower-case letter')
  .refine((text) => /\d/.test(text), 'needs a digit')
  .refine((text) => !common.has(text.toLowerCase()), 'is one of the most common passwords')
  .describe('an upper-case letter, a lower-case letter and a digit; none of the 10,000 most common passwords');

const SALT_BYTES = 16;

export function hashPassword(password: string, random: Random): Promise<string> {
  return hash(password, { salt: random.bytes(SALT_BYTES) });
}

let decoy: Promise<string> | undefined;

/** Whether the password matches the hash. Without a hash: false after the same work, so that the time taken reveals nothing. */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hash('nobody has this password');
  const known = await verify(stored ?? (await decoy), password);
  return known && stored !== null;
}
