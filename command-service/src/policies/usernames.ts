import { reservation, reservationStream } from '../domain/reservation.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';

/** The username a user had before is free for others, unless it is hers again by now. */
export const releaseUsername = policy({
  name: 'release-username',
  on: ['UsernameChanged'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId, oldDigest } = event.data;
    if (oldDigest === null) return [];
    const { state } = await service.commands.load(user, userStream(userId));
    if (state.usernameDigest === oldDigest) return [];
    const stream = reservationStream('username', oldDigest);
    const context = followUp(service, event, 'release-username', stream);
    const release = { type: 'Release' as const, stream, ownerId: userId, reason: 'RENAMED' as const };
    return eventsOf(await service.commands.handle(reservation, release, context));
  },
});
