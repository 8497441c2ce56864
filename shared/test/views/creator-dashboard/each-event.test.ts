import { creatorDashboard } from '../../../src/views/creator-dashboard/fold.js';
import { sealedValue } from '../../../testing/given.js';
import {
  at,
  completed,
  creator,
  creatorId,
  creatorUserId,
  creatorWallet,
  delivered,
  expired,
  idOf,
  later,
  message,
  messageId,
  movement,
  payoutBook,
  payoutId,
  rejected,
  replied,
  settlement,
  upgraded,
  user,
} from '../../../testing/fixtures/people.js';
import { eachEventChangesOnly } from '../each-event.js';

describe('creatorDashboard: what each event changes', () => {
  const full = {
    creatorId,
    level: 'SILVER',
    totalMessages: 47,
    totalEarnings: 125_000,
    wallet: { balance: 35_000, frozen: true },
    pendingPayouts: 3,
    dmActive: true,
    dmType: 'SINGLE_PAY',
    dmPrice: 500,
    responded: 19,
    resolvable: 20,
    socialAccounts: 2,
    avatarUrl: sealedValue(creatorUserId, 'picture'),
    deletedAt: later,
  } as const;
  const balanced = { wallet: { balance: 840, frozen: true } };
  const earned = { messageId, ...settlement, before: '0.40', after: '8.40' };
  const payout = { payoutId, amount: '40.00' };
  const account = { userId: creatorUserId, platform: 'X', accountDigest: 'digest' } as const;
  eachEventChangesOnly(creatorDashboard, full, [
    [user()('UserAvatarChanged', { userId: creatorUserId, avatarUrl: null }), { avatarUrl: null }],
    [user()('UserErased', { userId: creatorUserId }, at), { deletedAt: at }, { deletedAt: null }],
    [upgraded, { creatorId }, { creatorId: null }],
    [creator('CreatorDeleted', { deletedAt: at }), { deletedAt: at }],
    [creator('CreatorLevelChanged', { from: 'SILVER', to: 'GOLD', cause: 'EARNED', pinned: false }), { level: 'GOLD' }],
    [
      creator('DmConfigUpdated', {
        dmType: 'FREE',
        dmPrice: null,
        dmActive: false,
        previous: { dmType: 'SINGLE_PAY', dmPrice: '5.00', dmActive: true },
        packageId: idOf(1),
      }),
      { dmType: 'FREE', dmPrice: null, dmActive: false },
    ],
    [creator('SocialAccountConnected', { ...account, followerCount: 5 }), { socialAccounts: 3 }],
    [creator('SocialAccountDisconnected', account), { socialAccounts: 1 }],
    [delivered(), { totalMessages: 48 }],
    [replied(), { responded: 20, resolvable: 21 }],
    [message()('MessageReplyReverted', { reason: 'release failed' }), { responded: 18, resolvable: 19 }],
    [rejected(), { resolvable: 21 }],
    [expired(), { resolvable: 21 }],
    [completed(), { totalEarnings: 125_800 }],
    [
      creatorWallet('WalletOpened', { type: 'CREATOR', currency: 'USD' }),
      { wallet: { balance: 0, frozen: false } },
      { wallet: null },
    ],
    [creatorWallet('EarningsCredited', earned), balanced],
    [creatorWallet('EarningsReversed', earned), { ...balanced, totalEarnings: 124_200 }],
    [creatorWallet('PayoutDebited', { payoutId, ...movement('8.40') }), balanced],
    [creatorWallet('PayoutReturned', { payoutId, ...movement('8.40') }), balanced],
    [creatorWallet('WalletAdjusted', { direction: 'CREDIT', ...movement('8.40') }), balanced],
    [creatorWallet('WalletForfeited', movement('8.40')), balanced],
    [creatorWallet('WalletWrittenOff', movement('8.40')), balanced],
    [
      creatorWallet('WalletFrozen', {}),
      { wallet: { balance: 35_000, frozen: true } },
      { wallet: { balance: 35_000, frozen: false } },
    ],
    [creatorWallet('WalletUnfrozen', {}), { wallet: { balance: 35_000, frozen: false } }],
    [payoutBook('PayoutRequested', { ...payout, method: 'BANK_TRANSFER', requestedAt: at }), { pendingPayouts: 4 }],
    [
      payoutBook('PayoutApproved', { ...payout, by: null, from: 'PENDING', destination: null, digest: 'd'.repeat(40) }),
      { pendingPayouts: 2 },
    ],
    [payoutBook('PayoutRejected', { ...payout, from: 'PENDING', by: null }), { pendingPayouts: 2 }],
    [payoutBook('PayoutCancelled', { ...payout, from: 'PENDING', by: null }), { pendingPayouts: 2 }],
    [payoutBook('PayoutBookClosed', { reason: 'ERASED' }), { pendingPayouts: 0 }],
  ]);
});
