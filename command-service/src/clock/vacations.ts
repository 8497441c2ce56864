import { isRefusal } from '@creator-dashboards/shared/errors';
import type { ClockTask } from '../runtime/clock-task.js';
import { creator } from '../domain/creator/creator.js';
import { vacations } from '../lookups/vacations.js';
import { clockContext } from '../runtime/policy.js';

const PER_RUN = 200;

/** Ends vacations whose window is over (G32). */
export const closeEndedVacations: ClockTask = {
  name: 'close-ended-vacations',
  async run(service, now) {
    const ended = await service.lookups.find(vacations, {
      where: { open: true },
      range: { field: 'end', atMost: now },
      limit: PER_RUN,
    });
    for (const { _id: creatorId, position } of ended) {
      // Named by the place of its last change, so that a later vacation with the same end is closed too.
      const context = clockContext(service, creatorId, `vacation ${position}`);
      const command = { type: 'CloseEndedVacation' as const, creatorId, at: now };
      const closed = await service.commands.handle(creator, command, context);
      if (!isRefusal(closed)) await service.settle(closed.events);
    }
    return ended.length;
  },
};
