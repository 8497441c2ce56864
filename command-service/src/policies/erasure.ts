/** Erasure (domain 9.8): everything that leads to a person is given back, then the key is destroyed, then all views hear of it. */
import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { creatorIdOf } from '@creator-dashboards/shared/ids';
import { creator, creatorStream, isLive } from '../domain/creator/creator.js';
import { digestsInUse, referralLink, referralLinkStream } from '../domain/referral-link.js';
import { reservation, reservationStream } from '../domain/reservation.js';
import { user, userStream, type UserState } from '../domain/user.js';
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
    const events = [...(await deleteProfile(event, service)), ...(await releaseReservations(event, service))];
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

/** E-mail, username, referral code and its aliases: others may have them now. */
async function releaseReservations(event: ErasureRequested, service: CommandService): Promise<readonly Recorded[]> {
  const ownerId = event.data.userId;
  const { state: account } = await service.commands.load(user, userStream(ownerId));
  const { state: link } = await service.commands.load(referralLink, referralLinkStream(ownerId));
  const codes = digestsInUse(link).map((digest) => reservationStream('referralCode', digest));
  const released: Recorded[] = [];
  for (const stream of [...reservationsOf(account), ...codes]) {
    const release = { type: 'Release' as const, stream, ownerId, reason: 'ERASED' as const };
    const context = followUp(service, event, NAME, stream);
    released.push(...eventsOf(await service.commands.handle(reservation, release, context)));
  }
  return released;
}

/** What is reserved for an account: its e-mail address and its username (G43). */
function reservationsOf({ emailDigest: email, usernameDigest: username }: UserState): string[] {
  return [
    ...(email === null ? [] : [reservationStream('email', email)]),
    ...(username === null ? [] : [reservationStream('username', username)]),
  ];
}
