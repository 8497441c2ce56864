import type { Actor, Position, Sealed } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';

/** What is known of a command besides its content; it becomes the events' metadata. */
export interface CommandContext {
  readonly commandId: string;
  /** Head of the log before this command first ran: streams are searched back to here for what it did then. Null for a first run. */
  readonly since: Position | null;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: Actor;
  /** Why an admin did it. */
  readonly reason: Sealed<string> | null;
  readonly at: Instant;
}

/** The same command's context for another step that needs an id of its own (an undo, a second event in the same stream). */
export function contextOfStep(context: CommandContext, commandId: string): CommandContext {
  return { ...context, commandId, causationId: context.commandId };
}
