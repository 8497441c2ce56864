/** Slows down guessing of one account's password, from any number of addresses. Its owner never waits more than minutes. */
import { Counter } from 'prom-client';
import { Refused } from '@creator-dashboards/shared/errors';
import type { Metrics } from '@creator-dashboards/shared/process/metrics';
import { HOUR, MINUTE, SECOND } from '@creator-dashboards/shared/time';
import type { CommandService } from './service.js';

/** This many failures an hour pass as forgetfulness. */
const FREE_FAILURES = 5;
const LONGEST_PAUSE_MS = 5 * MINUTE;

/** The pause after that many failures within an hour: 2 s, 4 s, 8 s, … up to five minutes. */
function pauseAfter(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, 2 ** (failures - FREE_FAILURES) * 2 * SECOND);
}

type Attempting = Pick<CommandService, 'counters'>;

/**
 * Counts an attempt to log in to the account with this e-mail digest; `succeeded` takes it back. Throws 429 during the pause after
 * the last attempt, and 503 if the counters are unavailable, so that guessing is never free. An address without an account is
 * counted like any other.
 */
export async function admitAttempt({ counters }: Attempting, account: string): Promise<void> {
  const { failures, pause } = keysOf(account);
  const { count } = await counted(counters.hit(failures, HOUR));
  const earlier = count - 1;
  if (earlier < FREE_FAILURES) return;
  const open = await counted(counters.hit(pause, pauseAfter(earlier)));
  if (open.count === 1) return;
  await counters.undoHit(failures).catch(() => undefined);
  throw new Refused('common.rate_limited', { retryAfter: open.resetsInMs / SECOND });
}

/** Takes the attempt back: the password was right. */
export async function succeeded({ counters }: Attempting, account: string): Promise<void> {
  await counters.undoHit(keysOf(account).failures).catch(() => undefined);
}

const keysOf = (account: string) => ({ failures: `login-failures:${account}`, pause: `login-pause:${account}` });

/** Throws 503 where the counter fails. */
export async function counted<T>(hit: Promise<T>): Promise<T> {
  try {
    return await hit;
  } catch {
    throw new Refused('common.unavailable', { retryAfter: 5 });
  }
}

/** Registers the metric of failed logins to all accounts, for alerts only. Returns the function to call for each attempt. */
export function observeLogins({ registry }: Pick<Metrics, 'registry'>): () => void {
  const failed = new Counter({
    name: 'logins_failed_total',
    help: 'Attempts to log in with a wrong e-mail address or password',
    registers: [registry],
  });
  return () => failed.inc();
}
