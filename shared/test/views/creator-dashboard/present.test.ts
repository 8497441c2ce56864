import { expect } from 'chai';
import { expectShape } from '../../../testing/fixtures/golden.js';
import { dashboardBody } from '../../../src/views/creator-dashboard/body.js';
import { presentDashboard } from '../../../src/views/creator-dashboard/present.js';
import { config, dashboard, open, openErased } from '../../../testing/fixtures/documents.js';
import * as golden from '../../../testing/fixtures/seeds.js';

describe('creatorDashboard: present', () => {
  const present = (changes = {}, settings = config()) => presentDashboard(dashboard(changes), settings, open);

  it('the dashboard equals the documented sample, with the progress that the formula gives', async () => {
    const body = await present();
    expectShape(golden.creatorDashboard.shape, dashboardBody, body);
    expect(body).to.deep.equal(golden.creatorDashboard.sample);
  });

  it('the dashboard has its documented shape at PLATINUM, without wallet, DM settings and avatar', async () => {
    const bare = { level: 'PLATINUM', wallet: null, dmType: null, dmPrice: null, dmActive: false, avatarUrl: null };
    expectShape(golden.creatorDashboard.shape, dashboardBody, await present(bare));
  });

  it("the dashboard shows the commission of the creator's level only, 20 when none is set", async () => {
    const settings = config({ 'creator.commission_gold': 12.5, 'creator.commission_bronze': 25 });
    expect((await present({ level: 'GOLD' }, settings)).commissionRate).to.equal(12.5);
    expect((await present({ level: 'SILVER' }, settings)).commissionRate).to.equal(20);
    expect((await presentDashboard(dashboard(), null, open)).commissionRate).to.equal(20);
  });

  it('walletBalance is the number 0 without a wallet, "0.00" for an empty one, negative after a chargeback', async () => {
    expect(await present({ wallet: null })).to.include({ walletBalance: 0, walletFrozen: false });
    expect(await present({ wallet: { balance: 0, frozen: true } })).to.include({
      walletBalance: '0.00',
      walletFrozen: true,
    });
    expect(await present({ wallet: { balance: -1_005, frozen: false } })).to.include({ walletBalance: '-10.05' });
  });

  it('the dashboard shows dmActive as chosen, and no price when DMs are FREE', async () => {
    expect(await present({ dmType: 'FREE', dmPrice: null, dmActive: false })).to.include({
      dmType: 'FREE',
      dmPrice: null,
      dmActive: false,
    });
  });

  it('the dashboard shows no avatar when the creator was erased', async () => {
    expect((await presentDashboard(dashboard(), config(), openErased)).avatarUrl).to.equal(null);
  });

  it('hasSocialAccounts says whether there are any', async () => {
    expect((await present({ socialAccounts: 0 })).hasSocialAccounts).to.equal(false);
    expect((await present({ socialAccounts: 1 })).hasSocialAccounts).to.equal(true);
  });
});
