import { isRefusal } from '@creator-dashboards/shared/errors';
import { user } from '../domain/user.js';
import { dueErasures } from '../lookups/due-erasures.js';
import { clockTask } from '../runtime/clock-task.js';
import { clockContext } from '../runtime/policy.js';

/** Begins the erasure of accounts whose grace period is over (G37); the account's stream knows if it was reactivated. */
export const purgeAccounts = clockTask({
  name: 'purge-accounts',
  lookup: dueErasures,
  where: { waiting: true },
  at: 'purgeAt',
  async act(service, { _id: userId }, now) {
    const context = clockContext(service, userId, 'purge');
    const purged = await service.commands.handle(user, { type: 'Purge', userId, at: now }, context);
    if (!isRefusal(purged)) await service.runFollowUps(purged.events);
  },
});
