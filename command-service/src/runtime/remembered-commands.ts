/** The commands that a stream remembers, so that a retry returns its first result (idempotency, domain 9.7). */
import type { RecordedEvent } from '@creator-dashboards/shared/ports';

/** Where a command's events are in the stream. */
export type RememberedCommand = readonly [first: string, count: number];

/** By command id, oldest first. */
export type RememberedCommands = ReadonlyMap<string, RememberedCommand>;

export type Noted = Pick<RecordedEvent, 'revision' | 'metadata'>;

/** A retry of an older command is searched for in the stream itself (CommandContext.since). */
const KEPT = 200;

/** The newest commands, after these events. */
export function commandsAfter(
  { remembersCommands }: { readonly remembersCommands?: false },
  before: RememberedCommands,
  events: readonly Noted[],
): RememberedCommands {
  if (events.length === 0 || remembersCommands === false) return before;
  const commands = new Map(before);
  for (const { revision, metadata } of events) {
    const known = commands.get(metadata.commandId);
    commands.set(metadata.commandId, known ? [known[0], known[1] + 1] : [revision.toString(), 1]);
  }
  for (const id of commands.keys()) {
    if (commands.size <= KEPT) break;
    commands.delete(id);
  }
  return commands;
}
