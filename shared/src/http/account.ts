/** Whether a token's account may call (G46): checked before every write, and for reads once a second per caller. */
import { LRUCache } from 'lru-cache';
import { Refused } from '../errors.js';
import { SECOND, type Clock } from '../time.js';
import type { Caller } from './auth.js';
import { orUnavailable } from './unavailable.js';

export type AccountStatus = 'ACTIVE' | 'DEACTIVATED' | 'SUSPENDED' | 'DELETED' | 'ERASED';

/** The status of a user's account, null if there is none. Throws if it is unknown. */
export type AccountOf = (userId: string) => Promise<AccountStatus | null>;

/** Without a check, every well-signed token is enough. */
export interface Accounts {
  readonly forWrites?: AccountOf;
  readonly forReads?: AccountOf;
  /** How long a result for reads is cached; default one second. */
  readonly rememberMs?: number;
}

export interface AccountCheck {
  /** Throws Refused 401 for callers that may not write: a user without an active account, staff with an inactive one. */
  write(caller: Caller): void | Promise<void>;
  /** Throws Refused 401 for callers that may not read: those whose account is suspended, deleted or erased. */
  read(caller: Caller): void | Promise<void>;
}

const REMEMBERED = 10_000;
const REMEMBER_MS = SECOND;

export function createAccountCheck(
  { forWrites, forReads, rememberMs = REMEMBER_MS }: Accounts,
  clock: Pick<Clock, 'monotonic'>,
): AccountCheck {
  const readers = new LRUCache<string, { readonly mayRead: boolean; readonly until: number }>({ max: REMEMBERED });

  async function askForRead({ userId }: Caller, accountOf: AccountOf): Promise<void> {
    const until = clock.monotonic() + rememberMs;
    const mayRead = lastsForReads(await orUnavailable(accountOf(userId)));
    readers.set(userId, { mayRead, until });
    demand(mayRead);
  }

  return {
    write: (caller) => forWrites && orUnavailable(forWrites(caller.userId)).then((it) => demand(mayWrite(caller, it))),
    read(caller) {
      if (!forReads) return undefined;
      const known = readers.get(caller.userId);
      if (!known || clock.monotonic() >= known.until) return askForRead(caller, forReads);
      return demand(known.mayRead);
    },
  };
}

function mayWrite({ role }: Caller, status: AccountStatus | null): boolean {
  return status === 'ACTIVE' || (role !== 'USER' && status === null);
}

function lastsForReads(status: AccountStatus | null): boolean {
  return status === null || status === 'ACTIVE' || status === 'DEACTIVATED';
}

function demand(admitted: boolean): void {
  if (!admitted) throw new Refused('auth.account.unknown');
}
