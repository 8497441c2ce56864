/** Counts what a comparison finds: paths, documents and examples, within bounds. */
import { digestOfOne, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';
import { contentOf, countedPath, differingFields, type FieldDifference } from './paths.js';

/** The paths of whole documents: one that only `b` has, and one that only `a` has. */
export const ADDED = '+document';
export const REMOVED = '-document';

/** One document in which a path differs: its key, the exact path, and the values as JSON, null where there is none; cut at 200 characters. */
export type Example = {
  readonly key: string;
  readonly path: string;
  readonly a: string | null;
  readonly b: string | null;
};

export type CountedPath = {
  /** With "*" for places in lists; ADDED and REMOVED for whole documents. */
  readonly path: string;
  readonly documents: number;
  /** The first ten. */
  readonly examples: readonly Example[];
};

/** A key and why, in words. */
export type NamedKey = { readonly key: string; readonly reason: string };

/** Counts of documents, or of keys where one side has none. */
export type Findings = {
  /** Digests of the compared documents in any order, equal where nothing differs: positions and parking marks are no part of them. */
  readonly digests: { readonly a: string; readonly b: string };
  readonly compared: number;
  readonly differing: number;
  /** The most frequent first; the first 100. */
  readonly paths: readonly CountedPath[];
  /** How many other paths there are. */
  readonly morePaths: number;
  readonly notCompared: number;
  /** The first ten. */
  readonly notComparedKeys: readonly NamedKey[];
  /** Parked in `b` and not in `a`. */
  readonly newlyParked: number;
  /** The first ten. */
  readonly newlyParkedKeys: readonly NamedKey[];
  /** Each pair was compared as of a position in here, as decimal strings; null where nothing was compared. */
  readonly events: { readonly from: string; readonly to: string } | null;
};

const MAX_PATHS = 100;
const MAX_COUNTED = 10_000;
const MAX_EXAMPLES = 10;
const MAX_VALUE = 200;
/** How many digests there are: the sum of those of single documents does not depend on their order. */
const DIGESTS = 1n << 256n;

export interface Tally {
  /** Two documents as of one position. Null is none. */
  readonly pair: (key: string, a: FoldedDocument | null, b: FoldedDocument | null, at: Position) => void;
  readonly notCompared: (key: string, reason: string) => void;
  readonly newlyParked: (key: string, reason: string) => void;
  readonly findings: () => Findings;
}

export function createTally(): Tally {
  const counts = new Map<string, { documents: number; examples: Example[] }>();
  const digests = { a: 0n, b: 0n };
  const [notCompared, newlyParked] = [namedKeys(), namedKeys()];
  let [compared, differing, beyond] = [0, 0, 0];
  let events: { from: Position; to: Position } | null = null;

  function count(path: string, example: Example): void {
    const found = counts.get(path);
    if (found) {
      found.documents += 1;
      if (found.examples.length < MAX_EXAMPLES) found.examples.push(example);
    } else if (counts.size < MAX_COUNTED) counts.set(path, { documents: 1, examples: [example] });
    else beyond += 1;
  }

  return {
    pair(key, a, b, at) {
      compared += 1;
      events = { from: events && events.from < at ? events.from : at, to: events && events.to > at ? events.to : at };
      digests.a = (digests.a + numberOf(key, a)) % DIGESTS;
      digests.b = (digests.b + numberOf(key, b)) % DIGESTS;
      const found = differencesOf(a, b);
      if (found.length > 0) differing += 1;
      const byPath = new Map<string, FieldDifference>();
      for (const one of found) if (!byPath.has(countedPath(one.path))) byPath.set(countedPath(one.path), one);
      for (const [path, one] of byPath) count(path, { key, path: one.path, a: cut(one.a), b: cut(one.b) });
    },
    notCompared: notCompared.add,
    newlyParked: newlyParked.add,
    findings() {
      const paths = [...counts]
        .map(([path, found]) => ({ path, ...found }))
        .sort((one, other) => other.documents - one.documents || (one.path < other.path ? -1 : 1));
      return {
        digests: { a: toHex(digests.a), b: toHex(digests.b) },
        compared,
        differing,
        paths: paths.slice(0, MAX_PATHS),
        morePaths: Math.max(0, paths.length - MAX_PATHS) + beyond,
        notCompared: notCompared.count(),
        notComparedKeys: notCompared.first,
        newlyParked: newlyParked.count(),
        newlyParkedKeys: newlyParked.first,
        events: events && { from: events.from.toString(), to: events.to.toString() },
      };
    },
  };
}

function differencesOf(a: FoldedDocument | null, b: FoldedDocument | null): FieldDifference[] {
  if (a && b) return differingFields(a, b);
  if (a) return [{ path: REMOVED, a: JSON.stringify(contentOf(a)), b: undefined }];
  return b ? [{ path: ADDED, a: undefined, b: JSON.stringify(contentOf(b)) }] : [];
}

function numberOf(key: string, document: FoldedDocument | null): bigint {
  return document ? BigInt(`0x${digestOfOne({ ...contentOf(document), _id: key, position: 0n })}`) : 0n;
}

function toHex(digest: bigint): string {
  return digest.toString(16).padStart(64, '0');
}

function namedKeys() {
  let count = 0;
  const first: NamedKey[] = [];
  return {
    first,
    count: () => count,
    add(key: string, reason: string): void {
      count += 1;
      if (first.length < MAX_EXAMPLES) first.push({ key, reason });
    },
  };
}

function cut(value: string | undefined): string | null {
  if (value === undefined) return null;
  return value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value;
}
