/** Registration (domain 2.6, 9.2): e-mail, then username, then the user's own stream, which decides. */
import { hash } from '@node-rs/argon2';
import { configValue } from '@creator-dashboards/shared/config-keys';
import { isRefusal, refuse } from '@creator-dashboards/shared/errors';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import { derivedId } from '@creator-dashboards/shared/ids';
import { currentConfig } from './current-config.js';
import { reservation, reservationStream } from './domain/reservation.js';
import { user, userStream, type UserState } from './domain/user.js';
import type { CommandContext, Outcome } from './handle-command.js';
import { referrerByCode } from './referral-codes.js';
import { reserving, type Abandon, type Wanted } from './reserving.js';
import type { CommandService } from './service.js';
import { parseUsername } from './usernames.js';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
  readonly intent: 'CREATOR' | 'FAN';
  readonly referralCode?: string | undefined;
}

/** The digest that names an e-mail address: case and surrounding space do not make another address. */
export function emailDigest(service: Pick<CommandService, 'digest'>, email: string): string {
  return service.digest('email', email.trim().toLowerCase());
}

/** The user of a registration command: a retry of it is the same user. */
export const registeredUserId = (commandId: string) => derivedId(commandId, 'user');

export async function registerUser(
  service: CommandService,
  request: Registration,
  context: CommandContext,
): Promise<Outcome<UserState, UserEvent>> {
  const userId = registeredUserId(context.commandId);
  const before = await service.commands.replay(user, userStream(userId), context);
  if (before) return before;
  const config = await currentConfig(service);
  if (!configValue(config, 'platform.registration_enabled')) return refuse('auth.register.closed');
  const username =
    request.username === undefined ? null : parseUsername(request.username, config, 'auth.register.username_taken');
  if (isRefusal(username)) return username;

  const email = { category: 'email' as const, digest: emailDigest(service, request.email) };
  const usernameDigest = username && service.digest('username', username);
  const wanted: Wanted[] = [
    { stream: reservationStream('email', email.digest), ownerId: userId, taken: 'auth.register.email_taken' },
    ...(usernameDigest
      ? [
          {
            stream: reservationStream('username', usernameDigest),
            ownerId: userId,
            taken: 'auth.register.username_taken' as const,
          },
        ]
      : []),
  ];
  for (const { stream, taken } of wanted) {
    const { ownerId } = (await service.commands.load(reservation, stream)).state;
    if (ownerId !== null && ownerId !== userId) return refuse(taken);
  }

  const seal = <T>(value: T) => service.sealer.seal(userId, value);
  const command = {
    type: 'Register' as const,
    userId,
    commandId: context.commandId,
    email: await seal(request.email.trim()),
    emailDigest: email.digest,
    passwordHash: await seal(await hash(request.password)),
    displayName: request.displayName === undefined ? null : await seal(request.displayName),
    username: username === null ? null : await seal(username),
    usernameDigest,
    referralCodeUsed: request.referralCode === undefined ? null : await seal(request.referralCode),
    referredBy: request.referralCode === undefined ? null : await referrerByCode(service, request.referralCode),
    intent: request.intent,
    at: context.at,
  };
  const decide = () => service.commands.handle(user, command, context);
  return reserving(
    service,
    context,
    'REGISTRATION',
    wanted,
    decide,
    abandonRegistration(service, userId, context.commandId),
  );
}

export function abandonRegistration(service: CommandService, userId: string, commandId: string): Abandon {
  return async (context, code) => {
    const command = { type: 'Abandon' as const, userId, commandId, digest: null, code };
    const closed = await service.commands.handle(user, command, context);
    return isRefusal(closed) ? [] : reservationsOf(closed.state);
  };
}

/** The reservation streams a user holds by its present state. */
export function reservationsOf({ emailDigest: email, usernameDigest }: UserState): string[] {
  return [
    ...(email ? [reservationStream('email', email)] : []),
    ...(usernameDigest ? [reservationStream('username', usernameDigest)] : []),
  ];
}
