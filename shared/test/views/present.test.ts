import { mismatches, type Shape } from '../../testing/fixtures/golden.js';
import * as golden from '../../testing/fixtures/seeds.js';
import { expect } from 'chai';
import type { z } from 'zod';
import { configBody, killSwitchesBody } from '../../src/views/config/body.js';
import { dashboardBody } from '../../src/views/creator-dashboard/body.js';
import { profileBody } from '../../src/views/creator-profile/body.js';
import { dmConfigBody } from '../../src/views/dm-config/body.js';
import { walletBody } from '../../src/views/fan-wallet/body.js';
import { messageBody } from '../../src/views/message/body.js';
import { referralBody } from '../../src/views/referral-dashboard/body.js';
import { presentConfig, presentKillSwitches } from '../../src/views/config/present.js';
import { presentWallet } from '../../src/views/fan-wallet/present.js';
import { presentMessage } from '../../src/views/message/present.js';
import { presentReferral } from '../../src/views/referral-dashboard/present.js';
import { presentDmConfig } from '../../src/views/dm-config/present.js';
import { presentProfile } from '../../src/views/creator-profile/present.js';
import { presentDashboard } from '../../src/views/creator-dashboard/present.js';
import {
  adminId,
  bioPage,
  bioPageId,
  config,
  creatorId,
  dashboard,
  dmConfig,
  fanId,
  link,
  message,
  open,
  openErased,
  profile,
  referral,
  seal,
  T0,
  userId,
  wallet,
} from '../../testing/fixtures/documents.js';

/** The golden shape, and the schema that documents the route, both fit. */
function expectShape(shape: Shape, schema: z.ZodType, body: unknown) {
  expect(mismatches(shape, body)).to.deep.equal([]);
  expect(schema.safeParse(body).error?.issues ?? []).to.deep.equal([]);
}

const template = {
  id: '196100ac-4eec-4fb6-a7f7-86c8b584771d',
  name: 'Plain',
  description: null,
  tokens: { color: '#fff' },
  thumbnail: null,
  active: true,
  sortOrder: 0,
  createdAt: T0,
  updatedAt: T0,
};
const dmPackage = (dmType: 'FREE' | 'SINGLE_PAY' | 'PER_MESSAGE', price: number | null, active: boolean) => ({
  id: '497f6eca-6276-4993-bfeb-53cbbbba6f08',
  dmType,
  price,
  active,
  createdAt: T0,
  updatedAt: T0,
});

/** A profile with a value in every field. */
const fullProfile = profile({
  kycStatus: 'APPROVED',
  kycProvider: 'simulator',
  kycProviderId: seal('provider-1'),
  kycCompletedAt: T0,
  dmType: 'PER_MESSAGE',
  dmPrice: 450,
  creatorStatus: 'VACATION',
  vacationMode: true,
  vacationStart: T0,
  vacationEnd: '2026-05-29T20:00:00.000Z',
  totalEarnings: 125_050,
  totalMessages: 47,
  followers: { X: 70, TIKTOK: 30 },
  ratingCount: 8,
  ratingSum: 37,
  stripeAccountId: seal('acct_1'),
  stripeAccountStatus: 'ACTIVE',
  stripeChargesEnabled: true,
  stripePayoutsEnabled: true,
  bankDetails: seal({
    iban: 'DE89370400440532013000',
    bankName: 'Bank',
    accountHolderName: 'Alice',
    swiftCode: 'COBADEFF',
    bankCountry: 'DE',
  }),
  bankAccountVerified: true,
  bankVerifiedAt: T0,
  preferredPayoutMethod: 'STRIPE_CONNECT',
  autoPayoutEnabled: true,
  bioPage: bioPage({ templateId: template.id, template, links: [link()] }),
  categories: [{ id: template.id, name: 'Music' }],
  dmPackages: [dmPackage('FREE', null, false), dmPackage('PER_MESSAGE', 450, true)],
});

