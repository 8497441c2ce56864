/** Free messages of a fan per UTC day, counted as a set of message ids, so that a retry counts once (domain 9.11). */
import { configValue } from '@creator-dashboards/shared/platform-config';
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { DAY, utcDay, type Instant } from '@creator-dashboards/shared/time';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import type { Parties } from '@creator-dashboards/shared/events/message';
import type { CommandService } from '../runtime/service.js';

const setOf = (fanId: string, at: Instant) => `free-dm:${fanId}:${utcDay(at)}`;

/** Takes a place on the day of `at`, the same one for the same message. Refuses when none is left or the counters are unavailable. */
export async function takeFreePlace(
  service: CommandService,
  { fanId, messageId }: Parties,
  config: ConfigDocument | null,
  at: Instant,
): Promise<Refusal | null> {
  let taken: number;
  try {
    taken = await service.counters.addMember(setOf(fanId, at), messageId, 2 * DAY);
  } catch {
    return refuse('message.send.error.free_unavailable');
  }
  if (taken <= configValue(config, 'dm.free_daily_limit')) return null;
  await leaveFreePlace(service, { fanId, messageId }, at);
  return refuse('message.send.error.free_daily_limit');
}

/** Gives the place back. Errors are ignored: a lost place only costs the fan one free message on that day. */
export async function leaveFreePlace(
  service: CommandService,
  { fanId, messageId }: Pick<Parties, 'fanId' | 'messageId'>,
  at: Instant,
): Promise<void> {
  await service.counters.removeMember(setOf(fanId, at), messageId).catch(() => undefined);
}
