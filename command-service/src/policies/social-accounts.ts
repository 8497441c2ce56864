import { socialAccountStream } from '../commands/creator-reservations.js';
import { creator, creatorStream } from '../domain/creator/creator.js';
import { reservation, type ReservationCommand } from '../domain/reservation.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import { routingKeys } from './routing-keys.js';

/** A disconnected social account may be connected by somebody else. */
export const releaseSocialAccount = policy({
  name: 'release-social-account',
  on: ['SocialAccountDisconnected'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { userId: ownerId, platform, accountDigest } = event.data;
    const stream = socialAccountStream(platform, accountDigest);
    const context = followUp(service, event, 'release-social-account', stream);
    const command: ReservationCommand = { type: 'Release', stream, ownerId, reason: 'DISCONNECTED' };
    return eventsOf(await service.commands.handle(reservation, command, context));
  },
});

/** The social accounts of a deleted profile may be connected by somebody else, too. */
export const releaseDeletedAccounts = policy({
  name: 'release-deleted-accounts',
  on: ['CreatorDeleted'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { creatorId } = routingKeys(event, 'creatorId');
    const { state } = await service.commands.load(creator, creatorStream(creatorId));
    const released = Object.entries(state.social).map(async ([platform, { accountDigest }]) => {
      const stream = socialAccountStream(platform, accountDigest);
      const context = followUp(service, event, 'release-deleted-accounts', stream);
      const command: ReservationCommand = { type: 'Release', stream, ownerId: state.userId, reason: 'ERASED' };
      return eventsOf(await service.commands.handle(reservation, command, context));
    });
    return (await Promise.all(released)).flat();
  },
});
