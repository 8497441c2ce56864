/**
 * Whether a served view is what a plain fold of the log makes (design rule 14). Works beside live traffic: each document is
 * compared with the fold as of its own position. Memory does not grow with the log: the documents are taken in ranges of keys, and
 * the log is folded once for each range.
 */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { withoutDiscarded } from '@creator-dashboards/shared/feed/discards';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { createDigest, digestOfOne, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { codeThatBuilt } from '../builds.js';
import { aliasOf } from '../generations.js';
import { differingFields } from './paths.js';
import { foldRange, type FoldedRange, type KeyRange, type ServedDocument } from './range.js';
import { createTally, type CountedPath } from './tally.js';

export interface Difference {
  readonly key: string;
  /** In words, for people. */
  readonly problem: string;
  /** The paths that differ, in order; empty where one side has no document, or it has changed since. */
  readonly fields: readonly string[];
}

export interface Verdict {
  readonly view: string;
  readonly generation: string;
  /** Everything up to here was compared. */
  readonly position: Position;
  readonly documents: number;
  /** Number of parked documents, which are compared as of the event they stopped at. */
  readonly parked: number;
  /** Digest of all compared documents, as folded. */
  readonly digest: string;
  /** Documents that differ from the fold, are behind the checkpoint, or should not exist; the first MAX_NAMED. */
  readonly differing: readonly Difference[];
  readonly differences: number;
  /** The same as `compare` counts them, `a` being what is served; of at most 1,000 documents of each range. */
  readonly paths: readonly CountedPath[];
  /** Events that the view takes and whose key cannot be told, so that none of its documents has them; the first MAX_NAMED. */
  readonly unreadable: readonly string[];
  /** Why the documents do not belong to this log, and what to do; null if they do. If set, the other fields mean nothing. */
  readonly foreign: string | null;
}

const PAGE = 1_000;
const MAX_NAMED = 20;
/** Documents that are remembered at once. */
const RANGE = 50_000;

/** Whether nothing is wrong with a view. */
export function isEqual({ differences, unreadable, foreign }: Verdict): boolean {
  return differences === 0 && unreadable.length === 0 && foreign === null;
}

/** Null if the view is not served yet. `range`: how many documents are compared at once. */
export async function verifyView(
  { events, reads }: { events: Pick<EventStore, 'readAll' | 'readAt' | 'readStream'>; reads: ReadStore },
  view: View,
  range = RANGE,
): Promise<Verdict | null> {
  const alias = await aliasOf(reads, view.name);
  if (!alias) return null;
  const { generation } = alias;
  const code = await codeThatBuilt(reads, view, generation);
  if (!code) throw new Error(`${generation} was made by other code than v${view.version}: verify it with that code`);
  const checkpoint = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view.name, generation));
  const reached = checkpoint?.position ?? 0n;
  const digest = createDigest();
  const differing: Difference[] = [];
  const unreadable = new Set<string>();
  const collection = collectionOf(view.name, generation);
  const tally = createTally();
  let [documents, parked, differences] = [0, 0, 0];
  for await (const keys of rangesOf(reads, collection, range)) {
    const fold = await withoutDiscarded(events, code); // after the documents: these may have gone on without one meanwhile
    const found = await foldRange({ events, fold, keys, reached });
    for (const one of found.digests) digest.add(one);
    documents += keys.served.size;
    for (const document of keys.served.values()) parked += document.parked ? 1 : 0;
    differences += found.differing.length;
    const pairs = await pairsOf(reads, collection, found.differing);
    for (const [key, { served, expected }] of pairs) tally.pair(key, served, expected, expected.position);
    for (const { key, problem } of found.differing.slice(0, MAX_NAMED - differing.length)) {
      const pair = pairs.get(key);
      differing.push({ key, problem, fields: pair ? fieldsOf(pair) : [] });
    }
    for (const place of found.unreadable) if (unreadable.size < MAX_NAMED) unreadable.add(place);
  }
  return {
    view: view.name,
    generation,
    position: reached,
    documents,
    parked,
    digest: digest.hex(),
    differing,
    differences,
    paths: tally.findings().paths,
    unreadable: [...unreadable],
    foreign: checkpoint ? await foreignTo(events, checkpoint) : null,
  };
}

interface Pair {
  readonly served: FoldedDocument;
  readonly expected: FoldedDocument;
}

/** What is served now beside what the fold makes of it, where it has not changed since it was compared. */
async function pairsOf(
  reads: ReadStore,
  collection: string,
  differing: FoldedRange['differing'],
): Promise<Map<string, Pair>> {
  const folded = differing.flatMap(({ expected }) => expected ?? []);
  const served = await reads.getMany<FoldedDocument>(
    collection,
    folded.map(({ _id }) => _id),
  );
  const pairs = new Map<string, Pair>();
  for (const expected of folded) {
    const document = served.get(expected._id);
    if (document?.position === expected.position) pairs.set(expected._id, { served: document, expected });
  }
  return pairs;
}

function fieldsOf({ served, expected }: Pair): string[] {
  const paths = differingFields(served, expected).map(({ path }) => path);
  return served.lastEvent === expected.lastEvent ? paths : [...paths, 'lastEvent'];
}

/** All keys there can be, in order, cut where `size` documents are served; the last range has no end. */
async function* rangesOf(reads: ReadStore, collection: string, size: number): AsyncGenerator<KeyRange> {
  let after: string | undefined;
  for (;;) {
    const served = new Map<string, ServedDocument>();
    let last = after;
    let isLast = false;
    while (served.size < size && !isLast) {
      const limit = Math.min(PAGE, size - served.size);
      const page = await reads.find<FoldedDocument>(collection, { afterId: last, limit });
      for (const document of page) {
        const { _id, position, parked = false } = document;
        served.set(_id, { position, digest: digestOfOne(document), parked });
      }
      last = page.at(-1)?._id ?? last;
      isLast = page.length < limit;
    }
    yield { after, until: isLast ? undefined : last, served };
    if (isLast) return;
    after = last;
  }
}
