/** Accounts that end with money in them: told first, given up, and never in the way of the erasure (G56, G62). */
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { newId } from '@creator-dashboards/shared/ids';
import type { Providers } from '@creator-dashboards/shared/providers';
import { DAY, MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { features } from '../../src/features/features.js';
import { userStream } from '../../src/domain/user.js';
import { crashingAt } from '../messages/interrupted-ports.js';
import { actsOf } from '../messages/fixtures.js';
import { admin, creatorPerson, earner, fanWith, happened } from '../money/people.js';
import { processBeside } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';

type Earner = Awaited<ReturnType<typeof earner>>;

describe('An account that ends with money left (G56)', () => {
  let h: Harness;
  let transfers: string[];
  beforeEach(async () => {
    transfers = [];
    const pay: Providers['payout']['pay'] = ({ idempotencyKey }) => {
      transfers.push(idempotencyKey);
      return Promise.resolve({ outcome: 'accepted' });
    };
    h = await createHarness({ features, providers: (simulators) => ({ ...simulators, payout: { pay } }) });
    await h.catchUp();
  });
  afterEach(() => h.close());

  const remove = 'POST /users/delete';
  const adminCall = (userId: string, body: object = {}) => ({
    as: admin,
    params: { userId },
    body: { reason: 'asked for', ...body },
  });
  const erase = ({ userId }: { userId: string }) => h.call('POST /admin/users/:userId/erase', adminCall(userId));
  const status = async ({ userId }: { userId: string }) => (await h.types(userStream(userId))).at(-1);
  const wallet = async (kind: 'fan' | 'creator', { userId }: { userId: string }) =>
    (await h.log(`${kind}Wallet-${userId}`)).slice(2).map(({ type, data }) => {
      return 'after' in data ? `${type} ${data.before} ${data.after}` : type;
    });
  const keyOf = ({ userId }: { userId: string }) => h.service.keys.get(userId);
  const payout = (action: 'approve' | 'process', payoutId: string) =>
    h.call(`POST /admin/payouts/:payoutId/${action}`, { as: admin, params: { payoutId }, body: { reason: 'due' } });
  async function requested(as: Earner, amount = '40.00'): Promise<string> {
    return String((await h.data('POST /payouts/request', { as, body: { amount } })).payoutId);
  }
  async function processing(as: Earner): Promise<string> {
    const payoutId = await requested(as);
    await payout('approve', payoutId);
    await payout('process', payoutId);
    return payoutId;
  }
  const result = (payoutId: string, is: 'paid' | 'failed') =>
    h.call('POST /webhooks/payouts', { body: { id: newId(), payoutId, status: is } });
  /** A fan with 5.00 left, and 25.00 held for a message that nobody answered yet. */
  async function waitingFan() {
    const creator = await creatorPerson(h);
    const set = { dmType: 'PER_MESSAGE', dmPrice: 25, dmActive: true };
    await h.call('PATCH /creators/:creatorId/dm-config', {
      as: creator,
      params: { creatorId: creator.creatorId },
      body: set,
    });
    const fan = await fanWith(h, '30.00');
    const { messageId } = await actsOf(h).send(fan, creator, { dmType: 'PER_MESSAGE' });
    return { fan, creator, messageId };
  }

  describe('when its owner asks', () => {
    const left = async (as: { userId: string; role: 'USER' }) => {
      const error = await h.call(remove, { as, body: {} }).catch((thrown: unknown) => thrown);
      expect(error).to.have.property('key', 'user.delete.balance_left');
      return (error as { vars: unknown }).vars;
    };

    it('is refused, with the amounts, while there is a balance, a hold, earnings or an open payout', async () => {
      const { fan } = await waitingFan();
      const none = { balance: '0.00', held: '0.00', earnings: '0.00', payouts: '0.00' };
      expect(await left(fan as never)).to.deep.equal({ ...none, balance: '5.00', held: '25.00' });
      const creator = await earner(h, '100.00');
      await requested(creator);
      expect(await left(creator as never)).to.deep.equal({ ...none, earnings: '100.00', payouts: '40.00' });
      expect(await status(fan)).to.equal('UserRegistered');
    });

    it('is deactivated when the money is given up, and without money at once', async () => {
      const rich = await fanWith(h, '30.00');
      await h.call(remove, { as: rich, body: { forfeit: true } });
      expect(await status(rich)).to.equal('UserDeactivated');
      expect(await wallet('fan', rich), 'nothing is taken before the erasure').to.deep.equal([]);
      const poor = await creatorPerson(h);
      await h.call(remove, { as: poor, body: {} });
      expect(await status(poor)).to.equal('UserDeactivated');
    });

    it('gives everything up when the grace period is over', async () => {
      const rich = await fanWith(h, '30.00');
      await h.call(remove, { as: rich, body: { forfeit: true } });
      await h.advance(31 * DAY);
      await h.tick();
      await h.catchUp();
      expect(await status(rich)).to.equal('UserErased');
      expect(await wallet('fan', rich)).to.deep.equal(['WalletForfeited 30.00 0.00']);
    });
  });

  it('forfeits both wallets once, however often the erasure is asked for', async () => {
    const creator = await earner(h, '100.00');
    await h.call('POST /admin/wallets/:userId/adjust', adminCall(creator.userId, fanCredit));
    await erase(creator);
    await erase(creator);
    await h.catchUp();
    expect(await wallet('creator', creator)).to.deep.equal(['WalletForfeited 100.00 0.00']);
    expect(await wallet('fan', creator)).to.deep.equal(['WalletForfeited 7.00 0.00']);
  });
  const fanCredit = { type: 'FAN', amount: '7.00', direction: 'CREDIT' };

  it('writes a debt off', async () => {
    const fan = await fanWith(h, '30.00');
    const data = { messageId: newId(), sessionId: null, amount: '50.00', before: '30.00', after: '-20.00' };
    await happened(h, `fanWallet-${fan.userId}`, { userId: fan.userId }, [{ type: 'ChargebackDebited', data }]);
    await erase(fan);
    expect((await wallet('fan', fan)).at(-1)).to.equal('WalletWrittenOff -20.00 0.00');
  });

  it('forfeits what comes back later: the hold of a message that nobody answers', async () => {
    const { fan, messageId, creator } = await waitingFan();
    await erase(fan);
    await h.call('POST /messages/:id/reject', { as: creator, params: { id: messageId }, body: {} });
    await h.catchUp();
    expect((await wallet('fan', fan)).slice(-3)).to.deep.equal([
      'WalletForfeited 5.00 0.00',
      'EscrowRefunded 0.00 25.00',
      'WalletForfeited 25.00 0.00',
    ]);
  });

  it('forfeits what comes in later: the earnings of a reply under way, and what a chargeback leaves of them', async () => {
    const creator = await creatorPerson(h);
    await erase(creator);
    const stream = `creatorWallet-${creator.userId}`;
    const settled = { messageId: newId(), gross: '25.00', commission: '5.00', net: '20.00' };
    const keys = { userId: creator.userId, creatorId: creator.creatorId };
    const events: DomainEvent[] = [
      { type: 'WalletOpened', data: { type: 'CREATOR', currency: 'USD' } },
      { type: 'EarningsCredited', data: { ...settled, before: '0.00', after: '20.00' } },
    ];
    await happened(h, stream, keys, events);
    await h.catchUp();
    const reversed = { ...settled, before: '0.00', after: '-20.00' };
    await happened(h, stream, keys, [{ type: 'EarningsReversed', data: reversed }]);
    await h.catchUp();
    expect((await wallet('creator', creator)).slice(-3)).to.deep.equal([
      'WalletForfeited 20.00 0.00',
      'EarningsReversed 0.00 -20.00',
      'WalletWrittenOff -20.00 0.00',
    ]);
  });

  describe('with payouts', () => {
    it('cancels those that no provider was asked for, and takes no more', async () => {
      const creator = await earner(h, '100.00');
      await requested(creator);
      await erase(creator);
      const types = await h.types(`payoutBook-${creator.creatorId}`);
      expect(types).to.deep.equal(['PayoutRequested', 'PayoutCancelled', 'PayoutBookClosed']);
      expect(await status(creator)).to.equal('UserErased');
      expect(await wallet('creator', creator)).to.deep.equal(['WalletForfeited 100.00 0.00']);
    });

    it('names afterwards those that an older version cancelled without a name', async () => {
      const creator = await earner(h, '100.00');
      const stream = `payoutBook-${creator.creatorId}`;
      const payoutId = await requested(creator);
      const { userId, creatorId } = creator;
      await happened(h, stream, { userId, creatorId }, [{ type: 'PayoutBookClosed', data: { reason: 'ERASED' } }]);
      for (let minute = 0; minute < 3; minute += 1) {
        await h.catchUp();
        await h.advance(MINUTE);
        await h.tick();
      }
      const log = await h.log(stream);
      expect(log.map(({ type }) => type)).to.deep.equal(['PayoutRequested', 'PayoutBookClosed', 'PayoutCancelled']);
      expect(log.at(-1)?.data).to.deep.equal({ payoutId, amount: '40.00', from: 'CANCELLED', by: null });
    });

    it('keeps the key while one is on its way, and nobody else waits for that', async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      await erase(creator);
      await h.catchUp();
      expect(await status(creator)).to.equal('UserErasureRequested');
      expect(await keyOf(creator)).not.to.equal('destroyed');
      expect(await wallet('creator', creator)).to.deep.equal(['PayoutDebited 100.00 60.00']);
      const other = await fanWith(h, '1.00');
      await erase(other);
      expect(await status(other)).to.equal('UserErased');

      await result(payoutId, 'paid');
      expect(await status(creator)).to.equal('UserErased');
      expect(await keyOf(creator)).to.equal('destroyed');
      expect((await wallet('creator', creator)).at(-1)).to.equal('WalletForfeited 60.00 0.00');
      expect(new Set(transfers)).to.deep.equal(new Set([payoutId]));
    });

    it('forfeits the money of one that fails', async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      await erase(creator);
      await result(payoutId, 'failed');
      await h.catchUp();
      expect(await status(creator)).to.equal('UserErased');
      const moves = await wallet('creator', creator);
      expect(moves.filter((move) => move.startsWith('PayoutReturned'))).to.have.length(1);
      expect(moves.at(-1)).to.match(/^WalletForfeited .* 0\.00$/);
      const forfeited = moves
        .filter((move) => move.startsWith('WalletForfeited'))
        .map((move) => Number(move.split(' ')[1]));
      expect(forfeited.reduce((sum, amount) => sum + amount, 0)).to.equal(100);
    });

    it('goes on by the clock when its result was missed', async () => {
      const creator = await earner(h, '100.00');
      const payoutId = await processing(creator);
      await erase(creator);
      const stream = `payoutBook-${creator.creatorId}`;
      const { userId, creatorId } = creator;
      const processed = { type: 'PayoutProcessed', data: { payoutId, amount: '40.00', at: h.now() } } as const;
      await happened(h, stream, { creatorId, payoutId }, [processed]); // without the key that the policy goes by
      await h.advance(2 * MINUTE).catch(() => undefined);
      await h.tick();
      expect(await status({ userId })).to.equal('UserErased');
      expect((await wallet('creator', creator)).at(-1)).to.equal('WalletForfeited 60.00 0.00');
    });
  });

  it('ends the same wherever the process died (9.3)', async () => {
    for (const side of ['before', 'after'] as const)
      for (let call = 1; ; call += 1) {
        const creator = await earner(h, '100.00');
        await requested(creator);
        const { ports, crashed } = crashingAt(h.service, { call, side });
        const { userId } = creator;
        await processBeside(h.service, features, ports)
          .call('POST /admin/users/:userId/erase', adminCall(userId))
          .catch(() => undefined);
        const begun = (await h.types(userStream(userId))).includes('UserErasureRequested');
        await h.catchUp();
        const place = `${side} call ${call}`;
        expect(await status(creator), place).to.equal(begun ? 'UserErased' : 'UserRegistered');
        expect(await wallet('creator', creator), place).to.deep.equal(begun ? ['WalletForfeited 100.00 0.00'] : []);
        const closed = (await h.types(`payoutBook-${creator.creatorId}`)).filter((type) => type === 'PayoutBookClosed');
        expect(closed, place).to.have.length(begun ? 1 : 0);
        if (crashed()) continue;
        expect(call).to.be.greaterThan(5);
        break;
      }
  });

  it('leaves wallets that no administrator moves any more (G62)', async () => {
    const creator = await earner(h, '100.00');
    await erase(creator);
    const head = await h.service.events.head();
    for (const type of ['FAN', 'CREATOR']) {
      const body = { type, amount: '1.00', direction: 'CREDIT' };
      await h.refused('error.user.erased', 'POST /admin/wallets/:userId/adjust', adminCall(creator.userId, body));
      for (const action of ['freeze', 'unfreeze'])
        await h.refused(
          'error.user.erased',
          `POST /admin/wallets/:userId/${action}`,
          adminCall(creator.userId, { type }),
        );
    }
    expect(await h.service.events.head()).to.equal(head);
  });
});
