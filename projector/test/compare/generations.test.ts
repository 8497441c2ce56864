import { history } from '@creator-dashboards/shared/testing/given';
import {
  creatorUserId,
  delivered,
  idOf,
  replied,
  sent,
  strangerId,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { expect } from 'chai';
import { recordBuild } from '../../src/builds.js';
import { compareGenerations, type CompareOptions } from '../../src/compare/generations.js';
import { consumerOf } from '../../src/generations.js';
import { feedOf, openStores, type TestStores } from '../stores.js';
import { answeredElsewhere, letter, mailbox, withBrokenArrivals, type MailboxDocument } from '../toy-views.js';

/** It counts each answer twice. */
const wrong: View<MailboxDocument> = {
  ...mailbox,
  version: 2,
  handlers: { ...mailbox.handlers, MessageReplied: (box) => ({ ...box, answered: box.answered + 2 }) },
};

describe('A comparison of two generations', () => {
  let stores: TestStores;
  beforeEach(() => {
    stores = openStores();
    stores.events.add(history([sent(), answeredElsewhere, sent(idOf(2)), delivered(), replied()]));
  });
  afterEach(() => stores.close());

  const feed = (view: View, generation: string) => feedOf(stores, consumerOf(view, generation)).catchUp();
  async function compare(view: View = mailbox, options: CompareOptions = {}, [a, b] = ['v1', 'v2']) {
    const found = await compareGenerations(stores, view, a, b, options);
    if (!found) throw new Error('given up');
    return found;
  }

  it('finds nothing where both were made alike, and the digests are equal', async () => {
    for (const [generation, fingerprints] of [
      ['v1', { fold: 'one', shape: 'round' }],
      ['v2', { fold: 'two', shape: 'square' }],
    ] as const) {
      await recordBuild(stores.reads, { ...mailbox, fingerprints }, generation);
      await feed(mailbox, generation);
    }
    const { a, b, digests, ...found } = await compare();
    expect([a, b]).to.deep.equal([
      { generation: 'v1', fingerprints: { fold: 'one', shape: 'round' }, position: '50', documents: 2, parked: 0 },
      { generation: 'v2', fingerprints: { fold: 'two', shape: 'square' }, position: '50', documents: 2, parked: 0 },
    ]);
    expect(digests.a)
      .to.equal(digests.b)
      .and.to.match(/^[0-9a-f]{64}$/);
    expect(found).to.deep.equal({
      view: 'mailbox',
      sampled: false,
      compared: 2,
      differing: 0,
      paths: [],
      morePaths: 0,
      notCompared: 0,
      notComparedKeys: [],
      newlyParked: 0,
      newlyParkedKeys: [],
      events: { from: '50', to: '50' },
    });
  });
  it('names a wrong field by its path, the number of documents, and both values', async () => {
    await feed(mailbox, 'v1');
    await feed(wrong, 'v2');
    const found = await compare();
    expect(found).to.include({ compared: 2, differing: 2 });
    expect(found.digests.a).not.to.equal(found.digests.b);
    expect(found.paths.map(({ path, documents }) => [path, documents])).to.deep.equal([['answered', 2]]);
    expect(found.paths[0]?.examples).to.have.deep.members([
      { key: creatorUserId, path: 'answered', a: '1', b: '2' },
      { key: strangerId, path: 'answered', a: '1', b: '2' },
    ]);
  });
  it('names documents that only one side has', async () => {
    await feed(mailbox, 'v1');
    await feed({ ...mailbox, keyOf: () => idOf(5) }, 'v2');
    const found = await compare();
    expect(found.paths.map(({ path, documents }) => [path, documents])).to.deep.equal([
      ['-document', 2],
      ['+document', 1],
    ]);
  });
  it('keeps ten examples of a path, and counts the others', async () => {
    stores.events.add(history(Array.from({ length: 30 }, (_, n) => sent(idOf(100 + n))), { after: 50n })); // prettier-ignore
    await feed(letter, 'v1');
    await feed({ ...letter, initial: { arrived: true } }, 'v2');
    const { paths, compared } = await compare(letter);
    // Of 32 letters one was delivered.
    expect([compared, paths[0]?.path, paths[0]?.documents, paths[0]?.examples.length]).to.deep.equal([32, 'arrived', 31, 10]); // prettier-ignore
  });
  it('pages through more keys than it reads at once, which differ on each side', async () => {
    const ids = Array.from({ length: 1_201 }, (_, n) => idOf(1_000 + n));
    const write = (generation: string, keys: string[]) =>
      stores.reads.write(
        collectionOf('letter', generation),
        keys.map((_id) => ({ document: { _id, position: 1n, arrived: false }, expected: null })),
      );
    await stores.reads.declare(collectionOf('letter', 'v1'), []);
    await stores.reads.declare(collectionOf('letter', 'v2'), []);
    await write('v1', ids.slice(1));
    await write('v2', ids.slice(0, -600));
    await feed(letter, 'v1');
    await feed(letter, 'v2');
    const found = await compare(letter);
    expect(found.paths.map(({ path, documents }) => [path, documents])).to.deep.equal([
      ['-document', 600],
      ['+document', 1],
    ]);
    expect(found.compared).to.equal(1_201 + 2); // and the two letters of the log
  });
  it('reads a document again that is further on one side, once the other has come there', async () => {
    await feed(mailbox, 'v1');
    await feed(mailbox, 'v2');
    stores.events.add(history([sent(idOf(3)), delivered(idOf(3))], { after: 50n }));
    await feed(mailbox, 'v1');
    let calls = 0;
    const between = async () => {
      calls += 1;
      if (calls === 2) await feed(mailbox, 'v2');
      return true;
    };
    const found = await compare(mailbox, { between });
    expect(found).to.include({ compared: 2, differing: 0, notCompared: 0 });
    expect(found.events).to.deep.equal({ from: '50', to: '70' });
    expect(calls).to.equal(2);
  });
  it('gives whoever feeds the side that is behind a moment before it reads again, where no code here could fold that on', async () => {
    await feed(mailbox, 'v1');
    await feed(mailbox, 'v2');
    let after = 50n;
    /** Each time the candidate is fed on it takes another event, and the other process comes there a moment later. */
    const between = async () => {
      stores.events.add(history([sent(idOf(Number(after))), delivered(idOf(Number(after)))], { after }));
      after += 20n;
      await feed(mailbox, 'v2');
      return true;
    };
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
      await feed(mailbox, 'v1');
    };
    const found = await compare({ ...mailbox, version: 2 }, { between, pause });
    expect(found).to.include({ compared: 2, differing: 0, notCompared: 0 });
    expect(pauses).to.equal(1);
  });
  it('folds the older document on by its own code where the other stays further', async () => {
    await feed(mailbox, 'v1');
    await feed(wrong, 'v2');
    stores.events.add(history([sent(idOf(3)), delivered(idOf(3)), replied(idOf(3))], { after: 50n }));
    await feed(mailbox, 'v1');
    const found = await compare({ ...wrong, kept: mailbox });
    expect(found).to.include({ compared: 2, differing: 2, notCompared: 0 });
    // Two answers, counted twice each.
    expect(found.paths[0]?.examples).to.deep.include({ key: creatorUserId, path: 'answered', a: '2', b: '4' });
    expect(await stores.reads.get(collectionOf('mailbox', 'v2'), creatorUserId)).to.include({ answered: 2 });
  });
  it('does not compare what it would have to fold on by code that is not here, and says so', async () => {
    await feed(mailbox, 'v1');
    await feed(mailbox, 'v2');
    stores.events.add(history([sent(idOf(3)), delivered(idOf(3))], { after: 50n }));
    await feed(mailbox, 'v2');
    const found = await compare({ ...mailbox, version: 2 });
    expect(found).to.include({ compared: 1, differing: 0, notCompared: 1 });
    expect(found.notComparedKeys).to.deep.equal([
      { key: creatorUserId, reason: 'there is no code here to fold it on' },
    ]);
  });
  it('compares a parked document as of the event before, and names what is parked in b only', async () => {
    await feed(mailbox, 'v1');
    const broken = { ...stores, events: { ...stores.events, readAll: brokenReads() } };
    await feedOf(broken, consumerOf(mailbox, 'v2')).catchUp();
    const found = await compare({ ...mailbox, version: 2, kept: mailbox });
    expect(found.b).to.include({ documents: 2, parked: 1 });
    expect(found.newlyParkedKeys.map(({ key }) => key)).to.deep.equal([creatorUserId]);
    expect(found.newlyParkedKeys[0]?.reason).to.include('MessageDelivered').and.to.include('from position 40');
    expect(found).to.include({ newlyParked: 1, differing: 0 });
  });
  it('compares a share of a larger view, the same keys each time', async () => {
    stores.events.add(history(Array.from({ length: 400 }, (_, n) => sent(idOf(100 + n))), { after: 50n })); // prettier-ignore
    await feed(letter, 'v1');
    await feed(letter, 'v2');
    const found = await compare(letter, { sample: 100 });
    expect(found.sampled).to.equal(true);
    expect(found.compared).to.be.within(60, 140);
    expect(await compare(letter, { sample: 100 })).to.deep.equal(found);
    expect(await compare(letter, { sample: 1_000 })).to.include({ sampled: false, compared: 402 });
  });
  it('is given up when it is told so', async () => {
    await feed(mailbox, 'v1');
    await feed(mailbox, 'v2');
    expect(await compareGenerations(stores, mailbox, 'v1', 'v2', { between: () => Promise.resolve(false) })).to.equal(
      null,
    );
  });

  function brokenReads(): TestStores['events']['readAll'] {
    return async (options) => withBrokenArrivals(await stores.events.readAll(options));
  }
});
