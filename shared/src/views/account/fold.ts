/** The status and the name of an account, as the deciders know them, for services that serve reads. */
import type { AccountDocument } from './document.js';
import type { View } from '../view.js';

export const account: View<AccountDocument> = {
  name: 'account',
  version: 1,
  partition: 'streamSuffix',
  categories: ['user'],
  keyOf: ({ metadata: { keys } }) => keys.userId,
  initial: { status: 'ACTIVE', username: null },
  handlers: {
    UserRegistered: (account, { data }) => ({ ...account, status: 'ACTIVE', username: data.username }),
    UsernameChanged: (account, { data }) => ({ ...account, username: data.new }),
    UserDeactivated: (account) => ({ ...account, status: 'DEACTIVATED' }),
    UserReactivated: (account, { data }) => ({ ...account, status: data.statusAfter }),
    UserSuspended: (account) => ({ ...account, status: 'SUSPENDED' }),
    UserErasureRequested: (account) => ({ ...account, status: 'DELETED' }),
    UserErased: (account) => ({ ...account, status: 'ERASED' }),
  },
};
