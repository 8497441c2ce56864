/**
 * Faults in server mode: what a network, a killed server and a killed process do to the system, on fakes at wire level.
 * Nothing that was acknowledged is lost or done twice, and at the end nothing is left half done.
 */
import { expect } from 'chai';
import { MINUTE } from '@creator-dashboards/shared/time';
import type { Response } from 'supertest';
import { createSender, type Send } from './support/commands.js';
import { createRandomUsers, understandable } from './support/random-users.js';
import { digestOf } from './support/in-process.js';
import { expectKept, expectInvariants, readLog } from './support/invariants.js';
import { createLedger } from './support/ledger.js';
import { creatorWithDms, fanWith, reply, setDms } from './support/people.js';
import { pick, seeded } from './support/random.js';
import { openRunning, startFakes, type Fakes } from './support/running.js';
import { openSystem, type TestSystem } from './support/system.js';
import { createTroubles } from './support/troubles.js';

/** How often each fault happens. */
const TIMES = Number(process.env.TROUBLE_TIMES ?? 1);
const AT_ONCE = 10;
/** Refused as long as the policy that follows an acknowledged reply could not do its part (complete the message). */
const LATER = ['message.rate.error.invalid_status'];
const seed = Number(process.env.TROUBLE_SEED ?? Date.now() % 2 ** 31);

