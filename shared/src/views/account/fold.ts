/** The status of an account, as the deciders know it, for services that serve reads. */
import type { AccountDocument } from './document.js';
import type { View } from '../view.js';

export const account: View<AccountDocument> = {
  name: 'account',
  version: 1,
  partition: 'streamSuffix',
  categories: ['user'],
  keyOf: ({ metadata: { keys } }) => keys.userId,
  initial: { status: 'ACTIVE' },
  handlers: {
    UserRegistered: (account) => ({ ...account, status: 'ACTIVE' }),
    UserDeactivated: (account) => ({ ...account, status: 'DEACTIVATED' }),
    UserReactivated: (account, { data }) => ({ ...account, status: data.statusAfter }),
    UserSuspended: (account) => ({ ...account, status: 'SUSPENDED' }),
    UserErasureRequested: (account) => ({ ...account, status: 'DELETED' }),
    UserErased: (account) => ({ ...account, status: 'ERASED' }),
  },
};
