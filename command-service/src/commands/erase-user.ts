/**
 * Erasure (domain 9.8): releases everything that leads to the person, destroys the key, then lets all views know. Safe to stop at any
 * point and to run again: each step asks its own stream what is left to do.
 */
import type { Recorded } from '@creator-dashboards/shared/events/index';
import { creatorIdOf, CreatorUserId } from '@creator-dashboards/shared/ids';
import { creator, creatorStream, isLive } from '../domain/creator/creator.js';
import { payoutBook, payoutBookStream } from '../domain/payout-book.js';
import { isPaying } from '../domain/payout-book-state.js';
import { referralLink, referralLinkStream } from '../domain/referral-link.js';
import { reservation, type ReservationCommand } from '../domain/reservation.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { user, userStream } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import type { CommandContext } from '../runtime/command-context.js';
import { eventsOf } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { endSessions } from '../runtime/sessions.js';

/** The context of the commands on one stream. */
type ContextOn = (stream: string) => CommandContext;

/**
 * Goes as far as it can, and returns the events of it. While a payout is on its way to the person, her key stays: its destination is
 * sealed with it (G56). Of an erased person it closes what a command under way has opened since (G62). Does nothing for an account
 * whose erasure was not requested.
 */
export async function eraseUser(
  service: CommandService,
  userId: string,
  contextOn: ContextOn,
): Promise<readonly Recorded[]> {
  const { commands, keys, sealer } = service;
  const { state: account } = await commands.load(user, userStream(userId));
  if (!isGone(account)) return [];
  const { events: left, waits } = await leaveCreators(service, userId, contextOn);
  const events = [...left, ...(await giveUpNames(service, userId, contextOn))];
  await endSessions(service, userId);
  if (waits || account.status === 'ERASED') return events;
  await keys.destroy(userId);
  sealer.forget(userId);
  const erased = await commands.handle(user, { type: 'ConfirmErasure', userId }, contextOn(userStream(userId)));
  return [...events, ...eventsOf(erased)];
}

/** First the payout book: no payout may begin any more. Then the profile. */
async function leaveCreators(service: CommandService, userId: string, contextOn: ContextOn) {
  const { commands } = service;
  const creatorId = creatorIdOf(userId);
  const { state } = await commands.load(creator, creatorStream(creatorId));
  if (!state.exists) return { events: [], waits: false };
  const bookStream = payoutBookStream(creatorId);
  const close = { type: 'CloseBook', userId: CreatorUserId(userId), creatorId } as const;
  const closed = await commands.handle(payoutBook, close, contextOn(bookStream));
  const events: Recorded[] = [...eventsOf(closed)];
  if (isLive(state)) {
    const context = contextOn(creatorStream(creatorId));
    events.push(...eventsOf(await commands.handle(creator, { type: 'Delete', creatorId, at: context.at }, context)));
  }
  return { events, waits: isPaying((await commands.load(payoutBook, bookStream)).state) };
}

/** Releases the e-mail address for others. Names are retired: nobody gets them again, and they resolve to nobody (G44). */
async function giveUpNames(service: CommandService, ownerId: string, contextOn: ContextOn): Promise<Recorded[]> {
  const { emailDigest, names } = (await service.commands.load(user, userStream(ownerId))).state;
  const { codes } = (await service.commands.load(referralLink, referralLinkStream(ownerId))).state;
  const given: Recorded[] = [];
  const handle = async (command: ReservationCommand) => {
    given.push(...eventsOf(await service.commands.handle(reservation, command, contextOn(command.stream))));
  };
  if (emailDigest !== null)
    await handle({ type: 'Release', stream: reservationStream('email', emailDigest), ownerId, reason: 'ERASED' });
  for (const digest of new Set([...names, ...codes]))
    await handle({ type: 'Retire', stream: reservationStream('name', digest), ownerId });
  return given;
}
