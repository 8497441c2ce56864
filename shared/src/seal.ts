/**
 * Sealed values (domain 9.8): AES-256-GCM with one key per subject. Values are sealed at the edge, before a command is
 * decided, and opened at the edge, when a response is made; streams, documents and snapshots hold them sealed.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { systemRandom, type Random } from './ids.js';
import { LRUCache } from 'lru-cache';
import type { KeyStore, Sealed } from './ports.js';
import type { WallClock } from './time.js';

/** A subject's key was destroyed (erasure), so nothing new can be sealed for it. */
export class SubjectErased extends Error {}

export interface Sealer {
  /** Seals a JSON value for a subject (a userId). The subject's key is durable before this resolves. Throws SubjectErased. */
  seal<T>(subject: string, value: T): Promise<Sealed<T>>;
  /** The value inside, or null when the subject's key was destroyed. Throws when the seal was tampered with. */
  open<T>(sealed: Sealed<T> | null): Promise<T | null>;
  /** Forgets a cached key at once (erasure in this process; others forget within KEY_CACHE_MS). */
  forget(subject: string): void;
}

/** A key stays in memory this long at most, so an erasure reaches every process within it. */
export const KEY_CACHE_MS = 60_000;
const KEY_CACHE_ENTRIES = 10_000;

/** A key in memory, with short values it has opened, as JSON by their whole seal: they are forgotten with it. */
interface Cached {
  readonly key: Uint8Array;
  readonly until: number;
  readonly opened: Map<string, string>;
}
const OPENED_PER_SUBJECT = 32;
const OPENED_MAX_LENGTH = 1_024;

export function createSealer(keys: KeyStore, clock: WallClock, random: Random = systemRandom): Sealer {
  const cache = new LRUCache<string, Cached>({ max: KEY_CACHE_ENTRIES });
  /** Counts what was forgotten, of whomever. */
  let forgotten = 0;

  async function keyOf(
    subject: string,
    fetch: (subject: string) => Promise<Uint8Array | null>,
  ): Promise<Cached | null> {
    const cached = cache.get(subject);
    if (cached && cached.until > clock.now()) return cached;
    const before = forgotten;
    const key = await fetch(subject);
    if (!key) {
      cache.delete(subject);
      return null;
    }
    // Destroyed meanwhile, maybe: what was fetched serves this one call, and is not kept.
    if (forgotten !== before) return { key, until: 0, opened: new Map() };
    const fresh = { key, until: clock.now() + KEY_CACHE_MS, opened: new Map<string, string>() };
    cache.set(subject, fresh);
    return fresh;
  }

  return {
    async seal<T>(subject: string, value: T): Promise<Sealed<T>> {
      const cached = await keyOf(subject, (s) => keys.getOrCreate(s));
      if (!cached) throw new SubjectErased(`the key of ${subject} was destroyed`);
      const nonce = Buffer.from(random.bytes(12));
      const cipher = createCipheriv('aes-256-gcm', cached.key, nonce).setAAD(Buffer.from(subject));
      const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return {
        subject,
        nonce: nonce.toString('base64'),
        ciphertext: ciphertext.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
      };
    },
    async open<T>(sealed: Sealed<T> | null): Promise<T | null> {
      if (!sealed) return null;
      const cached = await keyOf(sealed.subject, (s) => keys.get(s));
      if (!cached) return null;
      const { key, opened } = cached;
      // By all of it, so that a seal which was tampered with is never taken for the one it was made from.
      const name = sealed.nonce + sealed.tag + sealed.ciphertext;
      const before = opened.get(name);
      if (before !== undefined) return JSON.parse(before) as T;
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce, 'base64'))
        .setAAD(Buffer.from(sealed.subject))
        .setAuthTag(Buffer.from(sealed.tag, 'base64'));
      const bytes = Buffer.concat([decipher.update(Buffer.from(sealed.ciphertext, 'base64')), decipher.final()]);
      const text = bytes.toString('utf8');
      if (name.length <= OPENED_MAX_LENGTH && opened.size < OPENED_PER_SUBJECT) opened.set(name, text);
      return JSON.parse(text) as T;
    },
    forget(subject) {
      forgotten += 1;
      cache.delete(subject);
    },
  };
}

/** A keyed digest of a private value: equal values give equal digests, and nobody without MASTER_KEY can try values out. */
export type Digest = (kind: string, value: string) => string;

/** Digests for stream names (reservations, pointers), body comparison and request comparison, keyed from MASTER_KEY. */
export function createDigest(masterKey: string): Digest {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'creator-dashboards digest', 32));
  return (kind, value) => createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex').slice(0, 40);
}
