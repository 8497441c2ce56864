/**
 * Which documents of a view were written last: a short list in the record of its checkpoint, so that a process that reads the record
 * learns which keys to look at again. Numbered by the record's beats, which also count what moves no checkpoint (a repair, an unparked
 * key). Whoever knew the record at a beat from which the list no longer reaches on looks at everything again.
 */
import type { Document, ReadStore } from '../ports.js';
import { createChanges, telling } from './changes.js';

export type Ring = {
  /** Beat of the record that it was written with. In a record of another beat it says nothing: code that knows no rings wrote that. */
  readonly beat: number;
  /** It holds all that was written after this beat. */
  readonly after: number;
  /** Oldest first, each key once. */
  readonly keys: readonly (readonly [beat: number, key: string])[];
};

/** What it needs to know of a checkpoint's record. */
export interface Ringed extends Document {
  readonly token: number;
  readonly beat: number;
  readonly changed?: Ring;
}

/** Keys that were written; 'any' where they are not known. */
export type Keys = ReadonlySet<string> | 'any';

const MAX_KEYS = 128;
/** Every event of the log moves every view's record: one that is seldom written must not carry old keys for ever. */
const MAX_BEATS = 256;

/** The list of the record after `before`, at `beat`, when these keys were written in between. */
export function ringAfter(before: Ringed, beat: number, written: Keys): Ring {
  const ring = before.changed?.beat === before.beat ? before.changed : null;
  if (written === 'any' || written.size > MAX_KEYS || !ring) return { beat, after: beat, keys: [] };
  const kept = ring.keys.filter(([, key]) => !written.has(key));
  const all = [...kept, ...[...written].map((key) => [beat, key] as const)];
  const old = all.filter(([at]) => at < beat - MAX_BEATS).length;
  const dropped = Math.max(old, all.length - MAX_KEYS);
  return { beat, after: Math.max(ring.after, all[dropped - 1]?.[0] ?? 0), keys: all.slice(dropped) };
}

/** What was written of a view since its record was `known`. */
export function writtenSince(record: Ringed, known: Ringed): Keys {
  const { beat, token, position, changed } = record;
  if (beat === known.beat && token === known.token && position === known.position) return new Set();
  const wentBack = beat <= known.beat || token < known.token || position < known.position;
  if (wentBack || changed?.beat !== beat || known.beat < changed.after) return 'any';
  return new Set(changed.keys.filter(([at]) => at > known.beat).map(([, key]) => key));
}

export interface Written {
  /** The keys written since the last call. */
  take(): Keys;
  /** Takes back what could not be announced. */
  giveBack(keys: Keys): void;
}

/** The same store, and which keys of one collection are written through it. */
export function noting(reads: ReadStore, collection: string): { readonly reads: ReadStore; readonly written: Written } {
  let written: Set<string> | 'any' = new Set();
  const changes = createChanges();
  const note = (keys: Iterable<string> | 'any') => {
    if (written === 'any' || keys === 'any') written = 'any';
    else for (const key of keys) written.add(key);
  };
  changes.listen((told) => told.collection === collection && note(told.documents?.keys() ?? 'any'));
  return {
    reads: telling(reads, changes),
    written: {
      take() {
        const taken = written;
        written = new Set();
        return taken;
      },
      giveBack: note,
    },
  };
}
