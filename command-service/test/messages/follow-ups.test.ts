/** Policies see events again, after crashes and much later (domain 9.3): money still moves only once. */
import { Refused } from '@creator-dashboards/shared/errors';
import { decode } from '@creator-dashboards/shared/events/index';
import { RetryLater } from '@creator-dashboards/shared/feed/consumer';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { newId } from '@creator-dashboards/shared/ids';
import { silentLog } from '@creator-dashboards/shared/process/log';
import { StoreBusy } from '@creator-dashboards/shared/store-errors';
import { SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { createCommandService } from '../../src/create-service.js';
import { undoUnfinishedSends } from '../../src/clock/messages.js';
import { createClockRunner } from '../../src/runtime/clock-task.js';
import { policyConsumer } from '../../src/runtime/policy.js';
import { completeReplied } from '../../src/policies/settle-messages.js';
import type { CommandContext } from '../../src/runtime/command-context.js';
import type { CommandService } from '../../src/runtime/service.js';
import { crashingAt } from './interrupted-ports.js';
import {
  admin,
  anotherProcess,
  features,
  free,
  perMessage,
  openFixtures,
  singlePay,
  UNANSWERED,
  type Fixtures,
} from './fixtures.js';

const policies = features.flatMap((feature) => feature.policies);

describe('Follow-ups of a message', function () {
  let s: Fixtures;
  before(async () => {
    s = await openFixtures();
  });
  after(() => s.close());

  /** Everything that can happen to a message, once. */
  async function everything(): Promise<void> {
    const [fan, creator] = [await s.fan('200.00'), await s.creator(perMessage('10.00'))];
    const completed = await s.send(fan, creator);
    await s.reply(creator, completed.messageId);
    await s.rate(fan, completed.messageId, 5);
    const charged = await s.send(fan, creator);
    await s.reply(creator, charged.messageId);
    await s.chargeBack(charged.messageId, '10.00');
    await s.unfreeze(fan);
    const rejected = await s.send(fan, creator);
    await s.reject(creator, rejected.messageId);
    await s.chargeBack(rejected.messageId, '10.00');
    await s.unfreeze(fan);
    await s.chargeBack((await s.send(fan, creator)).messageId, '10.00');
    await s.unfreeze(fan);
    await s.judge(admin, (await s.send(fan, creator, { content: 'quarantine-me' })).messageId, 'refuse');
    const held = await s.send(fan, creator, { content: 'quarantine-me, please' });
    await s.judge(admin, held.messageId, 'release');
    await s.advance(UNANSWERED);
    await s.tick();
    const single = await s.creator(singlePay('7.00'));
    await s.reply(single, (await s.send(fan, single, { dmType: 'SINGLE_PAY' })).messageId);
    await s.reply(single, (await s.send(fan, single, { dmType: 'SINGLE_PAY' })).messageId);
    const generous = await s.creator(free);
    await s.reply(generous, (await s.send(fan, generous, { dmType: 'FREE' })).messageId);
    const rival = await s.creator(perMessage('100.00'));
    const poor = await s.fan('100.00');
    const outcomes = [creator, rival].map((to) => s.send(poor, to).catch(() => undefined));
    await Promise.all(outcomes); // At most one of them is paid, the other is undone.
    await s.catchUp();
  }

  /**
   * A service whose streams no longer remember any command, as after a thousand others and a day (9.7). What a command asks its
   * stream itself to be searched for (`since`) is found all the same.
   */
  function forgetful(): CommandService {
    const { service } = anotherProcess(s);
    const forgotten = (context: CommandContext) =>
      context.since === null ? { ...context, commandId: newId() } : context;
    const forgetting: CommandService = {
      ...service,
      commands: {
        ...service.commands,
        handle: (decider, command, context) => service.commands.handle(decider, command, forgotten(context)),
        handleBy: (decider, stream, commandFor, context) =>
          service.commands.handleBy(decider, stream, commandFor, forgotten(context)),
      },
    };
    return forgetting;
  }

  it('change nothing when run again, even if the streams have forgotten the commands (9.7)', async () => {
    await everything();
    const logged = await s.log();
    for (const event of logged)
      for (const policy of policies) if (policy.on.includes(event.type)) await policy.react(event, forgetful());
    expect(await s.log()).to.deep.equal(logged);
  });

  const answers = [
    { title: 'a reply', earned: '8.00', left: { balance: '0.00', held: '0.00' } },
    { title: 'a rejection', earned: '0.00', left: { balance: '10.00', held: '0.00' } },
  ] as const;
  for (const { title, earned, left } of answers)
    for (const recovery of ['by the feed', 'by a retry', 'by the feed, long after'] as const)
      it(`of ${title} are finished ${recovery}, wherever the process died`, async () => {
        const creator = await s.creator(perMessage('10.00'));
        let total = 0;
        for (let call = 1, crashes = true; crashes; call += 1)
          for (const side of ['before', 'after'] as const) {
            const at = `${call} ${side}`;
            const fan = await s.fan('10.00');
            const { messageId } = await s.send(fan, creator);
            const { ports, crashed } = crashingAt(s.service, { call, side });
            const answer = ({ reply, reject }: Pick<Fixtures, 'reply' | 'reject'>) =>
              title === 'a reply'
                ? reply(creator, messageId, { key: messageId })
                : reject(creator, messageId, { key: messageId });
            await answer(anotherProcess(s, ports)).catch(() => undefined);
            crashes = crashed();
            if (recovery === 'by a retry') await answer(s);
            else if (recovery === 'by the feed') await s.catchUp();
            else {
              await s.toWallet(creator, 30);
              const stored = await s.service.events.readStream(`message-${messageId}`);
              for (const event of stored.map(decode))
                for (const policy of policies)
                  if (policy.on.includes(event.type)) await policy.react(event, forgetful());
              await s.catchUp();
            }
            if ((await s.message(messageId)).status === 'ESCROWED') {
              expect([call, side], 'nothing was recorded').to.deep.equal([1, 'before']);
              await answer(s);
            }
            total += Number(earned);
            expect(await s.purse(fan), at).to.deep.equal(left);
            expect(await s.earned(creator), at).to.equal(total.toFixed(2));
            expect((await s.conversation(fan, creator)).open, at).to.deep.equal([]);
          }
      });

  it('of a half-undone send are finished by the feed', async () => {
    const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('10.00'))];
    const { ports: dies } = crashingAt(s.service, { call: 3, side: 'before' }); // Admitted and held.
    await anotherProcess(s, dies)
      .send(fan, creator)
      .catch(() => undefined);
    await s.advance(60 * SECOND);
    // The process that cleans up dies as well, after it has closed the message.
    const messageId = await s.pending(fan, creator);
    const { ports } = crashingAt(s.service, { call: 1, side: 'after' });
    const { service } = anotherProcess(s, ports);
    expect(await createClockRunner(undoUnfinishedSends)(service, s.now())).to.include({ done: 0, failed: 1 });
    expect(await s.types(`message-${messageId}`)).to.deep.equal(['MessageAbandoned']);
    expect(await s.purse(fan)).to.deep.equal({ balance: '0.00', held: '10.00' });
    await s.catchUp();
    expect(await s.purse(fan)).to.deep.equal({ balance: '10.00', held: '0.00' });
    expect((await s.conversation(fan, creator)).open).to.deep.equal([]);
  });

  describe('when a stream is busy', () => {
    const faults = {
      'after three lost conflicts': () => new Refused('common.busy', { retryAfter: 1 }),
      'while the store is locked': () => new StoreBusy('views.db', 'is locked'),
    };
    for (const [title, fault] of Object.entries(faults))
      it(`are left to the feed ${title}, and the request is answered`, async () => {
        const [fan, creator] = [await s.fan('10.00'), await s.creator(perMessage('10.00'))];
        const { messageId } = await s.send(fan, creator);
        const { events } = s.service;
        const append: typeof events.append = (stream, ...rest) =>
          stream.startsWith('creatorWallet-') ? Promise.reject(fault()) : events.append(stream, ...rest);
        const busy = anotherProcess(s, { events: { ...events, append } });
        const { data } = await busy.reply(creator, messageId);
        const replied = (await s.log(`message-${messageId}`)).at(-1);
        expect(replied?.type).to.equal('MessageReplied');
        expect(data).to.deep.equal({ position: replied?.position.toString() });

        const [stored] = (await events.readStream(`message-${messageId}`)).slice(-1);
        if (!stored) throw new Error('no event');
        const consumer = policyConsumer(completeReplied, busy.service);
        const error = await Promise.resolve(consumer.apply(messageId, null, stored)).catch((thrown: unknown) => thrown);
        expect(error, 'its key is not parked').to.be.instanceOf(RetryLater);

        await s.catchUp();
        expect(await s.earned(creator)).to.equal('8.00');
      });
  });

  describe('when every event is delivered to every policy again', () => {
    before(async () => {
      await s.close();
      s = await openFixtures(); // Its feeds are taken over.
    });

    it('change nothing', async () => {
      await everything();
      const logged = await s.log();
      const reads = s.service.reads;
      for (const { name } of policies) {
        const found = await reads.get<Checkpoint>(CHECKPOINTS, `policy.${name}`);
        if (!found) throw new Error(`policy ${name} has no checkpoint`);
        const document = { ...found, position: 0n, eventId: null };
        expect([...(await reads.write(CHECKPOINTS, [{ document, expected: { token: found.token } }]))]).to.have.length(
          1,
        );
      }
      const restarted = createCommandService({
        ...s.service,
        changes: s.changes,
        features,
        owner: newId(),
        isDead: () => true,
        log: silentLog,
      });
      await restarted.unlock();
      await restarted.catchUp();
      const seen = (await restarted.status()).filter(({ name }) => name.startsWith('policy.'));
      expect(seen.map(({ name, position, parkedKeys }) => [name, position, parkedKeys])).to.deep.equal(
        policies.map(({ name }) => [`policy.${name}`, logged.at(-1)?.position, 0]),
      );
      expect(await s.log()).to.deep.equal(logged);
    });
  });
});
