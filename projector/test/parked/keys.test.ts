import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { documentsAfter, history } from '@creator-dashboards/shared/testing/given';
import {
  creatorUserId,
  delivered,
  idOf,
  messageId,
  replied,
  sent,
} from '@creator-dashboards/shared/testing/fixtures/people';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { expect } from 'chai';
import { consumersIn, markForRetry, parkedKeys } from '../../src/parked/keys.js';
import { aliasOf, consumerOf, moveAlias } from '../../src/generations.js';
import { feedOf, openStores, type TestStores } from '../stores.js';
import { answeredElsewhere, mailbox, toyViews, withBrokenArrivals } from '../toy-views.js';

const story = [sent(), delivered(), answeredElsewhere, replied()];
const consumer = consumerOf(mailbox, 'v1');

describe('Parked keys in the read store', () => {
  let stores: TestStores;
  beforeEach(async () => {
    stores = openStores();
    stores.events.add(withBrokenArrivals(history(story)));
    await feedOf(stores, consumer).catchUp();
    await moveAlias(stores.reads, mailbox.name, null, { generation: 'v1', position: 0n });
  });
  afterEach(() => stores.close());

  async function find() {
    const consumers = await consumersIn(stores.reads, toyViews);
    return {
      keys: await parkedKeys(stores.reads, consumers),
      mailboxes: consumers.filter((one) => one.name === 'mailbox'),
    };
  }

  it('are listed with the event at which they stopped, and the reason', async () => {
    const { keys, mailboxes } = await find();
    expect(mailboxes).to.have.length(1);
    expect(keys).to.deep.equal([
      {
        consumer: 'mailbox',
        key: creatorUserId,
        parkedFrom: '20',
        event: (await stores.events.readAt(20n))?.id,
        type: 'MessageDelivered',
        since: '2026-01-01T00:00:02.000Z',
        error:
          `MessageDelivered at position 20, revision 1 of message-${messageId}: paid: ` +
          'Invalid input: expected boolean, received string',
        ...{ held: 1, heldSince: '2026-01-01T00:00:04.000Z' },
        retry: false,
      },
    ]);
  });

  it('are none for a view that is not served yet', async () => {
    const names = (await consumersIn(stores.reads, toyViews)).map(({ name }) => name);
    expect(names).to.deep.equal(['mailbox']);
  });

  it('are listed of what was served before as well, as long as somebody feeds it', async () => {
    const before = feedOf(stores, consumer);
    await before.catchUp();
    await feedOf(stores, consumerOf(mailbox, 'v1-2')).catchUp();
    const { reads } = stores;
    await moveAlias(reads, mailbox.name, await aliasOf(reads, mailbox.name), { generation: 'v1-2', position: 0n });
    const where = async () => (await find()).keys.map((one) => one.consumer);
    expect(await where()).to.deep.equal(['mailbox', 'mailbox.v1']);
    await before.release();
    expect(await where()).to.deep.equal(['mailbox']);
  });

  it('equal the plain fold after their event was repaired and the retry ran', async () => {
    const [mailboxes] = (await find()).mailboxes;
    if (!mailboxes) throw new Error('the view is missing');
    expect(await markForRetry(stores.reads, mailboxes, new Set([idOf(1)])), 'a key that is not parked').to.deep.equal(
      [],
    );
    expect(await markForRetry(stores.reads, mailboxes)).to.deep.equal([creatorUserId]);

    const feed = feedOf(stores, {
      ...consumer,
      apply: (key, document: FoldedDocument | null, event) => consumer.apply(key, document, repaired(event)),
    });
    await feed.catchUp();
    await feed.retryParked();
    expect(await stores.reads.get(collectionOf('mailbox', 'v1'), creatorUserId)).to.deep.equal(
      documentsAfter(mailbox, story).get(creatorUserId),
    );
    expect((await find()).keys).to.deep.equal([]);
  });
});

function repaired(event: RecordedEvent): RecordedEvent {
  return event.data.paid === 'perhaps' ? { ...event, data: { ...event.data, paid: true } } : event;
}
