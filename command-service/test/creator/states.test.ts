/** What each event changes in the state of a creator and of a bio page, and that it changes nothing else. */
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import { bioPage, type BioPage, type LinkState } from '../../src/domain/bio-page.js';
import { creator, type CreatorState } from '../../src/domain/creator/creator.js';
import { eachEventChangesOnly } from '../support/evolving.js';
import { at, bioPageId, creatorId, idOf, later, sealed, upgraded, userId } from './samples.js';

const [account, otherAccount] = [sealed<string>('account'), sealed<string>('other account')];
const closed = (commandId: string) => ({ commandId, code: 'creator.upgrade.interrupted' as const });

const full: CreatorState = {
  exists: true,
  creatorId,
  userId,
  bioPageId,
  displayName: sealed('Alice'),
  bio: sealed('I paint.'),
  template: { id: idOf(8), digest: 'as it was' },
  usernameDigest: 'alice1',
  status: 'VACATION',
  accountDeactivated: true,
  level: 'GOLD',
  levelPinned: true,
  kycStatus: 'REJECTED',
  kycSessionId: 'session-1',
  kycProviderId: sealed('provider id'),
  taxFormApproved: true,
  stripe: { accountId: account, status: 'ACTIVE', chargesEnabled: true, payoutsEnabled: true },
  bankDetails: sealed('bank'),
  hasIban: true,
  bankAccountVerified: true,
  preferredPayoutMethod: 'BANK_TRANSFER',
  autoPayoutEnabled: true,
  dmType: 'SINGLE_PAY',
  dmPrice: 499,
  dmActive: true,
  vacationMode: true,
  vacationStart: at,
  vacationEnd: later,
  social: { X: { accountDigest: 'x1', followerCount: 10 }, TIKTOK: { accountDigest: 't1', followerCount: 20 } },
  deletedAt: later,
  abandoned: { count: 5, newest: [closed('command-9')] },
};
const { X, TIKTOK } = full.social;

