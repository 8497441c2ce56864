/**
 * Sealed values (domain 9.8): AES-256-GCM with one key per subject. Values are sealed at the edge, before a command is
 * decided, and opened at the edge, when a response is made; streams, documents and snapshots hold them sealed. The format is
 * that of the log for ever: domain 9.8 has it byte by byte.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { SealedKind } from './events/sealed.js';
import { systemRandom, type Random } from './ids.js';
import type { EventStore, KeyStore, Sealed } from './ports.js';
import { KeyMissing } from './store-errors.js';
import type { WallClock } from './time.js';

/** A subject's key was destroyed (erasure), so nothing new can be sealed for it. */
export class SubjectErased extends Error {}

export interface Sealer {
  /**
   * Seals a JSON value of a kind for a subject (a userId). The subject's key is durable before this resolves. Throws
   * SubjectErased, and KeyMissing for a subject whose account exists without its key.
   */
  seal<T>(kind: SealedKind<T>, subject: string, value: T): Promise<Sealed<T>>;
  /**
   * The value inside, or null when the subject's key was destroyed. Throws KeyMissing when the key that sealed it is not in the
   * key store, and another error for a seal of another kind or version, or one that was tampered with.
   */
  open<T>(kind: SealedKind<T>, sealed: Sealed<T> | null): Promise<T | null>;
  /** Whether the subject's key was destroyed. Throws KeyMissing when there is none. */
  isErased(subject: string): Promise<boolean>;
  /** Forgets a cached key at once, or everybody's (null): it may have been destroyed. */
  forget(subject: string | null): void;
  /** Calls `listener` whenever a key is forgotten, or everybody's (null): what it opened must go, too. */
  onForget(listener: (subject: string | null) => void): void;
}

/** A key stays in memory this long at most, so an erasure reaches every process within it. */
export const KEY_CACHE_MS = 60_000;
const KEY_CACHE_ENTRIES = 10_000;

/** A cached key, with short values it has opened, as JSON by kind and whole seal: they are evicted with it. */
interface Cached {
  readonly key: KeyObject;
  readonly keyId: string;
  readonly until: number;
  readonly opened: Map<string, string>;
}
const OPENED_PER_SUBJECT = 32;
const OPENED_MAX_LENGTH = 1_024;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealerOptions {
  readonly keys: Pick<KeyStore, 'get' | 'getOrCreate'>;
  /** Whether a subject's account exists: tells a missing key from a new subject. */
  readonly events: Pick<EventStore, 'readStream'>;
  readonly clock: WallClock;
  readonly random?: Random;
  /** Called for each missing key, for the alert. */
  readonly onMissing?: (error: KeyMissing) => void;
}

