/**
 * Refresh tokens (G66): `<session>.<secret>.<number>.<mac>`. The secret is the session's own, the number rises with each refresh, and
 * the mac, under the key of the digests, shows that we made the token: so every token that was ever replaced is known again, though
 * nothing is kept of it. Of the secret only a digest is stored: neither the stores nor the key alone make a token.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Digest } from '@creator-dashboards/shared/seal';

export interface RefreshToken {
  readonly sessionId: string;
  readonly secret: string;
  /** 0 for a session's first. */
  readonly number: number;
}

export const SECRET_BYTES = 32;

const SHAPE = /^([0-9a-f-]{36})\.([\w-]{43})\.(0|[1-9]\d{0,8})\.([0-9a-f]{40})$/;

export function textOf(digest: Digest, token: RefreshToken): string {
  const { sessionId, secret, number } = token;
  return `${sessionId}.${secret}.${number}.${macOf(digest, token)}`;
}

/** The token that was written as this text; null for anything that we did not make. */
export function tokenIn(digest: Digest, text: string): RefreshToken | null {
  const [, sessionId = '', secret = '', number = '', mac = ''] = SHAPE.exec(text) ?? [];
  if (mac === '') return null;
  const token = { sessionId, secret, number: Number(number) };
  return isSame(mac, macOf(digest, token)) ? token : null;
}

/** What is stored of a session's secret. */
export function secretDigest(digest: Digest, secret: string): string {
  return digest('refreshSecret', secret);
}

/** Compares in the same time whatever the difference. */
export function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function macOf(digest: Digest, { sessionId, secret, number }: RefreshToken): string {
  return digest('refreshToken', `${sessionId}.${secret}.${number}`);
}
