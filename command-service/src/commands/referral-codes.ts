/** Whose referral code a code is (domain 2.4, 2.6). Codes are compared trimmed and in lower case, as usernames are. */
import { referralLink, referralLinkStream } from '../domain/referral-link.js';
import { reservation, reservationStream } from '../domain/reservation.js';
import { isGone, user, userStream } from '../domain/user.js';
import type { CommandService } from '../runtime/service.js';
import { usernameDigest } from './usernames.js';

export function codeDigest(service: Pick<CommandService, 'digest'>, code: string): string {
  return service.digest('referralCode', code.trim().toLowerCase());
}

/** The link with this code or alias, or null; a code that is only reserved leads nowhere yet. */
export async function linkByCode(service: CommandService, code: string) {
  const stream = reservationStream('referralCode', codeDigest(service, code));
  const { ownerId } = (await service.commands.load(reservation, stream)).state;
  if (ownerId === null) return null;
  const { state } = await service.commands.load(referralLink, referralLinkStream(ownerId));
  return state.linkId === null ? null : { ...state, userId: ownerId };
}

/** Who has this username, which is the user's own code, or null. */
export async function userByUsername(service: CommandService, name: string): Promise<string | null> {
  const stream = reservationStream('username', usernameDigest(service, name));
  return (await service.commands.load(reservation, stream)).state.ownerId;
}

/**
 * Who referred a new user that came with this code: a user's own code first, then a link's; nobody where the link is disabled
 * (G22). A user without a link refers as well (G23).
 */
export async function referrerByCode(service: CommandService, code: string): Promise<string | null> {
  const named = await userByUsername(service, code);
  if (named !== null) {
    const { state: account } = await service.commands.load(user, userStream(named));
    const { state: link } = await service.commands.load(referralLink, referralLinkStream(named));
    if (account.status !== 'NONE' && !isGone(account)) return link.linkId === null || link.active ? named : null;
  }
  const link = await linkByCode(service, code);
  return link?.active ? link.userId : null;
}
