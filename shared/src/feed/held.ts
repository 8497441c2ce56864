/** How many events wait behind the one that parked a key: counted in the document's mark as they are passed over. */
import type { FoldedDocument } from '../fold.js';
import type { RecordedEvent } from '../ports.js';
import { occurredAt } from './occurred-at.js';

/** More are not counted, so that a key which is parked for long costs no more writes. */
export const HELD_MAX = 1_000;

/**
 * The mark with those of its key's events counted that come after all that were counted before; the same object where it stays as
 * it is: nothing new, or as many as are counted, or a mark of a release that did not count.
 */
export function countingHeld<M extends Partial<FoldedDocument>>(mark: M, events: readonly RecordedEvent[]): M {
  const { parkedHeld: known, parkedHeldTo, parkedFrom = '0', parkedHeldSince } = mark;
  if (known === undefined || known >= HELD_MAX) return mark;
  const to = BigInt(parkedHeldTo ?? parkedFrom);
  const held = events.filter(({ position }) => position > to);
  const [first, last] = [held[0], held.at(-1)];
  if (!first || !last) return mark;
  const since = parkedHeldSince ?? occurredAt(first);
  return {
    ...mark,
    parkedHeld: Math.min(known + held.length, HELD_MAX),
    parkedHeldTo: last.position.toString(),
    ...(since !== undefined && { parkedHeldSince: since }),
  };
}
