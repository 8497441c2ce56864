/** Names: usernames and referral codes share one namespace (G44). A name that was decided to be somebody's stays hers for good. */
import { digestOfName, reservationStream } from '@creator-dashboards/shared/reservations';
import { referralLink, referralLinkStream } from '../domain/referral-link.js';
import { reservation } from '../domain/reservation.js';
import { user, userStream } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import type { CommandService } from '../runtime/service.js';

/** The digest that stands for a name. */
export function nameDigest(service: Pick<CommandService, 'digest'>, name: string): string {
  return digestOfName(service.digest, name);
}

/** The digests of all names that are hers for good. A command that needs one of these reserves nothing. */
export async function namesOf(service: CommandService, userId: string) {
  const { names } = (await service.commands.load(user, userStream(userId))).state;
  const { codes: linkCodes } = (await service.commands.load(referralLink, referralLinkStream(userId))).state;
  return { linkCodes, has: (digest: string) => names.includes(digest) || linkCodes.includes(digest) };
}

/**
 * The user that a name resolves to, with her referral link if she has one; the same for clicks, signups and admins. Null for a name
 * that nobody has, and for an account that does not exist yet or is erased.
 */
export async function ownerOfName(service: CommandService, name: string) {
  const stream = reservationStream('name', nameDigest(service, name));
  const { ownerId: userId } = (await service.commands.load(reservation, stream)).state;
  if (userId === null) return null;
  const { state: account } = await service.commands.load(user, userStream(userId));
  if (account.status === 'NONE' || isGone(account)) return null;
  const { state: link } = await service.commands.load(referralLink, referralLinkStream(userId));
  return { userId, link: link.linkId === null ? null : link };
}
