/**
 * GET /creators/dashboard. Response counters are sticky (G1): an outcome counts once, whatever becomes of the message later;
 * outcomes of a quarantine count nowhere. Users who are not creators leave a stub without creatorId, which is a 404.
 */
import type { Content } from '../../fold.js';
import { toCents } from '../../money.js';
import type { CreatorDashboardDocument } from './document.js';
import { withCompleted, withDelivered, withReversed } from '../counting.js';
import { ownerOf } from '../routing.js';
import type { View } from '../view.js';

type Dashboard = Content<CreatorDashboardDocument>;

export const creatorDashboard: View<CreatorDashboardDocument> = {
  name: 'creatorDashboard',
  version: 1,
  partition: 'streamSuffix',
  categories: ['user', 'creator', 'message', 'creatorWallet', 'payoutBook'],
  keyOf: ownerOf,
  initial: {
    creatorId: null,
    level: 'BRONZE',
    totalMessages: 0,
    totalEarnings: 0,
    wallet: null,
    pendingPayouts: 0,
    dmActive: false,
    dmType: null,
    dmPrice: null,
    responded: 0,
    resolvable: 0,
    socialAccounts: 0,
    avatarUrl: null,
    deletedAt: null,
  },
  handlers: {
    UserAvatarChanged: (dashboard, { data }) => ({ ...dashboard, avatarUrl: data.avatarUrl }),
    /** Sealed values stay and read as null, since their key is destroyed (domain 9.8); the dashboard is a 404 from now on (G37). */
    UserErased: (dashboard, { metadata }) => ({ ...dashboard, deletedAt: dashboard.deletedAt ?? metadata.occurredAt }),

    CreatorUpgraded: (dashboard, { data }) => ({ ...dashboard, creatorId: data.creatorId }),
    CreatorDeleted: (dashboard, { data }) => ({ ...dashboard, deletedAt: data.deletedAt }),
    CreatorLevelChanged: (dashboard, { data }) => ({ ...dashboard, level: data.to }),
    DmConfigUpdated: (dashboard, { data }) => ({
      ...dashboard,
      dmActive: data.dmActive,
      dmType: data.dmType,
      dmPrice: data.dmPrice === null ? null : toCents(data.dmPrice),
    }),
    SocialAccountConnected: (dashboard) => ({ ...dashboard, socialAccounts: dashboard.socialAccounts + 1 }),
    SocialAccountDisconnected: (dashboard) => ({ ...dashboard, socialAccounts: dashboard.socialAccounts - 1 }),

    MessageDelivered: (dashboard) => ({ ...dashboard, totalMessages: withDelivered(dashboard.totalMessages) }),
    MessageReplied: (dashboard) => ({
      ...dashboard,
      responded: dashboard.responded + 1,
      resolvable: dashboard.resolvable + 1,
    }),
    MessageReplyReverted: (dashboard) => ({
      ...dashboard,
      responded: dashboard.responded - 1,
      resolvable: dashboard.resolvable - 1,
    }),
    MessageRejected: (dashboard) => ({ ...dashboard, resolvable: dashboard.resolvable + 1 }),
    MessageExpired: (dashboard) => ({ ...dashboard, resolvable: dashboard.resolvable + 1 }),
    MessageCompleted: (dashboard, { data }) => ({
      ...dashboard,
      totalEarnings: withCompleted(dashboard.totalEarnings, data),
    }),

    WalletOpened: (dashboard) => withWallet(dashboard, {}),
    EarningsCredited: (dashboard, { data }) => withBalance(dashboard, data.after),
    EarningsReversed: (dashboard, { data }) => ({
      ...withBalance(dashboard, data.after),
      totalEarnings: withReversed(dashboard.totalEarnings, data),
    }),
    PayoutDebited: (dashboard, { data }) => withBalance(dashboard, data.after),
    PayoutReturned: (dashboard, { data }) => withBalance(dashboard, data.after),
    WalletAdjusted: (dashboard, { data }) => withBalance(dashboard, data.after),
    WalletForfeited: (dashboard, { data }) => withBalance(dashboard, data.after),
    WalletWrittenOff: (dashboard, { data }) => withBalance(dashboard, data.after),
    WalletFrozen: (dashboard) => withWallet(dashboard, { frozen: true }),
    WalletUnfrozen: (dashboard) => withWallet(dashboard, { frozen: false }),

    PayoutRequested: (dashboard) => ({ ...dashboard, pendingPayouts: dashboard.pendingPayouts + 1 }),
    PayoutApproved: noLongerPending,
    PayoutRejected: noLongerPending,
    PayoutCancelled: noLongerPending,
    PayoutBookClosed: (dashboard) => ({ ...dashboard, pendingPayouts: 0 }),
  },
};

function withWallet(dashboard: Dashboard, change: Partial<NonNullable<Dashboard['wallet']>>): Dashboard {
  return { ...dashboard, wallet: { balance: 0, frozen: false, ...dashboard.wallet, ...change } };
}

/** A movement states the balance after it, so the balance is copied, not added up. */
function withBalance(dashboard: Dashboard, after: string): Dashboard {
  return withWallet(dashboard, { balance: toCents(after) });
}

function noLongerPending(dashboard: Dashboard, { data }: { data: { from: string } }): Dashboard {
  if (data.from !== 'PENDING') return dashboard;
  return { ...dashboard, pendingPayouts: dashboard.pendingPayouts - 1 };
}
