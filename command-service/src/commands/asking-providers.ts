/** Calls to providers that a request waits for: sessions, accounts and addresses. Payouts and moderation have rules of their own. */
import { Refused } from '@creator-dashboards/shared/errors';
import { within } from '@creator-dashboards/shared/waiting';
import type { CommandService } from '../runtime/service.js';

/** How long a request waits for a provider, in milliseconds. */
export const PROVIDER_MS = 10_000;

/** What the provider answers. Throws Refused('common.provider_unavailable') if it fails or takes too long: the caller may come again. */
export async function fromProvider<T>({ clock }: Pick<CommandService, 'clock'>, asked: Promise<T>): Promise<T> {
  try {
    return await within(clock, PROVIDER_MS, asked, () => new Error('the provider took too long'));
  } catch {
    throw new Refused('common.provider_unavailable', { retryAfter: 5 });
  }
}