describe('golden shapes', () => {
  const shape: Shape = { fields: { a: 'integer', inner: { fields: { list: [{ fields: { b: 'decimal|null' } }] } } } };
  const good = { a: 1, inner: { list: [{ b: '1.00' }, { b: null }] } };

  it('take what fits', () => expect(mismatches(shape, good)).to.deep.equal([]));
  it('name a missing field, deep inside too', () =>
    expect(mismatches(shape, { a: 1, inner: { list: [{}] } })).to.deep.equal(['data.inner.list[0].b: missing']));
  it('name an extra field, deep inside too', () =>
    expect(mismatches(shape, { ...good, inner: { ...good.inner, c: 1 } })).to.deep.equal(['data.inner.c: extra']));
  it('name a field of another type, deep inside too', () =>
    expect(mismatches(shape, { a: '1', inner: { list: [{ b: 1 }] } })).to.deep.equal([
      'data.a: "1" is no integer',
      'data.inner.list[0].b: 1 is no decimal|null',
    ]));
  it('name another order', () =>
    expect(mismatches(shape, { inner: good.inner, a: 1 })).to.deep.equal(['data: fields in another order']));
});

describe('creator dashboard', () => {
  const present = (changes = {}, settings = config()) => presentDashboard(dashboard(changes), settings, open);

  it('is the written sample, with the progress the formula gives', async () => {
    const body = await present();
    expectShape(golden.creatorDashboard.shape, dashboardBody, body);
    expect(body).to.deep.equal(golden.creatorDashboard.sample);
  });

  it('has its shape at PLATINUM, without wallet, DM settings and avatar', async () => {
    const bare = { level: 'PLATINUM', wallet: null, dmType: null, dmPrice: null, dmActive: false, avatarUrl: null };
    expectShape(golden.creatorDashboard.shape, dashboardBody, await present(bare));
  });

  it('shows the commission of the own level only, 20 where nothing is set', async () => {
    const settings = config({ 'creator.commission_gold': 12.5, 'creator.commission_bronze': 25 });
    expect((await present({ level: 'GOLD' }, settings)).commissionRate).to.equal(12.5);
    expect((await present({ level: 'SILVER' }, settings)).commissionRate).to.equal(20);
    expect((await presentDashboard(dashboard(), null, open)).commissionRate).to.equal(20);
  });

  it('shows the number 0 and not frozen without a wallet, "0.00" for an empty one, a minus after a chargeback', async () => {
    expect(await present({ wallet: null })).to.include({ walletBalance: 0, walletFrozen: false });
    expect(await present({ wallet: { balance: 0, frozen: true } })).to.include({
      walletBalance: '0.00',
      walletFrozen: true,
    });
    expect(await present({ wallet: { balance: -1_005, frozen: false } })).to.include({ walletBalance: '-10.05' });
  });

  it('shows dmActive as set and no price when FREE', async () => {
    expect(await present({ dmType: 'FREE', dmPrice: null, dmActive: false })).to.include({
      dmType: 'FREE',
      dmPrice: null,
      dmActive: false,
    });
  });

  it('shows no avatar when the subject was erased', async () => {
    expect((await presentDashboard(dashboard(), config(), openErased)).avatarUrl).to.equal(null);
  });

  it('counts social accounts into a flag', async () => {
    expect((await present({ socialAccounts: 0 })).hasSocialAccounts).to.equal(false);
    expect((await present({ socialAccounts: 1 })).hasSocialAccounts).to.equal(true);
  });
});

