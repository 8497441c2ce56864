/** Registration (domain 2.6): reserves the e-mail address, then the username, and is decided on the user's own stream. */
import { kinds, type SealedKind } from '@creator-dashboards/shared/events/sealed';
import { configValue } from '@creator-dashboards/shared/platform-config';
import { isRefusal, refuse } from '@creator-dashboards/shared/errors';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import { derivedId } from '@creator-dashboards/shared/ids';
import { reservation } from '../domain/reservation.js';
import { digestOfEmail, reservationStream } from '@creator-dashboards/shared/reservations';
import { user, userStream, type UserState, type UserCommand } from '../domain/user.js';
import { sealedFor } from '../runtime/sealing.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import { hashPassword } from '../runtime/passwords.js';
import { reserving, type Wanted } from './reserving.js';
import type { CommandService } from '../runtime/service.js';
import { abandonOnUser } from './abandoning.js';
import { nameDigest, ownerOfName } from './names.js';
import { parseUsername } from './usernames.js';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
  readonly intent: 'CREATOR' | 'FAN';
  readonly referralCode?: string | undefined;
}

/** The digest that names an e-mail address. */
export function emailDigest(service: Pick<CommandService, 'digest'>, email: string): string {
  return digestOfEmail(service.digest, email);
}

type RegisterCommand = Extract<UserCommand, { type: 'Register' }>;

/** The user of a registration command: a retry of it is the same user. */
export const registeredUserId = (commandId: string) => derivedId(commandId, 'user');

export async function registerUser(
  service: CommandService,
  request: Registration,
  context: CommandContext,
): Promise<CommandOutcome<UserState, UserEvent>> {
  const userId = registeredUserId(context.commandId);
  const { earlier } = await service.commands.begin(user, userStream(userId), context);
  if (earlier) return earlier;
  const { referralCode } = request;
  const config = await service.lookups.config();
  if (!configValue(config, 'platform.registration_enabled')) return refuse('auth.register.closed');
  const username =
    request.username === undefined ? null : parseUsername(request.username, config, 'auth.register.username_taken');
  if (isRefusal(username)) return username;

  const digests = {
    emailDigest: emailDigest(service, request.email),
    usernameDigest: username === null ? null : nameDigest(service, username),
  };
  const wanted = wantedBy(userId, digests);
  // Refused early, before anything is written or hashed; the reservations decide again.
  for (const { stream, taken } of wanted) {
    const { ownerId, retired } = (await service.commands.load(reservation, stream)).state;
    if (retired || (ownerId !== null && ownerId !== userId)) return refuse(taken);
  }

  const { seal } = service.sealer;
  const sealedIf = (kind: SealedKind<string>, value: string | null | undefined) =>
    value === undefined || value === null ? null : seal(kind, userId, value);
  const command: UserCommand = {
    type: 'Register',
    userId,
    commandId: context.commandId,
    ...digests,
    email: await seal(kinds.email, userId, request.email),
    passwordHash: await seal(kinds.passwordHash, userId, await hashPassword(request.password, service.random)),
    displayName: await sealedIf(kinds.displayName, request.displayName),
    username: await sealedIf(kinds.name, username),
    ...(await referralOf(service, referralCode)),
    intent: request.intent,
    emailVerifiedAt: service.providers.mail.trustsAddresses ? context.at : null,
  };
  const decide = () => service.commands.handle(user, command, context);
  const abandon = abandonOnUser(service, { ownerId: userId, streams: wanted.map(({ stream }) => stream) });
  return reserving(service, context, { purpose: 'REGISTRATION', wanted, decide, abandon });
}

/**
 * Who referred a new user who registers with this code; nobody if the link is disabled (G22). A user without a link can be a
 * referrer too (G23). The code is the referrer's name: it is sealed for her, so that it goes with her, and not kept if it is nobody's.
 */
async function referralOf(
  service: CommandService,
  code: string | undefined,
): Promise<Pick<RegisterCommand, 'referralCodeUsed' | 'referredBy'>> {
  const owner = code === undefined ? null : await ownerOfName(service, code);
  if (code === undefined || owner === null) return { referralCodeUsed: null, referredBy: null };
  const { userId, link } = owner;
  return {
    referralCodeUsed: await sealedFor(service, kinds.name, [userId], code),
    referredBy: link === null || link.active ? userId : null,
  };
}

function wantedBy(ownerId: string, { emailDigest: email, usernameDigest: username }: Digests): Wanted[] {
  const wanted: Wanted[] = [{ stream: reservationStream('email', email), ownerId, taken: 'auth.register.email_taken' }];
  if (username !== null)
    wanted.push({ stream: reservationStream('name', username), ownerId, taken: 'auth.register.username_taken' });
  return wanted;
}

interface Digests {
  readonly emailDigest: string;
  readonly usernameDigest: string | null;
}
