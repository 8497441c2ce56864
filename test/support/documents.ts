/** What is stored of views and look-ups, and whether it is what the log makes. */
import { features } from '@creator-dashboards/command-service/features/features';
import { unfinishedReservations } from '@creator-dashboards/command-service/lookups/unfinished-reservations';
import { lookupCollection } from '@creator-dashboards/command-service/runtime/lookups';
import { aliasOf } from '@creator-dashboards/projector/generations';
import { digestOf, type Fold, foldAll, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Stores } from '@creator-dashboards/shared/process/connect';
import type { ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { plainFold } from '@creator-dashboards/shared/testing/plain-fold';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { config as configView } from '@creator-dashboards/shared/views/config/fold';
import { views } from '@creator-dashboards/shared/views/registry';
import { expect } from 'chai';

/** Where the documents of each view are now, by its name. */
export async function servedCollections(reads: ReadStore): Promise<Map<string, string>> {
  const served = Object.keys(views).map(async (view) => {
    const alias = await aliasOf(reads, view);
    if (!alias) throw new Error(`${view} is not served`);
    return [view, collectionOf(view, alias.generation)] as const;
  });
  return new Map(await Promise.all(served));
}

/** Every view and look-up equals a plain fold of the log (design rule 14). */
export async function expectFolded({ reads }: Pick<Stores, 'reads'>, log: readonly RecordedEvent[]): Promise<void> {
  const served = await servedCollections(reads);
  for (const view of Object.values(views)) await expectDocuments(reads, served.get(view.name) ?? '', view, log);
  const lookups = [configView, unfinishedReservations, ...features.flatMap((feature) => feature.lookups)];
  for (const lookup of lookups) await expectDocuments(reads, lookupCollection(lookup), lookup, log);
}

async function expectDocuments(
  reads: ReadStore,
  collection: string,
  fold: Fold,
  log: readonly RecordedEvent[],
): Promise<void> {
  const live = await documentsIn(reads, collection);
  const expected = plainFold(fold, log);
  expect(live, collection).to.have.deep.members(expected);
  expect(digestOf(live), collection).to.equal(digestOf(expected));
  expect(digestOf(live), collection).to.equal(digestOf(foldAll(fold, log).values()));
}

export async function documentsIn(reads: ReadStore, collection: string): Promise<FoldedDocument[]> {
  const documents: FoldedDocument[] = [];
  for (;;) {
    const afterId = documents.at(-1)?._id;
    const page = await reads.find<FoldedDocument>(collection, {
      limit: 1_000,
      ...(afterId !== undefined && { afterId }),
    });
    if (page.length === 0) return documents;
    documents.push(...page);
  }
}
