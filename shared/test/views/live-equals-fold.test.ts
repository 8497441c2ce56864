import { join } from 'node:path';
import { systemClock } from '../../src/time.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { openReadStore } from '../../src/adapters/sqlite/read-store.js';
import { createFeed } from '../../src/feed.js';
import { foldConsumer } from '../../src/feed/consumer.js';
import { digestOf, type Fold, type FoldedDocument } from '../../src/fold.js';
import type { ReadStore, RecordedEvent } from '../../src/ports.js';
import { creatorDashboard } from '../../src/views/creator-dashboard/fold.js';
import { creatorProfile } from '../../src/views/creator-profile/fold.js';
import { views } from '../../src/views/registry.js';
import { logOf } from '../../testing/log.js';
import { plainFold } from '../../testing/plain-fold.js';
import { randomHistory } from '../../testing/random-history.js';
import { temporaryFolder } from '../adapters/temporary-file.js';

describe('Every view, over random histories', () => {
  const folder = temporaryFolder();
  let reads: ReadStore;
  let serial = 0;
  before(() => (reads = openReadStore(join(folder.path, 'views.db'))));
  after(async () => {
    await reads.close();
    folder.remove();
  });

  /** Dies once, after documents were written and before the checkpoint, when `writes` writes have happened. */
  function crashingAfter(writes: number): ReadStore {
    let left = writes;
    return {
      ...reads,
      async write(collection, guarded) {
        if (collection === 'feeds' && left-- <= 0) throw new Error('crash');
        return reads.write(collection, guarded);
      },
    };
  }

  /** Feeds the log in uneven batches by processes that crash and restart from what is stored. */
  async function feedBadly(
    fold: Fold,
    log: readonly RecordedEvent[],
    sizes: readonly number[],
    lives: readonly number[],
  ) {
    const collection = `live.${(serial += 1)}`;
    const consumer = foldConsumer(fold, collection, collection);
    const events = logOf(log);
    for (const [index, writes] of [...lives, Infinity].entries()) {
      const batch = sizes[index % sizes.length] ?? 1;
      const store = writes === Infinity ? reads : crashingAfter(writes);
      const process = { owner: `life ${index}`, isDead: () => true };
      const feed = createFeed({ consumer, events, reads: store, clock: systemClock, ...process, batch });
      await feed.catchUp().catch((error: unknown) => expect(error).to.have.property('message', 'crash'));
    }
    return reads.find<FoldedDocument>(collection, { limit: 100_000 });
  }

  it('equals a plain fold when built live, whatever the batches and crashes (design rule 14)', async function () {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 });
    const lives = fc.array(fc.nat(6), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(randomHistory, sizes, lives, async ({ log }, batchSizes, crashes) => {
        for (const fold of Object.values(views)) {
          const documents = await feedBadly(fold, log, batchSizes, crashes);
          expect(documents, fold.name).to.have.deep.members(plainFold(fold, log));
          expect(digestOf(documents), fold.name).to.equal(digestOf(plainFold(fold, log)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('counts responses, messages and earnings as a person would (G1, G4, G5)', () => {
    fc.assert(
      fc.property(randomHistory, ({ log, expected }) => {
        const dashboards = new Map(plainFold(creatorDashboard, log).map((one) => [one._id, one]));
        const profiles = new Map(plainFold(creatorProfile, log).map((one) => [one._id, one]));
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
