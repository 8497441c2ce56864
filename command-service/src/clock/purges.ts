import { isRefusal } from '@creator-dashboards/shared/errors';
import { user } from '../domain/user.js';
import { purges } from '../lookups/purges.js';
import type { ClockTask } from '../runtime/clock-task.js';
import { clockContext } from '../runtime/policy.js';

const PER_RUN = 200;

/** Erases accounts whose grace period is over (G37); the account itself knows whether it came back. */
export const purgeAccounts: ClockTask = {
  name: 'purge-accounts',
  async run(service, now) {
    const due = await service.lookups.find(purges, {
      where: { waiting: true },
      range: { field: 'purgeAt', atMost: now },
      limit: PER_RUN,
    });
    for (const { _id: userId } of due) {
      const context = clockContext(service, userId, 'purge');
      const purged = await service.commands.handle(user, { type: 'Purge', userId, at: now }, context);
      if (!isRefusal(purged)) await service.settle(purged.events);
    }
    return due.length;
  },
};
