/**
 * The watch of the money: tells of every difference between the ledger and the log, within a second. The look-ups of the ledger
 * notice what one event shows; here it is judged whether what is owed was moved, and which keys are held by an event that cannot be
 * read. The whole log is judged, also by look-ups that are folded anew after `views.db` was lost: an item that was told, or acknowledged,
 * stands in the log and is not told again.
 */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { moneyDifferences } from '@creator-dashboards/shared/ledger/differences';
import { moneyDifference, type Difference } from '../domain/money-difference.js';
import type { TickerTask } from '../runtime/clock-task.js';
import { lookupCollection } from '../runtime/lookups.js';
import { clockContext } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { faults, parked, unmoved, WATCHED_FEEDS } from './money-differences.js';

/** How far the feeds were at the last look that left nothing open: until one moves, there is nothing to see. */
const seen = new WeakMap<CommandService, string>();

/** Looks for differences and tells of them. `done` counts those that are new. */
export const moneyWatch: TickerTask = {
  name: 'money-watch',
  async run(service, now) {
    const checkpoints = await service.reads.getMany<Checkpoint>(CHECKPOINTS, WATCHED_FEEDS);
    const progress = [...checkpoints.values()].map(({ _id, position }) => `${_id} ${position}`).join();
    if (seen.get(service) === progress) return { done: 0, failed: 0 };
    const owed = await unmoved(service, checkpoints, now);
    const found = [...(await faults(service)), ...owed.found, ...(await parked(service))];
    const news = await untold(service, found);
    for (const difference of news) await tell(service, difference);
    if (news.length === 0 && !owed.waiting) seen.set(service, progress);
    return { done: news.length, failed: 0 };
  },
};

async function untold({ reads }: CommandService, found: readonly Difference[]): Promise<Difference[]> {
  if (found.length === 0) return [];
  const items = new Map(found.map((difference) => [difference.item, difference]));
  const told = await reads.getMany(lookupCollection(moneyDifferences), [...items.keys()]);
  return [...items.values()].filter(({ item }) => !told.has(item));
}

/** Recorded as an event; its policy then stops payouts. */
async function tell(service: CommandService, difference: Difference): Promise<void> {
  const context = { ...clockContext(service, difference.item, 'find'), causationId: difference.eventId };
  const found = await service.commands.handle(moneyDifference, { type: 'Find', ...difference }, context);
  if ('events' in found) await service.runFollowUps(found.events);
}
