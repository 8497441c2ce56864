/** The commands of a request's events: what each follows from, whose it is, and whether it was refused half-way. */
import { followUpIdOf } from '@creator-dashboards/shared/ids';
import type { PolicyRecord } from '@creator-dashboards/shared/feed/policies';
import type { EventMetadata, RecordedEvent } from '@creator-dashboards/shared/ports';
import { ifReadable } from './show.js';

export interface Command {
  readonly id: string;
  /** The event that a policy took up, or the command that this is a step of; null for a request, and for what the clock does. */
  readonly parentId: string | null;
  /** The policy that issued it; null where none did. */
  readonly policy: string | null;
  readonly metadata: Partial<EventMetadata>;
  /** False where it appended nothing, but steps of it did. */
  readonly appended: boolean;
  /** The code of its refusal, where it had begun and was undone. */
  readonly refusal: string | null;
  /** What it was done about, where that is neither an event nor a command of this request. */
  readonly about: string | null;
}

export const metadataOf = (event: RecordedEvent): Partial<EventMetadata> => ifReadable(() => event.metadata) ?? {};

/** By id, each before what follows from it. Ids of follow-ups are derived (domain 9.3), so whose each is can be told from the log. */
export function commandsOf(
  events: readonly RecordedEvent[],
  policies: readonly PolicyRecord[],
): ReadonlyMap<string, Command> {
  const eventsById = new Map(events.map((event) => [event.id, event]));
  const streams = streamsByCommand(events);
  const refusals = refusalsIn(events);
  const commands = new Map<string, Command>();

  const authorOf = (id: string, cause: RecordedEvent, targets: Iterable<string>): string | null => {
    const targeted = [...targets];
    const isIts = ({ _id: name, steps }: PolicyRecord) =>
      [name, ...steps].some((step) => targeted.some((target) => followUpIdOf(cause.id, step, target) === id));
    return takers(policies, cause).find(isIts)?._id ?? null;
  };

  function add(id: string, rest: Omit<Command, 'id' | 'refusal'>): void {
    commands.set(id, { id, refusal: refusals.get(id) ?? null, ...rest });
  }

  /** A command that appended nothing itself: of the caller, of the clock, or of a policy, which names the event it took up. */
  function addWithoutEvents(id: string, metadata: Partial<EventMetadata>): boolean {
    for (const event of events) {
      const policy = authorOf(id, event, [event.stream, ...Object.values(metadataOf(event).keys ?? {})]);
      if (policy !== null) {
        add(id, { parentId: event.id, policy, metadata, appended: false, about: null });
        return true;
      }
    }
    if (metadata.actor?.role === 'SYSTEM' && metadata.$correlationId !== id) return false;
    add(id, { parentId: null, policy: null, metadata, appended: false, about: null });
    return true;
  }

  for (const event of events) {
    const metadata = metadataOf(event);
    const { commandId: id, $causationId: causeId } = metadata;
    if (id === undefined || commands.has(id)) continue;
    const cause = causeId === undefined ? undefined : eventsById.get(causeId);
    const isRoot = causeId === undefined || causeId === id;
    const isKnown = cause !== undefined || (!isRoot && (commands.has(causeId) || addWithoutEvents(causeId, metadata)));
    const parentId = isKnown ? (causeId ?? null) : null;
    const policy = cause ? authorOf(id, cause, streams.get(id) ?? []) : null;
    add(id, { parentId, policy, metadata, appended: true, about: isRoot || isKnown ? null : causeId });
  }
  return commands;
}

/** The policies that are given an event. */
export const takers = (policies: readonly PolicyRecord[], { type }: RecordedEvent): PolicyRecord[] =>
  policies.filter(({ on }) => on.includes(type));

function streamsByCommand(events: readonly RecordedEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const streams = new Map<string, Set<string>>();
  for (const event of events) {
    const { commandId } = metadataOf(event);
    if (commandId !== undefined) streams.set(commandId, (streams.get(commandId) ?? new Set()).add(event.stream));
  }
  return streams;
}

/** By the command that was closed: a send is closed by a step of its own, another command by its name. */
function refusalsIn(events: readonly RecordedEvent[]): ReadonlyMap<string, string> {
  const refusals = new Map<string, string>();
  for (const event of events) {
    if (event.type !== 'MessageAbandoned' && event.type !== 'CommandAbandoned') continue;
    const { code, commandId } = ifReadable(() => event.data) ?? {};
    const { $causationId, actor } = metadataOf(event);
    const closed = event.type === 'CommandAbandoned' ? commandId : actor?.role === 'SYSTEM' ? null : $causationId;
    if (typeof closed === 'string' && typeof code === 'string') refusals.set(closed, code);
  }
  return refusals;
}
