/** Renaming (domain 2.6): a new name is reserved first, then decided on the user's own stream; an earlier name is still hers (G44). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { configValue } from '@creator-dashboards/shared/platform-config';
import { isRefusal } from '@creator-dashboards/shared/errors';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { user, userStream, type UserState, type UserCommand } from '../domain/user.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import type { CommandContext } from '../runtime/command-context.js';
import { reserving, type Wanted } from './reserving.js';
import type { CommandService } from '../runtime/service.js';
import { abandonOnUser } from './abandoning.js';
import { nameDigest, namesOf } from './names.js';
import { parseUsername } from './usernames.js';

export async function renameUser(
  service: CommandService,
  userId: string,
  requested: string,
  context: CommandContext,
): Promise<CommandOutcome<UserState, UserEvent>> {
  const { commandId, at } = context;
  const { state, earlier } = await service.commands.begin(user, userStream(userId), context);
  if (earlier) return earlier;
  const config = await service.lookups.config();
  const username = parseUsername(requested, config, 'error.user.username_taken');
  if (isRefusal(username)) return username;
  const digest = nameDigest(service, username);
  const names = await namesOf(service, userId);
  const command: UserCommand = {
    type: 'ChangeUsername',
    userId,
    commandId,
    username: await service.sealer.seal(kinds.name, userId, username),
    digest,
    linkCodes: names.linkCodes,
    cooldownDays: configValue(config, 'username.change_cooldown_days'),
    at,
  };
  // Refused early where no reservation is needed to know it.
  const forecast = user.decide(command, state);
  if (isRefusal(forecast)) return forecast;
  const decide = () => service.commands.handle(user, command, context);
  if (names.has(digest)) return decide();

  const stream = reservationStream('name', digest);
  const wanted: Wanted[] = [{ stream, ownerId: userId, taken: 'error.user.username_taken' }];
  const abandon = abandonOnUser(service, { ownerId: userId, streams: [stream] });
  return reserving(service, context, { purpose: 'RENAME', wanted, decide, abandon });
}
