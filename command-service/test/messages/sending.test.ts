/** POST /messages: its checks in order (domain 2.1), its errors (9.10), and what is written when every check passes. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { DAY, plus, SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { statusOf } from '@creator-dashboards/shared/errors';
import { CreatorId, newId } from '@creator-dashboards/shared/ids';
import { admin, free, perMessage, refusalOf, openFixtures, withStatus, type Fixtures } from './fixtures.js';

describe('Sending a message', () => {
  let s: Fixtures;
  /** What happens, once, between the hold and the last step of a send. */
  let whileModerating = () => Promise.resolve();
  before(async () => {
    s = await openFixtures({
      providers: (simulators) => ({
        ...simulators,
        moderation: {
          async review(text) {
            await whileModerating();
            whileModerating = () => Promise.resolve();
            return simulators.moderation.review(text);
          },
        },
      }),
    });
  });
  after(() => s.close());

  const freeze = (userId: string) =>
    s.call('POST /admin/wallets/:userId/freeze', {
      as: admin,
      params: { userId },
      body: { type: 'FAN', reason: 'a test' },
    });

  it('holds the price of a paid message, which is ESCROWED', async () => {
    const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
    const { messageId, status, position } = await s.send(fan, creator, { content: 'Dear creator' });
    expect(status).to.equal('ESCROWED');
    expect(await s.purse(fan)).to.deep.equal({ balance: '6.00', held: '4.00' });
    expect(await s.types(`conversation-${fan.userId}_${creator.creatorId}`)).to.deep.equal(['MessageAdmitted']);
    const [sent, delivered] = await s.log(`message-${messageId}`);
    const parties = { messageId, fanId: fan.userId, creatorId: creator.creatorId, creatorUserId: creator.userId };
    expect(sent?.data).to.deep.include({
      ...parties,
      dmType: 'PER_MESSAGE',
      priceSnapshot: '4.00',
      commissionRate: 20,
      timeoutHours: 72,
      sentAt: s.now(),
    });
    expect(delivered?.data).to.deep.equal({
      paid: true,
      statusAfter: 'ESCROWED',
      deliveredAt: s.now(),
      expiresAt: plus(s.now(), 3 * DAY),
    });
    expect(sent?.metadata.keys).to.deep.equal(parties);
    expect(position).to.equal(delivered?.position.toString());
    expect(messageId.slice(-2), 'the partition of its creator (9.1)').to.equal(creator.userId.slice(-2));
    const { content } = sent?.data as { content: Sealed<string> };
    expect(await s.service.sealer.open(kinds.messageContent, content)).to.equal('Dear creator');
  });

  it('writes reservations first and the message last (G43, 9.2)', async () => {
    const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
    const before = (await s.log()).length;
    await s.send(fan, creator);
    expect((await s.types()).slice(before)).to.deep.equal([
      'MessageAdmitted',
      'EscrowHeld',
      'MessageSent',
      'MessageDelivered',
    ]);
  });

  it('touches no wallet for a free message, which is DELIVERED', async () => {
    const [fan, creator] = [await s.fan(), await s.creator(free)];
    const { messageId, status } = await s.send(fan, creator, { dmType: 'FREE' });
    expect(status).to.equal('DELIVERED');
    expect((await s.log(`message-${messageId}`))[0]?.data).to.include({ priceSnapshot: null });
    expect(await s.types(`fanWallet-${fan.userId}`)).to.deep.equal([]);
  });

  it('uses the commission rate and timeout in force when it is sent (G7)', async () => {
    const [fan, creator] = [await s.fan('50.00'), await s.creator(perMessage('10.00'))];
    await s.toCreator(creator, {
      type: 'CreatorLevelChanged',
      data: { from: 'BRONZE', to: 'GOLD', cause: 'ADMIN', pinned: true },
    });
    await s.config('creator.commission_gold', 12.5);
    await s.config('dm.timeout_hours', 24);
    const { messageId } = await s.send(fan, creator);
    await s.config('creator.commission_gold', 90);
    await s.reply(creator, messageId);
    expect(await s.earned(creator), '10.00 less 12.5 %').to.equal('8.75');
    const [sent] = await s.log(`message-${messageId}`);
    expect(sent?.data).to.include({ commissionRate: 12.5, timeoutHours: 24 });
    await s.config('dm.timeout_hours', 72);
  });

  describe('is refused', () => {
    /** Everything is wrong at once; each step removes the first of these errors. */
    it('by the checks in their documented order (2.1)', async () => {
      const [fan, creator] = [await s.fan(), await s.creator()];
      const attempt = () => refusalOf(s.send(fan, creator, { content: 'the same words' }));
      const suspended = withStatus('SUSPENDED');
      const start = s.now();
      await s.toCreator(creator, suspended);
      await s.blocks(creator, fan);
      await s.toCreator(creator, { type: 'VacationEnabled', data: { start, end: null, statusAfter: 'SUSPENDED' } });

      expect(await attempt()).to.equal('message.send.error.receiver_inactive');
      await s.toCreator(creator, { type: 'CreatorReinstated', data: { statusAfter: 'VACATION' } });
      expect(await attempt()).to.equal('message.send.error.blocked');
      await s.blocks(creator, fan, 'UserUnblocked');
      expect(await attempt()).to.equal('message.send.error.dm_disabled');
      await s.dmConfig(creator, { ...free, active: false });
      expect(await attempt()).to.equal('message.send.error.dm_disabled');
      await s.dmConfig(creator, free);
      expect(await attempt()).to.equal('message.send.error.on_vacation');
      await s.toCreator(creator, { type: 'VacationDisabled', data: { statusAfter: 'ACTIVE', by: 'CREATOR' } });
      expect(await attempt()).to.equal('message.send.error.type_mismatch');
      await s.dmConfig(creator, perMessage('4.00'));
      expect(await attempt()).to.equal('message.send.error.insufficient_balance');
      expect(await s.types(`conversation-${fan.userId}_${creator.creatorId}`), 'nothing was written').to.be.empty;
    });

    it('as a duplicate before the pending limit, and by the pending limit before the price (2.1, G40)', async () => {
      const [fan, creator] = [await s.fan('4.00'), await s.creator(perMessage('4.00'))];
      await s.send(fan, creator, { content: 'the same words' });
      await freeze(fan.userId);
      expect(await refusalOf(s.send(fan, creator, { content: 'the same words' }))).to.equal(
        'message.send.error.duplicate',
      );
      expect(await refusalOf(s.send(fan, creator, { content: 'other words' }))).to.equal(
        'message.send.error.pending_limit',
      );
    });

    it("when the sender's e-mail address is not verified", async () => {
      const [fan, creator] = [await s.fan(), await s.creator()];
      const [registered] = await s.log(`user-${fan.userId}`);
      if (registered?.type !== 'UserRegistered') throw new Error('a fan begins with her registration');
      const unverified = { ...fan, userId: newId() };
      await s.toUser(unverified, {
        type: 'UserRegistered',
        data: { ...registered.data, userId: unverified.userId, emailVerifiedAt: null },
      });
      await s.toCreator(creator, withStatus('BANNED'));
      expect(await refusalOf(s.send(unverified, creator))).to.equal('message.send.error.email_not_verified');
    });

    it("when the creator's account is deactivated or the profile deleted", async () => {
      const fan = await s.fan('10.00');
      const deactivated = await s.creator(perMessage('4.00'));
      await s.toUser(deactivated, {
        type: 'UserDeactivated',
        data: { userId: deactivated.userId, reason: null, purgeAt: plus(s.now(), DAY) },
      });
      expect(await refusalOf(s.send(fan, deactivated))).to.equal('message.send.error.receiver_inactive');
      const deleted = await s.creator(perMessage('4.00'));
      await s.toCreator(deleted, { type: 'CreatorDeleted', data: { deletedAt: s.now() } });
      expect(await refusalOf(s.send(fan, deleted))).to.equal('message.send.error.receiver_inactive');
    });

    it('to an unknown creator and to oneself', async () => {
      const creator = await s.creator(perMessage('4.00'));
      const nobody = { ...creator, creatorId: CreatorId(newId()) };
      expect(await refusalOf(s.send(creator, nobody))).to.equal('message.send.error.creator_not_found');
      expect(await refusalOf(s.send(creator, creator))).to.equal('message.send.error.self');
    });

    it('when either side has blocked the other', async () => {
      const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
      await s.blocks(fan, creator);
      expect(await refusalOf(s.send(fan, creator))).to.equal('message.send.error.blocked');
    });

    it('when one blocks the other while the message is being sent, and leaves nothing behind (G44b)', async () => {
      const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
      whileModerating = () => s.blocks(creator, fan);
      expect(await refusalOf(s.send(fan, creator))).to.equal('message.send.error.blocked');
      expect(await s.purse(fan)).to.deep.equal({ balance: '10.00', held: '0.00' });
      expect((await s.conversation(fan, creator)).open).to.deep.equal([]);
    });

    it('when the price is not the expected one, before anything is written (G49)', async () => {
      const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
      const before = (await s.log()).length;
      for (const expectedPrice of ['0.00', '3.99', '4.01'])
        expect(await refusalOf(s.send(fan, creator, { expectedPrice }))).to.equal('message.send.error.price_changed');
      expect((await s.log()).length).to.equal(before);
      await s.send(fan, creator, { expectedPrice: '4' });
      const gratis = await s.creator(free);
      expect(await refusalOf(s.send(fan, gratis, { dmType: 'FREE', expectedPrice: '0.01' }))).to.equal(
        'message.send.error.price_changed',
      );
      await s.send(fan, gratis, { dmType: 'FREE', expectedPrice: '0.00' });
    });

    it('from a frozen wallet, whatever its balance (G18)', async () => {
      const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
      await freeze(fan.userId);
      expect(await refusalOf(s.send(fan, creator))).to.equal('message.send.error.wallet_frozen');
    });

    it('when the balance is a cent too small, and not when it is exactly the price', async () => {
      const creator = await s.creator(perMessage('4.00'));
      expect(await refusalOf(s.send(await s.fan('3.99'), creator))).to.equal('message.send.error.insufficient_balance');
      const exact = await s.fan('4.00');
      await s.send(exact, creator);
      expect(await s.purse(exact)).to.deep.equal({ balance: '0.00', held: '4.00' });
    });

    it('with the documented status of each error (9.10)', () => {
      const statuses = {
        self: 400,
        creator_not_found: 404,
        email_not_verified: 403,
        receiver_inactive: 403,
        blocked: 403,
        dm_disabled: 409,
        on_vacation: 409,
        type_mismatch: 409,
        duplicate: 409,
        pending_limit: 409,
        insufficient_balance: 402,
        wallet_frozen: 403,
        free_daily_limit: 429,
        free_creator_limit: 429,
        interrupted: 503,
      } as const;
      for (const [name, status] of Object.entries(statuses) as [keyof typeof statuses, number][])
        expect(statusOf(`message.send.error.${name}`), name).to.equal(status);
    });
  });

  describe('with the same text (G40)', () => {
    it('is refused as a duplicate for 60 seconds', async () => {
      const [fan, creator] = [await s.fan('20.00'), await s.creator(perMessage('4.00'))];
      const { messageId } = await s.send(fan, creator, { content: 'once more' });
      await s.reply(creator, messageId);
      await s.advance(59 * SECOND);
      const again = () => refusalOf(s.send(fan, creator, { content: 'once more' }));
      expect(await again()).to.equal('message.send.error.duplicate');
      await s.advance(SECOND);
      expect(await again()).to.equal(undefined);
    });

    it('is no duplicate to another creator or from another fan', async () => {
      const [one, other] = [await s.creator(perMessage('4.00')), await s.creator(perMessage('4.00'))];
      const [fan, friend] = [await s.fan('20.00'), await s.fan('20.00')];
      await s.send(fan, one, { content: 'once more' });
      expect(await refusalOf(s.send(fan, other, { content: 'once more' }))).to.equal(undefined);
      expect(await refusalOf(s.send(friend, one, { content: 'once more' }))).to.equal(undefined);
    });

    it('is no duplicate after a send that was undone', async () => {
      const [fan, creator] = [await s.fan('5.00'), await s.creator(perMessage('4.00'))];
      const other = await s.creator(perMessage('4.00'));
      // Both are admitted before either is held: the wallet pays for one, the other is undone.
      const outcomes = await Promise.all(
        [creator, other].map((to) => refusalOf(s.send(fan, to, { content: 'first come' }))),
      );
      expect(outcomes.filter(Boolean)).to.deep.equal(['message.send.error.insufficient_balance']);
      const undone = outcomes[0] ? creator : other;
      const served = outcomes[0] ? other : creator;
      expect((await s.conversation(fan, undone)).open).to.deep.equal([]);
      await s.reject(served, await s.pending(fan, served));
      expect(await refusalOf(s.send(fan, undone, { content: 'first come' }))).to.equal(undefined);
    });
  });

  describe('while an earlier paid message is pending (G40)', () => {
    it('is refused until that one is settled', async () => {
      const [fan, creator] = [await s.fan('20.00'), await s.creator(perMessage('4.00'))];
      const { messageId } = await s.send(fan, creator);
      expect(await refusalOf(s.send(fan, creator))).to.equal('message.send.error.pending_limit');
      await s.reject(creator, messageId);
      expect(await refusalOf(s.send(fan, creator))).to.equal(undefined);
    });

    it('is refused beyond the configured limit, per fan and creator', async () => {
      await s.config('dm.max_pending_paid', 2);
      const [fan, creator] = [await s.fan('20.00'), await s.creator(perMessage('4.00'))];
      await s.send(fan, creator);
      await s.send(fan, creator);
      expect(await refusalOf(s.send(fan, creator))).to.equal('message.send.error.pending_limit');
      expect(await refusalOf(s.send(fan, await s.creator(perMessage('4.00'))))).to.equal(undefined);
      await s.config('dm.max_pending_paid', 1);
    });
  });
});
