/** Whether a token's account may call (G46): checked before every write and every read. */
import { Refused } from '../errors.js';
import type { Caller } from './auth.js';
import { then, type Soon } from '../waiting.js';
import { orUnavailable } from './unavailable.js';

export type AccountStatus = 'ACTIVE' | 'DEACTIVATED' | 'SUSPENDED' | 'DELETED' | 'ERASED';

/** The status of a user's account, null if there is none. Throws if it is unknown. */
export type AccountOf = (userId: string) => Soon<AccountStatus | null>;

/** Without a check, every well-signed token is enough. */
export interface Accounts {
  readonly forWrites?: AccountOf;
  readonly forReads?: AccountOf;
}

export interface AccountCheck {
  /** Throws Refused 401 for callers that may not write: a user without an active account, staff with an inactive one. */
  write(caller: Caller): void | Promise<void>;
  /** Throws Refused 401 for callers that may not read: those whose account is suspended, deleted or erased. */
  read(caller: Caller): void | Promise<void>;
}

export function createAccountCheck({ forWrites, forReads }: Accounts): AccountCheck {
  return {
    write: (caller) => asked(forWrites, caller, (status) => mayWrite(caller, status)),
    read: (caller) => asked(forReads, caller, lastsForReads),
  };
}

function asked(
  accountOf: AccountOf | undefined,
  { userId }: Caller,
  admits: (status: AccountStatus | null) => boolean,
): Soon<void> {
  if (!accountOf) return undefined;
  return then(
    orUnavailable(() => accountOf(userId)),
    (status) => {
      if (!admits(status)) throw new Refused('auth.account.unknown');
    },
  );
}

function mayWrite({ role }: Caller, status: AccountStatus | null): boolean {
  return status === 'ACTIVE' || (role !== 'USER' && status === null);
}

function lastsForReads(status: AccountStatus | null): boolean {
  return status === null || status === 'ACTIVE' || status === 'DEACTIVATED';
}
