/** From a request to a command's context, and from an outcome to a response. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import { newId } from '@creator-dashboards/shared/ids';
import type { Position } from '@creator-dashboards/shared/ports';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import type { CommandContext } from '../runtime/command-context.js';
import { sealedFor } from '../runtime/sealing.js';
import type { CommandService } from '../runtime/service.js';

/**
 * The context of a request's command. With an Idempotency-Key, its id is that of the run that claimed the key (G45). An admin's
 * `reason` is sealed for `subject`, the user it is about, or for the admin if that user was erased.
 */
export async function contextOf(
  service: CommandService,
  request: RouteRequest,
  options: { subject?: string } = {},
): Promise<CommandContext> {
  const { actor, run, correlationId } = request;
  const body = request.body as Record<string, unknown> | undefined;
  const commandId = run?.commandId ?? newId(service);
  const reason =
    typeof body?.reason === 'string' && options.subject
      ? await sealedFor(service, kinds.reason, [options.subject, actor.userId], body.reason)
      : null;
  return {
    commandId,
    since: run?.since ?? null,
    correlationId,
    causationId: commandId,
    actor,
    reason,
    at: toInstant(service.clock.now()),
  };
}

/** Schema of `writeResponse`'s data; a route extends it by fields of its own. */
export const writtenData = z.object({ position: z.string() });

/**
 * Runs the follow-ups of a command, then responds with the route's fields and `position`: that of the last event it led to, for
 * Read-After (lag after a write, G36). For a command that changed nothing it is the position of its stream's last event.
 */
export async function writeResponse(
  service: Pick<CommandService, 'runFollowUps'>,
  { events, position }: { readonly events: readonly Recorded[]; readonly position: Position },
  data: Record<string, unknown> = {},
): Promise<RouteResponse & { readonly data: Readonly<Record<string, unknown>> }> {
  const last = await service.runFollowUps(events);
  return { data: { ...data, position: (last > position ? last : position).toString() } };
}
