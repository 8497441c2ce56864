/** What happens to a message after it was sent, with its amounts worked out by hand (domain 2.1, 3.1, G1, G2, G7, G24). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { EventType } from '@creator-dashboards/shared/events/index';
import { newId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { createManualTime } from '@creator-dashboards/shared/testing/manual-time';
import { HOUR } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { MODERATION_MS } from '../../src/commands/moderating.js';
import { gate } from './interrupted-ports.js';
import {
  UNANSWERED,
  admin,
  anotherProcess,
  free,
  perMessage,
  refusalOf,
  openFixtures,
  singlePay,
  type Creator,
  type Person,
  withStatus,
  type Fixtures,
} from './fixtures.js';

/** The events by which a dashboard counts a message (G1): delivered once, and at most one outcome. */
const COUNTED: readonly EventType[] = ['MessageDelivered', 'MessageReplied', 'MessageRejected', 'MessageExpired'];

describe('The outcome of a message', () => {
  let s: Fixtures;
  let fan: Person;
  let creator: Creator;
  before(async () => {
    s = await openFixtures();
  });
  after(() => s.close());
  beforeEach(async () => {
    [fan, creator] = [await s.fan('20.00'), await s.creator(perMessage('10.25'))];
  });

  const whole = { balance: '20.00', held: '0.00' };
  const eventsOf = (messageId: string) => s.types(`message-${messageId}`);
  const counted = async (messageId: string) => (await eventsOf(messageId)).filter((type) => COUNTED.includes(type));
  const open = async () => (await s.conversation(fan, creator)).open;

  describe('a reply', () => {
    it('releases the escrow and credits the price less commission (G7)', async () => {
      const { messageId } = await s.send(fan, creator);
      const { data } = await s.reply(creator, messageId);
      expect(await eventsOf(messageId)).to.deep.equal([
        'MessageSent',
        'MessageDelivered',
        'MessageReplied',
        'MessageCompleted',
      ]);
      expect(await s.purse(fan)).to.deep.equal({ balance: '9.75', held: '0.00' });
      expect(await s.types(`fanWallet-${fan.userId}`)).to.include('EscrowReleased');
      expect(await s.log(`creatorWallet-${creator.userId}`)).to.have.deep.nested.property('[1].data', {
        messageId,
        gross: '10.25',
        commission: '2.05',
        net: '8.20',
        before: '0.00',
        after: '8.20',
      });
      expect(await open()).to.deep.equal([]);
      const last = (await s.log()).at(-1);
      expect(data, 'the position of the last follow-up (9.3)').to.deep.equal({ position: last?.position.toString() });
    });

    it('rounds the commission half up to the cent (G7)', async () => {
      await s.dmConfig(creator, perMessage('3.33'));
      await s.config('creator.commission_bronze', 12.5);
      const { messageId } = await s.send(fan, creator);
      await s.config('creator.commission_bronze', 20);
      await s.reply(creator, messageId);
      expect(await s.earned(creator), '3.33 less 0.41625').to.equal('2.91');
    });

    it('seals the answer for the creator (9.8)', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.reply(creator, messageId, { content: 'a secret' });
      const replied = (await s.log(`message-${messageId}`)).find(({ type }) => type === 'MessageReplied');
      const { content } = replied?.data as { content: Sealed<string> };
      expect(content.subject).to.equal(creator.userId);
      expect(await s.service.sealer.open(kinds.replyContent, content)).to.equal('a secret');
    });

    it('to a free message moves no money', async () => {
      await s.dmConfig(creator, free);
      const { messageId } = await s.send(fan, creator, { dmType: 'FREE' });
      await s.reply(creator, messageId);
      expect((await eventsOf(messageId)).at(-1)).to.equal('MessageCompleted');
      expect(await s.purse(fan)).to.deep.equal(whole);
      expect(await s.types(`creatorWallet-${creator.userId}`)).to.deep.equal([]);
    });

    it('can only come from the creator: 403 for others, 404 for an unknown message (G25)', async () => {
      const { messageId } = await s.send(fan, creator);
      expect(await refusalOf(s.reply(fan, messageId))).to.equal('message.error.not_authorized');
      const stranger = await s.creator(perMessage('1.00'));
      expect(await refusalOf(s.reply(stranger, messageId))).to.equal('message.error.not_authorized');
      expect(await refusalOf(s.reply(creator, newId()))).to.equal('message.error.not_found');
    });

    it('is accepted once when two are sent at the same time', async () => {
      const { messageId } = await s.send(fan, creator);
      const outcomes = await Promise.all(
        ['yes', 'no'].map((content) => refusalOf(s.reply(creator, messageId, { content }))),
      );
      expect(outcomes.filter((key) => key === undefined)).to.have.length(1);
      expect(outcomes).to.include('message.reply.error.invalid_status');
      expect(await s.earned(creator)).to.equal('8.20');
    });
  });

  describe('a rejection', () => {
    it('refunds the whole price, and counts once (G1)', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.reject(creator, messageId);
      expect(await eventsOf(messageId)).to.deep.equal([
        'MessageSent',
        'MessageDelivered',
        'MessageRejected',
        'MessageRefunded',
      ]);
      expect(await s.purse(fan)).to.deep.equal(whole);
      expect(await s.earned(creator)).to.equal('0.00');
      expect(await open()).to.deep.equal([]);
    });

    it('keeps its reason sealed, and says "Creator declined" when none is given', async () => {
      const reasons = await Promise.all(
        [undefined, 'too rude'].map(async (reason) => {
          const other = await s.fan('20.00');
          const { messageId } = await s.send(other, creator);
          await s.reject(creator, messageId, reason === undefined ? {} : { reason });
          const rejected = (await s.log(`message-${messageId}`)).find(({ type }) => type === 'MessageRejected');
          return s.service.sealer.open(kinds.reason, (rejected?.data as { reason: Sealed<string> }).reason);
        }),
      );
      expect(reasons).to.deep.equal(['Creator declined', 'too rude']);
    });

    it('refunds to a frozen wallet too (G17, G18)', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.call('POST /admin/wallets/:userId/freeze', {
        as: admin,
        params: { userId: fan.userId },
        body: { type: 'FAN', reason: 'a test' },
      });
      await s.reject(creator, messageId);
      expect(await s.purse(fan)).to.deep.equal(whole);
    });

    it('of a free message refunds zero and touches no wallet (G2)', async () => {
      await s.dmConfig(creator, free);
      const { messageId } = await s.send(fan, creator, { dmType: 'FREE' });
      const wallet = await s.types(`fanWallet-${fan.userId}`);
      await s.reject(creator, messageId);
      expect((await s.log(`message-${messageId}`)).at(-1)?.data).to.deep.equal({ amount: '0.00', cause: 'REJECTED' });
      expect(await s.types(`fanWallet-${fan.userId}`)).to.deep.equal(wallet);
    });

    it('can only come from the creator', async () => {
      const { messageId } = await s.send(fan, creator);
      expect(await refusalOf(s.reject(fan, messageId))).to.equal('message.error.not_authorized');
    });
  });

  describe('an unanswered message', () => {
    it('expires on time and refunds the whole price (G1, G2)', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.advance(UNANSWERED - 1);
      await s.tick();
      expect(await eventsOf(messageId)).to.have.length(2);
      await s.advance(1);
      await s.tick();
      expect(await eventsOf(messageId)).to.deep.equal([
        'MessageSent',
        'MessageDelivered',
        'MessageExpired',
        'MessageRefunded',
      ]);
      expect(await s.purse(fan)).to.deep.equal(whole);
      expect(await open()).to.deep.equal([]);
      expect(await refusalOf(s.reply(creator, messageId))).to.equal('message.reply.error.invalid_status');
    });

    it('expires and is refunded when its creator was suspended or banned, who can neither reply nor reject (G50)', async () => {
      for (const status of ['SUSPENDED', 'BANNED'] as const) {
        const [fan, creator] = [await s.fan('20.00'), await s.creator(perMessage('10.25'))];
        const { messageId } = await s.send(fan, creator);
        await s.toCreator(creator, withStatus(status));
        const key = 'message.reply.error.creator_inactive';
        expect(await refusalOf(s.reply(creator, messageId))).to.equal(key);
        expect(await refusalOf(s.reject(creator, messageId))).to.equal(key);
        await s.catchUp();
        await s.advance(UNANSWERED);
        await s.tick();
        expect(await s.purse(fan)).to.deep.equal(whole);
      }
    });
    it('that is answered at the last moment ends as answered or expired, never both', async () => {
      for (const order of ['reply first', 'clock first']) {
        const late = await s.fan('20.00');
        const { messageId } = await s.send(late, creator);
        await s.advance(UNANSWERED);
        const before = await s.earned(creator);
        const race = [() => refusalOf(s.reply(creator, messageId)), () => s.tick()];
        if (order === 'clock first') race.reverse();
        await Promise.all(race.map((run) => run()));
        await s.catchUp();
        expect(await counted(messageId), order).to.have.length(2);
        const answered = (await counted(messageId)).includes('MessageReplied');
        expect(await s.purse(late)).to.deep.equal(answered ? { balance: '9.75', held: '0.00' } : whole);
        expect((await s.earned(creator)) === before, order).to.equal(!answered);
      }
    });

    it('that cannot be read does not keep the others from expiring', async () => {
      const broken = await s.send(await s.fan('20.00'), creator);
      await s.advance(HOUR);
      const { messageId } = await s.send(fan, creator);
      await s.advance(UNANSWERED);
      const { events } = s.service;
      const [stored] = await events.readStream(`message-${broken.messageId}`);
      if (!stored) throw new Error('no message');
      await events.append(`message-${broken.messageId}`, 1n, [{ ...stored, id: newId(), type: 'FromTheFuture' }]);
      await s.tick();
      expect((await s.message(messageId)).status).to.equal('REFUNDED');
    });
  });

  describe('quarantine', () => {
    const flagged = { content: 'please quarantine-me' };

    it('shows PENDING to the fan, holds the money and delivers nothing', async () => {
      const { messageId, status } = await s.send(fan, creator, flagged);
      expect(status).to.equal('PENDING');
      expect(await eventsOf(messageId)).to.deep.equal(['MessageSent', 'MessageQuarantined']);
      expect(await s.purse(fan)).to.deep.equal({ balance: '9.75', held: '10.25' });
      for (const attempt of [s.reply(creator, messageId), s.reject(creator, messageId)])
        expect(await refusalOf(attempt)).to.equal('message.error.not_found');
      expect(await counted(messageId)).to.deep.equal([]);
    });

    it('takes a message that moderation could not check (9.2)', async () => {
      const failing = await openFixtures({
        providers: (simulators) => ({ ...simulators, moderation: { review: () => Promise.reject(new Error('down')) } }),
      });
      try {
        const { messageId } = await failing.send(await failing.fan('20.00'), await failing.creator(perMessage('1.00')));
        expect((await failing.log(`message-${messageId}`))[1]).to.have.nested.property(
          'data.rule',
          'moderation-unavailable',
        );
      } finally {
        await failing.close();
      }
    });

    it('takes a message that moderation does not check in time', async () => {
      const [asked, ask] = gate();
      const review = () => {
        ask();
        return new Promise<never>(() => {});
      };
      const providers = { ...s.service.providers, moderation: { review } };
      const time = createManualTime(s.service.clock.now());
      const sending = anotherProcess(s, { providers, clock: time }).send(fan, creator);
      await asked;
      await time.advance(MODERATION_MS);
      const { messageId, status } = await sending;
      expect(status).to.equal('PENDING');
      expect((await s.message(messageId)).status).to.equal('QUARANTINED');
    });

    it('ends when released: delivered with the full time to answer', async () => {
      const { messageId } = await s.send(fan, creator, flagged);
      await s.advance(71 * HOUR);
      await s.judge(admin, messageId, 'release');
      await s.advance(UNANSWERED - 1);
      await s.tick();
      expect((await s.message(messageId)).status).to.equal('ESCROWED');
      await s.reply(creator, messageId);
      expect(await s.earned(creator)).to.equal('8.20');
    });

    it('ends when upheld: refunded, counted nowhere (G1)', async () => {
      const { messageId } = await s.send(fan, creator, flagged);
      await s.judge(admin, messageId, 'refuse');
      expect(await s.purse(fan)).to.deep.equal(whole);
      expect(await counted(messageId)).to.deep.equal([]);
      expect(await eventsOf(messageId)).to.deep.equal([
        'MessageSent',
        'MessageQuarantined',
        'QuarantineUpheld',
        'MessageRefunded',
      ]);
      expect(await open()).to.deep.equal([]);
      expect(await refusalOf(s.judge(admin, messageId, 'release'))).to.equal('message.quarantine.error.invalid_status');
      expect(await refusalOf(s.reply(creator, messageId)), 'it never reached her').to.equal('message.error.not_found');
    });

    it('ends by itself at sentAt + timeout: refunded, counted nowhere (G1)', async () => {
      const { messageId } = await s.send(fan, creator, flagged);
      await s.advance(UNANSWERED - 1);
      await s.tick();
      expect((await s.message(messageId)).status).to.equal('QUARANTINED');
      await s.advance(1);
      await s.tick();
      expect(await eventsOf(messageId)).to.deep.equal([
        'MessageSent',
        'MessageQuarantined',
        'QuarantineExpired',
        'MessageRefunded',
      ]);
      expect(await s.purse(fan)).to.deep.equal(whole);
    });

    it('records who reviewed it and why, the reason sealed for the fan (G34)', async () => {
      const { messageId } = await s.send(fan, creator, flagged);
      await s.judge(admin, messageId, 'release');
      const released = (await s.log(`message-${messageId}`)).find(({ type }) => type === 'QuarantineReleased');
      expect(released?.metadata.actor).to.deep.equal(admin);
      expect(released?.metadata.reason?.subject).to.equal(fan.userId);
      expect(await s.service.sealer.open(kinds.reason, released?.metadata.reason ?? null)).to.equal('looked at');
    });

    it('answers 404 for an unknown message', async () =>
      expect(await refusalOf(s.judge(admin, newId(), 'release'))).to.equal('message.error.not_found'));
  });

  describe('a rating', () => {
    it('is given once, by the fan, after completion', async () => {
      const { messageId } = await s.send(fan, creator);
      expect(await refusalOf(s.rate(fan, messageId, 5))).to.equal('message.rate.error.invalid_status');
      await s.reply(creator, messageId);
      expect(await refusalOf(s.rate(creator, messageId, 5))).to.equal('message.error.not_authorized');
      for (const rating of [0, 6, 4.5])
        expect(await refusalOf(s.rate(fan, messageId, rating))).to.equal('message.rate.error.invalid_range');
      await s.rate(fan, messageId, 5);
      expect(await refusalOf(s.rate(fan, messageId, 1))).to.equal('message.rate.error.already_rated');
      expect((await s.log(`message-${messageId}`)).at(-1)?.data).to.deep.equal({ rating: 5 });
    });

    it('is not given to a creator who was deleted; a retry of one that was given before gets its answer', async () => {
      const fan = await s.fan('100.00');
      const rated = await s.send(fan, creator);
      await s.reply(creator, rated.messageId);
      const unrated = await s.send(fan, creator);
      await s.reply(creator, unrated.messageId);
      const key = newId();
      const given = await s.rate(fan, rated.messageId, 5, key);
      await s.toCreator(creator, { type: 'CreatorDeleted', data: { deletedAt: s.now() } });
      expect(await refusalOf(s.rate(fan, unrated.messageId, 5))).to.equal('message.rate.error.invalid_status');
      expect(await s.rate(fan, rated.messageId, 5, key)).to.deep.equal(given);
    });

    it('accepts a comment but does not store it', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.reply(creator, messageId);
      await s.call('POST /messages/:id/rate', {
        as: fan,
        params: { id: messageId },
        body: { rating: 4, comment: 'lovely' },
      });
      expect(JSON.stringify((await s.log(`message-${messageId}`)).at(-1)?.data)).to.equal('{"rating":4}');
    });
  });

  describe('with SINGLE_PAY (G24)', () => {
    const single = { dmType: 'SINGLE_PAY' as const };
    beforeEach(() => s.dmConfig(creator, singlePay('5.00')));

    it('is paid once per conversation', async () => {
      const { messageId, status } = await s.send(fan, creator, single);
      expect(status).to.equal('ESCROWED');
      expect(await refusalOf(s.send(fan, creator, single))).to.equal('message.send.error.pending_limit');
      await s.reply(creator, messageId);
      const next = await s.send(fan, creator, single);
      expect(next.status).to.equal('DELIVERED');
      await s.reply(creator, next.messageId);
      expect(await s.purse(fan)).to.deep.equal({ balance: '15.00', held: '0.00' });
      expect(await s.earned(creator), '5.00 less 20 %, once').to.equal('4.00');
      const admissions = (await s.log(`conversation-${fan.userId}_${creator.creatorId}`)).flatMap((event) =>
        event.type === 'MessageAdmitted' ? [event.data.sessionId] : [],
      );
      expect(admissions).to.deep.equal([null, messageId]);
    });

    it('is paid again after a rejection', async () => {
      const { messageId } = await s.send(fan, creator, single);
      await s.reject(creator, messageId);
      expect((await s.send(fan, creator, single)).status).to.equal('ESCROWED');
    });

    it('is paid again after the chargeback of the message that opened the session, and of no other', async () => {
      const first = await s.send(fan, creator, single);
      await s.reply(creator, first.messageId);
      const follow = await s.send(fan, creator, single);
      await s.chargeBack(follow.messageId, '5.00');
      expect((await s.send(fan, creator, single)).status, 'a mismatch: nothing was paid').to.equal('DELIVERED');
      await s.chargeBack(first.messageId, '5.00');
      expect(await refusalOf(s.send(fan, creator, single))).to.equal('message.send.error.wallet_frozen');
      await s.unfreeze(fan);
      expect((await s.send(fan, creator, single)).status).to.equal('ESCROWED');
      expect(await s.earned(creator)).to.equal('0.00');
    });
  });

  describe('a chargeback (G39, 9.5)', () => {
    it('of a completed message takes the earnings back, even below zero; the outcome stays counted', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.reply(creator, messageId);
      await s.call('POST /admin/wallets/:userId/adjust', {
        as: admin,
        params: { userId: creator.userId },
        body: { type: 'CREATOR', amount: '8.20', direction: 'DEBIT', reason: 'a test' },
      });
      await s.chargeBack(messageId, '10.25');
      expect(await s.earned(creator)).to.equal('-8.20');
      expect(await s.purse(fan), 'the card holder has it').to.deep.equal({ balance: '9.75', held: '0.00' });
      expect(await counted(messageId)).to.deep.equal(['MessageDelivered', 'MessageReplied']);
    });

    for (const [where, words] of [
      ['ESCROWED', 'hello'],
      ['QUARANTINED', 'quarantine-me'],
    ] as const)
      it(`of a message that is ${where} closes it as refunded, and takes its escrow without crediting the fan`, async () => {
        const { messageId } = await s.send(fan, creator, { content: words });
        await s.chargeBack(messageId, '10.25');
        expect((await eventsOf(messageId)).slice(-2)).to.deep.equal(['MessageChargedBack', 'MessageRefunded']);
        expect(await s.types(`fanWallet-${fan.userId}`)).to.include('EscrowChargedBack');
        expect(await s.purse(fan)).to.deep.equal({ balance: '9.75', held: '0.00' });
        expect(await open(), 'its place is free').to.deep.equal([]);
        const seen = where === 'ESCROWED' ? 'message.reply.error.invalid_status' : 'message.error.not_found';
        expect(await refusalOf(s.reply(creator, messageId)), 'hidden if it was in quarantine').to.equal(seen);
        await s.advance(UNANSWERED);
        await s.tick();
        expect(await s.purse(fan), 'nothing more comes of it').to.deep.equal({ balance: '9.75', held: '0.00' });
        expect((await eventsOf(messageId)).at(-1)).to.equal('MessageRefunded');
      });

    it('of another amount moves nothing; of a refunded message it takes the refund back, and counts nothing (G48)', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.chargeBack(messageId, '10.24');
      expect(await s.purse(fan)).to.deep.equal({ balance: '9.75', held: '10.25' });
      await s.reject(creator, messageId);
      await s.chargeBack(messageId, '10.25');
      expect(await s.purse(fan)).to.deep.equal({ balance: '9.75', held: '0.00' });
      expect((await eventsOf(messageId)).filter((type) => type === 'ChargebackMismatch')).to.have.length(1);
      expect(await counted(messageId)).to.deep.equal(['MessageDelivered', 'MessageRejected']);
      expect(await s.earned(creator)).to.equal('0.00');
    });

    it('is appended once, whichever webhook reports it', async () => {
      const { messageId } = await s.send(fan, creator);
      await s.reply(creator, messageId);
      await s.chargeBack(messageId, '10.25', 'event 1');
      await s.chargeBack(messageId, '10.25', 'event 1');
      await s.chargeBack(messageId, '10.25', 'event 2');
      expect((await eventsOf(messageId)).filter((type) => type === 'MessageChargedBack')).to.have.length(1);
      expect(await s.earned(creator)).to.equal('0.00');
    });
  });
});