describe('The system on servers with faults', function () {
  let fakes: Fakes;
  let open: { close(): Promise<void> }[];
  beforeEach(async () => {
    fakes = await startFakes();
    open = [];
  });
  afterEach(async () => {
    for (const system of open.reverse()) await system.close();
    await fakes.close();
  });
  const kept = <T extends { close(): Promise<void> }>(system: T): T => {
    open.push(system);
    return system;
  };
  const recorded = (type: string) => fakes.events.log.filter((event) => event.type === type).length;

  async function expectInvariantsHold({ stores, catchUp }: TestSystem): Promise<void> {
    await catchUp();
    await catchUp(); // What the policies did last.
    await expectInvariants(stores, await readLog(stores.events));
  }

  describe('under random users', () => {
    let over = false;
    afterEach(function () {
      over = true;
      if (this.currentTest?.isFailed()) console.error(`TROUBLE_SEED=${seed}`);
    });

    it('keeps everything acknowledged while servers and connections misbehave, and settles everything once they recover', async () => {
      const random = seeded(seed);
      const running = kept(await openRunning(fakes.env));
      await running.start();
      const { send, close } = createSender(running.port);
      const faults: string[] = [];
      const watched: Send = async (command) => {
        const answer = await send(command);
        if (answer.status >= 500 && answer.status !== 503) faults.push(`${command.route} ${JSON.stringify(answer)}`);
        return answer;
      };
      const ledger = createLedger(watched);
      const randomUsers = createRandomUsers(ledger, watched, random);
      async function use(): Promise<void> {
        while (!over) {
          const chance = random();
          const asked =
            chance < 0.2 ? pick(random, ledger.open()) : chance < 0.23 ? pick(random, ledger.done()) : undefined;
          await (asked ? ledger.again(asked) : randomUsers.act());
        }
      }

      await randomUsers.gather();
      const users = Array.from({ length: AT_ONCE }, use);
      const troubles = createTroubles(fakes, random);
      for (let made = 0; made < TIMES * troubles.kinds; made += 1) {
        await troubles.make();
        await ledger.answered(1 + Math.floor(random() * 4));
        expect(faults).to.deep.equal([]);
      }
      over = true;
      await Promise.all(users);
      troubles.heal();
      await ledger.finish();
      close();
      await running.undoUnfinished();

      expect(running.fatal).to.deep.equal([]);
      expect([...faults, ...ledger.unexpected].join('\n')).to.equal('');
      const expected = [...understandable, ...LATER];
      const strange = ledger.all().filter(({ answer }) => answer?.refused && !expected.includes(answer.refused));
      expect(strange.map(({ command, answer }) => ({ ...command, ...answer }))).to.deep.equal([]);
      for (const { name, role, parkedKeys, error } of await running.statuses())
        expect({ name, role, parkedKeys, error }).to.deep.equal({ name, role: 'active', parkedKeys: 0, error: null });
      const log = await readLog(running.stores.events);
      const positions = (events: readonly { position: bigint }[]) => events.map(({ position }) => position);
      expect(positions(log)).to.deep.equal(positions(fakes.events.log));
      expectKept(ledger.all(), log, await digestOf(running.stores));
      await expectInvariants(running.stores, log);
      expect(recorded('ReferralClickTracked')).to.be.within(randomUsers.clicks.acknowledged, randomUsers.clicks.sent);
    });
  });

  describe('when the event store goes down', () => {
    const untilServed = async (ask: () => Promise<Response>): Promise<Response> => {
      for (;;) {
        const answer = await ask();
        if (answer.status !== 503) return answer;
      }
    };
    function expectRefused({ status, headers, body }: Response): void {
      expect([status, body.error?.i18nKey]).to.deep.equal([503, 'common.unavailable']);
      expect(Number(headers['retry-after'])).to.be.within(1, 60);
    }

    /** Asks once; the store is down from the append of this number on, or never where there are fewer, and up again after the answer. */
    async function stoppedAt(append: number, when: 'before-write' | 'after-write', ask: () => Promise<Response>) {
      const { misbehave } = fakes.events;
      let hold = misbehave.holdAppends(when);
      const first = ask();
      const done = first.then(() => true);
      let whole = await Promise.race([hold.reached(1).then(() => false), done]);
      for (let passed = 0; passed < append && !whole; passed += 1) {
        hold.release();
        hold = misbehave.holdAppends(when);
        whole = await Promise.race([hold.reached(1).then(() => false), done]);
      }
      if (!whole) await fakes.events.stop();
      hold.release();
      const answer = await first;
      if (!whole) await fakes.events.start();
      return { answer, whole };
    }

    it('answers 503 with Retry-After during a command, records nothing, and gives its key one outcome', async () => {
      const system = kept(await openSystem({ mode: fakes.mode() }));
      const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
      const path = `/creators/${creator.creatorId}/dm-config`;
      const body = { dmType: 'PER_MESSAGE', dmPrice: 20, dmActive: true };
      const ask = () => creator.patch(path, body, { 'Idempotency-Key': 'one-outcome' });
      const before = recorded('DmConfigUpdated');
      await fakes.events.stop();
      for (let tries = 0; tries < 2; tries += 1) expectRefused(await ask());
      expect(recorded('DmConfigUpdated')).to.equal(before);
      await fakes.events.start();
      const first = await untilServed(ask);
      expect(first.status).to.equal(200);
      await setDms(creator, { ...body, dmPrice: 30 }); // The same again would be another change now.
      expect((await ask()).body).to.deep.equal(first.body);
      expect(recorded('DmConfigUpdated')).to.equal(before + 2);
      await expectInvariantsHold(system);
    });

    for (const when of ['before-write', 'after-write'] as const)
      it(`loses no money at any append of a paid message, ${when.replace('-', ' ')}, and gives its key one outcome`, async () => {
        const system = kept(await openSystem({ mode: fakes.mode() }));
        const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
        const fan = await fanWith(system, 'finn', '500.00');
        let refused = 0;
        for (let step = 0, whole = false; !whole; step += 1) {
          const message = { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: `question ${step}` };
          const ask = async () => fan.post('/messages', message, { 'Idempotency-Key': `message-${step}` });
          const { answer, whole: isWhole } = await stoppedAt(step, when, ask);
          whole = isWhole;
          if (answer.status === 201) expect(recorded('MessageSent'), 'a phantom').to.equal(step + 1);
          else expectRefused(answer);
          if (answer.status === 503) refused += 1;
          const again = await untilServed(ask);
          expect(again.status, JSON.stringify(again.body)).to.equal(201);
          expect(recorded('MessageSent')).to.equal(step + 1);
          await reply(creator, again.body.data.messageId);
        }
        expect(refused).to.be.at.least(3); // Conversation, wallet, message.
        await expectInvariantsHold(system);
      });

    for (const [append, taken] of [
      [1, 'the admission'],
      [2, 'the admission and the money'],
    ] as const)
      it(`gives back ${taken} of a message that stopped half-way, also when its fan is erased before it is sent again`, async () => {
        const system = kept(await openSystem({ mode: fakes.mode() }));
        const creator = await creatorWithDms(system, 'mia', 'PER_MESSAGE', 10);
        const fan = await fanWith(system, 'finn', '500.00');
        const message = { creatorId: creator.creatorId, dmType: 'PER_MESSAGE', content: 'a question' };
        const ask = async () => fan.post('/messages', message, { 'Idempotency-Key': 'half-way' });
        expectRefused((await stoppedAt(append, 'before-write', ask)).answer);
        const erase = async () => system.admin.post(`/admin/users/${fan.userId}/erase`, { reason: 'she asked for it' });
        expect((await untilServed(erase)).status).to.equal(200);
        expect((await ask()).body.error).to.include({ i18nKey: 'auth.account.unknown' });
        expect(recorded('AdmissionWithdrawn')).to.equal(0);
        await system.pass(2 * MINUTE);
        expect(recorded('AdmissionWithdrawn')).to.equal(1);
        await expectInvariantsHold(system);
      });
  });
});
