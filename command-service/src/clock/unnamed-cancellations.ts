import { CreatorId } from '@creator-dashboards/shared/ids';
import { payoutBook } from '../domain/payout-book.js';
import { unnamedCancellations } from '../lookups/unnamed-cancellations.js';
import { clockTask } from '../runtime/clock-task.js';
import { clockContext } from '../runtime/policy.js';

/** Names the payouts that an erasure of an older version cancelled, so that they read as CANCELLED and wait for nobody. */
export const nameCancellations = clockTask({
  name: 'name-cancellations',
  lookup: unnamedCancellations,
  where: { unnamed: true },
  at: 'closedAt',
  act: (service, { _id: creatorId, userId }) =>
    service.commands.handle(
      payoutBook,
      { type: 'CloseBook', creatorId: CreatorId(creatorId), userId },
      clockContext(service, creatorId, 'name-cancellations'),
    ),
});
