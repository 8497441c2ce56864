import { expect } from 'chai';
import { expectShape } from '../../../testing/fixtures/golden.js';
import { referralBody } from '../../../src/views/referral-dashboard/body.js';
import { presentReferral } from '../../../src/views/referral-dashboard/present.js';
import { open, openErased, referral, T0 } from '../../../testing/fixtures/documents.js';
import * as golden from '../../../testing/fixtures/seeds.js';

describe('referralDashboard: present', () => {
  it('the referral dashboard equals the documented sample', async () => {
    const body = await presentReferral(referral(), open);
    expectShape(golden.referralDashboard.shape, referralBody, body);
    expect(body).to.deep.equal(golden.referralDashboard.sample);
  });

  it('the referral dashboard is empty without a document and without a link', async () => {
    for (const document of [null, referral({ link: null })]) {
      const body = await presentReferral(document, open);
      expectShape(golden.referralDashboard.shape, referralBody, body);
      expect(body).to.deep.equal(golden.noReferral);
    }
  });

  it("the referral dashboard shows zero as '0' and all other money with two decimals", async () => {
    const rewards = [
      { id: '196100ac-4eec-4fb6-a7f7-86c8b584771d', triggerType: 'REGISTRATION' as const, amount: 0, createdAt: T0 },
      {
        id: '196100ac-4eec-4fb6-a7f7-86c8b584771d',
        triggerType: 'RECURRING_PAYMENT' as const,
        amount: 50,
        createdAt: T0,
      },
    ];
    const body = await presentReferral(referral({ totalEarnings: 0, rewards }), open);
    expect(body.rewards.map(({ amount }) => amount)).to.deep.equal(['0', '0.50']);
    expect([body.totalEarnings, body.link?.totalEarnings]).to.deep.equal(['0', '0']);
  });

  it('the referral dashboard shows the newest 50 rewards in stored order; the total is not their sum (G38)', async () => {
    const rewards = Array.from({ length: 60 }, (_, n) => ({
      id: `b11a2b3c-d5e6-4890-abcd-${String(n).padStart(12, '0')}`,
      triggerType: 'RECURRING_PAYMENT' as const,
      amount: 100,
      createdAt: T0,
    }));
    const body = await presentReferral(referral({ totalEarnings: 999_900, rewards }), open);
    expect(body.rewards.map(({ id }) => id)).to.deep.equal(rewards.slice(0, 50).map(({ id }) => id));
    expect(body.totalEarnings).to.equal('9999.00');
  });

  it('the referral dashboard shows no code when the referrer was erased', async () => {
    const body = await presentReferral(referral(), openErased);
    expectShape(golden.referralDashboard.shape, referralBody, body);
    expect(body.link?.code).to.equal(null);
  });
});
