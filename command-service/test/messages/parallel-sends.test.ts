/** Sends at the same time share one wallet and one clock: nothing is spent twice. */
import { SECOND } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { fanWallet, fanWalletStream, REMEMBERED_VOIDS } from '../../src/domain/fan-wallet.js';
import { FanId, newId } from '@creator-dashboards/shared/ids';
import { happened } from '../money/people.js';
import { gate } from './interrupted-ports.js';
import { anotherProcess, perMessage, refusalOf, openFixtures, type Fixtures } from './fixtures.js';

describe('Sends at the same time', function () {
  let s: Fixtures;
  before(async () => {
    s = await openFixtures();
  });
  after(() => s.close());

  it('from one wallet that pays for 10 of 64: 10 are accepted, it is never overdrawn, and no money is lost', async () => {
    const fan = await s.fan('25.00');
    const creators = await Promise.all(Array.from({ length: 64 }, () => s.creator(perMessage('2.50'))));
    const outcomes = await Promise.all(creators.map((creator) => refusalOf(s.send(fan, creator))));
    expect(outcomes.filter((key) => key === undefined)).to.have.length(10);
    expect(outcomes.filter((key) => key === 'message.send.error.insufficient_balance')).to.have.length(54);
    expect(await s.purse(fan)).to.deep.equal({ balance: '0.00', held: '25.00' });
    let state = fanWallet.initial;
    for (const event of await s.log(fanWalletStream(FanId(fan.userId)))) {
      state = fanWallet.evolve(state, event as Parameters<typeof fanWallet.evolve>[1]);
      const held = Object.values(state.holds).reduce((sum, amount) => sum + amount, 0);
      if (event.type === 'EscrowHeld' || event.type === 'EscrowVoided') expect(state.balance + held).to.equal(2_500);
      expect(state.balance).to.be.at.least(0);
    }
    for (const [index, creator] of creators.entries())
      expect((await s.conversation(fan, creator)).open).to.have.length(outcomes[index] ? 0 : 1);
  });

  it('to one creator: one of 8 is accepted, the others must wait for its answer (G40)', async () => {
    const [fan, creator] = [await s.fan('100.00'), await s.creator(perMessage('2.50'))];
    const processes = [s, anotherProcess(s)];
    const sends = Array.from({ length: 8 }, (_, index) => (processes[index % 2] ?? s).send(fan, creator));
    const outcomes = await Promise.all(sends.map(refusalOf));
    expect(outcomes.filter((key) => key === undefined)).to.have.length(1);
    expect(outcomes.filter((key) => key === 'message.send.error.pending_limit')).to.have.length(7);
    expect(await s.purse(fan)).to.deep.equal({ balance: '97.50', held: '2.50' });
  });

  it('keep no hold when one was paused until the wallet had forgotten its void', async () => {
    const [fan, creator] = [await s.fan('2.50'), await s.creator(perMessage('2.50'))];
    const { events } = s.service;
    const [paused, pause] = gate();
    const [resumed, resume] = gate();
    const append: typeof events.append = async (stream, ...rest) => {
      if (stream.startsWith('fanWallet-')) {
        pause();
        await resumed;
      }
      return events.append(stream, ...rest);
    };
    const outcome = refusalOf(anotherProcess(s, { events: { ...events, append } }).send(fan, creator));
    await paused;
    await s.advance(60 * SECOND);
    await s.tick();
    const others = Array.from({ length: REMEMBERED_VOIDS }, () => ({
      type: 'EscrowVoided' as const,
      data: { messageId: newId(), amount: '0.00', before: '2.50', after: '2.50' },
    }));
    await happened(s, fanWalletStream(FanId(fan.userId)), { userId: fan.userId }, others.slice(500));
    await happened(s, fanWalletStream(FanId(fan.userId)), { userId: fan.userId }, others.slice(0, 500));
    resume();
    expect(await outcome).to.equal('message.send.error.interrupted');
    expect(await s.types(fanWalletStream(FanId(fan.userId))), 'it was held').to.include('EscrowHeld');
    expect(await s.purse(fan)).to.deep.equal({ balance: '2.50', held: '0.00' });
  });
});
