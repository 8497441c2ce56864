/**
 * The keys that sign heads of the log: made from AUDIT_SIGNING_KEY, which no store has, so that whoever can change the stores cannot
 * sign what he made of them. Whoever has a public key can check a head without us.
 */
import type { Head, SignedHead } from '@creator-dashboards/shared/audit-index';
import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';

export interface HeadKeys {
  /** `signedAt`: ISO 8601, UTC. */
  sign(head: Head, signedAt: string): SignedHead;
  /** Whether the head is as it was signed; null if none of these keys signed it. */
  isGenuine(head: SignedHead): boolean | null;
  /** Ids and public keys, in hex; the first signs. */
  readonly published: readonly { readonly keyId: string; readonly publicKey: string }[];
}

/** What is signed, in UTF-8. */
export function signedText({ size, root, signedAt }: Omit<SignedHead, 'keyId' | 'signature'>): string {
  return `creator-dashboards head of the log\nsize ${size}\nroot ${root}\nsigned at ${signedAt}\n`;
}

/** The first secret signs, all are accepted. `trusted`: public keys of before, in hex. Throws for one that is none. */
export function headKeys(secrets: readonly string[], trusted: readonly string[] = []): HeadKeys {
  const own = secrets.map(keyFrom);
  const [signing] = own;
  const all = [...own.map(({ publicKey }) => publicKey), ...trusted].map((publicKey) => ({
    ...{ publicKey, keyId: idOf(publicKey) },
    key: publicKeyFrom(publicKey),
  }));
  return {
    sign(head, signedAt) {
      if (!signing) throw new Error('there is no key to sign with');
      const signature = sign(null, Buffer.from(signedText({ ...head, signedAt })), signing.key).toString('base64');
      return { size: head.size, root: head.root, signedAt, keyId: idOf(signing.publicKey), signature };
    },
    isGenuine(head) {
      const known = all.find(({ keyId }) => keyId === head.keyId);
      if (!known) return null;
      return verify(null, Buffer.from(signedText(head)), known.key, Buffer.from(head.signature, 'base64'));
    },
    published: all.map(({ keyId, publicKey }) => ({ keyId, publicKey })),
  };
}

/** What stands before the 32 bytes of an Ed25519 key in its DER forms (RFC 8410). */
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');

function keyFrom(secret: string): { key: KeyObject; publicKey: string } {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'creator-dashboards heads of the log', 32));
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { key, publicKey: der.subarray(PUBLIC.length).toString('hex') };
}

function publicKeyFrom(hex: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC, Buffer.from(hex, 'hex')]), format: 'der', type: 'spki' });
}

function idOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex').slice(0, 16);
}
