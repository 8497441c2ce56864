/** Erasure (domain 9.8): releases everything that leads to the person, destroys the key, then lets all views know. */
import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { creator, creatorStream, isLive } from '../domain/creator/creator.js';
import { referralLink, referralLinkStream } from '../domain/referral-link.js';
import { reservation, reservationStream, type ReservationCommand } from '../domain/reservation.js';
import { user, userStream } from '../domain/user.js';
import { eventsOf, followUp, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';

const NAME = 'erase-user';

/** Safe to stop at any point: until UserErased is written, the feed runs it again. */
export const eraseUser = policy({
  name: NAME,
  on: ['UserErasureRequested'],
  keyOf: ({ metadata }) => metadata.keys.userId,
  async react(event, service) {
    const { userId } = event.data;
    const events = [...(await deleteProfile(event, service)), ...(await giveUpNames(event, service))];
    await service.keys.destroy(userId);
    service.sealer.forget(userId);
    const context = followUp(service, event, NAME, userStream(userId));
    const erased = await service.commands.handle(user, { type: 'ConfirmErasure', userId }, context);
    return [...events, ...eventsOf(erased)];
  },
});

type ErasureRequested = Recorded<EventNamed<'UserErasureRequested'>>;

async function deleteProfile(event: ErasureRequested, service: CommandService): Promise<readonly Recorded[]> {
  const creatorId = creatorIdOf(event.data.userId);
  const { state } = await service.commands.load(creator, creatorStream(creatorId));
  if (!isLive(state)) return [];
  const context = followUp(service, event, NAME, creatorStream(creatorId));
  return eventsOf(await service.commands.handle(creator, { type: 'Delete', creatorId, at: context.at }, context));
}

/** Releases the e-mail address for others. Names are retired: nobody gets them again, and they resolve to nobody (G44). */
async function giveUpNames(event: ErasureRequested, service: CommandService): Promise<readonly Recorded[]> {
  const ownerId = event.data.userId;
  const { emailDigest, names } = (await service.commands.load(user, userStream(ownerId))).state;
  const { codes } = (await service.commands.load(referralLink, referralLinkStream(ownerId))).state;
  const given: Recorded[] = [];
  const handle = async (command: ReservationCommand) => {
    const context = followUp(service, event, NAME, command.stream);
    given.push(...eventsOf(await service.commands.handle(reservation, command, context)));
  };
  if (emailDigest !== null)
    await handle({ type: 'Release', stream: reservationStream('email', emailDigest), ownerId, reason: 'ERASED' });
  for (const digest of new Set([...names, ...codes]))
    await handle({ type: 'Retire', stream: reservationStream('name', digest), ownerId });
  return given;
}
