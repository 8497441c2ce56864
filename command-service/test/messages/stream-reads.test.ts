/**
 * How often a command reads its streams, once they are in memory: each read is a round trip to the event store. A stream that a command
 * only writes is not read, since the append says whether what is remembered is its present state.
 */
import type { EventStore } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import { admin, perMessage, openFixtures, type Creator, type Person, type Fixtures } from './fixtures.js';

/** Reads by the category of the stream. */
type Reads = Readonly<Record<string, number>>;

describe('A command reads streams that are in memory', () => {
  let read: string[];
  let s: Fixtures;
  let fan: Person;
  let creator: Creator;

  beforeEach(async () => {
    read = [];
    const events = (store: EventStore): EventStore => ({
      ...store,
      readStream(stream, options) {
        read.push(stream.split('-')[0] ?? stream);
        return store.readStream(stream, options);
      },
    });
    s = await openFixtures({ events });
    [fan, creator] = [await s.fan('100.00'), await s.creator(perMessage('4.00'))];
    await s.reply(creator, (await s.send(fan, creator)).messageId);
    await s.catchUp();
  });
  afterEach(() => s.close());

  /** Policies that follow at once are part of the command: its answer waits for them. */
  async function expectReads(act: () => Promise<unknown>, expected: Reads): Promise<void> {
    read = [];
    await act();
    const counted: Record<string, number> = {};
    for (const category of read) counted[category] = (counted[category] ?? 0) + 1;
    expect(counted).to.deep.equal(expected);
  }

  it('nine times to send a paid message: each stream to be judged once, the new one of the message and the block again at the end', () =>
    expectReads(() => s.send(fan, creator), {
      creator: 1,
      user: 2,
      block: 2,
      message: 2,
      fanWallet: 1,
      conversation: 1,
    }));

  it('never to answer a send that is repeated: the claim of its key has the answer', async () => {
    const again = () => s.send(fan, creator, { key: 'the same', content: 'the same' });
    await again();
    await expectReads(again, {});
  });

  it('four times for a reply with the payment, the end of the hold and of the admission that follow', async () => {
    const { messageId } = await s.send(fan, creator);
    await expectReads(() => s.reply(creator, messageId), { creator: 1, message: 2, creatorWallet: 1 });
  });

  it('three times for a rejection with the refund and the end of the admission that follow', async () => {
    const { messageId } = await s.send(fan, creator);
    await expectReads(() => s.reject(creator, messageId), { creator: 1, message: 2 });
  });

  it('once for a freeze: of the account that it looks at', () => {
    const body = { type: 'FAN', reason: 'a test' };
    const freeze = () =>
      s.call('POST /admin/wallets/:userId/freeze', { as: admin, params: { userId: fan.userId }, body });
    return expectReads(freeze, { user: 1 });
  });
});
