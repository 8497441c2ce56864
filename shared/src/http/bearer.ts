/** Reads the access token from a request's headers with a parser of our own: refusing garbage must be cheap. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseJson } from './body.js';

/** Our tokens have about 300 characters. */
export const MAX_HEADER = 4_096;
const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** The token of a header `Bearer <token>`, three parts in base64url; null for anything else, and for a header above 4 KiB. */
export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_HEADER) return null;
  return BEARER.exec(header)?.[1] ?? null;
}

/**
 * Whether a header that says who asks whom, Authorization or Host, came twice. Node keeps the first of them and drops the rest silently;
 * a proxy in front of us may have looked at the other value.
 */
export function saysItTwice({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return countOf('authorization', rawHeaders) > 1 || countOf('host', rawHeaders) > 1;
}

/** How often a header came. Lengths are compared first: most names need no more. */
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const each = rawHeaders[index] ?? '';
    if (each.length === name.length && each.toLowerCase() === name) count += 1;
  }
  return count;
}

const joseHeader = z.object({
  alg: z.literal('HS256'),
  typ: z.literal('JWT').optional(),
  crit: z.undefined().optional(),
});

/**
 * Whether a token's header asks only for what we support: HS256, a JWT, and no extension that must be understood (`crit`, which
 * jsonwebtoken ignores); and whether its payload is an object (jsonwebtoken throws on null). Neither may be JSON that can be read in
 * two ways: a claim that comes twice.
 */
export function isPlainJwt(token: string): boolean {
  const [header = '', payload = ''] = token.split('.');
  try {
    return joseHeader.safeParse(decoded(header)).success && z.looseObject({}).safeParse(decoded(payload)).success;
  } catch {
    return false;
  }
}

function decoded(part: string): unknown {
  return parseJson(Buffer.from(part, 'base64url'));
}
