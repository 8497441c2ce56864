import { isRefusal } from '@creator-dashboards/shared/errors';
import { CreatorId } from '@creator-dashboards/shared/ids';
import { clockTask } from '../runtime/clock-task.js';
import { creator } from '../domain/creator/creator.js';
import { vacations } from '../lookups/vacations.js';
import { clockContext } from '../runtime/policy.js';

/** Ends vacations whose window is over (G32). */
export const closeEndedVacations = clockTask({
  name: 'close-ended-vacations',
  lookup: vacations,
  where: { open: true },
  at: 'end',
  async act(service, { _id, position }, now) {
    const creatorId = CreatorId(_id);
    // Named by the place of its last change, so that a later vacation with the same end is closed too.
    const context = clockContext(service, creatorId, `vacation ${position}`);
    const closed = await service.commands.handle(creator, { type: 'CloseEndedVacation', creatorId, at: now }, context);
    if (!isRefusal(closed)) await service.runFollowUps(closed.events);
  },
});
