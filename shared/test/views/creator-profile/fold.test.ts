import { expect } from 'chai';
import { documentAfter, sealedValue, type GivenEvent } from '../../../testing/given.js';
import { creatorProfile } from '../../../src/views/creator-profile/fold.js';
import {
  at,
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
} from '../../../testing/fixtures/people.js';

const after = (...given: GivenEvent[]) => documentAfter(creatorProfile, creatorUserId, [upgraded, ...given]);
const day = (n: number) => `2026-06-0${n}T00:00:00.000Z`;
const seal = <T>(value: T) => sealedValue<T>(creatorUserId, value);

describe('creatorProfile: fold', () => {
  it('a fresh creator has the default profile (1.2, G6)', () => {
    const { bioPage: page, lastEvent: _, ...profile } = after();
    expect(profile).to.deep.equal({
      _id: creatorUserId,
      position: 10n,
      creatorId,
      displayName: seal('Cleo'),
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

  const cases: readonly (readonly [name: string, given: readonly GivenEvent[], expected: object])[] = [
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
  for (const [name, given, expected] of cases)
    it(`the profile shows ${name}, and the time of the update`, () => {
      const last = { ...(given.at(-1) as GivenEvent), at: day(9) };
      expect(after(...given.slice(0, -1), last)).to.deep.include({ ...expected, updatedAt: day(9) });
    });

  it('a report of the Stripe account that says nothing new leaves the time of the update', () => {
    const report = creator('StripeAccountStatusChanged', {
      status: 'ACTIVE',
      chargesEnabled: true,
      payoutsEnabled: true,
    });
    const once = after(report);
    const { lastEvent } = after(report, { ...report, at: day(9) });
    expect(after(report, { ...report, at: day(9) })).to.deep.equal({ ...once, position: 30n, lastEvent });
    const other = creator('StripeAccountStatusChanged', {
      status: 'ACTIVE',
      chargesEnabled: true,
      payoutsEnabled: false,
    });
    expect(after(report, { ...other, at: day(9) })).to.include({ updatedAt: day(9), stripePayoutsEnabled: false });
  });

  it('a completed message that earned nothing does not count as an update', () => {
    const free = message()('MessageCompleted', { completedAt: later, settlement: null }, day(9));
    expect(after(free)).to.include({ totalEarnings: 0, updatedAt: at, position: 20n });
  });

  it('an erasure marks the profile deleted, and sealed values stay sealed (9.8, G37)', () => {
    const erased = user()('UserErased', { userId: creatorUserId }, day(9));
    expect(after(kycStarted, erased)).to.deep.include({
      position: 30n,
      deletedAt: day(9),
      kycProviderId: seal('kyc-1'),
    });
    expect(documentAfter(creatorProfile, creatorUserId, [erased])).to.include({ deletedAt: day(9), bioPage: null });
  });
});
