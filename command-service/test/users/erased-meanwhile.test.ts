/** What an account was still doing while it was erased: a command that has passed its checks already cannot be stopped (G62). */
import { creatorIdOf, FanId } from '@creator-dashboards/shared/ids';
import { DAY } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { creator, creatorStream, isLive } from '../../src/domain/creator/creator.js';
import { fanWallet, fanWalletStream } from '../../src/domain/fan-wallet.js';
import { referralLink, referralLinkStream } from '../../src/domain/referral-link.js';
import { reservation } from '../../src/domain/reservation.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { features } from '../../src/features/features.js';
import type { Call } from '../../src/http/call-route.js';
import { pausingAt } from '../messages/interrupted-ports.js';
import { admin, creatorPerson, fanWith, person } from '../money/people.js';
import { processBeside } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';

describe('A command of an account that is erased meanwhile', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await createHarness({ features });
    await h.catchUp();
  });
  afterEach(() => h.close());

  /** Runs the command once for each of its calls, on a new account that is erased while the command stands there. */
  async function erasedAtEachCall(
    row: string,
    options: Call,
    check: (userId: string, place: string) => Promise<void>,
    newAccount = () => person(h),
  ) {
    for (let call = 1; ; call += 1) {
      const account = await newAccount();
      const { userId } = account;
      const { ports, paused, resume } = pausingAt(h.service, { call, side: 'before' });
      const other = processBeside(h.service, features, ports);
      const command = other.call(row, { ...options, as: account }).catch(() => undefined);
      const isOver = await Promise.race([paused.then(() => false), command.then(() => true)]);
      if (isOver) return expect(call, 'calls of the command').to.be.greaterThan(5);
      const erase = { as: admin, params: { userId }, body: { reason: 'asked for' } };
      await h.call('POST /admin/users/:userId/erase', erase);
      resume();
      await command;
      await h.catchUp();
      await check(userId, `erased before call ${call}`);
    }
  }

  it('leaves no creator behind, nor an open payout book', async () => {
    const body = { displayName: 'Lena', username: 'lena_sings' };
    await erasedAtEachCall('POST /creators/upgrade', { body }, async (userId, place) => {
      const creatorId = creatorIdOf(userId);
      const { state } = await h.service.commands.load(creator, creatorStream(creatorId));
      expect(isLive(state), place).to.equal(false);
      const book = await h.types(`payoutBook-${creatorId}`);
      expect(book, place).to.deep.equal(state.exists ? ['PayoutBookClosed'] : []);
    });
  });

  it('leaves no referral code that resolves to her', async () => {
    await erasedAtEachCall('GET /referral/link', {}, async (userId, place) => {
      const { state } = await h.service.commands.load(referralLink, referralLinkStream(userId));
      for (const digest of state.codes) {
        const { state: name } = await h.service.commands.load(reservation, reservationStream('name', digest));
        expect(name, place).to.deep.include({ ownerId: null, retired: true });
      }
    });
  });

  it('leaves no money behind, whatever a send had held', async () => {
    const as = await creatorPerson(h);
    const { creatorId } = as;
    const body = { dmType: 'PER_MESSAGE', dmPrice: 25, dmActive: true };
    await h.call('PATCH /creators/:creatorId/dm-config', { as, params: { creatorId }, body });
    const message = { creatorId, dmType: 'PER_MESSAGE', content: 'hello' };
    const sent: boolean[] = [];
    const check = async (userId: string, place: string) => {
      const { state: before } = await h.service.commands.load(fanWallet, fanWalletStream(FanId(userId)));
      sent.push(Object.keys(before.holds).length > 0);
      await h.advance(30 * DAY); // Nobody answers.
      await h.tick();
      await h.catchUp();
      const { state: after } = await h.service.commands.load(fanWallet, fanWalletStream(FanId(userId)));
      expect(after, place).to.deep.include({ balance: 0, holds: {} });
    };
    await erasedAtEachCall('POST /messages', { body: message }, check, () => fanWith(h, '30.00'));
    expect(new Set(sent), 'some sends came before the erasure, some after').to.deep.equal(new Set([false, true]));
  });
});
