import type { EventNamed } from '../../src/events/index.js';
import { documentAfter, sealedValue, type Told } from '../../testing/given.js';
import { expect } from 'chai';
import { creatorProfile } from '../../src/views/creator-profile/fold.js';
import {
  at,
  bioPage,
  bioPageId,
  completed,
  creator,
  creatorId,
  creatorUserId,
  creatorWallet,
  delivered,
  idOf,
  later,
  message,
  replied,
  sent,
  settlement,
  upgraded,
  user,
} from '../../testing/fixtures/cast.js';

const after = (...told: Told[]) => documentAfter(creatorProfile, creatorUserId, [upgraded, ...told]);
const day = (n: number) => `2026-06-0${n}T00:00:00.000Z`;
const seal = <T>(value: T) => sealedValue<T>(creatorUserId, value);

describe('creatorProfile', () => {
  it('starts with the defaults of a fresh profile (domain 1.2, G6)', () => {
    const { bioPage: page, ...profile } = after();
    expect(profile).to.deep.equal({
      _id: creatorUserId,
      position: 10n,
      creatorId,
      level: 'BRONZE',
      kycStatus: 'NOT_STARTED',
      kycProvider: null,
      kycProviderId: null,
      kycCompletedAt: null,
      dmType: null,
      dmPrice: null,
      dmActive: false,
      creatorStatus: 'ACTIVE',
      vacationMode: false,
      vacationStart: null,
      vacationEnd: null,
      totalEarnings: 0,
      totalMessages: 0,
      followers: {},
      ratingCount: 0,
      ratingSum: 0,
      stripeAccountId: null,
      stripeAccountStatus: 'NOT_STARTED',
      stripeChargesEnabled: false,
      stripePayoutsEnabled: false,
      bankDetails: null,
      bankAccountVerified: false,
      bankVerifiedAt: null,
      preferredPayoutMethod: null,
      autoPayoutEnabled: false,
      createdAt: at,
      updatedAt: at,
      deletedAt: null,
      categories: [],
      dmPackages: [],
    });
    expect(page).to.deep.equal({
      id: bioPageId,
      templateId: null,
      template: null,
      initialBio: seal('I paint'),
      content: null,
      embedEnabled: false,
      published: true,
      emailCollectionEnabled: false,
      links: [],
      createdAt: at,
      updatedAt: at,
    });
  });

  const bankDetails = seal({
    iban: 'DE02',
    bankName: null,
    accountHolderName: null,
    swiftCode: null,
    bankCountry: null,
  });
  const kyc = { sessionId: idOf(1), completedAt: later };
  const social = { userId: creatorUserId, accountDigest: 'd' };
  const kycStarted = creator('KycStarted', {
    provider: 'simulator',
    providerId: seal('kyc-1'),
    sessionId: idOf(1),
    redirectUrl: seal('https://example.com'),
  });
  const onVacation = creator('VacationEnabled', { start: day(1), end: day(2), statusAfter: 'VACATION' });
  const connected = (platform: 'X' | 'TIKTOK', followerCount: number) =>
    creator('SocialAccountConnected', { ...social, platform, followerCount });

  const cases: readonly (readonly [name: string, told: readonly Told[], expected: object])[] = [
    [
      'CreatorLevelChanged',
      [creator('CreatorLevelChanged', { from: 'BRONZE', to: 'GOLD', cause: 'ADMIN', pinned: true })],
      { level: 'GOLD' },
    ],
    ['CreatorDeleted (G37)', [creator('CreatorDeleted', { deletedAt: later })], { deletedAt: later }],
    [
      'CategoriesAssigned',
      [creator('CategoriesAssigned', { categories: [{ id: idOf(1), name: 'Art' }] })],
      { categories: [{ id: idOf(1), name: 'Art' }] },
    ],
    [
      'VacationEnabled',
      [onVacation],
      { vacationMode: true, vacationStart: day(1), vacationEnd: day(2), creatorStatus: 'VACATION' },
    ],
    [
      'VacationDisabled, which forgets both dates (G32)',
      [onVacation, creator('VacationDisabled', { statusAfter: 'ACTIVE', by: 'CLOCK' })],
      { vacationMode: false, vacationStart: null, vacationEnd: null, creatorStatus: 'ACTIVE' },
    ],
    [
      'VacationEnabled of a suspended creator, who stays suspended',
      [
        creator('CreatorSuspended', { statusAfter: 'SUSPENDED' }),
        creator('VacationEnabled', { start: day(1), end: null, statusAfter: 'SUSPENDED' }),
      ],
      { vacationMode: true, creatorStatus: 'SUSPENDED' },
    ],
    ['CreatorSuspended', [creator('CreatorSuspended', { statusAfter: 'SUSPENDED' })], { creatorStatus: 'SUSPENDED' }],
    ['CreatorBanned', [creator('CreatorBanned', { statusAfter: 'BANNED' })], { creatorStatus: 'BANNED' }],
    [
      'CreatorDeactivated',
      [creator('CreatorDeactivated', { statusAfter: 'DEACTIVATED' })],
      { creatorStatus: 'DEACTIVATED' },
    ],
    [
      'CreatorReinstated',
      [creator('CreatorBanned', { statusAfter: 'BANNED' }), creator('CreatorReinstated', { statusAfter: 'VACATION' })],
      { creatorStatus: 'VACATION' },
    ],
    ['KycStarted', [kycStarted], { kycStatus: 'PENDING', kycProvider: 'simulator', kycProviderId: seal('kyc-1') }],
    ['KycApproved', [kycStarted, creator('KycApproved', kyc)], { kycStatus: 'APPROVED', kycCompletedAt: later }],
    ['KycRejected', [kycStarted, creator('KycRejected', kyc)], { kycStatus: 'REJECTED', kycCompletedAt: later }],
    ['KycExpired', [kycStarted, creator('KycExpired', kyc)], { kycStatus: 'EXPIRED', kycCompletedAt: later }],
    [
      'a new KycStarted, which is not completed (9.12)',
      [kycStarted, creator('KycRejected', kyc), kycStarted],
      { kycStatus: 'PENDING', kycCompletedAt: null },
    ],
    [
      'StripeAccountLinked',
      [creator('StripeAccountLinked', { accountId: seal('acct'), onboardingUrl: seal('https://example.com') })],
      { stripeAccountId: seal('acct'), stripeAccountStatus: 'PENDING', stripePayoutsEnabled: false },
    ],
    [
      'StripeAccountStatusChanged',
      [creator('StripeAccountStatusChanged', { status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true })],
      { stripeAccountStatus: 'ACTIVE', stripeChargesEnabled: true, stripePayoutsEnabled: true },
    ],
    [
      'BankAccountVerified',
      [
        creator('BankDetailsUpdated', { bankDetails, hasIban: true }),
        creator('BankAccountVerified', { verifiedAt: later }),
      ],
      { bankDetails, bankAccountVerified: true, bankVerifiedAt: later },
    ],
    [
      'BankDetailsUpdated, which resets the verification',
      [
        creator('BankAccountVerified', { verifiedAt: later }),
        creator('BankDetailsUpdated', { bankDetails, hasIban: true }),
      ],
      { bankDetails, bankAccountVerified: false, bankVerifiedAt: null },
    ],
    [
      'PreferredPayoutMethodSet',
      [creator('PreferredPayoutMethodSet', { method: 'STRIPE_CONNECT' })],
      { preferredPayoutMethod: 'STRIPE_CONNECT' },
    ],
    ['AutoPayoutSet (G41)', [creator('AutoPayoutSet', { enabled: true })], { autoPayoutEnabled: true }],
    ['SocialAccountConnected', [connected('X', 7), connected('TIKTOK', 5)], { followers: { X: 7, TIKTOK: 5 } }],
    [
      'SocialMetricsRefreshed',
      [
        connected('X', 7),
        creator('SocialMetricsRefreshed', { userId: creatorUserId, platform: 'X', followerCount: 9 }),
      ],
      { followers: { X: 9 } },
    ],
    [
      'SocialAccountDisconnected',
      [connected('X', 7), connected('TIKTOK', 5), creator('SocialAccountDisconnected', { ...social, platform: 'X' })],
      { followers: { TIKTOK: 5 } },
    ],
    ['MessageDelivered (G4)', [sent(), delivered()], { totalMessages: 1 }],
    ['MessageCompleted (G5)', [sent(), delivered(), replied(), completed()], { totalEarnings: 800 }],
    [
      'EarningsReversed (9.5)',
      [
        completed(),
        creatorWallet('EarningsReversed', { messageId: idOf(1), ...settlement, before: '8.00', after: '0.00' }),
      ],
      { totalEarnings: 0 },
    ],
    [
      'MessageRated',
      [message()('MessageRated', { rating: 4 }), message(idOf(2))('MessageRated', { rating: 5 })],
      { ratingCount: 2, ratingSum: 9 },
    ],
  ];
  for (const [name, told, expected] of cases)
    it(`shows ${name}, and when it was updated`, () => {
      const last = { ...(told.at(-1) as Told), at: day(9) };
      expect(after(...told.slice(0, -1), last)).to.deep.include({ ...expected, updatedAt: day(9) });
    });

  it('is not updated by a completed message that earned nothing', () => {
    const free = message()('MessageCompleted', { completedAt: later, settlement: null }, day(9));
    expect(after(free)).to.include({ totalEarnings: 0, updatedAt: at, position: 20n });
  });

  it('ends with the erasure of its owner, sealed values staying sealed (9.8, G37)', () => {
    const erased = user()('UserErased', { userId: creatorUserId }, day(9));
    expect(after(kycStarted, erased)).to.deep.include({
      position: 30n,
      deletedAt: day(9),
      kycProviderId: seal('kyc-1'),
    });
    expect(documentAfter(creatorProfile, creatorUserId, [erased])).to.include({ deletedAt: day(9), bioPage: null });
  });

  describe('DM packages (9.12)', () => {
    const dm = (n: number, dmType: 'FREE' | 'PER_MESSAGE', dmPrice: string | null, dmActive: boolean) =>
      creator(
        'DmConfigUpdated',
        {
          dmType,
          dmPrice,
          dmActive,
          previous: { dmType: null, dmPrice: null, dmActive: false },
          packageId: dmType === 'FREE' ? idOf(1) : idOf(2),
          bioPageId,
          linkIds: [],
        },
        day(n),
      );
    const free = { id: idOf(1), dmType: 'FREE', price: null };
    const paid = { id: idOf(2), dmType: 'PER_MESSAGE' };

    it('follow the settings: one per type, the chosen one active', () => {
      const profile = after(
        dm(1, 'FREE', null, true),
        dm(2, 'PER_MESSAGE', '3.00', true),
        dm(3, 'PER_MESSAGE', '4.50', true),
      );
      expect(profile).to.include({ dmType: 'PER_MESSAGE', dmPrice: 450, dmActive: true, updatedAt: day(3) });
      expect(profile.dmPackages).to.deep.equal([
        { ...free, active: false, createdAt: day(1), updatedAt: day(2) },
        { ...paid, price: 450, active: true, createdAt: day(2), updatedAt: day(3) },
      ]);
    });
    it('stay chosen while DMs are off, and come back with their age', () => {
      const { dmPackages } = after(
        dm(1, 'FREE', null, true),
        dm(2, 'PER_MESSAGE', null, false),
        dm(3, 'FREE', null, false),
      );
      expect(dmPackages).to.deep.equal([
        { ...free, active: true, createdAt: day(1), updatedAt: day(3) },
        { ...paid, price: null, active: false, createdAt: day(2), updatedAt: day(3) },
      ]);
    });
  });

  describe('the bio page', () => {
    const link = (id: number, sortOrder: number, isSocial = false): EventNamed<'BioLinkAdded'>['data'] => ({
      linkId: idOf(id),
      sortOrder,
      content: seal({
        title: `link ${id}`,
        url: 'https://example.com',
        icon: null,
        platform: null,
        embedType: null,
        embedMeta: null,
      }),
      active: true,
      isSocial,
      scheduledStart: null,
      scheduledEnd: null,
    });
    const added = (id: number, sortOrder = id) => bioPage('BioLinkAdded', link(id, sortOrder), day(id));
    const pageAfter = (...told: Told[]) => {
      const profile = after(...told);
      expect(profile.updatedAt, 'the profile itself').to.equal(at);
      return profile.bioPage;
    };
    const linksAfter = (...told: Told[]) => {
      const page = pageAfter(...told);
      expect(page?.updatedAt, 'the page itself').to.equal(at);
      return page?.links;
    };

    it('changes what an update names, and keeps the rest', () => {
      const content = seal({ bio: 'new', themeOverride: null, customCss: null });
      const page = pageAfter(
        bioPage('BioPageUpdated', { content, embedEnabled: true }, day(1)),
        bioPage('BioPageUpdated', { published: false, emailCollectionEnabled: true }, day(2)),
      );
      expect(page).to.deep.include({
        content,
        initialBio: null,
        embedEnabled: true,
        published: false,
        emailCollectionEnabled: true,
        createdAt: at,
        updatedAt: day(2),
      });
    });
    it('keeps the bio of the upgrade until the content is edited', () => {
      expect(pageAfter(bioPage('BioPageUpdated', { published: false }))).to.deep.include({
        initialBio: seal('I paint'),
      });
    });
    it('carries the whole template, or none', () => {
      const template = {
        id: idOf(5),
        name: 'Plain',
        description: null,
        tokens: {},
        thumbnail: null,
        active: true,
        sortOrder: 1,
        createdAt: at,
        updatedAt: at,
      };
      const applied = bioPage('BioTemplateApplied', { templateId: idOf(5), template }, day(1));
      expect(pageAfter(applied)).to.deep.include({ templateId: idOf(5), template, updatedAt: day(1) });
      const removed = bioPage('BioTemplateApplied', { templateId: null, template: null }, day(2));
      expect(pageAfter(applied, removed)).to.include({ templateId: null, template: null });
    });
    it('adds links', () => {
      const { linkId: id, ...state } = link(1, 4);
      expect(linksAfter(added(1, 4))).to.deep.equal([
        { id, ...state, clickCount: 0, createdAt: day(1), updatedAt: day(1) },
      ]);
    });
    it('changes a link, keeping its clicks and its age', () => {
      const clicked = bioPage('BioLinkClicked', { linkId: idOf(1) }, day(3));
      const updated = bioPage('BioLinkUpdated', { ...link(1, 9, true), active: false, scheduledStart: day(5) }, day(4));
      expect(linksAfter(added(1), clicked)?.[0]).to.include({ clickCount: 1, updatedAt: day(3) });
      expect(linksAfter(added(1), clicked, updated)?.[0]).to.include({
        sortOrder: 9,
        isSocial: true,
        active: false,
        scheduledStart: day(5),
        clickCount: 1,
        createdAt: day(1),
        updatedAt: day(4),
      });
    });
    it('removes a link and leaves the order of the others as it is', () => {
      const links = linksAfter(added(1), added(2), added(3), bioPage('BioLinkRemoved', { linkId: idOf(2) }));
      expect(links?.map(({ id, sortOrder }) => [id, sortOrder])).to.deep.equal([
        [idOf(1), 1],
        [idOf(3), 3],
      ]);
    });
    it('reorders: the place in the list is the sortOrder', () => {
      const linkIds = [idOf(3), idOf(1), idOf(2)];
      const links = linksAfter(added(1), added(2), added(3), bioPage('BioLinksReordered', { linkIds }, day(7)));
      expect(links?.map(({ id, sortOrder, updatedAt }) => [id, sortOrder, updatedAt])).to.have.deep.members([
        [idOf(3), 0, day(7)],
        [idOf(1), 1, day(7)],
        [idOf(2), 2, day(7)],
      ]);
    });
    it('hides and restores the named links, passing over one that is gone', () => {
      const linkIds = [idOf(1), idOf(8)];
      const hidden = bioPage('SocialLinksHidden', { linkIds }, day(7));
      const activity = (links: ReturnType<typeof linksAfter>) =>
        links?.map(({ active, updatedAt }) => [active, updatedAt]);
      expect(activity(linksAfter(added(1), added(2), hidden))).to.deep.equal([
        [false, day(7)],
        [true, day(2)],
      ]);
      const restored = bioPage('SocialLinksRestored', { linkIds }, day(8));
      expect(activity(linksAfter(added(1), added(2), hidden, restored))).to.deep.equal([
        [true, day(8)],
        [true, day(2)],
      ]);
    });
    it('cannot change before there is one', () => {
      expect(() => documentAfter(creatorProfile, creatorUserId, [added(1)])).to.throw('never made');
    });
  });
});
