/** Keys that are held because an event could not be applied, of every consumer, as the read store has them. */
import { guardOf } from '@creator-dashboards/shared/feed/guard';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { aliasOf } from '../generations.js';
import { heldRebuilds, rebuildsUnderWay } from '../rebuild/plan.js';

const PAGE = 500;

export interface ConsumerCollection {
  /** A view, "<view>.<generation>" of one that is being built or was served before, "policy.<name>" or "lookup.<name>.v<version>". */
  readonly name: string;
  readonly collection: string;
}

export interface ParkedKey {
  readonly consumer: string;
  readonly key: string;
  /** Position of the first event that was not applied, as a decimal string. */
  readonly parkedFrom: string;
  /** Id, type and time of the event that parked it; null where they are not known. */
  readonly event: string | null;
  readonly type: string | null;
  readonly since: Instant | null;
  readonly error: string;
  /** How many later events wait behind it, HELD_MAX for that many or more, and the time of the oldest; null where nobody counted. */
  readonly held: number | null;
  readonly heldSince: Instant | null;
  /** Whether another try was asked for. */
  readonly retry: boolean;
}

/**
 * Everything that can have parked keys: views as served, as served before while somebody feeds that, and as being built; and the
 * policies and look-ups of the command service.
 */
export async function consumersIn(reads: ReadStore, views: ViewRegistry): Promise<ConsumerCollection[]> {
  const ofViews = await Promise.all(Object.keys(views).map((view) => shownOf(reads, view)));
  const known = new Set(ofViews.flat().map(({ collection }) => collection));
  const built = [...(await rebuildsUnderWay(reads)), ...(await heldRebuilds(reads))]
    .filter(({ view }) => Object.hasOwn(views, view))
    .map(({ view, generation }) => besides(view, generation))
    .filter(({ collection }) => !known.has(collection));
  const others = (await reads.collections()).flatMap((collection) => {
    if (collection.startsWith('lookup.')) return [{ name: collection, collection }];
    return collection.startsWith('parked.') ? [{ name: collection.slice('parked.'.length), collection }] : [];
  });
  return [...ofViews.flat(), ...built, ...others];
}

async function shownOf(reads: ReadStore, view: string): Promise<ConsumerCollection[]> {
  const alias = await aliasOf(reads, view);
  if (!alias) return [];
  const served = { name: view, collection: collectionOf(view, alias.generation) };
  const before = alias.previous === null ? null : besides(view, alias.previous);
  const checkpoint = before && (await reads.get<Checkpoint>(CHECKPOINTS, before.name));
  return before && checkpoint && checkpoint.owner !== '' ? [served, before] : [served];
}

function besides(view: string, generation: string): ConsumerCollection {
  return { name: feedNameOf(view, generation), collection: collectionOf(view, generation) };
}

async function* parkedIn(reads: ReadStore, collection: string): AsyncGenerator<FoldedDocument> {
  let afterId: string | undefined;
  for (;;) {
    const page = await reads.find<FoldedDocument>(collection, { where: { parked: true }, afterId, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    afterId = page.at(-1)?._id;
  }
}

export async function parkedKeys(reads: ReadStore, consumers: readonly ConsumerCollection[]): Promise<ParkedKey[]> {
  const keys: ParkedKey[] = [];
  for (const { name, collection } of consumers)
    for await (const document of parkedIn(reads, collection))
      keys.push({
        consumer: name,
        key: document._id,
        parkedFrom: document.parkedFrom ?? '',
        event: document.parkedEvent ?? null,
        type: document.parkedType ?? null,
        since: document.parkedSince ?? null,
        error: document.parkedError ?? '',
        held: document.parkedHeld ?? null,
        heldSince: document.parkedHeldSince ?? null,
        retry: document.parkedRetry ?? false,
      });
  return keys;
}

/** Marks these parked keys of a consumer for a retry by its runner; all of them without `only`. Returns the marked keys. */
export async function markForRetry(
  reads: ReadStore,
  { collection }: ConsumerCollection,
  only?: ReadonlySet<string>,
): Promise<string[]> {
  const marked: string[] = [];
  for await (const document of parkedIn(reads, collection)) {
    if (only && !only.has(document._id)) continue;
    // The guard includes the parking mark: the runner may be trying the document again at this moment.
    const expected = { ...guardOf(document), parked: true, parkedFrom: document.parkedFrom ?? null };
    const held = await reads.write(collection, [{ document: { ...document, parkedRetry: true }, expected }]);
    if (held.has(document._id)) marked.push(document._id);
  }
  return marked;
}
