/** What guards the writes of documents (design rule 6). */
import type { FoldedDocument } from '../fold.js';
import type { GuardedWrite } from '../ports.js';

type Guard = NonNullable<GuardedWrite['expected']>;

/** Holds while nobody has applied an event to this document since, nor made it anew. */
export function guardOf({ position, repairs = 0 }: FoldedDocument): Guard {
  return { position, repairs: repairs === 0 ? null : repairs };
}

/**
 * Replaces what was read, null where there was nothing, by what later events make of it. That of a parked key is guarded by its mark,
 * too: an operator may ask for another try at this moment, and another runner may have counted the same events.
 */
export function goingOn(before: FoldedDocument | null, document: FoldedDocument): GuardedWrite<FoldedDocument> {
  if (!before) return { document, expected: null };
  const { repairs, parked, parkedFrom = null, parkedRetry = null, parkedHeldTo = null } = before;
  const mark = { parked: true, parkedFrom, parkedRetry, parkedHeldTo };
  const expected = { ...guardOf(before), ...(parked && mark) };
  return { document: repairs === undefined ? document : { ...document, repairs }, expected };
}

/**
 * Replaces what was read, null where there was nothing, by what was made anew of the whole log. Guarded by the mark of a parked key,
 * too: who parks a document leaves its position as it is.
 */
export function madeAnew(before: FoldedDocument | null, document: FoldedDocument): GuardedWrite<FoldedDocument> {
  if (!before) return { document, expected: null };
  const { parked = null, parkedFrom = null, repairs = 0 } = before;
  return { document: { ...document, repairs: repairs + 1 }, expected: { ...guardOf(before), parked, parkedFrom } };
}
