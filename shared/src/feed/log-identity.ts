/** Whether documents belong to this log (domain G64): a restored backup has other events at their positions, or none. */
import type { EventStore, Position, RecordedEvent } from '../ports.js';

/** How often feeds and readers check again. */
export const SAME_LOG_EVERY_MS = 10_000;

/** How far documents are: the last event applied to them, null at the origin. */
interface Place {
  readonly position: Position;
  readonly eventId: string | null;
}

type Log = Pick<EventStore, 'readAt'>;
const underWay = new WeakMap<Log, Map<Position, Promise<RecordedEvent | null>>>();

/** All that stand at one place and ask at once, as the consumers of an idle process do, share one call. */
function eventAt(events: Log, position: Position): Promise<RecordedEvent | null> {
  const asked = underWay.get(events) ?? new Map<Position, Promise<RecordedEvent | null>>();
  underWay.set(events, asked);
  const event = asked.get(position) ?? events.readAt(position).finally(() => asked.delete(position));
  asked.set(position, event);
  return event;
}

/** Why documents with this checkpoint do not belong to the log, and the remedy; null if they do. */
export async function foreignTo(events: Log, { position, eventId }: Place): Promise<string | null> {
  if (position === 0n) return null;
  const event = await eventAt(events, position);
  if (event?.id === eventId) return null;
  return `the log has ${event ? 'another' : 'no'} event at position ${position}: these documents came from another log. ${REMEDY}`;
}

const REMEDY = 'Restore the read store as it was with this log or before, or start without one and build it anew.';

/** What is wrong with several, once for all that stand at the same place: "message.v1, policy.funds: the log has no event …". */
export function foreignOnce(all: Iterable<readonly [name: string, foreign: string | null]>): string[] {
  const names = new Map<string, string[]>();
  for (const [name, foreign] of all) if (foreign !== null) names.set(foreign, [...(names.get(foreign) ?? []), name]);
  return [...names].map(([foreign, concerned]) => `${concerned.join(', ')}: ${foreign}`);
}
