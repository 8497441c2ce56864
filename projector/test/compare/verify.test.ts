import { digestOf } from '@creator-dashboards/shared/fold';
import { documentsAfter, history } from '@creator-dashboards/shared/testing/given';
import {
  creatorUserId,
  delivered,
  idOf,
  messageId,
  replied,
  sent,
  strangerId,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { logOf } from '@creator-dashboards/shared/testing/log';
import type { View } from '@creator-dashboards/shared/views/view';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { systemClock } from '@creator-dashboards/shared/time';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { isEqual, verifyView } from '../../src/compare/verify.js';
import { consumerOf, moveAlias } from '../../src/generations.js';
import { statusOfViews } from '../../src/status.js';
import { feedOf, openStores, type TestStores } from '../stores.js';
import { answeredElsewhere, letter, mailbox, withBrokenArrivals, type MailboxDocument } from '../toy-views.js';

const collection = collectionOf(mailbox.name, 'v1');
const story = [sent(), answeredElsewhere, sent(idOf(2)), delivered(), replied()];
const more = [sent(idOf(3)), delivered(idOf(3))];

describe('The command verify', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(history(story));
    await feed().catchUp();
    await moveAlias(stores.reads, mailbox.name, null, { generation: 'v1', position: 0n });
  });
  afterEach(() => stores.close());

  const feed = () => feedOf(stores, consumerOf(mailbox, 'v1'));
  const verify = () => verifyView(stores, mailbox);
  const folded = (given: typeof story) => documentsAfter(mailbox, given);
  async function tamper(change: (document: MailboxDocument) => MailboxDocument | undefined): Promise<void> {
    const before = await stores.reads.get<MailboxDocument>(collection, creatorUserId);
    const document = before && change(before);
    if (!document) throw new Error('no document');
    await stores.reads.write(collection, [{ document, expected: { position: before.position } }]);
  }

  it('finds no differences in a view that equals the fold of its log', async () => {
    expect(await verify()).to.deep.equal({
      view: 'mailbox',
      generation: 'v1',
      position: 50n,
      documents: 2,
      parked: 0,
      digest: digestOf(folded(story).values()),
      differing: [],
      differences: 0,
      paths: [],
      unreadable: [],
      foreign: null,
    });
  });
  it('says of documents of another log that they are, and what to do', async () => {
    const name = feedNameOf(mailbox.name, 'v1');
    const document = await stores.reads.get<Checkpoint>(CHECKPOINTS, name);
    if (!document) throw new Error('no checkpoint');
    const { token } = document;
    await stores.reads.write(CHECKPOINTS, [{ document: { ...document, eventId: 'another' }, expected: { token } }]);
    expect((await verify())?.foreign)
      .to.include('the log has another event at position 50')
      .and.include('Restore');
    const [status] = await statusOfViews({ ...stores, clock: systemClock, views: { mailbox } });
    expect(status?.foreign).to.equal((await verify())?.foreign);
  });

  it('names a document with other content, and the fields that differ', async () => {
    await tamper((document) => ({ ...document, answered: 2, delivered: 7 }));
    const difference = { key: creatorUserId, problem: 'differs', fields: ['answered', 'delivered'] };
    expect(await verify()).to.deep.include({ differing: [difference], differences: 1 });
  });
  it('counts the paths that differ, with what is served and what the fold makes', async () => {
    await tamper((document) => ({ ...document, answered: 2 }));
    const example = { key: creatorUserId, path: 'answered', a: '2', b: '1' };
    expect((await verify())?.paths).to.deep.equal([{ path: 'answered', documents: 1, examples: [example] }]);
  });
  it('names a document that is behind the checkpoint', async () => {
    await tamper(() => folded(story.slice(0, 4)).get(creatorUserId));
    const difference = { key: creatorUserId, problem: 'is behind the checkpoint', fields: [] };
    expect(await verify()).to.deep.include({ differing: [difference], differences: 1 });
  });
  it('names missing documents, and one that should not exist', async () => {
    await stores.reads.drop(collection);
    const alien = { _id: idOf(7), position: 20n };
    await stores.reads.write(collection, [{ document: alien, expected: null }]);
    const verdict = await verify();
    expect(verdict?.differences).to.equal(3);
    expect(new Map(verdict?.differing.map(({ key, problem }) => [key, problem]))).to.deep.equal(
      new Map([
        [creatorUserId, 'is missing'],
        [strangerId, 'is missing'],
        [idOf(7), 'should not exist'],
      ]),
    );
  });
  it('says the same however few documents it holds at once', async () => {
    await tamper((document) => ({ ...document, answered: 2 }));
    const whole = await verify();
    for (const range of [1, 2, 3]) expect(await verifyView(stores, mailbox, range)).to.deep.equal(whole);
    await stores.reads.drop(collection);
    expect((await verifyView(stores, mailbox, 1))?.differences).to.equal(2);
  });
  it('goes on past an event that it cannot read, which is a difference of its key alone', async () => {
    const broken = logOf(withBrokenArrivals(stores.events.all));
    const verdict = await verifyView({ ...stores, events: broken }, mailbox);
    expect(verdict).to.include({ documents: 2, differences: 1 });
    expect(verdict?.differing[0]?.key).to.equal(creatorUserId);
    expect(verdict?.differing[0]?.problem).to.include('cannot be folded: MessageDelivered at position 40');
  });
  it('judges no generation by other code than made it, except by the code kept of it', async () => {
    const raised = { ...mailbox, version: 2 };
    const refused = await verifyView(stores, raised).catch((error: unknown) => error);
    expect(refused).to.have.property('message', 'v1 was made by other code than v2: verify it with that code');
    expect(await verifyView(stores, { ...raised, kept: mailbox })).to.deep.equal(await verify());
  });
  it('names an event whose key cannot be told', async () => {
    const unkeyed: View<MailboxDocument> = {
      ...mailbox,
      keyOf(event) {
        if (event.position === 40n) throw new Error('the metadata is not JSON');
        return mailbox.keyOf(event);
      },
    };
    const verdict = await verifyView(stores, unkeyed);
    expect(verdict?.unreadable).to.deep.equal([`MessageDelivered at position 40 of message-${messageId}`]);
    expect(verdict && isEqual(verdict)).to.equal(false);
  });
  it('compares a document that is ahead of the checkpoint as of its own position', async () => {
    stores.events.add(history(more, { after: 50n }));
    await tamper(() => folded([...story, ...more]).get(creatorUserId));
    expect(await verify()).to.deep.include({ position: 50n, differing: [] });
  });
  it('gives no verdict on a view that is not served', async () => {
    expect(await verifyView(stores, letter)).to.equal(null);
  });
  it('compares a parked document as of the event it stopped at, and the others in full', async () => {
    stores.events.add(withBrokenArrivals(history([...more, answeredElsewhere, replied(idOf(3))], { after: 50n })));
    await feed().catchUp();
    expect(await verify()).to.deep.include({ documents: 2, parked: 1, differing: [] });
  });
});
