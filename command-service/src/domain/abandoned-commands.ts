/**
 * Commands that reserved a value and then stopped half-way. They are closed in the stream that would have decided them (commands
 * over several streams, domain 9.2), so that none finishes with a value that was released. Part of that stream's state.
 */
import { closing, refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { remembering } from './remembering.js';

export interface AbandonCommand {
  readonly type: 'Abandon';
  readonly userId: string;
  /** The command to close. */
  readonly commandId: string;
  /** Digests of the values it reserved. */
  readonly reserved: readonly string[];
  /** The refusal that a retry of it gets. */
  readonly code: ErrorKey;
}

export interface AbandonedCommands {
  /** How many there have been. */
  readonly count: number;
  /** The latest ones, newest last. */
  readonly newest: readonly { readonly commandId: string; readonly code: ErrorKey }[];
}

type CommandAbandoned = EventNamed<'CommandAbandoned'>;

const KEPT = 100;

export const noneAbandoned: AbandonedCommands = { count: 0, newest: [] };

export function withAbandoned(
  { count, newest }: AbandonedCommands,
  { commandId, code }: CommandAbandoned['data'],
): AbandonedCommands {
  return { count: count + 1, newest: remembering(newest, { commandId, code: code as ErrorKey }, KEPT) };
}

/** The refusal of a command that was abandoned; undefined while it may go on. */
export function abandonedRefusal({ newest }: AbandonedCommands, commandId: string): Refusal | undefined {
  const closed = newest.find((each) => each.commandId === commandId);
  return closed && closing(refuse(closed.code));
}

/** Closes a command once, unless it was decided, which shows in a value it reserved being `inUse`. */
export function abandonCommand(
  { userId, commandId, reserved, code }: AbandonCommand,
  abandoned: AbandonedCommands,
  inUse: readonly string[],
): CommandAbandoned[] {
  const decided = reserved.some((digest) => inUse.includes(digest));
  if (decided || abandonedRefusal(abandoned, commandId)) return [];
  return [{ type: 'CommandAbandoned', data: { commandId, userId, code } }];
}
