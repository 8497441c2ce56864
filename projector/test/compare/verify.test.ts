import { createFeed } from '@creator-dashboards/shared/feed';
import { digestOf } from '@creator-dashboards/shared/fold';
import { documentsAfter, history } from '@creator-dashboards/shared/testing/given';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { type CreatorDashboardDocument } from '@creator-dashboards/shared/views/creator-dashboard/document';
import { expect } from 'chai';
import { consumersIn, markForRetry, parkedKeys } from '../../src/cli/parked.js';
import { startPolicyAt } from '../../src/cli/policy-start.js';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { creatorDashboard } from '@creator-dashboards/shared/views/creator-dashboard/fold';
import { verifyView } from '../../src/compare/verify.js';
import {
  creatorUserId,
  delivered,
  idOf,
  rejected,
  sent,
  strangerId,
  upgraded,
  user,
} from '@creator-dashboards/shared/testing/fixtures/cast';
import { openStores, type TestStores } from '../stores.js';

const VIEW = 'creatorDashboard';
const collection = collectionOf(VIEW, 'v1');
const avatar = user(strangerId)('UserAvatarChanged', { userId: strangerId, avatarUrl: null });
const story = [upgraded, avatar, sent(), delivered(), rejected()];

describe('verify', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history(story));
    await feed().catchUp();
    await moveAlias(stores.reads, VIEW, null, { generation: 'v1', position: 0n });
  });
  afterEach(() => stores.close());

  let lives = 0;
  const feed = (consumer = consumerOf(VIEW, 'v1')) =>
    createFeed({
      ...stores,
      consumer,
      clock: { now: () => 0 },
      owner: `life ${(lives += 1)}`,
      isDead: () => true,
    });
  const verify = () => verifyView(stores, VIEW);
  async function tamper(change: (document: CreatorDashboardDocument) => CreatorDashboardDocument): Promise<void> {
    const document = await stores.reads.get<CreatorDashboardDocument>(collection, creatorUserId);
    if (!document) throw new Error('no document');
    const expected = { position: document.position };
    await stores.reads.write(collection, [{ document: change(document), expected }]);
  }

  it('finds a view equal to the fold of its log', async () => {
    expect(await verify()).to.deep.equal({
      view: VIEW,
      generation: 'v1',
      position: 50n,
      documents: 2,
      parked: 0,
      digest: digestOf(documentsAfter(creatorDashboard, story).values()),
      differing: [],
      differences: 0,
    });
  });
  it('names a document with another content', async () => {
    await tamper((document) => ({ ...document, resolvable: 2 }));
    expect(await verify()).to.deep.include({ differing: [creatorUserId], differences: 1 });
  });
  it('names a document that is behind the checkpoint', async () => {
    const early = documentsAfter(creatorDashboard, story.slice(0, 4)).get(creatorUserId);
    await tamper(() => early as CreatorDashboardDocument);
    expect(await verify()).to.deep.include({ differing: [creatorUserId], differences: 1 });
  });
  it('names a missing document and one that should not be', async () => {
    await stores.reads.drop(collection);
    const alien = { _id: idOf(7), position: 20n };
    await stores.reads.write(collection, [{ document: alien, expected: null }]);
    expect(await verify()).to.deep.include({ differing: [creatorUserId, strangerId, idOf(7)].sort(), differences: 3 });
  });
  it('is not misled by documents that are written meanwhile', async () => {
    stores.events.add(history([sent(idOf(3)), delivered(idOf(3))], { after: 50n }));
    const ahead = documentsAfter(creatorDashboard, [...story, sent(idOf(3)), delivered(idOf(3))]).get(creatorUserId);
    await tamper(() => ahead as CreatorDashboardDocument);
    expect(await verify()).to.deep.include({ position: 50n, differing: [] });
  });
  it('answers null for a view that is not served', async () => {
    expect(await verifyView(stores, 'message')).to.equal(null);
  });

  describe('with a parked key', () => {
    const broken = (event: RecordedEvent): RecordedEvent => ({ ...event, data: { ...event.data, paid: 'perhaps' } });
    const more = history([sent(idOf(3)), delivered(idOf(3)), avatar, rejected(idOf(3))], { after: 50n });
    beforeEach(async () => {
      stores.events.add(more.map((event) => (event.type === 'MessageDelivered' ? broken(event) : event)));
      await feed().catchUp();
    });

    it('compares it as of the event it stopped at, and the others in full', async () => {
      expect(await verify()).to.deep.include({ documents: 2, parked: 1, differing: [] });
    });
    it('lists it, and equals the plain fold after a repair and a retry', async () => {
      const consumers = await consumersIn(stores.reads);
      expect(await parkedKeys(stores.reads, consumers)).to.deep.equal([
        {
          consumer: VIEW,
          key: creatorUserId,
          parkedFrom: '70',
          error: 'MessageDelivered at position 70: Invalid input: expected boolean, received string',
          retry: false,
        },
      ]);
      const dashboards = consumers.find(({ name }) => name === VIEW);
      if (!dashboards) throw new Error('the view is missing');
      expect(await markForRetry(stores.reads, dashboards, idOf(1))).to.deep.equal([]);
      expect(await markForRetry(stores.reads, dashboards)).to.deep.equal([creatorUserId]);

      const strict = consumerOf(VIEW, 'v1');
      const repaired = feed({
        ...strict,
        apply: (key, document, event) =>
          strict.apply(
            key,
            document,
            event.data.paid === 'perhaps' ? { ...event, data: { ...event.data, paid: true } } : event,
          ),
      });
      await repaired.catchUp();
      await repaired.retryParked();
      const plain = documentsAfter(creatorDashboard, [
        ...story,
        sent(idOf(3)),
        delivered(idOf(3)),
        avatar,
        rejected(idOf(3)),
      ]);
      expect(await stores.reads.get(collection, creatorUserId)).to.deep.equal(plain.get(creatorUserId));
      expect(await parkedKeys(stores.reads, consumers)).to.deep.equal([]);
    });
  });

  it('policy-start says once from where on a policy acts', async () => {
    expect(await startPolicyAt(stores, 'pay', 50n)).to.equal(true);
    expect(await stores.reads.get('feeds', 'policy.pay')).to.include({
      position: 50n,
      eventId: stores.events.all[4]?.id,
    });
    expect(await startPolicyAt(stores, 'pay', 0n)).to.equal(false);
    expect(await startPolicyAt(stores, 'greet', 0n)).to.equal(true);
    const refused = await startPolicyAt(stores, 'other', 51n).catch((error: unknown) => error);
    expect(refused).to.have.property('message', 'no event is at position 51');
  });
});