describe('creator profile', () => {
  it('is the written sample but for its ids', async () => {
    const body = await presentProfile(profile(), open);
    const { bioPage: page, ...rest } = body;
    expectShape(golden.creatorProfile.shape, profileBody, body);
    expect(page).to.equal(null);
    expect(rest).to.deep.equal({ ...golden.creatorProfile.sample, id: creatorId, userId });
  });

  it('has every field, nested ones too, when everything is set', async () => {
    const body = await presentProfile(fullProfile, open);
    expectShape(golden.creatorProfile.shape, profileBody, body);
    expect(body).to.include({
      dmPrice: '4.50',
      totalEarnings: '1250.50',
      totalFollowers: 100,
      kycProviderId: 'provider-1',
      stripeAccountId: 'acct_1',
      iban: 'DE89370400440532013000',
      bankName: 'Bank',
      accountHolderName: 'Alice',
      swiftCode: 'COBADEFF',
      bankCountry: 'DE',
    });
  });

  it('shows the mean rating with two decimals, half up', async () => {
    const rating = async (ratingSum: number, ratingCount: number) =>
      (await presentProfile(profile({ ratingSum, ratingCount }), open)).avgRating;
    expect(await rating(0, 0)).to.equal(null);
    expect(await rating(9, 2)).to.equal('4.50');
    expect(await rating(37, 8)).to.equal('4.63'); // 4.625
    expect(await rating(14, 3)).to.equal('4.67');
  });

  it('shows active DM packages only, with the price null when FREE', async () => {
    const packages = [dmPackage('FREE', null, true), dmPackage('SINGLE_PAY', 500, false)];
    const { dmPackages } = await presentProfile(profile({ dmPackages: packages }), open);
    expect(dmPackages).to.deep.equal([
      { id: packages[0]?.id, creatorId, dmType: 'FREE', price: null, active: true, createdAt: T0, updatedAt: T0 },
    ]);
  });

  it('shows the bio of the upgrade until the first edit, then what was edited', async () => {
    const bioOf = async (page: ReturnType<typeof bioPage>) =>
      (await presentProfile(profile({ bioPage: page }), open)).bioPage;
    expect(await bioOf(bioPage())).to.include({ bio: 'Hello, I am Alice', themeOverride: null, customCss: null });
    const content = seal({ bio: null, themeOverride: { dark: true }, customCss: 'a{}' });
    expect(await bioOf(bioPage({ content }))).to.deep.include({
      bio: null,
      themeOverride: { dark: true },
      customCss: 'a{}',
    });
  });

  it('G38: orders links by sortOrder, then by age, inactive ones included', async () => {
    const links = [
      link({ id: '497f6eca-6276-4993-bfeb-000000000003', sortOrder: 2 }),
      link({ id: '497f6eca-6276-4993-bfeb-000000000002', sortOrder: 1, createdAt: '2026-04-30T00:00:00.000Z' }),
      link({ id: '497f6eca-6276-4993-bfeb-000000000001', sortOrder: 1, active: false }),
    ];
    const body = await presentProfile(profile({ bioPage: bioPage({ links }) }), open);
    expect(body.bioPage?.links.map(({ id }) => id.at(-1))).to.deep.equal(['1', '2', '3']);
    expect(body.bioPage?.links.every((one) => one.bioPageId === bioPageId)).to.equal(true);
  });

  it('reads null wherever something was sealed when the subject was erased', async () => {
    const body = await presentProfile(fullProfile, openErased);
    expectShape(golden.creatorProfile.shape, profileBody, body);
    const erased = { kycProviderId: null, stripeAccountId: null, iban: null, accountHolderName: null };
    expect(body).to.include(erased);
    expect(body.bioPage).to.include({ bio: null });
    expect(body.bioPage?.links[0]).to.include({ title: null, url: null, active: true });
  });
});

describe('dm config', () => {
  it('is the written sample', () => {
    const body = presentDmConfig(dmConfig());
    expectShape(golden.dmConfig.shape, dmConfigBody, body);
    expect(body).to.deep.equal(golden.dmConfig.sample);
  });

  it('G6: is null, null, false before it was ever configured', () => {
    const body = presentDmConfig(dmConfig({ dmType: null, dmPrice: null, dmActive: false }));
    expectShape(golden.dmConfig.shape, dmConfigBody, body);
    expect(body).to.deep.equal({ dmType: null, dmPrice: null, dmActive: false });
  });
});