describe('The state of a creator', () => {
  const bea: EventNamed<'CreatorUpgraded'>['data'] = {
    ...upgraded.data,
    creatorId: CreatorId(idOf(1)),
    userId: CreatorUserId(idOf(2)),
    bioPageId: idOf(3),
    displayName: sealed('Bea'),
    bio: sealed('I sing.'),
    usernameDigest: 'bea1',
  };
  const decided = { sessionId: 'session-1', completedAt: at };
  eachEventChangesOnly(creator, full, {
    CreatorUpgraded: [
      bea,
      {
        exists: true,
        creatorId: bea.creatorId,
        userId: bea.userId,
        bioPageId: bea.bioPageId,
        displayName: bea.displayName,
        bio: bea.bio,
        template: null,
        usernameDigest: 'bea1',
      },
      { exists: false },
    ],
    CommandAbandoned: [
      { userId, ...closed('command-1') },
      { userId, creatorId, abandoned: { count: 6, newest: [closed('command-9'), closed('command-1')] } },
      { userId: CreatorUserId(''), creatorId: CreatorId('') },
    ],
    DmConfigUpdated: [
      {
        dmType: 'PER_MESSAGE',
        dmPrice: '7.05',
        dmActive: false,
        previous: { dmType: 'SINGLE_PAY', dmPrice: '4.99', dmActive: true },
        packageId: idOf(4),
      },
      { dmType: 'PER_MESSAGE', dmPrice: 705, dmActive: false },
    ],
    VacationScheduled: [
      { start: later, end: null },
      { vacationStart: later, vacationEnd: null },
    ],
    VacationEnabled: [
      { start: later, end: null, statusAfter: 'VACATION' },
      { status: 'VACATION', vacationMode: true, vacationStart: later, vacationEnd: null },
      { status: 'ACTIVE', vacationMode: false },
    ],
    VacationDisabled: [
      { statusAfter: 'ACTIVE', by: 'CLOCK' },
      { status: 'ACTIVE', vacationMode: false, vacationStart: null, vacationEnd: null },
    ],
    CreatorSuspended: [{ statusAfter: 'SUSPENDED' }, { status: 'SUSPENDED' }],
    CreatorBanned: [{ statusAfter: 'BANNED' }, { status: 'BANNED' }],
    CreatorDeactivated: [
      { statusAfter: 'BANNED' },
      { status: 'BANNED', accountDeactivated: true },
      { accountDeactivated: false },
    ],
    CreatorReinstated: [{ statusAfter: 'ACTIVE' }, { status: 'ACTIVE', accountDeactivated: false }],
    CreatorDeleted: [{ deletedAt: at }, { deletedAt: at }],
    CreatorLevelChanged: [
      { from: 'GOLD', to: 'SILVER', cause: 'ADMIN', pinned: false },
      { level: 'SILVER', levelPinned: false },
    ],
    KycStarted: [
      { provider: 'simulator', providerId: sealed('id'), sessionId: 'session-2', redirectUrl: sealed('url') },
      { kycStatus: 'PENDING', kycSessionId: 'session-2', kycProviderId: sealed('id') },
    ],
    KycApproved: [decided, { kycStatus: 'APPROVED' }],
    KycRejected: [decided, { kycStatus: 'REJECTED' }, { kycStatus: 'PENDING' }],
    KycExpired: [decided, { kycStatus: 'EXPIRED' }],
    TaxFormApproved: [{ at }, { taxFormApproved: true }, { taxFormApproved: false }],
    TaxFormRevoked: [{ at }, { taxFormApproved: false }],
    StripeAccountLinked: [
      { accountId: otherAccount, onboardingUrl: sealed('url') },
      {
        stripe: { accountId: otherAccount, status: 'PENDING', chargesEnabled: false, payoutsEnabled: false },
      },
    ],
    StripeAccountStatusChanged: [
      { status: 'RESTRICTED', chargesEnabled: false, payoutsEnabled: false },
      { stripe: { accountId: account, status: 'RESTRICTED', chargesEnabled: false, payoutsEnabled: false } },
    ],
    BankDetailsUpdated: [
      { bankDetails: sealed('other bank'), hasIban: false },
      { bankDetails: sealed('other bank'), hasIban: false, bankAccountVerified: false },
    ],
    BankAccountVerified: [{ verifiedAt: at }, { bankAccountVerified: true }, { bankAccountVerified: false }],
    PreferredPayoutMethodSet: [{ method: null }, { preferredPayoutMethod: null }],
    AutoPayoutSet: [{ enabled: false }, { autoPayoutEnabled: false }],
    CategoriesAssigned: [{ categories: [{ id: idOf(5), name: 'Art' }] }, {}],
    SocialAccountConnected: [
      { userId, platform: 'TWITCH', accountDigest: 'w1', followerCount: 30 },
      { social: { ...full.social, TWITCH: { accountDigest: 'w1', followerCount: 30 } } },
    ],
    SocialAccountDisconnected: [{ userId, platform: 'X', accountDigest: 'x1' }, { social: { TIKTOK } }],
    SocialMetricsRefreshed: [
      { userId, platform: 'TIKTOK', followerCount: 21 },
      { social: { X, TIKTOK: { accountDigest: 't1', followerCount: 21 } } },
    ],
  });
});

describe('The state of a bio page', () => {
  const shown: LinkState = {
    content: sealed('shown'),
    sortOrder: 0,
    active: true,
    isSocial: true,
    scheduledStart: at,
    scheduledEnd: later,
  };
  const hidden: LinkState = { ...shown, content: sealed('hidden'), sortOrder: 1, active: false };
  const page: BioPage = {
    ...{ content: sealed('texts'), published: false, embedEnabled: true, emailCollectionEnabled: true },
    template: { id: idOf(8), digest: 'as it was' },
    links: { shown, hidden },
  };
  const other: LinkState = {
    content: sealed('other'),
    sortOrder: 7,
    active: true,
    isSocial: false,
    scheduledStart: null,
    scheduledEnd: null,
  };
  eachEventChangesOnly(bioPage, page, {
    BioPageUpdated: [
      { content: sealed('other texts'), published: true, embedEnabled: false, emailCollectionEnabled: false },
      { content: sealed('other texts'), published: true, embedEnabled: false, emailCollectionEnabled: false },
    ],
    BioTemplateApplied: [{ templateId: null, template: null }, { template: null }],
    BioLinkAdded: [{ linkId: 'third', ...other }, { links: { shown, hidden, third: other } }],
    BioLinkUpdated: [{ linkId: 'hidden', ...other }, { links: { shown, hidden: other } }],
    BioLinkRemoved: [{ linkId: 'shown' }, { links: { hidden } }],
    BioLinksReordered: [
      { linkIds: ['hidden', 'shown'] },
      { links: { shown: { ...shown, sortOrder: 1 }, hidden: { ...hidden, sortOrder: 0 } } },
    ],
    SocialLinksHidden: [{ linkIds: ['shown'] }, { links: { shown: { ...shown, active: false }, hidden } }],
    SocialLinksRestored: [{ linkIds: ['hidden'] }, { links: { shown, hidden: { ...hidden, active: true } } }],
  });
});
