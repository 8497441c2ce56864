/** The documents of a window in memory, in front of their collection: each is written when the window says so. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position, ReadStore } from '@creator-dashboards/shared/ports';
import { RetryLater } from '@creator-dashboards/shared/feed/consumer';
import { isDeepStrictEqual } from 'node:util';

interface Kept {
  document: FoldedDocument;
  /** Position of the stored document; null where none is known. */
  stored: Position | null;
  bytes: number;
  changes: number;
}

export interface Buffer {
  /** A read store whose documents of the collection are those in memory. */
  readonly reads: ReadStore;
  /** An estimate of the memory that they take. */
  bytes(): number;
  keys(): Iterable<string>;
  size(): number;
  bytesOf(key: string): number;
  /** How many the store does not have yet. */
  unstored(): number;
  /** How many have changed since they were stored. */
  changed(): number;
  /**
   * Stores up to 500 of those that have changed. A document there that is as far or further was made from the same events by another
   * run of the same rebuild: the further one stays.
   */
  store(): Promise<void>;
  forget(key: string): void;
}

const WRITES_AT_ONCE = 500;
const WRITE_ATTEMPTS = 5;
/** A character of JSON as part of an object in memory, and what a key takes beside it: measured, generously. */
const BYTES_OF_A_CHARACTER = 4;
const BYTES_OF_A_KEY = 400;

/** `isNew`: nothing of these keys is stored that counts, so nothing is read. */
export function openBuffer(reads: ReadStore, collection: string, isNew: boolean): Buffer {
  const kept = new Map<string, Kept>();
  const changed = new Set<string>();
  let bytes = 0;

  function put(key: string, document: FoldedDocument, stored: Position | null): void {
    let one = kept.get(key);
    if (!one) kept.set(key, (one = { document, stored, bytes: 0, changes: 0 }));
    Object.assign(one, { document, stored });
    one.changes += 1;
    if ((one.changes & (one.changes - 1)) !== 0) return; // Measured at the first, second, fourth, eighth … change.
    bytes -= one.bytes;
    one.bytes = sizeOf(document);
    bytes += one.bytes;
  }

  async function read(keys: readonly string[]): Promise<void> {
    const found = await reads.getMany<FoldedDocument>(collection, keys);
    for (const [key, document] of found) put(key, document, document.position);
  }

  /** Writes some of them; where the store has another one than was known, on top of that. */
  async function storeSome(keys: readonly string[]): Promise<void> {
    let open = keys;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt === WRITE_ATTEMPTS) throw new RetryLater(`${collection}: documents keep changing under the rebuild`);
      const ones = open.flatMap((key) => kept.get(key) ?? []);
      const held = await reads.write(
        collection,
        ones.map(({ document, stored }) => ({ document, expected: stored === null ? null : { position: stored } })),
      );
      for (const one of ones) if (held.has(one.document._id)) settle(one, one.document);
      open = open.filter((key) => !held.has(key));
      if (open.length > 0) open = await meet(open);
    }
  }

  /** Looks at documents that another run has stored; returns the keys that must be written still. */
  async function meet(keys: readonly string[]): Promise<string[]> {
    const found = await reads.getMany<FoldedDocument>(collection, keys);
    return keys.filter((key) => {
      const [one, there] = [kept.get(key), found.get(key)];
      if (!one) return false;
      if (there && (there.position > one.document.position || isDeepStrictEqual(there, one.document))) {
        settle(one, there);
        return false;
      }
      one.stored = there ? there.position : null;
      return true;
    });
  }

  function settle(one: Kept, document: FoldedDocument): void {
    Object.assign(one, { document, stored: document.position });
    changed.delete(document._id);
  }

  return {
    reads: {
      ...reads,
      async getMany<D extends FoldedDocument>(from: string, keys: readonly string[]) {
        if (from !== collection) return reads.getMany<D>(from, keys);
        const missing = isNew ? [] : keys.filter((key) => !kept.has(key));
        if (missing.length > 0) await read(missing);
        return new Map(keys.flatMap((key) => (kept.has(key) ? [[key, kept.get(key)?.document as D]] : [])));
      },
      async write(to, writes) {
        if (to !== collection) return reads.write(to, writes);
        for (const { document } of writes) {
          put(document._id, document, kept.get(document._id)?.stored ?? null);
          changed.add(document._id);
        }
        return new Set(writes.map(({ document }) => document._id));
      },
    },
    bytes: () => bytes,
    keys: () => kept.keys(),
    size: () => kept.size,
    bytesOf: (key) => kept.get(key)?.bytes ?? 0,
    unstored: () => [...kept.values()].filter(({ stored }) => stored === null).length,
    changed: () => changed.size,
    store: () => storeSome([...changed].slice(0, WRITES_AT_ONCE)),
    forget(key) {
      bytes -= kept.get(key)?.bytes ?? 0;
      kept.delete(key);
      changed.delete(key);
    },
  };
}

function sizeOf(document: FoldedDocument): number {
  return JSON.stringify({ ...document, position: null }).length * BYTES_OF_A_CHARACTER + BYTES_OF_A_KEY;
}
