import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { money } from '../../src/features/money.js';
import { demoCheckoutRoutes } from '../../src/routes/demo-checkout.js';
import { createHarness, type Harness } from '../support/harness.js';
import { person } from './people.js';

describe("The demo's checkout page", () => {
  let h: Harness;
  beforeEach(async () => {
    const demo = { routes: demoCheckoutRoutes, policies: [], clockTasks: [], lookups: [] };
    h = await createHarness({ features: [money, demo] });
  });
  afterEach(() => h.close());

  const show = 'GET /checkout/:sessionId';
  const pay = 'POST /checkout/:sessionId/complete';

  async function started() {
    const fan = await person(h);
    const { sessionId } = await h.data('POST /wallet/load', { as: fan, body: { amount: '12.5' } });
    return { fan, params: { sessionId: String(sessionId) } };
  }

  it('shows the amount and one button, without scripts', async () => {
    const { params } = await started();
    const { html } = await h.call(show, { params });
    expect(html).to.contain('<button>Pay $12.50</button>');
    expect(html).to.contain(`action="/api/v1/checkout/${params.sessionId}/complete"`);
    expect(html).to.not.contain('<script');
  });

  it('credits the wallet with one click, once', async () => {
    const { fan, params } = await started();
    expect((await h.call(pay, { params })).html).to.contain('Paid.');
    await h.call(pay, { params });
    const events = await h.log(`fanWallet-${fan.userId}`);
    expect(events.map(({ type }) => type)).to.deep.equal(['WalletOpened', 'FundsLoaded']);
    expect(events[1]?.metadata.keys).to.deep.equal({ userId: fan.userId });
  });

  it('offers no button once paid', async () => {
    const { params } = await started();
    await h.call(pay, { params });
    expect((await h.call(show, { params })).html)
      .to.contain('Paid.')
      .and.not.contain('<button>');
  });

  it('answers 404 for a session that was not started', async () => {
    const params = { sessionId: newId() };
    await h.refused('wallet.checkout.error.not_found', show, { params });
    await h.refused('wallet.checkout.error.not_found', pay, { params });
  });

  it('is no route of the money feature', () =>
    expect(money.routes(h.service).filter(({ path }) => path.startsWith('/checkout'))).to.deep.equal([]));
});
