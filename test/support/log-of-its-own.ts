/** A log inside a server's log: it begins at what was the head, and its streams have names that nobody else uses. */
import type { EventStore, RecordedEvent } from '@creator-dashboards/shared/ports';

/** One system uses it at a time, and nobody else appends meanwhile: its head is the server's. */
export async function logOfItsOwn(events: EventStore, name: string): Promise<EventStore> {
  const begin = await events.head();
  const prefix = `${name}~`;
  const later = (position: bigint) => (position > begin ? position : begin);
  const ours = (event: RecordedEvent): RecordedEvent => ({ ...event, stream: event.stream.slice(prefix.length) });
  return {
    ...events,
    append: (stream, expected, batch) => events.append(prefix + stream, expected, batch),
    readStream: async (stream, options) => (await events.readStream(prefix + stream, options)).map(ours),
    readAll: async ({ after, ...bounds }) => (await events.readAll({ after: later(after), ...bounds })).map(ours),
    async readAt(position) {
      const event = position > begin ? await events.readAt(position) : null;
      return event && ours(event);
    },
    readMany: async (positions) => (await events.readMany(positions.filter((at) => at > begin))).map(ours),
    async head() {
      const head = await events.head();
      return head > begin ? head : 0n;
    },
    countAfter: (position) => events.countAfter(later(position)),
  };
}
