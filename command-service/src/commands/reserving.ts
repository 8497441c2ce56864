/**
 * Commands over several streams (G43) that reserve unique values before the deciding stream: registration, rename, upgrade,
 * social connect, referral link. Reserve first, decide last. An undo first closes the command in the deciding stream, so that a
 * paused run of it can never finish with a value that was released.
 */
import { closing, isRefusal, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import type { ReservationPurpose } from '@creator-dashboards/shared/events/user';
import { derivedId } from '@creator-dashboards/shared/ids';
import { reservation, type ReservationCommand } from '../domain/reservation.js';
import type { CommandOutcome } from '../runtime/command-loop.js';
import { type CommandContext, contextOfStep } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

export interface Wanted {
  readonly stream: string;
  readonly ownerId: string;
  readonly taken: ErrorKey;
}

/**
 * Closes the command in the stream that decides it, unless one of its values is in use there. Returns the reservation streams of
 * values in use; their last mark is kept, since a name may have become hers by another command.
 */
export type Abandon = (context: CommandContext, code: ErrorKey) => Promise<readonly string[]>;

/** A command that needs unique values before it is decided. */
export interface Reserving<S, E extends DomainEvent> {
  readonly purpose: ReservationPurpose;
  readonly wanted: readonly Wanted[];
  readonly decide: () => Promise<CommandOutcome<S, E>>;
  readonly abandon: Abandon;
}

/** Reserves the wanted values in order, then decides. A refusal at any step releases what was reserved. */
export async function reserving<S, E extends DomainEvent>(
  service: CommandService,
  context: CommandContext,
  { purpose, wanted, decide, abandon }: Reserving<S, E>,
): Promise<CommandOutcome<S, E>> {
  for (const [index, each] of wanted.entries()) {
    const command: ReservationCommand = {
      type: 'Reserve',
      ...each,
      commandId: context.commandId,
      purpose,
      at: context.at,
    };
    const reserved = await service.commands.handle(reservation, command, context);
    if (!isRefusal(reserved)) continue;
    if (index === 0) return reserved;
    await undo(service, context, wanted.slice(0, index), reserved.refused, abandon);
    return closing(reserved);
  }
  const outcome = await decide();
  if (!isRefusal(outcome)) return outcome;
  await undo(service, context, wanted, outcome.refused, abandon);
  return closing(outcome);
}

/** Closes the command, then releases what it reserved. Safe to run again. */
export async function undo(
  service: CommandService,
  context: CommandContext,
  taken: readonly Pick<Wanted, 'stream' | 'ownerId'>[],
  code: ErrorKey,
  abandon: Abandon,
): Promise<void> {
  const used = await abandon(contextOfStep(context, derivedId(context.commandId, 'abandon')), code);
  for (const { stream, ownerId } of taken) {
    const command: ReservationCommand = {
      type: 'Release',
      stream,
      ownerId,
      reason: 'UNDONE',
      takenBy: context.commandId,
      keepsLast: used.includes(stream),
    };
    await service.commands.handle(
      reservation,
      command,
      contextOfStep(context, derivedId(context.commandId, 'release', stream)),
    );
  }
}
