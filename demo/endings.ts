/** What a story that is told again could not pass, and therefore happens once, when it is over. */
import { callRoute } from '@creator-dashboards/command-service/http/call-route';
import type { RunningCommandService } from '@creator-dashboards/command-service/create-service';
import { derivedId, inPartitionOf } from '@creator-dashboards/shared/ids';
import type { EventStore, NewEvent } from '@creator-dashboards/shared/ports';
import { toInstant, type Instant } from '@creator-dashboards/shared/time';
import type { People, Person } from './file.js';

type Commands = Pick<RunningCommandService, 'routes' | 'catchUp' | 'tick' | 'service'>;

/** Erases one person, and leaves another's dashboard at an event that nobody can read. */
export async function endStory(
  commands: Commands,
  { erased, degraded, admin }: Pick<People, 'erased' | 'degraded' | 'admin'>,
): Promise<void> {
  const { routes, service } = commands;
  await callRoute(routes, 'POST /admin/users/:userId/erase', {
    key: 'story-erase',
    as: { userId: admin.userId, role: 'ADMIN' },
    params: { userId: erased.userId },
    body: { reason: 'demonstration' },
  });
  await spoil(service.events, degraded, toInstant(service.clock.now()));
  const body = { avatarUrl: 'https://cdn.bio.re/avatars/dora.webp' };
  await callRoute(routes, 'PATCH /users/avatar', {
    key: 'story-avatar',
    as: { userId: degraded.userId, role: 'USER' },
    body,
  });
  await commands.catchUp();
  await commands.tick();
}

/**
 * An event as of a later release, which was taken back: this one cannot read it, so it holds the dashboard at what was before it. It
 * stands in a stream of its own, not in her account's, so that nothing else of hers stops.
 */
async function spoil(events: EventStore, { userId }: Person, occurredAt: Instant): Promise<void> {
  const commandId = derivedId('demo', 'later release');
  const event: NewEvent = {
    id: derivedId(commandId, 'event'),
    type: 'UserAvatarChanged',
    data: { userId, avatars: [] },
    metadata: {
      $correlationId: commandId,
      $causationId: commandId,
      commandId,
      actor: { userId: null, role: 'SYSTEM' },
      reason: null,
      occurredAt,
      schemaVersion: 99,
      prevHash: null,
      keys: { userId },
    },
  };
  await events.append(`user-${inPartitionOf(userId, commandId)}`, 'no_stream', [event]);
}