export function createSealer({ keys, events, clock, random = systemRandom, onMissing }: SealerOptions): Sealer {
  const cache = new LRUCache<string, Cached>({ max: KEY_CACHE_ENTRIES });
  const listeners: ((subject: string | null) => void)[] = [];
  /** Number of evictions, for all subjects. */
  let forgotten = 0;

  function reported(error: unknown): never {
    if (error instanceof KeyMissing) onMissing?.(error);
    throw error;
  }

  async function keyOf(
    subject: string,
    fetch: (subject: string) => Promise<Uint8Array | 'destroyed'>,
  ): Promise<Cached | null> {
    const cached = cache.get(subject);
    if (cached && cached.until > clock.now()) return cached;
    const before = forgotten;
    const found = await fetch(subject).catch(reported);
    if (found === 'destroyed') {
      cache.delete(subject);
      return null;
    }
    const key = createSecretKey(found); // as bytes, each use of it would cost four times as much
    const fresh = { key, keyId: keyIdOf(key), until: clock.now() + KEY_CACHE_MS, opened: new Map<string, string>() };
    // It may have been destroyed meanwhile: what was fetched is used for this one call and not cached.
    if (forgotten !== before) return { ...fresh, until: 0 };
    cache.set(subject, fresh);
    return fresh;
  }

  async function existing(subject: string): Promise<Uint8Array | 'destroyed'> {
    const found = await keys.get(subject);
    if (found === 'none') throw missing(`${subject} has seals but no key`);
    return found;
  }

  async function existingOrNew(subject: string): Promise<Uint8Array | 'destroyed'> {
    const found = await keys.get(subject);
    if (found !== 'none') return found;
    const known = await events.readStream(`user-${subject}`, { limit: 1 });
    if (known.length > 0) throw missing(`${subject} has an account but no key`);
    return keys.getOrCreate(subject);
  }

  return {
    async seal<T>(kind: SealedKind<T>, subject: string, value: T): Promise<Sealed<T>> {
      const cached = await keyOf(subject, existingOrNew);
      if (!cached) throw new SubjectErased(`the key of ${subject} was destroyed`);
      const { key, keyId } = cached;
      const nonce = Buffer.from(random.bytes(NONCE_BYTES));
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(kind, subject, keyId));
      const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return {
        subject,
        keyId,
        nonce: nonce.toString('base64'),
        ciphertext: ciphertext.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
      };
    },

    async open<T>(kind: SealedKind<T>, sealed: Sealed<T> | null): Promise<T | null> {
      if (!sealed) return null;
      const { subject, keyId } = sealed;
      const cached = await keyOf(subject, existing);
      if (!cached) return null;
      if (cached.keyId !== keyId)
        reported(missing(`a seal of ${subject} names the key ${keyId}, which is not hers here`));
      // Keyed by the whole seal, so that a tampered one is never taken for the original.
      const name = JSON.stringify([kind.name, kind.version, sealed.nonce, sealed.tag, sealed.ciphertext]);
      const before = cached.opened.get(name);
      if (before !== undefined) return JSON.parse(before) as T;
      const text = opened(cached.key, kind, sealed);
      if (name.length <= OPENED_MAX_LENGTH && cached.opened.size < OPENED_PER_SUBJECT) cached.opened.set(name, text);
      return JSON.parse(text) as T;
    },

    isErased: async (subject) => (await keyOf(subject, existing)) === null,

    onForget: (listener) => void listeners.push(listener),

    forget(subject) {
      forgotten += 1;
      if (subject === null) cache.clear();
      else cache.delete(subject);
      for (const listener of listeners) listener(subject);
    },
  };
}

function missing(message: string): KeyMissing {
  return new KeyMissing(`${message}: the key store is older than the log; restore its newest backup`);
}

/** What a seal is bound to, authenticated with it. JSON, so that no two lists of parts give the same text. */
function boundTo({ name, version }: SealedKind, subject: string, keyId: string): Buffer {
  return Buffer.from(JSON.stringify(['creator-dashboards seal', 1, subject, keyId, name, version]));
}

/** Names a key without revealing anything about it. */
function keyIdOf(key: KeyObject): string {
  return createHmac('sha256', key).update('creator-dashboards key id').digest('hex').slice(0, 16);
}

/** Throws, with what it is and whose, what was tampered with or is the seal of something else. */
function opened(key: KeyObject, kind: SealedKind<unknown>, sealed: Sealed): string {
  const { subject, keyId } = sealed;
  try {
    return decrypted(key, sealed, boundTo(kind, subject, keyId));
  } catch (cause) {
    throw new Error(`the ${kind.name} of ${subject} cannot be opened: its seal was changed, or is of something else`, {
      cause,
    });
  }
}

function decrypted(key: KeyObject, { nonce, ciphertext, tag }: Sealed, boundTo: Buffer): string {
  // Otherwise a shorter tag would be accepted, which is quickly guessed.
  const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, 'base64'), { authTagLength: TAG_BYTES })
    .setAAD(boundTo)
    .setAuthTag(Buffer.from(tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64')), decipher.final()]).toString('utf8');
}

/** A keyed digest of a private value: equal values give equal digests, and without the key nobody can test guesses. */
export type Digest = (kind: string, value: string) => string;

/** The subject of the key that all digests are made with. */
export const DIGESTS = 'digests';

/**
 * The digest of this installation, by the key that its key store has; asked for once. The command service makes that key: until then it
 * throws KeyMissing.
 */
export function digestFrom(keys: Pick<KeyStore, 'get'>): () => Promise<Digest> {
  let digest: Digest | undefined;
  return async () => {
    if (digest) return digest;
    const key = await keys.get(DIGESTS);
    if (typeof key === 'string') throw new KeyMissing('the key of the digests is not there yet');
    return (digest = digestWith(key));
  };
}

/** Digests for stream names (reservations, pointers), body comparison and request comparison. */
export function digestWith(key: Uint8Array): Digest {
  const secret = createSecretKey(key); // as bytes, the key would cost more than the digest, each time
  return (kind, value) => createHmac('sha256', secret).update(`${kind}\0${value}`).digest('hex').slice(0, 40);
}
