/** The same Idempotency-Key with the same body gives the first result again, with another body 422 (domain 9.7). */
import { newId } from '@creator-dashboards/shared/ids';
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { gate } from './interrupted-ports.js';
import {
  admin,
  anotherProcess,
  free,
  perMessage,
  refusalOf,
  openFixtures,
  type Creator,
  type Person,
  type Fixtures,
} from './fixtures.js';

describe('An Idempotency-Key (9.7)', () => {
  let s: Fixtures;
  let fan: Person;
  let creator: Creator;
  before(async () => {
    s = await openFixtures();
  });
  after(() => s.close());
  beforeEach(async () => {
    [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('4.00'))];
  });

  const key = 'the same key';
  const once = { content: 'hello', key };

  describe('of a send', () => {
    it('gives parallel requests the first result', async () => {
      const processes = [s, anotherProcess(s), anotherProcess(s)];
      const requests = processes.flatMap((process) => [
        process.send(fan, creator, once),
        process.send(fan, creator, once),
      ]);
      const [first, ...others] = await Promise.all(requests);
      for (const other of others) expect(other).to.deep.equal(first);
      expect(await s.purse(fan)).to.deep.equal({ balance: '6.00', held: '4.00' });
      expect((await s.conversation(fan, creator)).open).to.have.length(1);
    });

    it('gives the first result after a restart', async () => {
      const first = await s.send(fan, creator, once);
      expect(await anotherProcess(s).send(fan, creator, once)).to.deep.equal(first);
    });

    it('gives the first result although everything else has changed', async () => {
      const first = await s.send(fan, creator, once);
      const afterwards = {
        'the creator replied': () => s.reply(creator, first.messageId),
        'the wallet was emptied': () =>
          s.call('POST /admin/wallets/:userId/adjust', {
            as: admin,
            params: { userId: fan.userId },
            body: { type: 'FAN', amount: '6.00', direction: 'DEBIT', reason: 'a test' },
          }),
        'the config changed': () => s.config('creator.commission_bronze', 50),
        'she became free': () => s.dmConfig(creator, free),
        'she went away': () =>
          s.toCreator(creator, {
            type: 'VacationEnabled',
            data: { start: s.now(), end: null, statusAfter: 'VACATION' },
          }),
        'they parted': () => s.blocks(creator, fan),
        'a day went by': () => s.advance(DAY),
      };
      for (const [what, happen] of Object.entries(afterwards)) {
        await happen();
        const log = (await s.log()).length;
        expect(await s.send(fan, creator, once), what).to.deep.equal(first);
        expect((await s.log()).length, `${what}: nothing more is written`).to.equal(log);
      }
    });

    it('still answers PENDING for a flagged message that was released since', async () => {
      const flagged = { content: 'quarantine-me', key };
      const first = await s.send(fan, creator, flagged);
      expect(first.status).to.equal('PENDING');
      await s.judge(admin, first.messageId, 'release');
      expect(await s.send(fan, creator, flagged)).to.deep.equal(first);
    });

    it('refuses another text', async () => {
      await s.send(fan, creator, once);
      expect(await refusalOf(s.send(fan, creator, { content: 'good-bye', key }))).to.equal(
        'common.idempotency_mismatch',
      );
    });

    it('refuses another creator, whatever partition she is in', async () => {
      await s.send(fan, creator, once);
      await s.catchUp();
      const others = [await s.creator(perMessage('1.00')), await s.creator(free)] as const;
      expect(await refusalOf(s.send(fan, others[0], once))).to.equal('common.idempotency_mismatch');
      expect(await refusalOf(s.send(fan, others[1], { ...once, dmType: 'FREE' }))).to.equal(
        'common.idempotency_mismatch',
      );
      expect(await s.purse(fan)).to.deep.equal({ balance: '6.00', held: '4.00' });
    });

    it("is independent of another fan's equal key", async () => {
      const [first, other] = [await s.send(fan, creator, once), await s.send(await s.fan('10.00'), creator, once)];
      expect(other.messageId).to.not.equal(first.messageId);
    });

    it('gives a run that was refused the result of the run that succeeded', async () => {
      const [poor, rival] = [await s.fan('4.00'), await s.creator(perMessage('4.00'))];
      const { events } = s.service;
      const [refused, refuse] = gate();
      const [resumed, resume] = gate();
      const append: typeof events.append = async (stream, ...rest) => {
        if (stream.startsWith('message-')) {
          refuse(); // Only an undo gets here: the wallet is empty by then.
          await resumed;
        }
        const result = await events.append(stream, ...rest);
        if (stream.startsWith('conversation-')) await s.send(poor, rival);
        return result;
      };
      const first = anotherProcess(s, { events: { ...events, append } }).send(poor, creator, once);
      await refused;
      await s.call('POST /admin/wallets/:userId/adjust', {
        as: admin,
        params: { userId: poor.userId },
        body: { type: 'FAN', amount: '4.00', direction: 'CREDIT', reason: 'a test' },
      });
      const retry = await s.send(poor, creator, once);
      resume();
      expect(await first).to.deep.equal(retry);
      expect(await s.purse(poor)).to.deep.equal({ balance: '0.00', held: '8.00' });
    });

    it('does not keep a refusal', async () => {
      const poor = await s.fan('1.00');
      expect(await refusalOf(s.send(poor, creator, once))).to.equal('message.send.error.insufficient_balance');
      await s.call('POST /admin/wallets/:userId/adjust', {
        as: admin,
        params: { userId: poor.userId },
        body: { type: 'FAN', amount: '9.00', direction: 'CREDIT', reason: 'a test' },
      });
      expect(await refusalOf(s.send(poor, creator, once))).to.equal(undefined);
    });
  });

  describe('of a reply, rejection or rating', () => {
    it('gives the first result of a reply, from any process and after all its follow-ups', async () => {
      const { messageId } = await s.send(fan, creator);
      const answer = { content: 'thank you', key };
      const first = await s.reply(creator, messageId, answer);
      await s.rate(fan, messageId, 5);
      expect(await s.reply(creator, messageId, answer)).to.deep.equal(first);
      expect(await anotherProcess(s).reply(creator, messageId, answer)).to.deep.equal(first);
      await s.chargeBack(messageId, '4.00');
      expect(await anotherProcess(s).reply(creator, messageId, answer)).to.deep.equal(first);
      expect(await s.earned(creator)).to.equal('0.00');
      expect(await refusalOf(s.reply(creator, messageId, { ...answer, content: 'no' }))).to.equal(
        'common.idempotency_mismatch',
      );
    });

    it('used for two messages replies to the first only', async () => {
      const one = await s.send(fan, creator);
      await s.reply(creator, one.messageId, { key });
      const two = await s.send(fan, creator);
      expect(await refusalOf(s.reply(creator, two.messageId, { key }))).to.equal('common.idempotency_mismatch');
      expect((await s.message(two.messageId)).status).to.equal('ESCROWED');
    });

    it('gives the first result of a rejection and of a rating', async () => {
      const rejected = await s.send(fan, creator);
      const no = await s.reject(creator, rejected.messageId, { key });
      expect(await s.reject(creator, rejected.messageId, { key })).to.deep.equal(no);
      expect(await refusalOf(s.reject(creator, rejected.messageId, { key, reason: 'rude' }))).to.equal(
        'common.idempotency_mismatch',
      );
      expect(await refusalOf(s.reject(creator, rejected.messageId, { key: newId() }))).to.equal(
        'message.reject.error.invalid_status',
      );
      const answered = await s.send(fan, creator);
      await s.reply(creator, answered.messageId);
      const rated = await s.rate(fan, answered.messageId, 4, key);
      expect(await s.rate(fan, answered.messageId, 4, key)).to.deep.equal(rated);
      expect(await refusalOf(s.rate(fan, answered.messageId, 4))).to.equal('message.rate.error.already_rated');
    });
  });
});
