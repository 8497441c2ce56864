import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { creator, creatorStream } from '../domain/creator/creator.js';
import { user, userStream } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';

/** A creator's profile is deactivated with her account and back with it (G37), as that is now; a suspension of the account is another matter (G57). */
export const creatorAccount = policy({
  name: 'creator-account',
  on: ['UserDeactivated', 'UserReactivated'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId } = event.data;
    const creatorId = creatorIdOf(userId);
    const { state: account } = await service.commands.load(user, userStream(userId));
    const type = account.purgeAt === null && !isGone(account) ? 'ReactivateWithAccount' : 'DeactivateWithAccount';
    const context = followUp(service, event, 'creator-account', creatorStream(creatorId));
    return eventsOf(await service.commands.handle(creator, { type, creatorId }, context));
  },
});
