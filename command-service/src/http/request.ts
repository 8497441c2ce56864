/** From a request to a command's context, and from an outcome to a response. */
import { isRefusal, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import { commandIdOf, newId } from '@creator-dashboards/shared/ids';
import type { Position, Sealed } from '@creator-dashboards/shared/ports';
import type { RouteRequest, RouteResponse } from '@creator-dashboards/shared/http/route';
import { SubjectErased } from '@creator-dashboards/shared/seal';
import { toInstant } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import type { CommandContext } from '../runtime/command-loop.js';
import type { CommandService } from '../runtime/service.js';

/**
 * The context of a request's command. With an Idempotency-Key the command id follows from actor, route and key (domain 9.7).
 * The digest covers parameters and body; fields named in `secret` (a password) are left out. An admin's `reason` is sealed
 * for `subject`, the user it is about; for the admin where that user was erased.
 */
export async function contextOf(
  service: CommandService,
  request: RouteRequest,
  options: { secret?: readonly string[]; subject?: string } = {},
): Promise<CommandContext> {
  const { actor, method, template, idempotencyKey, correlationId } = request;
  const body = request.body as Record<string, unknown> | undefined;
  const told = Object.fromEntries(Object.entries(body ?? {}).filter(([name]) => !options.secret?.includes(name)));
  const commandId = idempotencyKey ? commandIdOf(actor.userId, method, template, idempotencyKey) : newId(service);
  const reason =
    typeof body?.reason === 'string' && options.subject
      ? await sealedFor(service, [options.subject, actor.userId], body.reason)
      : null;
  return {
    commandId,
    requestDigest: service.digest('request', JSON.stringify([request.params ?? null, told])),
    correlationId,
    causationId: commandId,
    actor,
    reason,
    at: toInstant(service.clock.now()),
  };
}

/** Sealed for the first of these who was not erased; null where all were. */
export async function sealedFor(
  { sealer }: Pick<CommandService, 'sealer'>,
  [subject, ...others]: readonly (string | null)[],
  text: string,
): Promise<Sealed<string> | null> {
  if (!subject) return null;
  try {
    return await sealer.seal(subject, text);
  } catch (error) {
    if (error instanceof SubjectErased) return sealedFor({ sealer }, others, text);
    throw error;
  }
}

/** The same command's context for another step that needs an id of its own (an undo, a second event in the same stream). */
export function step(context: CommandContext, commandId: string): CommandContext {
  return { ...context, commandId, requestDigest: null, causationId: context.commandId };
}

/** The outcome, or the refusal on its way to the caller. */
export function accepted<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new Refused(outcome.refused, { vars: outcome.vars });
  return outcome;
}

/** Schema of what `written` answers; a route extends it by fields of its own. */
export const writtenData = z.object({ position: z.string() });

/** The answer of a write: its own fields and `position` (G36); with the status of the route's row unless given. */
export function written(position: Position, data: Record<string, unknown> = {}, status?: number): RouteResponse {
  return { ...(status !== undefined && { status }), data: { ...data, position: position.toString() } };
}
