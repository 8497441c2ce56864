/**
 * Two command services on the same stores: what one remembers of a stream, the other has changed. Whatever is answered here must be true
 * of the streams as they are now.
 */
import type { Actor } from '@creator-dashboards/shared/ports';
import { expect } from 'chai';
import type { Call } from '../../src/http/call-route.js';
import { CONFIG_STREAM } from '../../src/domain/platform-config.js';
import { features } from '../../src/features/features.js';
import { admin, creatorPerson, earner, fanWith, happened } from '../money/people.js';
import { processBeside } from '../support/another-process.js';
import { createHarness, type Harness } from '../support/harness.js';

type Act = (row: string, call?: Call) => Promise<unknown>;

describe('A stream that a process remembers and another one has written', () => {
  let h: Harness;
  let here: Act;
  let there: Act;

  beforeEach(async () => {
    h = await createHarness({ features });
    await h.catchUp();
    here = h.call;
    there = processBeside(h.service, features).call;
  });
  afterEach(() => h.close());

  const reason = 'a test';
  const onWallet =
    (action: 'freeze' | 'unfreeze', { userId }: { readonly userId: string }, type: 'FAN' | 'CREATOR' = 'FAN') =>
    (act: Act) =>
      act(`POST /admin/wallets/:userId/${action}`, { as: admin, params: { userId }, body: { type, reason } });
  const debit =
    ({ userId }: { readonly userId: string }, amount: string, type: 'FAN' | 'CREATOR' = 'FAN') =>
    (act: Act) =>
      act('POST /admin/wallets/:userId/adjust', {
        ...{ as: admin, params: { userId } },
        body: { type, amount, direction: 'DEBIT', reason },
      });
  const onAccount =
    (action: 'suspend' | 'reinstate', { userId }: { readonly userId: string }) =>
    (act: Act) =>
      act(`POST /admin/users/:userId/${action}`, { as: admin, params: { userId }, body: { reason } });

  describe('does not make it answer, of that stream,', () => {
    it('a refusal that is true no longer', async () => {
      const fan = await fanWith(h, '10.00');
      await onWallet('freeze', fan)(here);
      await onWallet('unfreeze', fan)(there);
      await onWallet('freeze', fan)(here);
      expect(await h.types(`fanWallet-${fan.userId}`)).to.deep.equal([
        ...['WalletOpened', 'WalletAdjusted', 'WalletFrozen', 'WalletUnfrozen', 'WalletFrozen'],
      ]);
    });

    it('a success that is refused by now', async () => {
      const fan = await fanWith(h, '10.00');
      await debit(fan, '1.00')(here);
      await debit(fan, '8.00')(there);
      await h.refused('wallet.error.insufficient_balance', 'POST /admin/wallets/:userId/adjust', {
        ...{ as: admin, params: { userId: fan.userId } },
        body: { type: 'FAN', amount: '2.00', direction: 'DEBIT', reason },
      });
      await debit(fan, '1.00')(here);
    });

    it('that nothing changes, where by now something does', async () => {
      const creator = await creatorPerson(h);
      const priced =
        (dmPrice: number) =>
        (act: Act): Promise<unknown> =>
          act('PATCH /creators/:creatorId/dm-config', {
            ...{ as: creator, params: { creatorId: creator.creatorId } },
            body: { dmType: 'PER_MESSAGE', dmPrice, dmActive: true },
          });
      await priced(2)(here);
      await priced(3)(there);
      await priced(2)(here);
      const set = (await h.log(`creator-${creator.creatorId}`)).flatMap((event) =>
        event.type === 'DmConfigUpdated' ? event.data.dmPrice : [],
      );
      expect(set).to.deep.equal(['2.00', '3.00', '2.00']);
    });
  });

  describe('is read, where a command only looks at it:', () => {
    async function priced() {
      const creator = await creatorPerson(h);
      await h.call('PATCH /creators/:creatorId/dm-config', {
        ...{ as: creator, params: { creatorId: creator.creatorId } },
        body: { dmType: 'PER_MESSAGE', dmPrice: 2, dmActive: true },
      });
      return creator;
    }
    let texts = 0;
    const send = 'POST /messages';
    const to = (creatorId: string) => ({ creatorId, dmType: 'PER_MESSAGE', content: `text ${(texts += 1)}` });

    async function converse(fan: Actor, creator: Awaited<ReturnType<typeof priced>>): Promise<void> {
      const { messageId } = await h.data(send, { as: fan, body: to(creator.creatorId) });
      const params = { id: String(messageId) };
      await h.call('POST /messages/:id/reply', { as: creator, params, body: { content: 'thank you' } });
    }

    it('an account that is suspended, or active again', async () => {
      const [fan, creator] = [await fanWith(h, '10.00'), await priced()];
      await converse(fan, creator);
      await onAccount('suspend', creator)(there);
      expect(await h.accounts.forWrites(creator.userId)).to.equal('SUSPENDED');
      await h.refused('message.send.error.receiver_inactive', send, { as: fan, body: to(creator.creatorId) });
      await onAccount('reinstate', creator)(there);
      expect(await h.accounts.forWrites(creator.userId)).to.equal('ACTIVE');
      await converse(fan, creator);
    });

    it('a block, and its end', async () => {
      const [fan, creator] = [await fanWith(h, '10.00'), await priced()];
      const params = { userId: fan.userId };
      await converse(fan, creator);
      await there('POST /users/block/:userId', { as: creator, params });
      await h.refused('message.send.error.blocked', send, { as: fan, body: to(creator.creatorId) });
      await there('DELETE /users/block/:userId', { as: creator, params });
      await converse(fan, creator);
    });

    it('what a payout is judged by: the wallet, its balance, the profile, the account', async () => {
      const creator = await earner(h, '500.00');
      const ask = 'POST /payouts/request';
      const asked = { as: creator, body: { amount: '100.00' } };
      const cancelled = async () => {
        const { payoutId } = await h.data(ask, asked);
        await here('POST /payouts/:payoutId/cancel', { as: creator, params: { payoutId: String(payoutId) } });
      };
      await cancelled();
      await onWallet('freeze', creator, 'CREATOR')(there);
      await h.refused('payment.payout.error.wallet_frozen', ask, asked);
      await onWallet('unfreeze', creator, 'CREATOR')(there);
      await cancelled();
      await debit(creator, '450.00', 'CREATOR')(there);
      await h.refused('payment.payout.error.insufficient_balance', ask, asked);
      await onAccount('suspend', creator)(there);
      await h.refused('auth.account.unknown', ask, asked);
      await onAccount('reinstate', creator)(there);
      await happened(h, `creator-${creator.creatorId}`, creator, [
        { type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } },
      ]);
      await h.refused('payment.payout.error.creator_inactive', ask, asked);
    });

    it('the config', async () => {
      const creator = await earner(h, '500.00');
      const asked = { as: creator, body: { amount: '100.00' } };
      const minimum = async (value: number, previous: number | null) => {
        const key = 'payout.min_amount';
        await happened(h, CONFIG_STREAM, { configKey: key }, [
          { type: 'ConfigValueSet', data: { key, value, previous } },
        ]);
        await h.catchUp();
      };
      await minimum(200, null);
      await h.refused('payment.payout.error.below_minimum', 'POST /payouts/request', asked);
      await minimum(50, 200);
      await here('POST /payouts/request', asked);
    });
  });
});
