/**
 * Keys at rest, the same in every key store: AES-256-GCM ciphertext under a key derived from a MASTER_KEY, which it names. During a
 * rotation of MASTER_KEY several are given: the first wraps, all unwrap. Backups depend on the format, so it never changes:
 * version 1, name of the MASTER_KEY, nonce, ciphertext, tag (1 + 8 + 12 + 32 + 16 bytes).
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from '../ids.js';
import { KeyMissing, StoreFailed } from '../store-errors.js';

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const NAME_BYTES = 8;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = 1 + NAME_BYTES;
const CIPHERTEXT_AT = NONCE_AT + NONCE_BYTES;
const WRAPPED_BYTES = CIPHERTEXT_AT + KEY_BYTES + TAG_BYTES;

export interface KeyWrapping {
  /** A new data key, wrapped for its subject by the first MASTER_KEY. */
  makeKey(subject: string): Uint8Array;
  /** Throws KeyMissing for what an unknown MASTER_KEY wraps, StoreFailed for what was wrapped for somebody else, or damaged. */
  unwrap(subject: string, wrapped: Uint8Array): Uint8Array;
  /** The same key wrapped by the first MASTER_KEY; null where it is already. Throws what `unwrap` throws. */
  rewrap(subject: string, wrapped: Uint8Array): Uint8Array | null;
  /** Names the first MASTER_KEY without revealing anything about it. */
  readonly name: string;
  /**
   * What the store called `where` must record when it is opened: the names of all its MASTER_KEYs, the first one included. `laidDown`
   * is what it has recorded, if anything. Throws StoreFailed if one of those was not given.
   */
  named(laidDown: string | undefined, where: string): string;
}

interface MasterKey {
  readonly name: string;
  readonly key: Buffer;
}

/** `masterKeys` are those that may have wrapped existing keys; the first one wraps new ones. */
export function keyWrapping(masterKeys: readonly string[], random: Random): KeyWrapping {
  const all = masterKeys.map((masterKey): MasterKey => {
    return { name: derive(masterKey, 'name', NAME_BYTES).toString('hex'), key: derive(masterKey, 'wrap', KEY_BYTES) };
  });
  const [first] = all;
  if (!first) throw new RangeError('a key store needs a MASTER_KEY');

  function wrap(subject: string, key: Uint8Array, { name, key: wrappingKey }: MasterKey): Uint8Array {
    const nonce = random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, wrappingKey, nonce).setAAD(boundTo(name, subject));
    const sealed = [cipher.update(key), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat([Buffer.of(FORMAT), Buffer.from(name, 'hex'), nonce, ...sealed]);
  }

  function masterKeyOf(subject: string, wrapped: Uint8Array): MasterKey {
    if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== FORMAT) throw damaged(subject);
    const name = Buffer.from(wrapped.subarray(1, NONCE_AT)).toString('hex');
    const known = all.find((each) => each.name === name);
    if (!known) throw new KeyMissing(`the MASTER_KEY named ${name}, which wraps the key of ${subject}, was not given`);
    return known;
  }

  function unwrap(subject: string, wrapped: Uint8Array): Uint8Array {
    const { name, key } = masterKeyOf(subject, wrapped);
    try {
      const nonce = wrapped.subarray(NONCE_AT, CIPHERTEXT_AT);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(boundTo(name, subject))
        .setAuthTag(wrapped.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(wrapped.subarray(CIPHERTEXT_AT, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw damaged(subject, error);
    }
  }

  return {
    name: first.name,
    makeKey: (subject) => wrap(subject, random.bytes(KEY_BYTES), first),
    unwrap,
    rewrap: (subject, wrapped) =>
      masterKeyOf(subject, wrapped) === first ? null : wrap(subject, unwrap(subject, wrapped), first),
    named(laidDown, where) {
      const names = laidDown?.split(',') ?? [];
      if (names.some((name) => all.every((each) => each.name !== name)))
        throw new StoreFailed(
          `${where} holds keys of another MASTER_KEY; start with that one, or with both while you rotate: MASTER_KEY=new,old`,
        );
      return [...new Set([...names, first.name])].join(',');
    },
  };
}

export interface WrappedKey {
  readonly subject: string;
  readonly wrapped: Uint8Array;
}

/** What `rewrapAll` needs of a store. */
interface RewrapSteps {
  /** The next keys after a subject, in the order of their subjects; destroyed ones left out. An empty page is the end. */
  page(after: string, limit: number): Promise<readonly WrappedKey[]>;
  /** Replaces the old form only if it is still there: a key that was destroyed meanwhile stays destroyed. */
  replace(key: WrappedKey, rewrapped: Uint8Array): Promise<void>;
}
const PAGE = 500;

/** Repeats until a whole pass finds nothing: processes that started earlier may have created keys meanwhile. */
export async function rewrapAll({ rewrap }: KeyWrapping, { page, replace }: RewrapSteps): Promise<number> {
  let total = 0;
  for (let found = 1; found > 0; total += found) {
    found = 0;
    let keys = await page('', PAGE);
    while (keys.length > 0) {
      for (const key of keys) {
        const rewrapped = rewrap(key.subject, key.wrapped);
        if (!rewrapped) continue;
        await replace(key, rewrapped);
        found += 1;
      }
      keys = await page(keys.at(-1)?.subject ?? '', PAGE);
    }
  }
  return total;
}

/** Throws RangeError for a name that some key store could not carry. */
export function checkName(name: string): void {
  if (name === '' || name.includes('\0')) throw new RangeError('a subject or mark needs a name without NUL');
}

/** The subject is authenticated with its key, so that an entry cannot be passed off as another subject's. */
function boundTo(masterKeyName: string, subject: string): Buffer {
  return Buffer.from(JSON.stringify(['creator-dashboards wrapped key', FORMAT, masterKeyName, subject]));
}

function damaged(subject: string, cause?: unknown): StoreFailed {
  return new StoreFailed(`the key of ${subject} is damaged; restore the key store from a backup`, { cause });
}

function derive(masterKey: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `creator-dashboards key store ${purpose}`, bytes));
}
