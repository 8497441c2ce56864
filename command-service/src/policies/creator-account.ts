import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { creator, creatorStream } from '../domain/creator/creator.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';

/** A creator's profile follows the status of her account (deactivated accounts, G37), as that is now. */
export const creatorAccount = policy({
  name: 'creator-account',
  on: ['UserDeactivated', 'UserReactivated'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId } = event.data;
    const creatorId = creatorIdOf(userId);
    const { state: account } = await service.commands.load(user, userStream(userId));
    const type = account.status === 'ACTIVE' ? 'ReactivateWithAccount' : 'DeactivateWithAccount';
    const context = followUp(service, event, 'creator-account', creatorStream(creatorId));
    return eventsOf(await service.commands.handle(creator, { type, creatorId }, context));
  },
});
