import { messageOf, Refused } from '@creator-dashboards/shared/errors';
import { createFeed } from '@creator-dashboards/shared/feed';
import { repairsIn, repairWith } from '@creator-dashboards/shared/feed/repairs';
import { digestOfOne, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { plainFold } from '@creator-dashboards/shared/testing/plain-fold';
import { randomHistory } from '@creator-dashboards/shared/testing/random-history';
import { history } from '@creator-dashboards/shared/testing/given';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { generationOf } from '@creator-dashboards/shared/views/generation';
import { views } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';
import { messageId, sent } from '@creator-dashboards/shared/testing/fixtures/people';
import { expect } from 'chai';
import fc from 'fast-check';
import { recordBuild } from '../../src/builds.js';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { changeSince, planRepair, repairable } from '../../src/rebuild/repair.js';
import { allIn, openStores, type TestStores } from '../stores.js';
import { letter } from '../toy-views.js';

describe('A repair', () => {
  let stores: TestStores;
  beforeEach(() => (stores = openStores()));
  afterEach(() => stores.close());
  const clock = systemClock;
  const serve = (view: string, generation = 'v1') => moveAlias(stores.reads, view, null, { generation, position: 0n });
  const refusal = (view: View = letter) =>
    repairable(stores.reads, view).then(
      () => null,
      (error: unknown) => (error instanceof Refused ? messageOf(error.key, error.vars) : String(error)),
    );

  it('is refused where nothing is served, and by other code than built what is', async () => {
    expect(await refusal()).to.equal('View letter is not served yet: there is nothing to repair.');
    await serve('letter', 'v2');
    expect(await refusal()).to.equal(
      'Generation v2 of letter was built by other code than this: repair it with that code, or rebuild it.',
    );
  });

  it('is done by the kept code of a version, where that built what is served', async () => {
    await serve('letter', 'v1');
    const view = { ...letter, version: 2, kept: letter };
    expect(await repairable(stores.reads, view)).to.deep.equal({ generation: 'v1', code: letter });
  });

  it('is refused by code of another fingerprint, which is told what has changed', async () => {
    const built = { ...letter, fingerprints: { fold: 'one', shape: 'round' } };
    await recordBuild(stores.reads, built, 'v1');
    await serve('letter');
    expect(await repairable(stores.reads, built)).to.deep.equal({ generation: 'v1', code: built });
    expect(await changeSince(stores.reads, built, 'v1')).to.equal(null);
    const changed = { ...letter, fingerprints: { fold: 'other', shape: 'round' } };
    expect(await refusal(changed)).to.include('v1 of letter was built by other code than this');
    expect(await changeSince(stores.reads, changed, 'v1')).to.equal('its fold has changed since v1 was built');
    const reshaped = { ...letter, fingerprints: { fold: 'one', shape: 'square' } };
    expect(await changeSince(stores.reads, reshaped, 'v1')).to.equal(
      'the shape of its documents has changed since v1 was built',
    );
  });

  it('is refused while the view is rebuilt, and names what is in the way', async () => {
    stores.events.add(history([sent()]));
    await serve('letter');
    await planRebuild({ ...stores, clock }, letter);
    expect(await refusal()).to.equal(
      'Rebuild letter.v1-2 is RUNNING, planned by projector, and will be served instead: wait for its end, or cancel it.',
    );
  });

  /** How a document is damaged: what it loses or gets, by number. */
  const damages: readonly ((document: FoldedDocument) => object)[] = [
    ({ _id, position }) => ({ _id, position }),
    (document) => ({ ...document, position: document.position + 7n }),
    (document) => ({ ...document, position: 1n }),
    (document) => ({ ...document, parked: true, parkedFrom: '10', parkedRetry: false }),
    (document) => Object.fromEntries(Object.entries(document).map(([name, value]) => [name, changed(name, value)])),
  ];
  const changed = (name: string, value: unknown) => (name !== '_id' && typeof value === 'number' ? value + 1 : value);

  it('makes of any damaged document what a rebuild would make of it, whatever arrives meanwhile', async () => {
    const choice = fc.record({
      history: randomHistory,
      /** How much of it there is before the damage, and how much arrives in each batch of the repair. */
      before: fc.double({ min: 0, max: 1, noNaN: true }),
      arriving: fc.integer({ min: 0, max: 9 }),
      batch: fc.integer({ min: 1, max: 12 }),
      damage: fc.nat(damages.length - 1),
      all: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(choice, async ({ history: { log }, before, arriving, batch, damage, all }) => {
        await withStores(async (own) => {
          const arrive = (events: readonly RecordedEvent[]) => own.events.add(events);
          const start = Math.floor(log.length * before);
          arrive(log.slice(0, start));
          for (const view of [views.creatorDashboard, views.message]) {
            const generation = generationOf(view.version);
            const consumer = consumerOf(view, generation);
            let elapsed = 0;
            const time = { ...systemClock, monotonic: () => (elapsed += 10) };
            const feed = createFeed({
              consumer,
              ...own,
              clock: time,
              owner: 'one',
              batch,
              repairs: repairsIn(own.reads),
            });
            await feed.catchUp();
            const whole = await allIn(own.reads, consumer.collection);
            const chosen = all ? whole : whole.slice(0, 1);
            for (const document of chosen) {
              const spoilt = { ...damages[damage]?.(document), _id: document._id } as FoldedDocument;
              const expected = { position: document.position };
              await own.reads.write(consumer.collection, [{ document: spoilt, expected }]);
            }
            await moveAlias(own.reads, view.name, null, { generation, position: 0n });
            const keys = chosen.map(({ _id }) => _id);
            const [asked] = await planRepair({ ...own, clock }, await repairable(own.reads, view), keys);
            while ((await repairWith(own.reads, asked?._id ?? ''))?.state === 'ASKED') {
              arrive(log.slice(own.events.all.length, own.events.all.length + arriving));
              await feed.step();
              await feed.repair();
            }
            await feed.catchUp();
            const documents = await allIn(own.reads, collectionOf(view.name, generation));
            const made = (some: readonly FoldedDocument[]) => new Map(some.map((one) => [one._id, digestOfOne(one)]));
            expect(made(documents)).to.deep.equal(made(plainFold(view, own.events.all)));
            expect(documents.filter(({ parked }) => parked)).to.deep.equal([]);
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  async function withStores(work: (own: TestStores) => Promise<void>): Promise<void> {
    const own = openStores();
    try {
      await work(own);
    } finally {
      await own.close();
    }
  }

  it('is asked for in parts of no more documents than fit in memory', async () => {
    await serve('letter');
    const keys = Array.from({ length: 1_001 }, (_, n) => `${messageId}${n}`);
    const asked = await planRepair({ ...stores, clock }, await repairable(stores.reads, letter), keys);
    expect(new Set(asked.map(({ asked: { request } }) => request)).size).to.equal(1); // one repair in the history
    expect(asked.map((one) => one.keys.length)).to.deep.equal([1_000, 1]);
    expect(asked.flatMap((one) => one.keys)).to.deep.equal(keys);
  });
});
