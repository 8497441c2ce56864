/** Fields that many paths and bodies have. */
import { toCents, type Cents } from '@creator-dashboards/shared/money';
import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';

/** An id of ours. In lower case, as streams and documents are named: both cases are the same id (RFC 9562). */
export const idText = z.guid().toLowerCase();
export const creatorIdText = idText.brand<'CreatorId'>();
export const messageIdText = idText.brand<'MessageId'>();

/** Why an admin does it (domain 7). */
export const reasonText = z.string().trim().min(1).max(500);

/** A time in a body: ISO 8601 in UTC, with milliseconds or without; kept with them. */
export const instantText = z.iso.datetime().transform((text) => toInstant(Date.parse(text)));

export const MAX_ADDRESS = 2_048;

/**
 * An address of the web as pages link to it (G53): http or https, as URL.href writes it. Null for anything else: another scheme,
 * user info (what stands before an @ passes for the host), control characters (which parsers of addresses pass over).
 */
export function webAddressOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || /\p{Cc}/u.test(text) || !URL.canParse(text)) return null;
  const { username, password, href } = new URL(text);
  return username === '' && password === '' && href.length <= MAX_ADDRESS ? href : null;
}

/** An address of the web in a body, as `webAddressOf` writes it. */
export const webAddress = z
  .string()
  .trim()
  .max(MAX_ADDRESS)
  .refine((text) => webAddressOf(text) !== null, 'must be an http or https address without user name')
  .transform((text) => webAddressOf(text) ?? text);

const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u;

/** The icon of a link: the plain name of one that clients know, or a web address. */
export const iconText = z
  .string()
  .trim()
  .max(MAX_ADDRESS)
  .refine((text) => plainName.test(text) || webAddressOf(text) !== null, 'must be a plain name or a web address')
  .transform((text) => (plainName.test(text) ? text : (webAddressOf(text) ?? text)));

/** An amount in a body: what it says is judged by `amountOf`, so that a wrong one is refused by the route's own key. */
export const amountText = z
  .string()
  .max(20)
  .meta({ examples: ['25.00'] });

/** A positive amount as callers write it ("12", "12.5", "12.50"), in cents; null for anything else. */
export function amountOf(text: string): Cents | null {
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(text)) return null;
  return toCents(text) || null;
}

const MAX_RECORD_LENGTH = 10_000;

/** An object whose fields only the client knows (theme tokens, embed settings): JSON, bounded as text. */
export const freeRecord = z
  .record(z.string().max(100), z.unknown())
  .refine(
    (record) => JSON.stringify(record).length <= MAX_RECORD_LENGTH,
    `must have at most ${MAX_RECORD_LENGTH} characters`,
  );
