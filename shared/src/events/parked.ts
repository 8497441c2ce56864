import { z } from 'zod';
import { event, id, type EventOf } from './define.js';
import { kinds, sealed } from './sealed.js';

/**
 * Streams parkedDiscards-<consumer>, one for all generations of a view; no keys. The reason stands in the metadata, sealed for "cli".
 * `key` and `position` say what the event held, and from where.
 */
export const parkedEvents = {
  ParkedEventDiscarded: event({
    consumer: z.string(),
    eventId: id,
    eventType: z.string(),
    key: z.string(),
    position: z.string().regex(/^\d{1,19}$/),
    by: sealed(kinds.operator).nullable(),
  }),
};
export type ParkedEvent = EventOf<typeof parkedEvents>;
