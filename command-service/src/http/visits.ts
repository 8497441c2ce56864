import { Refused, statusOf } from '@creator-dashboards/shared/errors';
import { toRefused } from '@creator-dashboards/shared/http/envelope';
import type { RouteRequest } from '@creator-dashboards/shared/http/route';
import { isVisit } from '@creator-dashboards/shared/http/visit';
import { SECOND } from '@creator-dashboards/shared/time';
import { within } from '@creator-dashboards/shared/waiting';
import type { CommandService } from '../runtime/service.js';

/** A visitor waits no longer for a click to be counted. */
const COUNTED_WITHIN_MS = SECOND;

/**
 * Counts the click of somebody who follows a link, and lets her go on uncounted while the stores are away or slow. A click that takes
 * longer may yet be counted. Throws what else `count` refuses.
 */
export async function countVisit(
  { clock }: Pick<CommandService, 'clock'>,
  request: RouteRequest,
  count: () => Promise<unknown>,
): Promise<void> {
  if (!isVisit(request)) return;
  try {
    await within(clock, COUNTED_WITHIN_MS, count(), () => new Refused('common.unavailable', { retryAfter: 1 }));
  } catch (error) {
    if (statusOf(toRefused(error).key) !== 503) throw error;
  }
}
