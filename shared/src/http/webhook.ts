/** Signatures of provider webhooks: `X-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">` over the raw body. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refused } from '../errors.js';
import { MINUTE, SECOND, type WallClock } from '../time.js';

/** How far the signature's time may be from ours, either way; a replay within it is caught by the webhook's `id`. */
const SIGNATURE_TOLERANCE_MS = 5 * MINUTE;

/** The header X-Signature for a body, exactly as it will be sent. */
export function signWebhook(secret: string, body: string | Uint8Array, clock: WallClock): string {
  const seconds = String(Math.floor(clock.now() / SECOND));
  return `t=${seconds},v1=${mac(secret, seconds, body).toString('hex')}`;
}

/** Its parts, of a header that may be a signature of now. Throws Refused `webhook.signature.invalid`. */
export function requireSignature(header: string | undefined, clock: WallClock): { seconds: string; signature: string } {
  const [, seconds, signature] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (!seconds || !signature) throw new Refused('webhook.signature.invalid');
  const age = Math.abs(clock.now() - Number(seconds) * SECOND);
  if (age > SIGNATURE_TOLERANCE_MS) throw new Refused('webhook.signature.invalid');
  return { seconds, signature };
}

/** Throws Refused `webhook.signature.invalid` unless the header signs this body and is not too old or too new. */
export function verifyWebhook(secret: string, header: string | undefined, body: Uint8Array, clock: WallClock): void {
  const { seconds, signature } = requireSignature(header, clock);
  const genuine = timingSafeEqual(mac(secret, seconds, body), Buffer.from(signature, 'hex'));
  if (!genuine) throw new Refused('webhook.signature.invalid');
}

function mac(secret: string, seconds: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
