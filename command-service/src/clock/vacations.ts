import { isRefusal } from '@creator-dashboards/shared/errors';
import { CreatorId } from '@creator-dashboards/shared/ids';
import { clockTask } from '../runtime/clock-task.js';
import { creator } from '../domain/creator/creator.js';
import { vacations } from '../lookups/vacations.js';
import { clockContext } from '../runtime/policy.js';

/** Begins and ends vacations when their dates come (G32, G52). */
export const followVacations = clockTask({
  name: 'follow-vacations',
  lookup: vacations,
  where: { waiting: true },
  at: 'dueAt',
  async act(service, { _id, position }, now) {
    const creatorId = CreatorId(_id);
    // The id contains the position of the last change, so that a later vacation with the same dates is another command.
    const context = clockContext(service, creatorId, `vacation ${position}`);
    const followed = await service.commands.handle(creator, { type: 'FollowVacation', creatorId, at: now }, context);
    if (!isRefusal(followed)) await service.runFollowUps(followed.events);
  },
});
