/** Whose referral code a code is (domain 2.4, 2.6). Codes are compared trimmed and in lower case, as usernames are. */
import { referralLink, referralLinkStream } from './domain/referral-link.js';
import { reservation, reservationStream } from './domain/reservation.js';
import type { CommandService } from './service.js';

export function codeDigest(service: Pick<CommandService, 'digest'>, code: string): string {
  return service.digest('referralCode', code.trim().toLowerCase());
}

/** Owner of the link with this code or alias, or null. */
export async function linkOwnerByCode(service: CommandService, code: string): Promise<string | null> {
  const stream = reservationStream('referralCode', codeDigest(service, code));
  return (await service.commands.load(reservation, stream)).state.ownerId;
}

/** Who has this username, which is the user's own code, or null. */
export async function userByUsername(service: CommandService, name: string): Promise<string | null> {
  const stream = reservationStream('username', service.digest('username', name.trim().toLowerCase()));
  return (await service.commands.load(reservation, stream)).state.ownerId;
}

/** Who referred a new user that came with this code: a user's own code first, then a link's; nobody where the link is disabled (G22, G23). */
export async function referrerByCode(service: CommandService, code: string): Promise<string | null> {
  const referrer = (await userByUsername(service, code)) ?? (await linkOwnerByCode(service, code));
  if (referrer === null) return null;
  const { state, exists } = await service.commands.load(referralLink, referralLinkStream(referrer));
  return exists && !state.active ? null : referrer;
}
