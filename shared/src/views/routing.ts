import type { RecordedEvent } from '../ports.js';

/** The userId whose document an event changes: the receiving creator of a message, else the owner of the stream. */
export function ownerOf({ metadata: { keys } }: RecordedEvent): string | undefined {
  return keys.creatorUserId ?? keys.userId;
}
