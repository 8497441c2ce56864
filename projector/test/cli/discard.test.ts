import { join } from 'node:path';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { newId } from '@creator-dashboards/shared/ids';
import { devSecrets } from '@creator-dashboards/shared/process/secrets';
import { createSealer } from '@creator-dashboards/shared/seal';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import type { EventStore, ReadStore, RecordedEvent, Sealed } from '@creator-dashboards/shared/ports';
import { creatorUserId, idOf } from '@creator-dashboards/shared/testing/fixtures/people';
import { systemClock } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { consumerOf } from '../../src/generations.js';
import { planRebuild } from '../../src/rebuild/planner.js';
import { planned } from '../stores.js';
import { foldTwice } from '../../src/compare/twice.js';
import { verifyView } from '../../src/compare/verify.js';
import { mailbox, type MailboxDocument } from '../toy-views.js';
import { openParkedStores, type ParkedStores } from '../parked-stores.js';

describe('projector parked discard', () => {
  let stores: ParkedStores;
  let events: EventStore;
  let reads: ReadStore;
  beforeEach(async () => {
    stores = await openParkedStores();
    ({ events, reads } = stores);
  });
  afterEach(() => stores.close());

  const run = (...args: string[]) => stores.run('parked', ...args);
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out) as Record<string, unknown>[];

  const reason = ['--reason', 'sent by a broken importer'];
  const boxOf = (generation: string, key: string = creatorUserId) =>
    reads.get<MailboxDocument>(collectionOf('mailbox', generation), key);
  const runFeed = async (generation: string) => {
    const feed = stores.feedOf(consumerOf(mailbox, generation));
    await feed.catchUp();
    await feed.retryParked();
    return feed;
  };
  const discards = () => events.readStream('parkedDiscards-mailbox');

  it('lets a key go on without the event, with all that was held, and a rebuild makes the same document', async () => {
    const outcome = await run('discard', 'mailbox', creatorUserId, ...reason, '--by', 'anna');
    const poison = await events.readAt(2n);
    expect(outcome).to.deep.include({ code: 0, out: `mailbox ${creatorUserId}: goes on without ${poison?.id}\n` });
    expect(await boxOf('v1'), 'no runner has seen it yet').to.include({ parked: true });

    const feed = await runFeed('v1');
    const live = await boxOf('v1');
    expect(live).to.include({ delivered: 0, answered: 1, position: 4n }).and.not.have.property('parked');
    expect((await feed.status()).parkedKeys).to.equal(0);
    await runFeed('v1-2');
    expect(await boxOf('v1-2')).to.deep.equal(live);
    expect(await verifyView({ events, reads }, mailbox)).to.include({ differences: 0, documents: 2, parked: 0 });
    expect(await run('discard', 'mailbox', creatorUserId, ...reason)).to.include({ code: 1 });
  });

  it('is an event that says what, why and who, with seals for both', async () => {
    await run('discard', 'mailbox', creatorUserId, ...reason, '--by', 'anna');
    const [event, ...others] = await discards();
    expect(others).to.deep.equal([]);
    const { id: eventId } = (await events.readAt(2n)) ?? {};
    expect(event?.data).to.deep.include({
      ...{ consumer: 'mailbox', eventId, eventType: 'MessageDelivered', key: creatorUserId, position: '2' },
    });
    expect(event?.metadata).to.deep.include({ actor: { userId: 'cli', role: 'SYSTEM' }, prevHash: null, keys: {} });
    const keys = openKeyStore(join(stores.folder, 'keys.db'), [devSecrets.MASTER_KEY]);
    const sealer = createSealer({ keys, events, clock: systemClock });
    expect(await sealer.open(kinds.reason, event?.metadata.reason ?? null)).to.equal(reason[1]);
    expect(await sealer.open(kinds.operator, event?.data.by as unknown as Sealed<string>)).to.equal('anna');
    await keys.close();
  });

  it('leaves no document where the discarded event was the only one', async () => {
    const arrival = { ...(await events.readAt(2n)), stream: `message-${idOf(7)}`, id: newId() };
    const { stream, id, type = '', data = {}, metadata = (await events.readAt(1n))?.metadata } = arrival;
    if (!metadata) throw new Error('the log is empty');
    const keys = { ...metadata.keys, creatorUserId: idOf(6) };
    await events.append(stream, 'no_stream', [{ id, type, data, metadata: { ...metadata, keys } }]);
    await runFeed('v1');
    expect(await boxOf('v1', idOf(6))).to.include({ parked: true, position: 0n });
    expect(await run('discard', 'mailbox', idOf(6), ...reason)).to.include({ code: 0 });
    await runFeed('v1');
    await runFeed('v1-2');
    for (const generation of ['v1', 'v1-2']) expect(await boxOf(generation, idOf(6)), generation).to.equal(null);
    expect(await verifyView({ events, reads }, mailbox)).to.include({ differences: 0, parked: 1 });
  });

  it('is done by the next runner where one died after it had seen the event and before the key went on', async () => {
    await run('discard', 'mailbox', creatorUserId, ...reason);
    await stores.feedOf().catchUp(); // sees the event, and dies
    expect(await boxOf('v1')).to.include({ parked: true, parkedRetry: true });
    await runFeed('v1');
    expect(await boxOf('v1'))
      .to.include({ answered: 1 })
      .and.not.have.property('parked');
  });

  it('reaches a generation that is being built, also where it had parked the event before', async () => {
    const building = stores.feedOf(consumerOf(mailbox, 'v1-2'));
    await building.catchUp();
    expect(await boxOf('v1-2')).to.include({ parked: true });
    await run('discard', 'mailbox', creatorUserId, ...reason);
    await building.catchUp();
    await building.retryParked();
    await runFeed('v1');
    expect(await boxOf('v1-2')).to.deep.equal(await boxOf('v1'));
  });

  it('takes a key from those that "status" counts, of a policy as well', async () => {
    const policy = stores.policyFeed([]);
    await policy.catchUp();
    const statusOf = async () =>
      JSON.parse((await stores.run('status', '--json')).out) as {
        views: { view: string }[];
        others: { name: string; parkedKeys: number }[];
      };
    expect((await statusOf()).others.find(({ name }) => name === 'policy.greet')).to.include({ parkedKeys: 1 });
    expect((await statusOf()).views.find(({ view }) => view === 'mailbox')).to.include({ parkedKeys: 1 });
    await run('discard', 'policy.greet', creatorUserId, ...reason);
    await policy.catchUp();
    await policy.retryParked();
    expect((await statusOf()).others.find(({ name }) => name === 'policy.greet')).to.include({ parkedKeys: 0 });
  });

  it('of a cause reaches every view and policy that it holds, each by an event of its own', async () => {
    await stores.policyFeed([]).catchUp();
    const [cause] = await json('list');
    expect(cause).to.deep.include({ keys: 2, consumers: { mailbox: 1, 'policy.greet': 1 } });
    const done = await run('discard', '--cause', String(cause?.cause), ...reason, '--json');
    const { id: event } = (await events.readAt(2n)) ?? {};
    expect(JSON.parse(done.out)).to.deep.include({ refused: [] });
    expect((JSON.parse(done.out) as { discarded: unknown[] }).discarded).to.have.deep.members(
      ['mailbox', 'policy.greet'].map((consumer) => ({
        ...{ consumer, key: creatorUserId, event, type: 'MessageDelivered', position: '2' },
      })),
    );
    expect(await discards()).to.have.lengthOf(1);
    expect(await events.readStream('parkedDiscards-policy.greet')).to.have.lengthOf(1);
  });

  it('is refused where a generation that is being built has applied the event', async () => {
    const { generation } = planned(await planRebuild({ reads, events, clock: systemClock }, mailbox));
    const mended = {
      ...consumerOf(mailbox, generation),
      apply: (_id: string, _: unknown, { position }: RecordedEvent) => ({ _id, position }),
    };
    await stores.feedOf(mended).catchUp();
    const { code, out } = await run('discard', 'mailbox', creatorUserId, ...reason);
    expect({ code, out }).to.deep.equal({
      code: 1,
      out: `mailbox ${creatorUserId}: not discarded, mailbox.${generation} has applied the event: mend the code that cannot, and retry\n`,
    });
    expect(await discards()).to.deep.equal([]);
  });

  it('is no difference to a comparison that has begun before', async () => {
    let isFirst = true;
    const find: ReadStore['find'] = async (...query) => {
      if (isFirst) {
        isFirst = false;
        await run('discard', 'mailbox', creatorUserId, ...reason);
        await runFeed('v1');
      }
      return reads.find(...query);
    };
    expect(await verifyView({ events, reads: { ...reads, find } }, mailbox)).to.include({
      differences: 0,
      parked: 0,
    });
  });

  it('lets "verify --twice" go on past the event', async () => {
    expect(await foldTwice(events, mailbox)).to.include({ parked: 1 });
    await run('discard', 'mailbox', creatorUserId, ...reason);
    expect(await foldTwice(events, mailbox)).to.include({ parked: 0, documents: 2 });
  });

  it('is one event where two operators say it at once', async () => {
    const both = await Promise.all([1, 2].map(() => run('discard', 'mailbox', creatorUserId, ...reason)));
    expect(both.map(({ code }) => code)).to.deep.equal([0, 0]);
    expect(await discards()).to.have.lengthOf(1);
  });

  it('is refused while another try was asked for, and without a reason', async () => {
    await run('retry', 'mailbox', creatorUserId);
    expect(await run('discard', 'mailbox', creatorUserId, ...reason)).to.deep.include({
      code: 1,
      out: `mailbox ${creatorUserId}: not discarded, another try was asked for\n`,
    });
    expect(await discards()).to.deep.equal([]);
    expect(await run('discard', 'mailbox', creatorUserId)).to.include({ code: 2 });
    expect(await run('discard', 'mailbox', ...reason)).to.include({ code: 2 });
  });

  it('lets a policy go on without acting on the event', async () => {
    const acted: string[] = [];
    const feed = stores.policyFeed(acted);
    await feed.catchUp();
    const held = acted.splice(0);
    expect(await run('discard', 'policy.greet', creatorUserId, ...reason)).to.include({ code: 0 });
    await feed.catchUp();
    await feed.retryParked();
    expect([held, acted]).to.deep.equal([['MessageReplied'], ['MessageReplied']]);
    expect(await reads.count('parked.policy.greet'), 'documents of keys that are not parked').to.equal(0);
  });
});
