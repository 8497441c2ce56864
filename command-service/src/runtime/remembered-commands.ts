/** Which commands a stream remembers, so that a retry answers its first result instead of happening twice (idempotency, 9.7). */
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, type Instant } from '@creator-dashboards/shared/time';

/** Digest of the command's request, and the place of its events in the stream. */
export type RememberedCommand = readonly [digest: string | null, first: string, count: number, at: Instant];

/** By command id, oldest first. */
export type RememberedCommands = ReadonlyMap<string, RememberedCommand>;

export type Noted = Pick<RecordedEvent, 'revision' | 'metadata'>;

const KEPT = 1_000;
const KEPT_MS = DAY;

/** The commands remembered after these events; those long past are forgotten. */
export function commandsAfter(
  { remembersCommands }: { readonly remembersCommands?: false },
  before: RememberedCommands,
  events: readonly Noted[],
): RememberedCommands {
  const last = events.at(-1);
  if (!last || remembersCommands === false) return before;
  const commands = new Map(before);
  for (const event of events) note(commands, event);
  prune(commands, last.metadata.occurredAt);
  return commands;
}

function note(commands: Map<string, RememberedCommand>, event: Noted): void {
  const { commandId, requestDigest, occurredAt } = event.metadata;
  const known = commands.get(commandId);
  commands.set(
    commandId,
    known ? [known[0], known[1], known[2] + 1, known[3]] : [requestDigest, event.revision.toString(), 1, occurredAt],
  );
}

/** Forgets a command only when it is both older than a day and not among the last 1,000. */
function prune(commands: Map<string, RememberedCommand>, now: Instant): void {
  for (const [id, [, , , at]] of commands) {
    if (commands.size <= KEPT || fromInstant(now) - fromInstant(at) <= KEPT_MS) return;
    commands.delete(id);
  }
}
