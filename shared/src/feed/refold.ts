/** The log folded anew for a few documents, in memory, page by page: what a rebuild would make of them. */
import type { FoldedDocument } from '../fold.js';
import type { EventStore, Position, RecordedEvent } from '../ports.js';
import type { Consumer } from './consumer.js';
import { foldGroup } from './documents.js';

export interface RefoldOptions {
  readonly consumer: Consumer;
  readonly events: Pick<EventStore, 'readAll'>;
  /** Of one page of the log. */
  readonly bounds: { readonly limit: number; readonly maxBytes?: number | undefined };
  /** Whether an operator has discarded this event. */
  readonly isDiscarded: (event: RecordedEvent) => boolean;
}

export interface Refold {
  /** What is made so far, by key; parked where an event cannot be applied. */
  readonly made: ReadonlyMap<string, FoldedDocument>;
  /** The log was read up to here. */
  readonly position: () => Position;
  /** How many events were read. */
  readonly events: () => number;
  /** Reads a page, of what is up to `until`; false when that is reached. */
  readonly readOn: (until: Position) => Promise<boolean>;
}

export function refoldOf(keys: ReadonlySet<string>, { consumer, events, bounds, isDiscarded }: RefoldOptions): Refold {
  const made = new Map<string, FoldedDocument>();
  let position: Position = 0n;
  let count = 0;

  function groupsIn(page: readonly RecordedEvent[]): Map<string, RecordedEvent[]> {
    const groups = new Map<string, RecordedEvent[]>();
    for (const event of page) {
      const key = consumer.takes(event) && !isDiscarded(event) ? consumer.keyOf(event) : undefined;
      if (key === undefined || !keys.has(key)) continue;
      const group = groups.get(key);
      if (group) group.push(event);
      else groups.set(key, [event]);
    }
    return groups;
  }

  return {
    made,
    position: () => position,
    events: () => count,
    async readOn(until) {
      if (position >= until) return false;
      const page = await events.readAll({ after: position, ...bounds });
      const wanted = page.filter((event) => event.position <= until);
      for (const [key, group] of groupsIn(wanted)) {
        const { document } = await foldGroup(consumer, key, made.get(key) ?? null, group, false);
        if (document) made.set(key, document);
      }
      count += wanted.length;
      position = wanted.length < page.length ? until : (wanted.at(-1)?.position ?? until);
      return position < until;
    },
  };
}
