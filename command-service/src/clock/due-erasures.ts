import { isRefusal } from '@creator-dashboards/shared/errors';
import { MINUTE } from '@creator-dashboards/shared/time';
import { eraseUser } from '../commands/erase-user.js';
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

/** Goes on with erasures that wait for a payout (G56), should the policy have missed its result. */
export const finishErasures = clockTask({
  name: 'finish-erasures',
  lookup: dueErasures,
  where: { erasing: true },
  at: 'requestedAt',
  afterMs: MINUTE,
  async act(service, { _id: userId }) {
    const contextOn = (stream: string) => clockContext(service, userId, `erase ${stream}`);
    await service.runFollowUps(await eraseUser(service, userId, contextOn));
  },
});
