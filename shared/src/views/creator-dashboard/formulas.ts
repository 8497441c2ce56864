import type { Level } from '../../events/define.js';
import type { ConfigKey } from '../../platform-config.js';
import { allAsSet, asSet, type Formulas } from '../formula.js';
import { nextLevelOf } from '../levels.js';
import type { CreatorDashboardDocument } from './document.js';

const gateOf =
  (kind: 'messages' | 'earnings') =>
  (document: { readonly level: Level }): readonly ConfigKey[] => {
    const next = nextLevelOf(document.level);
    return next ? [`creator.${next.toLowerCase() as Lowercase<typeof next>}_min_${kind}`] : [];
  };
const bothGates = (document: { readonly level: Level }) => [
  ...gateOf('messages')(document),
  ...gateOf('earnings')(document),
];

export const dashboardFormulas: Formulas<CreatorDashboardDocument> = {
  shownBy: ['creatorId', 'deletedAt'],
  fields: {
    ...allAsSet(['level', 'dmActive', 'dmType', 'dmPrice', 'avatarUrl']),
    commissionRate: {
      formula: 'config creator.commission_<level>, in percent',
      from: ['level'],
      config: ({ level }) => [`creator.commission_${level.toLowerCase() as Lowercase<Level>}`],
    },
    totalMessages: { formula: 'the number of MessageDelivered', from: ['totalMessages'] },
    totalEarnings: {
      formula: 'the net of each MessageCompleted, minus the net of each EarningsReversed',
      from: ['totalEarnings'],
    },
    walletBalance: {
      formula: 'the balance that the last movement of the creator wallet states; 0 before the wallet was opened',
      from: ['wallet.balance'],
    },
    walletFrozen: asSet('wallet.frozen'),
    pendingPayouts: {
      formula:
        'the number of PayoutRequested, minus those approved, rejected or cancelled while pending; 0 once PayoutBookClosed',
      from: ['pendingPayouts'],
    },
    responseRate: {
      formula: '100 × responded ÷ resolvable, rounded half up; 100 while resolvable is 0',
      from: ['responded', 'resolvable'],
    },
    nextLevel: { formula: 'the level after level; null at the highest', from: ['level'] },
    nextLevelProgress: {
      formula:
        'the lower of two percentages, totalMessages and totalEarnings of what the next level requires: 100 where that is met, ' +
        'else 100 × the greater of total and 0 ÷ required, rounded half up, at most 99; 100 at the highest level',
      from: ['level', 'totalMessages', 'totalEarnings'],
      config: bothGates,
    },
    'nextLevelRequirements.messages.current': { formula: 'totalMessages', from: ['level', 'totalMessages'] },
    'nextLevelRequirements.messages.required': {
      formula: 'config creator.<next level>_min_messages',
      from: ['level'],
      config: gateOf('messages'),
    },
    'nextLevelRequirements.earnings.current': {
      formula: 'totalEarnings in major units',
      from: ['level', 'totalEarnings'],
    },
    'nextLevelRequirements.earnings.required': {
      formula: 'config creator.<next level>_min_earnings',
      from: ['level'],
      config: gateOf('earnings'),
    },
    hasSocialAccounts: {
      formula: 'whether SocialAccountConnected outnumbers SocialAccountDisconnected',
      from: ['socialAccounts'],
    },
  },
};
