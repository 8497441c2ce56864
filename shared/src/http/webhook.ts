/**
 * Signatures of provider webhooks: `X-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.<path>.<raw body>">`, with the
 * path as it is called, `/api/v1/webhooks/<provider>`, and a secret of that provider's own.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Refused } from '../errors.js';
import type { Environment, WebhookProvider } from '../process/environment.js';
import { MINUTE, SECOND, type WallClock } from '../time.js';
import { API_PREFIX } from './route.js';

/** How far the signature's time may be from ours, either way; a replay within it is caught by the webhook's `id`. */
const SIGNATURE_TOLERANCE_MS = 5 * MINUTE;

type Secrets = Environment['webhookSecrets'];

/** The header X-Signature for a body, exactly as it will be sent to a provider's route, `/webhooks/<provider>`. */
export function signWebhook(secrets: Secrets, path: string, body: string | Uint8Array, clock: WallClock): string {
  const seconds = String(Math.floor(clock.now() / SECOND));
  const [secret = ''] = secretsOf(secrets, path);
  return `t=${seconds},v1=${mac(secret, { seconds, path, body }).toString('hex')}`;
}

/** Its parts, of a header that may be a signature of now. Throws Refused `webhook.signature.invalid`. */
export function requireSignature(header: string | undefined, clock: WallClock): { seconds: string; signature: string } {
  const [, seconds, signature] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (!seconds || !signature) throw new Refused('webhook.signature.invalid');
  const age = Math.abs(clock.now() - Number(seconds) * SECOND);
  if (age > SIGNATURE_TOLERANCE_MS) throw new Refused('webhook.signature.invalid');
  return { seconds, signature };
}

/**
 * What checks the webhooks of a provider's route: it throws Refused `webhook.signature.invalid` unless the header signs this body
 * for this route and is not too old or too new. Throws RangeError for a route of no provider that has secrets.
 */
export function webhookVerifier(
  secrets: Secrets,
  path: string,
  clock: WallClock,
): (header: string | undefined, body: Uint8Array) => void {
  const valid = secretsOf(secrets, path);
  return (header, body) => {
    const { seconds, signature } = requireSignature(header, clock);
    const given = Buffer.from(signature, 'hex');
    const genuine = valid.filter((secret) => timingSafeEqual(mac(secret, { seconds, path, body }), given));
    if (genuine.length === 0) throw new Refused('webhook.signature.invalid');
  };
}

function secretsOf(secrets: Secrets, path: string): readonly string[] {
  const provider = /^\/webhooks\/(\w+)$/.exec(path)?.[1] ?? '';
  if (!Object.hasOwn(secrets, provider)) throw new RangeError(`${path} is no webhook of a provider that we know`);
  return secrets[provider as WebhookProvider];
}

function mac(secret: string, signed: { seconds: string; path: string; body: string | Uint8Array }): Buffer {
  const { seconds, path, body } = signed;
  return createHmac('sha256', secret).update(`${seconds}.${API_PREFIX}${path}.`).update(body).digest();
}
