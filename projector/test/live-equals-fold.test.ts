import { createFeed } from '@creator-dashboards/shared/feed';
import { foldConsumer } from '@creator-dashboards/shared/feed/consumer';
import { digestOf, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import { categoryOf, decode } from '@creator-dashboards/shared/events/index';
import type { ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { logOf } from '@creator-dashboards/shared/testing/log';
import { expect } from 'chai';
import fc from 'fast-check';
import { views, viewNames } from '@creator-dashboards/shared/views/registry';
import { creatorDashboard } from '@creator-dashboards/shared/views/creator-dashboard/fold';
import { creatorProfile } from '@creator-dashboards/shared/views/creator-profile/fold';
import { randomHistory } from '@creator-dashboards/shared/testing/random-history';
import { allIn, openStores, type TestStores } from './stores.js';

type Anything = Fold<FoldedDocument>;

/** What a view must be: every event on its document, one after the other. Says what `fold.ts` means, without using it. */
function plainFold(fold: Anything, log: readonly RecordedEvent[]): FoldedDocument[] {
  const documents = new Map<string, FoldedDocument>();
  for (const event of log) {
    const handler = fold.handlers[event.type as keyof typeof fold.handlers] as
      ((content: object, event: unknown) => object) | undefined;
    if (!handler || !fold.categories.includes(categoryOf(event.stream))) continue;
    const key = fold.keyOf(event) ?? '';
    const document = {
      ...handler(documents.get(key) ?? fold.initial, decode(event)),
      _id: key,
      position: event.position,
    };
    documents.set(key, document);
  }
  return [...documents.values()];
}

describe('a view built live', () => {
  let stores: TestStores;
  let serial = 0;
  before(() => (stores = openStores()));
  after(() => stores.close());

  /** Dies once, after documents were written and before the checkpoint, when `writes` writes have happened. */
  function crashingAfter(writes: number): ReadStore {
    let left = writes;
    return {
      ...stores.reads,
      async write(collection, guarded) {
        if (collection === 'feeds' && left-- <= 0) throw new Error('crash');
        return stores.reads.write(collection, guarded);
      },
    };
  }

  /** Feeds the log in uneven pieces by processes that crash, and start again from what is stored. */
  async function feedBadly(
    fold: Anything,
    log: readonly RecordedEvent[],
    sizes: readonly number[],
    lives: readonly number[],
  ) {
    const collection = `live.${(serial += 1)}`;
    const consumer = foldConsumer(fold, collection, collection);
    const events = logOf(log);
    const clock = { now: () => 0 };
    for (const [index, writes] of [...lives, Infinity].entries()) {
      const batch = sizes[index % sizes.length] ?? 1;
      const reads = writes === Infinity ? stores.reads : crashingAfter(writes);
      const feed = createFeed({ consumer, events, reads, clock, owner: `life ${index}`, isDead: () => true, batch });
      await feed.catchUp().catch((error: unknown) => expect(error).to.have.property('message', 'crash'));
    }
    return allIn(stores.reads, collection);
  }

  it('is what a plain fold makes, whatever the batches and wherever it crashed (design rule 14)', async function () {
    this.timeout(60_000);
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 });
    const lives = fc.array(fc.nat(6), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(randomHistory, sizes, lives, async ({ log }, batchSizes, crashes) => {
        for (const view of viewNames) {
          const fold = views[view] as unknown as Anything; // one list of folds of different documents
          const documents = await feedBadly(fold, log, batchSizes, crashes);
          expect(documents, view).to.have.deep.members(plainFold(fold, log));
          expect(digestOf(documents), view).to.equal(digestOf(plainFold(fold, log)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('counts what a person would count (G1, G4, G5)', () => {
    fc.assert(
      fc.property(randomHistory, ({ log, expected }) => {
        const dashboards = new Map(
          plainFold(creatorDashboard as unknown as Anything, log).map((one) => [one._id, one]),
        );
        const profiles = new Map(plainFold(creatorProfile as unknown as Anything, log).map((one) => [one._id, one]));
        for (const [userId, { balance, links, ...counters }] of expected) {
          expect(dashboards.get(userId))
            .to.deep.include(counters)
            .and.to.have.nested.property('wallet.balance', balance);
          const { totalMessages, totalEarnings } = counters;
          expect(profiles.get(userId)).to.include({ totalMessages, totalEarnings });
          expect(profiles.get(userId)).to.have.nested.property('bioPage.links').with.length(links);
        }
      }),
      { numRuns: 200 },
    );
  });
});
