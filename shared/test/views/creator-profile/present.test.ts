import { expect } from 'chai';
import { expectShape } from '../../../testing/fixtures/golden.js';
import { profileBody } from '../../../src/views/creator-profile/body.js';
import { presentProfile } from '../../../src/views/creator-profile/present.js';
import {
  bioPage,
  bioPageId,
  creatorId,
  link,
  open,
  openErased,
  profile,
  seal,
  T0,
  userId,
} from '../../../testing/fixtures/documents.js';
import * as golden from '../../../testing/fixtures/seeds.js';

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

describe('creatorProfile: present', () => {
  it('the profile equals the documented sample except for its ids', async () => {
    const body = await presentProfile(profile(), open);
    const { bioPage: page, ...rest } = body;
    expectShape(golden.creatorProfile.shape, profileBody, body);
    expect(page).to.equal(null);
    expect(rest).to.deep.equal({ ...golden.creatorProfile.sample, id: creatorId, userId });
  });

  it('the profile has every field, nested ones too, when everything is set', async () => {
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

  it('the profile shows the mean rating with two decimals, rounded half up', async () => {
    const rating = async (ratingSum: number, ratingCount: number) =>
      (await presentProfile(profile({ ratingSum, ratingCount }), open)).avgRating;
    expect(await rating(0, 0)).to.equal(null);
    expect(await rating(9, 2)).to.equal('4.50');
    expect(await rating(37, 8)).to.equal('4.63'); // 4.625
    expect(await rating(14, 3)).to.equal('4.67');
  });

  it('the profile shows active DM packages only, with the price null when FREE', async () => {
    const packages = [dmPackage('FREE', null, true), dmPackage('SINGLE_PAY', 500, false)];
    const { dmPackages } = await presentProfile(profile({ dmPackages: packages }), open);
    expect(dmPackages).to.deep.equal([
      { id: packages[0]?.id, creatorId, dmType: 'FREE', price: null, active: true, createdAt: T0, updatedAt: T0 },
    ]);
  });

  it('the profile shows the bio of the upgrade until the first edit, then the edited one', async () => {
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

  it('the profile orders links by sortOrder, then age, then id, inactive ones included (G38)', async () => {
    const id = (n: number) => `497f6eca-6276-4993-bfeb-00000000000${n}`;
    const young = '2026-04-30T00:00:00.000Z';
    const inOrder = [
      link({ id: id(5), sortOrder: 0, createdAt: young }),
      link({ id: id(2), sortOrder: 1, active: false }),
      link({ id: id(3), sortOrder: 1 }),
      link({ id: id(4), sortOrder: 1 }),
      link({ id: id(1), sortOrder: 1, createdAt: young }),
    ];
    for (const links of [inOrder, inOrder.toReversed(), [2, 4, 1, 0, 3].flatMap((index) => inOrder[index] ?? [])]) {
      const body = await presentProfile(profile({ bioPage: bioPage({ links }) }), open);
      expect(body.bioPage?.links.map((one) => one.id)).to.deep.equal([5, 2, 3, 4, 1].map(id));
      expect(body.bioPage?.links.every((one) => one.bioPageId === bioPageId)).to.equal(true);
    }
  });

  it('the profile shows null for every sealed field when the creator was erased', async () => {
    const body = await presentProfile(fullProfile, openErased);
    expectShape(golden.creatorProfile.shape, profileBody, body);
    const erased = { kycProviderId: null, stripeAccountId: null, iban: null, accountHolderName: null };
    expect(body).to.include(erased);
    expect(body.bioPage).to.include({ bio: null });
    expect(body.bioPage?.links[0]).to.include({ title: null, url: null, active: true });
  });
});
