/** An event as the tree over the whole log has it: a line of text. */
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { ifReadable } from './show.js';

/**
 * All of an event but its position, so that a log may move between engines; its number in the log is in it, so that none can move within
 * it. Data and metadata are as they are stored, seals closed and snapshot included; null where they are no JSON.
 */
export function entryOf(ordinal: number, event: RecordedEvent): string {
  const { stream, revision, id, type } = event;
  const [data, metadata] = [ifReadable(() => event.data), ifReadable(() => event.metadata)];
  try {
    return JSON.stringify([ordinal, stream, revision.toString(), id, type, data, metadata]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify([ordinal, stream, revision.toString(), id, type, 'nested too deeply']);
  }
}
