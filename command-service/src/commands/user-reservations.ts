/** What is reserved for an account: its e-mail address and its username (G43). */
import { reservationStream, reservedDigest } from '../domain/reservation.js';
import { digestsInUse, user, type UserState } from '../domain/user.js';
import type { OpenWork } from '../lookups/open-work.js';
import { accepted } from '../http/request.js';
import type { Abandon } from './reserving.js';
import type { CommandService } from '../runtime/service.js';

/** The reservation streams a user holds by its present state. */
export function reservationsOf({ emailDigest: email, usernameDigest: username }: UserState): string[] {
  return [
    ...(email === null ? [] : [reservationStream('email', email)]),
    ...(username === null ? [] : [reservationStream('username', username)]),
  ];
}

/** Closes a registration or a rename on the user's stream; answers which of its reservations are in use there. */
export function abandonOnUser(
  service: CommandService,
  { ownerId: userId, streams }: Pick<OpenWork, 'ownerId' | 'streams'>,
): Abandon {
  return async (context, code) => {
    const reserved = streams.map(reservedDigest);
    const command = { type: 'Abandon' as const, userId, commandId: context.causationId, reserved, code };
    const { state } = accepted(await service.commands.handle(user, command, context));
    const inUse = digestsInUse(state);
    return streams.filter((stream) => inUse.includes(reservedDigest(stream)));
  };
}
