import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { RetryLater } from '@creator-dashboards/shared/feed/consumer';
import { derivedId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { creatorTotals } from '../../src/lookups/creator-totals.js';
import { levels } from '../../src/policies/levels.js';
import { createFollowUps } from '../../src/runtime/policy.js';
import type { Harness } from '../support/harness.js';
import { admin, becomeCreator, configured, happened, start, type CreatorPerson } from './flows.js';

describe('Creator levels (G8)', () => {
  let h: Harness;
  let alice: CreatorPerson;
  let messages: number;
  beforeEach(async () => {
    messages = 0;
    h = await start();
    await configured(h, 'creator.silver_min_messages', 2);
    await configured(h, 'creator.silver_min_earnings', 10);
    await configured(h, 'creator.gold_min_messages', 3);
    await configured(h, 'creator.gold_min_earnings', 20);
    alice = await becomeCreator(h);
  });
  afterEach(() => h.close());

  const fanId = derivedId('a fan');
  /** Events of one message to Alice. */
  async function message(...events: DomainEvent[]): Promise<void> {
    const messageId = derivedId('message', String((messages += 1)));
    const keys = { messageId, fanId, creatorId: alice.creatorId, creatorUserId: alice.userId };
    await happened(h, `message-${messageId}`, keys, events);
    await h.catchUp();
  }
  const delivered = (): DomainEvent => ({
    type: 'MessageDelivered',
    data: { paid: true, statusAfter: 'ESCROWED', deliveredAt: h.now(), expiresAt: h.now() },
  });
  const completed = (net: string): DomainEvent => ({
    type: 'MessageCompleted',
    data: { completedAt: h.now(), settlement: { gross: net, commission: '0.00', net } },
  });
  const changes = async () =>
    (await h.log(alice.stream)).flatMap((event) =>
      event.type === 'CreatorLevelChanged' ? [`${event.data.from} -> ${event.data.to} ${event.data.cause}`] : [],
    );

  it('rise with the event that meets the second threshold, whichever of the two it is', async () => {
    await message(delivered(), completed('10.00'));
    expect(await changes()).to.deep.equal([]);
    await message(delivered());
    expect(await changes()).to.deep.equal(['BRONZE -> SILVER EARNED']);
    await message(delivered());
    expect(await changes()).to.deep.equal(['BRONZE -> SILVER EARNED']);
    await message(completed('10.00'));
    expect(await changes()).to.deep.equal(['BRONZE -> SILVER EARNED', 'SILVER -> GOLD EARNED']);
  });

  it('rise two levels at once when the totals allow', async () => {
    for (let count = 0; count < 3; count += 1) await message(delivered());
    await message(completed('20.00'));
    expect(await changes()).to.deep.equal(['BRONZE -> GOLD EARNED']);
  });

  it('count earnings net of reversals, and never fall (9.5)', async () => {
    await message(delivered(), completed('12.00'));
    const { userId, creatorId } = alice;
    const reversal = { messageId: derivedId('message', '1'), gross: '12.00', commission: '0.00', net: '12.00' };
    await happened(h, `creatorWallet-${userId}`, { userId, creatorId }, [
      { type: 'EarningsReversed', data: { ...reversal, before: '0.00', after: '-12.00' } },
    ]);
    await h.catchUp();
    await message(delivered());
    expect(await changes()).to.deep.equal([]);
    expect(await h.service.lookups.get(creatorTotals, creatorId)).to.include({ messages: 2, earnings: 0 });
  });

  it('stay where an admin pinned them', async () => {
    const level = { as: admin, params: alice.params, body: { reason: 'a friend', level: 'SILVER' } };
    await h.call('POST /admin/creators/:creatorId/level', level);
    for (let count = 0; count < 3; count += 1) await message(delivered());
    await message(completed('20.00'));
    expect(await changes()).to.deep.equal(['BRONZE -> SILVER ADMIN']);
  });

  it("are retried by the policy's own feed when the totals lag behind, and no request fails", async () => {
    await message(delivered(), completed('10.00'));
    const behind = { ...h.service, lookups: { ...h.service.lookups, reached: () => Promise.resolve(false) } };
    const event = (await h.log()).find(({ type }) => type === 'MessageDelivered');
    if (!event) throw new Error('nothing was delivered');
    await levels.react(event, behind).then(
      () => expect.fail('it should have waited'),
      (error: unknown) => expect(error).to.be.instanceOf(RetryLater),
    );
    expect(await createFollowUps([levels], () => behind)([event])).to.equal(event.position);
  });

  it('do not rise by a config change alone, but with the next event', async () => {
    await message(delivered(), completed('5.00'));
    await configured(h, 'creator.silver_min_messages', 1);
    await configured(h, 'creator.silver_min_earnings', 5);
    expect(await changes()).to.deep.equal([]);
    await message(delivered());
    expect(await changes()).to.deep.equal(['BRONZE -> SILVER EARNED']);
  });
});
