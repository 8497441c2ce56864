/** What the code at hand would make of a sample of a view's documents, compared with the served ones. Nothing is written. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { foldOf } from '../builds.js';
import { aliasOf, generationOf } from '../generations.js';
import { foldOn, type FoldOn } from './fold-on.js';
import { fingerprintsOf, type Comparison } from './generations.js';
import { filled, holdsFor } from './holds.js';
import { positionOf, rankOf } from './pairs.js';
import { createTally } from './tally.js';

export interface PreviewPorts {
  readonly events: Pick<EventStore, 'readAll' | 'readStream'>;
  readonly reads: ReadStore;
}

/** About so many documents, always the same ones, or those of these keys. */
export type Wanted = { readonly sample: number } | { readonly ids: readonly string[] };

/** Served documents by key, null for a key that has none; `reaches` says of other keys whether they would be in the sample. */
interface Sample {
  readonly served: ReadonlyMap<string, FoldedDocument | null>;
  readonly reaches: (key: string) => boolean;
}

const PAGE = 500;

/**
 * Each document is folded from nothing, to the last position for which the served one is right. The candidate `b` is named as a first
 * generation of the code's version. Null if the view is not served yet.
 */
export async function previewView(
  { events, reads }: PreviewPorts,
  view: View,
  wanted: Wanted,
): Promise<Comparison | null> {
  const alias = await aliasOf(reads, view.name);
  if (!alias) return null;
  const collection = collectionOf(view.name, alias.generation);
  const checkpoint = await positionOf(reads, view.name, alias.generation); // before the documents: it is in all of them
  const { served, reaches } =
    'ids' in wanted ? await these(reads, collection, wanted.ids) : await sampleOf(reads, collection, wanted.sample);
  const from = new Map<string, FoldOn>();
  for (const [key, document] of served) from.set(key, { document: null, until: holdsFor(document, checkpoint).until });
  const made = await foldOn(
    events,
    view,
    from,
    othersUpTo(checkpoint, reaches, 'sample' in wanted ? wanted.sample : 0),
  );
  const tally = createTally();
  let [documents, parked] = [0, 0];
  for (const [key, folded] of made) {
    const before = served.get(key) ?? null;
    if (folded instanceof Error) {
      parked += 1;
      if (before?.parked) tally.notCompared(key, folded.message);
      else tally.newlyParked(key, folded.message);
    } else if (folded || filled(before)) {
      documents += folded ? 1 : 0;
      tally.pair(key, filled(before), folded, from.get(key)?.until ?? checkpoint);
    }
  }
  const total = await reads.count(collection);
  const position = checkpoint.toString();
  return {
    view: view.name,
    a: {
      generation: alias.generation,
      fingerprints: await fingerprintsOf(reads, view, alias.generation),
      position,
      documents: total,
      parked: await reads.count(collection, { parked: true }),
    },
    b: {
      generation: generationOf(view.version),
      fingerprints: { fold: foldOf(view), shape: view.fingerprints?.shape ?? null },
      ...{ position, documents, parked },
    },
    sampled: [...served.values()].filter((document) => document !== null).length < total,
    ...tally.findings(),
  };
}

async function these(reads: ReadStore, collection: string, ids: readonly string[]): Promise<Sample> {
  const found = await reads.getMany<FoldedDocument>(collection, ids);
  return { served: new Map(ids.map((id) => [id, found.get(id) ?? null])), reaches: () => false };
}

/** Reads every document, and keeps those whose keys have the lowest ranks. */
async function sampleOf(reads: ReadStore, collection: string, size: number): Promise<Sample> {
  let kept: { readonly rank: number; readonly document: FoldedDocument }[] = [];
  let bound = 1;
  let afterId: string | undefined;
  for (;;) {
    const page = await reads.find<FoldedDocument>(collection, {
      limit: PAGE,
      ...(afterId !== undefined && { afterId }),
    });
    kept.push(
      ...page.map((document) => ({ rank: rankOf(document._id), document })).filter(({ rank }) => rank <= bound),
    );
    if (kept.length > size) {
      kept = kept.sort((one, other) => one.rank - other.rank).slice(0, size);
      bound = kept.at(-1)?.rank ?? 0;
    }
    afterId = page.at(-1)?._id;
    if (page.length < PAGE) break;
  }
  const served = new Map(kept.map(({ document }) => [document._id, document]));
  return { served, reaches: (key) => !served.has(key) && rankOf(key) <= bound };
}

/** Keys that are served nowhere are folded, too, up to the checkpoint, and at most so many. */
function othersUpTo(
  checkpoint: Position,
  reaches: Sample['reaches'],
  most: number,
): (key: string) => Position | undefined {
  const taken = new Set<string>();
  return (key) => {
    if (taken.has(key)) return checkpoint;
    if (taken.size >= most || !reaches(key)) return undefined;
    taken.add(key);
    return checkpoint;
  };
}
