/** One document, folded in memory as a feed would fold it: a discarded event is left out, one that cannot be applied parks the key. */
import { discardEvents, discardIn } from '@creator-dashboards/shared/feed/discards';
import { parkedAt } from '@creator-dashboards/shared/feed/documents';
import { applyTo, concerns, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';

export interface Folding {
  /** Whether the event changed the document. */
  take(event: RecordedEvent): boolean;
  /** Null where nothing was applied or parked yet. */
  document(): FoldedDocument | null;
}

/** `upTo`: later events are not taken. `discarded`: ids of events that are left out. */
export function createFolding(
  view: View,
  key: string,
  { upTo, discarded }: { readonly upTo: Position; readonly discarded: ReadonlySet<string> },
): Folding {
  let document: FoldedDocument | null = null;
  return {
    take(event) {
      if (event.position > upTo || !concerns(view, event) || discarded.has(event.id)) return false;
      if (keyIn(view, event) !== key || document?.parked) return false; // what comes after a parked event is held
      try {
        document = applyTo(view, key, document, event);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        document = { ...(document ?? { _id: key, position: 0n }), ...parkedAt(event, reason) };
      }
      return true;
    },
    document: () => document,
  };
}

/** Ids of the events that had been discarded for a view by a position, inclusive. */
export async function discardedBy(
  events: Pick<EventStore, 'readStream'>,
  view: Pick<View, 'name'>,
  position: Position,
): Promise<ReadonlySet<string>> {
  const discards = (await discardEvents(events, view.name)).filter((event) => event.position <= position);
  return new Set(discards.map((event) => discardIn(event).eventId));
}

/** An event without a key that can be told is no document's. */
export function keyIn(view: View, event: RecordedEvent): string | undefined {
  try {
    return view.keyOf(event);
  } catch {
    return undefined;
  }
}
