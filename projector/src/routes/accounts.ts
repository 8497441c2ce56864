/** Whether the account of a token may ask or act here, by the account view: what a process tells that decides no commands. */
import { Refused } from '@creator-dashboards/shared/errors';
import type { AccountOf, Accounts } from '@creator-dashboards/shared/http/account';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { AccountDocument } from '@creator-dashboards/shared/views/account/document';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { aliasOf } from '../generations.js';

/** Both throw Refused (503) where the account cannot be told: before the view is built, and where the account's key is parked. */
export function accountsIn(reads: ReadStore): Required<Pick<Accounts, 'forReads' | 'forWrites'>> {
  const accountOf: AccountOf = async (userId) => {
    const alias = await aliasOf(reads, 'account');
    if (!alias) throw new Refused('common.unavailable', { retryAfter: 1 });
    const account = await reads.get<AccountDocument>(collectionOf('account', alias.generation), userId);
    if (account?.parked) throw new Refused('common.view_degraded');
    return account?.status ?? null;
  };
  return { forReads: accountOf, forWrites: accountOf };
}
