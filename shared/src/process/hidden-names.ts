/**
 * Counters whose names nobody can guess: they hold addresses of callers and of accounts, and outlive the windows that they count. What
 * a store has of them are HMACs under the key of the digests, which is itself wrapped by MASTER_KEY (domain 9.8).
 */
import type { Counters, KeyStore } from '../ports.js';
import { digestFrom } from '../seal.js';

/** Before the key of the digests was made each call throws KeyMissing. */
export function withHiddenNames(counters: Counters, keys: Pick<KeyStore, 'get'>): Counters {
  const digest = digestFrom(keys);
  const hidden = async (name: string) => (await digest())('counter', name);
  return {
    hit: async (key, windowMs) => counters.hit(await hidden(key), windowMs),
    undoHit: async (key) => counters.undoHit(await hidden(key)),
    addMember: async (set, member, ttlMs) => counters.addMember(await hidden(set), await hidden(member), ttlMs),
    removeMember: async (set, member) => counters.removeMember(await hidden(set), await hidden(member)),
    close: () => counters.close(),
  };
}
