import { isRefusal } from '@creator-dashboards/shared/errors';
import { reservation, type ReservationCommand } from '../domain/reservation.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { user, userStream, type UserCommand } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';

const NAME = 'first-username';

/** The username chosen with an upgrade becomes the account's; otherwise the upgrade takes back its mark on the name (G44). */
export const firstUsername = policy({
  name: NAME,
  on: ['CreatorUpgraded'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { userId, username, usernameDigest: digest, createdAt: at } = event.data;
    if (username === null || digest === null) return [];
    const context = followUp(service, event, NAME, userStream(userId));
    const command: UserCommand = { type: 'SetFirstUsername', userId, username, digest, at };
    const set = await service.commands.handle(user, command, context);
    if (!isRefusal(set) && set.state.names.includes(digest)) return set.events;
    const stream = reservationStream('name', digest);
    const takenBy = event.metadata.commandId;
    const release: ReservationCommand = { type: 'Release', stream, ownerId: userId, reason: 'UNDONE', takenBy };
    return eventsOf(await service.commands.handle(reservation, release, followUp(service, event, NAME, stream)));
  },
});
