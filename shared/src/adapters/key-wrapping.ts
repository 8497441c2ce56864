/** Keys at rest, the same in every key store: AES-256-GCM ciphertext under a key derived from MASTER_KEY. */
import { createCipheriv, createDecipheriv, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Random } from '../ids.js';
import { StoreFailed } from '../store-errors.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface KeyWrapping {
  /** A new data key, wrapped for its subject. */
  makeKey(subject: string): Uint8Array;
  /** Throws StoreFailed for what was wrapped for somebody else, or damaged. */
  unwrap(subject: string, wrapped: Uint8Array): Uint8Array;
  /** Follows from MASTER_KEY and says nothing of it: laid down in a new store, it tells another MASTER_KEY later. */
  readonly check: Uint8Array;
  /** Throws StoreFailed unless the check laid down in the store called `where` is that of this MASTER_KEY. */
  verify(laidDown: Uint8Array | undefined, where: string): void;
}

export function keyWrapping(masterKey: string, random: Random): KeyWrapping {
  const wrappingKey = derive(masterKey, 'wrap');
  const check = derive(masterKey, 'check');
  return {
    check,
    verify(laidDown, where) {
      if (!laidDown || laidDown.length !== check.length || !timingSafeEqual(laidDown, check))
        throw new StoreFailed(`${where} was made with another MASTER_KEY; start with that one.`);
    },
    /** Nonce, ciphertext, tag. The subject is authenticated with it, so an entry cannot be passed off as another subject's. */
    makeKey(subject) {
      const nonce = random.bytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(Buffer.from(subject));
      return Buffer.concat([nonce, cipher.update(random.bytes(KEY_BYTES)), cipher.final(), cipher.getAuthTag()]);
    },
    unwrap(subject, wrapped) {
      try {
        const nonce = wrapped.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', wrappingKey, nonce, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(subject))
          .setAuthTag(wrapped.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch (error) {
        throw new StoreFailed(`the key of ${subject} is damaged; restore the key store from a backup`, {
          cause: error,
        });
      }
    },
  };
}

/** Throws RangeError for a name that some key store could not carry. */
export function checkName(name: string): void {
  if (name === '' || name.includes('\0')) throw new RangeError('a subject or mark needs a name without NUL');
}

function derive(masterKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `creator-dashboards key store ${purpose}`, KEY_BYTES));
}
