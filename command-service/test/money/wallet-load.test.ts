import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { newId } from '@creator-dashboards/shared/ids';
import { HOUR, MINUTE } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { CONFIG_STREAM } from '../../src/domain/platform-config.js';
import { money } from '../../src/features/money.js';
import { createHarness, type Harness } from '../support/harness.js';
import { admin, fanWith, happened, person } from './people.js';

describe('Loading a wallet', () => {
  let h: Harness;
  let asked: string[];
  beforeEach(async () => {
    asked = [];
    h = await createHarness({
      features: [money],
      providers: (simulators) => ({
        ...simulators,
        payment: {
          async createCheckout(request) {
            asked.push(request.sessionId);
            return simulators.payment.createCheckout(request);
          },
        },
      }),
    });
    await h.catchUp();
  });
  afterEach(() => h.close());

  const load = 'POST /wallet/load';
  const webhook = 'POST /webhooks/payments';
  const paid = (sessionId: unknown, amount = '25.00', id = newId()) => ({
    body: { id, type: 'checkout.completed', sessionId, amount },
  });
  const setConfig = (key: string, value: number) =>
    happened(h, CONFIG_STREAM, { configKey: key }, [{ type: 'ConfigValueSet', data: { key, value, previous: null } }]);

  it('starts a checkout at the provider, with the session sealed in the log', async () => {
    const fan = await person(h);
    const { sessionId, checkoutUrl, position } = await h.data(load, { as: fan, body: { amount: '25' } });
    expect(checkoutUrl).to.equal(`https://payments.simulator.invalid/checkout/${String(sessionId)}`);
    const [started] = await h.log(`checkout-${String(sessionId)}`);
    expect(started?.type).to.equal('CheckoutStarted');
    expect(started?.data).to.include({ userId: fan.userId, amount: '25.00' });
    expect(started?.metadata.keys).to.deep.equal({ userId: fan.userId });
    expect(position).to.equal(started?.position.toString());
    const sealed = (started?.data as { checkoutUrl: Sealed<string> }).checkoutUrl;
    expect(JSON.stringify(sealed)).to.not.contain('localhost');
    expect(await h.service.sealer.open(kinds.checkoutUrl, sealed)).to.equal(checkoutUrl);
    expect(await h.log(`fanWallet-${fan.userId}`), 'nothing is credited yet').to.deep.equal([]);
  });

  it('credits when the provider reports the payment, and answers once the credit is in the log', async () => {
    const fan = await person(h);
    const { sessionId } = await h.data(load, { as: fan, body: { amount: '25.00' } });
    const { position } = await h.data(webhook, paid(sessionId));
    const events = await h.log(`fanWallet-${fan.userId}`);
    expect(events.map(({ type }) => type)).to.deep.equal(['WalletOpened', 'FundsLoaded']);
    expect(events[1]?.data).to.deep.equal({ sessionId, amount: '25.00', before: '0.00', after: '25.00' });
    expect(position).to.equal(events[1]?.position.toString());
  });

  it('ignores a repeated webhook, whatever it says now', async () => {
    const fan = await person(h);
    const { sessionId } = await h.data(load, { as: fan, body: { amount: '25.00' } });
    const first = await h.data(webhook, paid(sessionId, '25.00', 'evt_1'));
    const log = await h.log();
    expect(await h.data(webhook, paid(sessionId, '25.00', 'evt_1'))).to.deep.equal(first);
    expect(await h.data(webhook, paid(sessionId, '24.00', 'evt_1'))).to.deep.equal(first);
    expect(await h.log()).to.deep.equal(log);
  });

  it('credits nothing for another webhook about the same session', async () => {
    const fan = await person(h);
    const { sessionId } = await h.data(load, { as: fan, body: { amount: '25.00' } });
    await h.call(webhook, paid(sessionId));
    await h.call(webhook, paid(sessionId));
    expect(await h.types(`fanWallet-${fan.userId}`)).to.deep.equal(['WalletOpened', 'FundsLoaded']);
  });

  it('credits nothing for another amount, and records the mismatch', async () => {
    const fan = await person(h);
    const { sessionId } = await h.data(load, { as: fan, body: { amount: '25.00' } });
    await h.call(webhook, paid(sessionId, '26.00'));
    expect(await h.types(`checkout-${String(sessionId)}`)).to.deep.equal(['CheckoutStarted', 'CheckoutMismatch']);
    expect(await h.log(`fanWallet-${fan.userId}`)).to.deep.equal([]);
  });

  it('answers 404 to a webhook about an unknown session, so that the provider retries', () =>
    h.refused('wallet.checkout.error.not_found', webhook, paid(newId())));

  it('leaves to the feed the credit that a request could not finish (9.3)', async () => {
    const fan = await person(h);
    const { sessionId } = await h.data(load, { as: fan, body: { amount: '25.00' } });
    await happened(h, `checkout-${String(sessionId)}`, { userId: fan.userId }, [
      { type: 'CheckoutCompleted', data: { sessionId: String(sessionId), userId: fan.userId, amount: '25.00' } },
    ]);
    await h.catchUp();
    await h.catchUp();
    expect(await h.types(`fanWallet-${fan.userId}`)).to.deep.equal(['WalletOpened', 'FundsLoaded']);
  });

  describe('with limits', () => {
    for (const amount of ['4.99', '500.01', '0', '-5', '10.001', '1e2', '10,00', ' 10', 'ten', ''])
      it(`refuses the amount ${JSON.stringify(amount)}`, async () =>
        h.refused('wallet.load.error.invalid_amount', load, { as: await person(h), body: { amount } }));
    for (const amount of ['5', '5.0', '500.00'])
      it(`accepts the amount ${amount}`, async () =>
        expect((await h.call(load, { as: await person(h), body: { amount } })).data).to.have.property('sessionId'));
    it('refuses what would raise the balance above wallet.max_balance', async () => {
      const fan = await fanWith(h, '4980.00');
      await h.refused('wallet.load.error.balance_limit', load, { as: fan, body: { amount: '20.01' } });
      await h.call(load, { as: fan, body: { amount: '20.00' } });
    });
    it('follows the configured limits', async () => {
      await setConfig('wallet.max_load', 6);
      await h.catchUp();
      const fan = await person(h);
      await h.refused('wallet.load.error.invalid_amount', load, { as: fan, body: { amount: '6.01' } });
      await h.call(load, { as: fan, body: { amount: '6.00' } });
    });
    it('still credits a checkout that was started before the limits were lowered', async () => {
      const fan = await person(h);
      const { sessionId } = await h.data(load, { as: fan, body: { amount: '25.00' } });
      for (let gift = 0; gift < 5; gift += 1)
        await h.call('POST /admin/wallets/:userId/adjust', {
          as: admin,
          params: { userId: fan.userId },
          body: { type: 'FAN', amount: '1000.00', direction: 'CREDIT', reason: 'a gift' },
        });
      await h.call(webhook, paid(sessionId));
      expect((await h.log(`fanWallet-${fan.userId}`)).at(-1)?.data).to.include({ after: '5025.00' });
    });
    it('refuses an account that does not exist', () =>
      h.refused('auth.account.unknown', load, { as: { userId: newId(), role: 'USER' }, body: { amount: '25' } }));
  });

  describe('with an Idempotency-Key (9.7)', () => {
    it('answers the first session again and calls the provider once', async () => {
      const fan = await person(h);
      const call = { as: fan, body: { amount: '25' }, key: 'key-1' };
      const first = await h.data(load, call);
      await h.advance(23 * HOUR);
      expect(await h.data(load, call)).to.deep.equal(first);
      expect(asked).to.deep.equal([first.sessionId]);
    });
    it('answers the first session even after the limits changed', async () => {
      const fan = await person(h);
      const call = { as: fan, body: { amount: '25' }, key: 'key-1' };
      const first = await h.data(load, call);
      await setConfig('wallet.max_load', 6);
      await h.catchUp();
      expect(await h.data(load, call)).to.deep.equal(first);
    });
    it('refuses another body', async () => {
      const fan = await person(h);
      await h.call(load, { as: fan, body: { amount: '25' }, key: 'key-1' });
      await h.refused('common.idempotency_mismatch', load, { as: fan, body: { amount: '26' }, key: 'key-1' });
    });
    it('keeps the keys of different users apart', async () => {
      const [mine, hers] = await Promise.all(
        [await person(h), await person(h)].map((as) => h.data(load, { as, body: { amount: '25' }, key: 'key-1' })),
      );
      expect(mine?.sessionId).to.not.equal(hers?.sessionId);
    });
    it('starts another session after wallet.idempotency_ttl_seconds', async () => {
      await setConfig('wallet.idempotency_ttl_seconds', 60);
      await h.catchUp();
      const fan = await person(h);
      const call = { as: fan, body: { amount: '25' }, key: 'key-1' };
      const first = await h.data(load, call);
      await h.advance(MINUTE - 1);
      expect(await h.data(load, call)).to.deep.equal(first);
      await h.advance(1);
      const second = await h.data(load, call);
      expect(second.sessionId).to.not.equal(first.sessionId);
      expect(await h.data(load, call)).to.deep.equal(second);
    });
    it('starts one session for parallel requests', async () => {
      const fan = await person(h);
      const call = { as: fan, body: { amount: '25' }, key: 'key-1' };
      const answers = await Promise.all(Array.from({ length: 8 }, () => h.data(load, call)));
      for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
      expect(await h.types(`checkout-${String(answers[0]?.sessionId)}`)).to.deep.equal(['CheckoutStarted']);
    });
  });
});
