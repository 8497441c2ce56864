import { creatorProfile } from '../../../src/views/creator-profile/fold.js';
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
  messageId,
  settlement,
  upgraded,
  user,
  clicked,
} from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';
import { full, hidden, link, page, perMessage, seal, single } from './full-profile.js';

describe('creatorProfile: what each event changes', () => {
  const now = '2026-06-01T00:00:00.000Z';
  const updatedAt = now;
  const decided = { sessionId: idOf(1), completedAt: later };
  const account = { userId: creatorUserId, platform: 'X', accountDigest: 'digest' } as const;
  const [X, TIKTOK] = [70, 30];
  /** The page after an edit of the page itself or of its links. */
  const edited = (fields: Partial<typeof page>) => ({ bioPage: { ...page, ...fields, updatedAt } });
  const linked = (...links: (typeof link)[]) => ({ bioPage: { ...page, links } });
  const otherLink = {
    content: seal<never>('other'),
    sortOrder: 9,
    active: true,
    isSocial: false,
    scheduledStart: null,
    scheduledEnd: null,
  };
  const texts = seal<never>('texts');

  eachEventChangesOnly(creatorProfile, full, [
    [user()('UserErased', { userId: creatorUserId }, now), { deletedAt: now }, { deletedAt: null }],
    [
      upgraded,
      {
        creatorId,
        displayName: seal<string>('Cleo'),
        createdAt: at,
        updatedAt: at,
        bioPage: {
          id: bioPageId,
          templateId: null,
          template: null,
          initialBio: seal<string>('I paint'),
          content: null,
          embedEnabled: false,
          published: true,
          emailCollectionEnabled: false,
          links: [],
          createdAt: at,
          updatedAt: at,
        },
      },
      { creatorId: '', createdAt: '', updatedAt: '' },
    ],
    [
      creator('CreatorLevelChanged', { from: 'SILVER', to: 'GOLD', cause: 'EARNED', pinned: false }, now),
      { level: 'GOLD', updatedAt },
    ],
    [creator('CreatorDeleted', { deletedAt: now }, now), { deletedAt: now, updatedAt }],
    [creator('CategoriesAssigned', { categories: [] }, now), { categories: [], updatedAt }],
    [
      creator(
        'DmConfigUpdated',
        {
          dmType: 'PER_MESSAGE',
          dmPrice: '7.05',
          dmActive: false,
          previous: { dmType: 'SINGLE_PAY', dmPrice: '5.00', dmActive: true },
          packageId: perMessage.id,
        },
        now,
      ),
      {
        dmType: 'PER_MESSAGE',
        dmPrice: 705,
        dmActive: false,
        dmPackages: [
          { ...single, active: false, updatedAt },
          { ...perMessage, price: 705, active: true, updatedAt },
        ],
        updatedAt,
      },
    ],
    [
      creator('VacationScheduled', { start: later, end: null }, now),
      { vacationStart: later, vacationEnd: null, updatedAt },
    ],
    [
      creator('VacationEnabled', { start: later, end: null, statusAfter: 'VACATION' }, now),
      { vacationMode: true, vacationStart: later, vacationEnd: null, creatorStatus: 'VACATION', updatedAt },
      { vacationMode: false, creatorStatus: 'ACTIVE' },
    ],
    [
      creator('VacationDisabled', { statusAfter: 'ACTIVE', by: 'CLOCK' }, now),
      { vacationMode: false, vacationStart: null, vacationEnd: null, creatorStatus: 'ACTIVE', updatedAt },
    ],
    [creator('CreatorSuspended', { statusAfter: 'SUSPENDED' }, now), { creatorStatus: 'SUSPENDED', updatedAt }],
    [creator('CreatorBanned', { statusAfter: 'BANNED' }, now), { creatorStatus: 'BANNED', updatedAt }],
    [creator('CreatorDeactivated', { statusAfter: 'DEACTIVATED' }, now), { creatorStatus: 'DEACTIVATED', updatedAt }],
    [creator('CreatorReinstated', { statusAfter: 'ACTIVE' }, now), { creatorStatus: 'ACTIVE', updatedAt }],
    [
      creator(
        'KycStarted',
        { provider: 'other', providerId: seal('id'), sessionId: idOf(1), redirectUrl: seal('url') },
        now,
      ),
      { kycStatus: 'PENDING', kycProvider: 'other', kycProviderId: seal('id'), kycCompletedAt: null, updatedAt },
    ],
    [creator('KycApproved', decided, now), { kycStatus: 'APPROVED', kycCompletedAt: later, updatedAt }],
    [
      creator('KycRejected', decided, now),
      { kycStatus: 'REJECTED', kycCompletedAt: later, updatedAt },
      { kycStatus: 'PENDING' },
    ],
    [creator('KycExpired', decided, now), { kycStatus: 'EXPIRED', kycCompletedAt: later, updatedAt }],
    [
      creator('StripeAccountLinked', { accountId: seal('other'), onboardingUrl: seal('url') }, now),
      {
        ...{ stripeAccountId: seal('other'), stripeAccountStatus: 'PENDING', updatedAt },
        ...{ stripeChargesEnabled: false, stripePayoutsEnabled: false },
      },
    ],
    [
      creator(
        'StripeAccountStatusChanged',
        { status: 'RESTRICTED', chargesEnabled: false, payoutsEnabled: false },
        now,
      ),
      { stripeAccountStatus: 'RESTRICTED', stripeChargesEnabled: false, stripePayoutsEnabled: false, updatedAt },
    ],
    [
      creator('BankDetailsUpdated', { bankDetails: seal('other bank'), hasIban: false }, now),
      { bankDetails: seal('other bank'), bankAccountVerified: false, bankVerifiedAt: null, updatedAt },
    ],
    [
      creator('BankAccountVerified', { verifiedAt: later }, now),
      { bankAccountVerified: true, bankVerifiedAt: later, updatedAt },
      { bankAccountVerified: false },
    ],
    [creator('PreferredPayoutMethodSet', { method: null }, now), { preferredPayoutMethod: null, updatedAt }],
    [creator('AutoPayoutSet', { enabled: false }, now), { autoPayoutEnabled: false, updatedAt }],
    [
      creator('SocialAccountConnected', { ...account, platform: 'TWITCH', followerCount: 5 }, now),
      { followers: { X, TIKTOK, TWITCH: 5 }, updatedAt },
    ],
    [
      creator('SocialMetricsRefreshed', { userId: creatorUserId, platform: 'X', followerCount: 71 }, now),
      { followers: { X: 71, TIKTOK }, updatedAt },
    ],
    [creator('SocialAccountDisconnected', account, now), { followers: { TIKTOK }, updatedAt }],
    [
      { ...delivered(), at: now },
      { totalMessages: 48, updatedAt },
    ],
    [
      { ...completed(), at: now },
      { totalEarnings: 125_800, updatedAt },
    ],
    [
      creatorWallet('EarningsReversed', { messageId, ...settlement, before: '8.40', after: '0.40' }, now),
      { totalEarnings: 124_200, updatedAt },
    ],
    [message()('MessageRated', { rating: 5 }, now), { ratingCount: 9, ratingSum: 42, updatedAt }],
    [
      bioPage('BioPageUpdated', { content: texts, published: false }, now),
      edited({ content: texts, initialBio: null, published: false }),
    ],
    [
      bioPage('BioTemplateApplied', { templateId: null, template: null }, now),
      edited({ templateId: null, template: null }),
    ],
    [
      bioPage('BioLinkAdded', { linkId: idOf(3), ...otherLink }, now),
      linked(link, hidden, { id: idOf(3), ...otherLink, clickCount: 0, createdAt: now, updatedAt }),
    ],
    [
      bioPage('BioLinkUpdated', { linkId: hidden.id, ...otherLink }, now),
      linked(link, { ...hidden, ...otherLink, updatedAt }),
    ],
    [bioPage('BioLinkRemoved', { linkId: link.id }, now), linked(hidden)],
    [
      bioPage('BioLinksReordered', { linkIds: [hidden.id, link.id] }, now),
      linked({ ...link, sortOrder: 1, updatedAt }, { ...hidden, sortOrder: 0, updatedAt }),
    ],
    [clicked(link.id, now), linked({ ...link, clickCount: 8 }, hidden)],
    [bioPage('SocialLinksHidden', { linkIds: [link.id] }, now), linked({ ...link, active: false, updatedAt }, hidden)],
    [
      bioPage('SocialLinksRestored', { linkIds: [hidden.id] }, now),
      linked(link, { ...hidden, active: true, updatedAt }),
    ],
  ]);
});
