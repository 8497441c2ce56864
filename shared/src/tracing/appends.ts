/** Appends as spans, which whoever handles the events later finds by the events' metadata. */
import { categoryOf } from '../events/index.js';
import type { EventStore } from '../ports.js';
import { appendOf, traceOf } from './log-refs.js';
import type { Tracer } from './tracer.js';

/** Types that a span names: a batch may have hundreds of events. */
const MOST_TYPES = 16;

/** The store, each append of which is a span: in the span that asks for it, or at the top of its events' trace. */
export function tracedAppends(tracer: Tracer, store: EventStore): EventStore {
  return {
    ...store,
    append(stream, expected, events) {
      const write = () => store.append(stream, expected, events);
      const [first] = events;
      const traceId = first && traceOf({ ...first, stream });
      if (!traceId) return write();
      const category = categoryOf(stream);
      const types = [...new Set(events.slice(0, MOST_TYPES).map(({ type }) => type))];
      const attributes = { category, events: events.length, types, 'first.event': first.id };
      return tracer.span({ name: `append ${category}`, traceId, kind: 'producer', attributes }, async (span) => {
        const result = await write();
        if (!result.ok) span.set({ outcome: 'conflict' });
        else if (result.repeated) span.set({ outcome: 'repeated' });
        else {
          span.set({ outcome: 'written', position: result.position.toString() });
          span.identify(appendOf({ ...first, stream }, traceId).spanId);
        }
        return result;
      });
    },
  };
}
