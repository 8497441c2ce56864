/**
 * Compares two generations of a view, document by document, while both are fed. Keys are paged and findings are bounded, so memory
 * does not grow with the view.
 */
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { buildOf, codeThatBuilt } from '../builds.js';
import { foldOn, type FoldOn } from './fold-on.js';
import { filled, holdsFor, meetingOf } from './holds.js';
import { pairReader, positionOf, type Pair, type Pairs } from './pairs.js';
import { createTally, type Findings, type Tally } from './tally.js';

export type ComparedSide = {
  readonly generation: string;
  /** Of the code that built it; null where that was not recorded. */
  readonly fingerprints: { readonly fold: string; readonly shape: string | null } | null;
  /** Of its checkpoint at the end of the comparison, as a decimal string. */
  readonly position: string;
  /** Documents and parked keys in the store at that time. */
  readonly documents: number;
  readonly parked: number;
};

export type Comparison = {
  readonly view: string;
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /** True if only a share of the keys was compared. */
  readonly sampled: boolean;
} & Findings;

export interface ComparePorts {
  readonly events: Pick<EventStore, 'readAll' | 'readStream'>;
  readonly reads: ReadStore;
}

export interface CompareOptions {
  /** Compare about so many documents of a larger view; all by default. */
  readonly sample?: number | undefined;
  /** Called before each page and before documents are read again, with the number of documents of earlier pages; false gives the comparison up. */
  readonly between?: (compared: number) => Promise<boolean>;
  /** Called before documents are read again: whoever feeds the side that is behind, perhaps another process, needs a moment. */
  readonly pause?: () => Promise<void>;
}

/** How long such a moment is. */
export const PAUSE_MS = 50;

const MISSES = 3;

/** Null if it was given up. */
export async function compareGenerations(
  ports: ComparePorts,
  view: View,
  a: string,
  b: string,
  { sample, between = () => Promise.resolve(true), pause = () => Promise.resolve() }: CompareOptions = {},
): Promise<Comparison | null> {
  const { reads } = ports;
  const tally = createTally();
  const counts = await Promise.all([a, b].map((generation) => reads.count(collectionOf(view.name, generation))));
  const share = sample === undefined ? 1 : Math.min(1, sample / Math.max(1, ...counts));
  const read = pairReader(reads, { view: view.name, a, b }, share);
  let last: string | undefined;
  let compared = 0;
  do {
    if (!(await between(compared))) return null;
    const page = await read.page(last);
    let missed = compareMeeting(tally, page);
    for (let misses = 1; missed.length > 0 && misses < MISSES; misses += 1) {
      if (!(await between(compared))) return null;
      await pause();
      missed = compareMeeting(tally, await read.these(missed));
    }
    if (missed.length > 0)
      await compareFoldedOn(ports, tally, (await read.these(missed)).pairs, await codesOf(reads, view, a, b));
    compared += page.pairs.size;
    last = page.last;
  } while (last !== undefined);
  const [ours, theirs] = [await sideOf(reads, view, a), await sideOf(reads, view, b)];
  return { view: view.name, a: ours, b: theirs, sampled: share < 1, ...tally.findings() };
}

/** Compares the pairs that are right for one position; answers the keys of the others. */
function compareMeeting(tally: Tally, { checkpoints, pairs }: Pairs): string[] {
  const missed: string[] = [];
  for (const [key, pair] of pairs) {
    const at = meetingOf(holdsFor(pair.a, checkpoints.a), holdsFor(pair.b, checkpoints.b));
    if (at === null) {
      missed.push(key);
      continue;
    }
    noteParked(tally, key, pair);
    tally.pair(key, filled(pair.a), filled(pair.b), at);
  }
  return missed;
}

interface Codes {
  readonly a: View | null;
  readonly b: View | null;
}

async function codesOf(reads: ReadStore, view: View, a: string, b: string): Promise<Codes> {
  return { a: await codeThatBuilt(reads, view, a), b: await codeThatBuilt(reads, view, b) };
}

/** Folds the older document of each pair on to the position of the other, by the code that made it. */
async function compareFoldedOn(
  { events }: ComparePorts,
  tally: Tally,
  pairs: ReadonlyMap<string, Pair>,
  codes: Codes,
): Promise<void> {
  const older = { a: new Map<string, FoldOn>(), b: new Map<string, FoldOn>() };
  for (const [key, pair] of pairs) {
    noteParked(tally, key, pair);
    const [ours, theirs] = [pair.a?.position ?? 0n, pair.b?.position ?? 0n];
    if (ours < theirs) older.a.set(key, { document: filled(pair.a), until: theirs });
    else older.b.set(key, { document: filled(pair.b), until: ours });
  }
  for (const side of ['a', 'b'] as const) {
    if (older[side].size === 0) continue;
    const code = codes[side];
    const made = code && (await foldOn(events, code, older[side]));
    for (const [key, { until }] of older[side]) {
      const folded = made ? (made.get(key) ?? null) : new Error('there is no code here to fold it on');
      const pair = pairs.get(key) ?? { a: null, b: null };
      if (folded instanceof Error) tally.notCompared(key, folded.message);
      else if (side === 'a') tally.pair(key, folded, filled(pair.b), until);
      else tally.pair(key, filled(pair.a), folded, until);
    }
  }
}

export async function fingerprintsOf(
  reads: Pick<ReadStore, 'get'>,
  view: View,
  generation: string,
): Promise<ComparedSide['fingerprints']> {
  const build = await buildOf(reads, view, generation);
  return build && { fold: build.fold, shape: build.shape };
}

async function sideOf(reads: ReadStore, view: View, generation: string): Promise<ComparedSide> {
  const collection = collectionOf(view.name, generation);
  return {
    generation,
    fingerprints: await fingerprintsOf(reads, view, generation),
    position: (await positionOf(reads, view.name, generation)).toString(),
    documents: await reads.count(collection),
    parked: await reads.count(collection, { parked: true }),
  };
}

function noteParked(tally: Tally, key: string, { a, b }: Pair): void {
  if (b?.parked && !a?.parked) tally.newlyParked(key, `${b.parkedError ?? ''} (from position ${b.parkedFrom ?? '0'})`);
}
