import { reservation, reservationStream } from '../domain/reservation.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, mustSucceed, policy } from '../runtime/policy.js';

/** The username that came with an upgrade becomes the account's; given back when the account has got another one meanwhile. */
export const firstUsername = policy({
  name: 'first-username',
  on: ['CreatorUpgraded'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { userId, username, usernameDigest: digest, createdAt: at } = event.data;
    if (username === null || digest === null) return [];
    const context = followUp(service, event, 'first-username', userStream(userId));
    const command = { type: 'SetFirstUsername' as const, userId, username, digest, at };
    const set = mustSucceed(await service.commands.handle(user, command, context));
    if (set.events.length > 0 || set.state.usernameDigest === digest) return set.events;
    const stream = reservationStream('username', digest);
    const release = { type: 'Release' as const, stream, ownerId: userId, reason: 'UNDONE' as const };
    const given = followUp(service, event, 'first-username', stream);
    return eventsOf(await service.commands.handle(reservation, release, given));
  },
});
