import type { RecordedEvent } from '../ports.js';
import type { Instant } from '../time.js';

/** When an event happened; undefined where its metadata cannot be read. For what looks at events without applying them. */
export function occurredAt(event: RecordedEvent): Instant | undefined {
  try {
    return event.metadata.occurredAt;
  } catch {
    return undefined;
  }
}
