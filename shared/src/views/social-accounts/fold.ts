/** Which platforms a creator has connected; which account it is of the platform stands nowhere but as a digest. */
import type { Content } from '../../fold.js';
import { ownerOf } from '../routing.js';
import type { SocialAccountsDocument } from './document.js';
import type { View } from '../view.js';

export const socialAccounts: View<SocialAccountsDocument> = {
  name: 'socialAccounts',
  version: 1,
  partition: 'streamSuffix',
  categories: ['creator'],
  keyOf: ownerOf,
  initial: { accounts: {} },
  handlers: {
    SocialAccountConnected: ({ accounts }, { data: { platform, followerCount }, metadata }) => ({
      accounts: { ...accounts, [platform]: { followerCount, connectedAt: metadata.occurredAt } },
    }),
    SocialMetricsRefreshed: (before, { data: { platform, followerCount } }) => {
      const account = before.accounts[platform];
      return account ? { accounts: { ...before.accounts, [platform]: { ...account, followerCount } } } : before;
    },
    SocialAccountDisconnected: ({ accounts }, { data: { platform } }): Content<SocialAccountsDocument> => {
      const { [platform]: _, ...others } = accounts;
      return { accounts: others };
    },
  },
};
