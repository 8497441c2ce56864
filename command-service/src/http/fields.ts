/** Fields that many paths and bodies have. */
import { canonical } from '@creator-dashboards/shared/canonical';
import { idText } from '@creator-dashboards/shared/http/fields';
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';

export const creatorIdText = idText.brand<'CreatorId'>();
export const messageIdText = idText.brand<'MessageId'>();

/** A field that may be empty: null empties it; in a PATCH, leaving it out leaves it as it is. */
export const clearable = <T extends z.ZodType>(field: T) =>
  field.nullish().describe([field.description, 'null empties it'].filter(Boolean).join('; '));

/** A time in a body: ISO 8601 in UTC, with or without milliseconds; stored with them. */
export const instantText = z.iso
  .datetime()
  .transform((text) => toInstant(Date.parse(text)))
  .describe('in UTC: ends in Z, no other offset');

export const MAX_ADDRESS = 2_048;

/**
 * A web address that pages may link to (G53): http or https, as URL.href writes it. Null for anything else: another scheme, user
 * info (which can pass for the host), control characters (which URL parsers skip).
 */
export function webAddressOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || /\p{Cc}/u.test(text) || !URL.canParse(text)) return null;
  const { username, password, href } = new URL(text);
  return username === '' && password === '' && href.length <= MAX_ADDRESS ? href : null;
}

/** A web address in a body, as `webAddressOf` writes it. */
export const webAddress = z
  .string()
  .trim()
  .max(MAX_ADDRESS)
  .refine((text) => webAddressOf(text) !== null, 'must be an http or https address without user name')
  .transform((text) => webAddressOf(text) ?? text)
  .describe('an http or https address without user name');

/** Whether two values of JSON say the same: a change that changes nothing writes no event, and moves no `updatedAt`. */
export const sameValue = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u;

/** The icon of a link: a plain name that clients know, or a web address. */
export const iconText = z
  .string()
  .trim()
  .max(MAX_ADDRESS)
  .refine((text) => plainName.test(text) || webAddressOf(text) !== null, 'must be a plain name or a web address')
  .transform((text) => (plainName.test(text) ? text : (webAddressOf(text) ?? text)))
  .describe('a plain name (letters, digits, blank, dot, underscore, hyphen), or an http or https address');

/** An amount in a body. `amountOf` judges it, so that a wrong one is refused with the route's own error key. */
export const amountText = z
  .string()
  .max(20)
  .meta({ description: 'above 0, with at most two decimals', examples: ['25.00'] });

/** A positive amount as callers write it ("12", "12.5", "12.50"), in cents; null for anything else. */
export function amountOf(text: string): Cents | null {
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(text)) return null;
  return toCents(text) || null;
}

/** A username as callers write it; `parseUsername` judges it, so that a wrong one is refused with the route's own error key. */
export const usernameText = z
  .string()
  .max(100)
  .describe('a-z, 0-9, dot, underscore and hyphen; as many as config allows, 30 at most');

/** A referral code: any name that somebody has or had. */
export const codeText = z.string().max(100);

const MAX_RECORD_LENGTH = 10_000;

/** An object whose fields only clients know (theme tokens, embed settings): JSON of bounded length. */
export const freeRecord = z
  .record(z.string().max(100), z.unknown())
  .refine(
    (record) => JSON.stringify(record).length <= MAX_RECORD_LENGTH,
    `must have at most ${MAX_RECORD_LENGTH} characters`,
  )
  .describe(`at most ${MAX_RECORD_LENGTH} characters as JSON`);