describe('referral dashboard', () => {
  it('is the written sample', async () => {
    const body = await presentReferral(referral(), open);
    expectShape(golden.referralDashboard.shape, referralBody, body);
    expect(body).to.deep.equal(golden.referralDashboard.sample);
  });

  it('is empty without a document and without a link', async () => {
    for (const document of [null, referral({ link: null })]) {
      const body = await presentReferral(document, open);
      expectShape(golden.referralDashboard.shape, referralBody, body);
      expect(body).to.deep.equal(golden.noReferral);
    }
  });

  it("prints zero as '0' and everything else with two decimals", async () => {
    const rewards = [
      { id: template.id, triggerType: 'REGISTRATION' as const, amount: 0, createdAt: T0 },
      { id: template.id, triggerType: 'RECURRING_PAYMENT' as const, amount: 50, createdAt: T0 },
    ];
    const body = await presentReferral(referral({ totalEarnings: 0, rewards }), open);
    expect(body.rewards.map(({ amount }) => amount)).to.deep.equal(['0', '0.50']);
    expect([body.totalEarnings, body.link?.totalEarnings]).to.deep.equal(['0', '0']);
  });

  it('G38: shows the newest 50 in the order kept; the total is not their sum', async () => {
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

  it('reads no code when the subject was erased', async () => {
    const body = await presentReferral(referral(), openErased);
    expectShape(golden.referralDashboard.shape, referralBody, body);
    expect(body.link?.code).to.equal(null);
  });
});

describe('message', () => {
  it('has the documented fields', async () => {
    const body = await presentMessage(message(), open);
    expectShape(golden.message.shape, messageBody, body);
    expect(body).to.include({
      content: 'Hello!',
      status: 'ESCROWED',
      priceSnapshot: '5.00',
      senderId: fanId,
      receiverId: userId,
      createdAt: T0,
      expiresAt: '2026-05-02T20:00:00.000Z',
      timeoutHours: 72,
    });
  });

  it('shows PENDING for a quarantined one and no price for a FREE one', async () => {
    const quarantined = message({ status: 'QUARANTINED', deliveredAt: null, dmType: 'FREE', priceSnapshot: null });
    const body = await presentMessage(quarantined, open);
    expectShape(golden.message.shape, messageBody, body);
    expect(body).to.include({ status: 'PENDING', priceSnapshot: null });
  });

  it('reads no content when the sender was erased', async () => {
    expect((await presentMessage(message(), openErased)).content).to.equal(null);
  });
});

describe('wallet balance', () => {
  it("is '0.00' and not frozen without a wallet", () => {
    expectShape(golden.walletBalance.shape, walletBody, presentWallet(null));
    expect(presentWallet(null)).to.deep.equal(golden.walletBalance.sample);
  });
  it('shows the balance with two decimals', () =>
    expect(presentWallet(wallet())).to.deep.equal({ balance: '12.50', frozen: true }));
});

describe('settings', () => {
  it('list every config key with value, default, and who changed it when', () => {
    const body = presentConfig(config({ 'dm.min_price': 2 }));
    expect(configBody.safeParse(body).success).to.equal(true);
    expect(body.items.find(({ key }) => key === 'dm.min_price')).to.deep.equal({
      key: 'dm.min_price',
      value: 2,
      default: 1,
      description: 'least price of a paid message',
      changedBy: adminId,
      changedAt: T0,
    });
    expect(body.items.find(({ key }) => key === 'bio.max_links')).to.deep.include({
      value: null,
      default: null,
      changedBy: null,
      changedAt: null,
    });
    expect(presentConfig(null).items).to.have.length(body.items.length);
  });

  it('list every kill switch', () => {
    const engaged = { engaged: true, changedBy: adminId, changedAt: T0 };
    const body = presentKillSwitches({ ...config(), killSwitches: { PAYOUT: engaged } });
    expect(killSwitchesBody.safeParse(body).success).to.equal(true);
    expect(body.items.map(({ name }) => name)).to.have.members([
      'REFERRAL',
      'PAYOUT',
      'PAYMENT',
      'MESSAGING',
      'CREATOR_UPGRADE',
      'KYC',
    ]);
    expect(body.items.find(({ name }) => name === 'PAYOUT')).to.deep.equal({
      name: 'PAYOUT',
      engaged: true,
      default: false,
      changedBy: adminId,
      changedAt: T0,
    });
    expect(body.items.filter((one) => one.engaged)).to.have.length(1);
  });
});
