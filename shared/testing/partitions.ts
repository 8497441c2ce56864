import { concerns } from '../src/fold.js';
import type { RecordedEvent } from '../src/ports.js';
import type { View } from '../src/views/view.js';

/**
 * The events that a worker would miss which reads only the streams of its share of a 'streamSuffix' view: their stream
 * does not end in the same two hex digits as the key of their document (ids, domain 9.1). One line each.
 */
export function outOfPartition(view: View, log: readonly RecordedEvent[]): string[] {
  return log
    .filter((event) => concerns(view, event))
    .map((event) => ({ event, key: view.keyOf(event) }))
    .filter(({ event, key }) => key === undefined || !HEX_SUFFIX.test(key) || !event.stream.endsWith(key.slice(-2)))
    .map(({ event, key }) => `${view.name} ${key}: ${event.type} of ${event.stream}`);
}

const HEX_SUFFIX = /[0-9a-f]{2}$/;
