/** What guards the writes of documents (design rule 6). */
import type { FoldedDocument } from '../fold.js';
import type { GuardedWrite } from '../ports.js';

type Guard = NonNullable<GuardedWrite['expected']>;

/** Holds while nobody has applied an event to this document since, nor made it anew. */
export function guardOf({ position, repairs = 0 }: FoldedDocument): Guard {
  return { position, repairs: repairs === 0 ? null : repairs };
}

/** Replaces what was read, null where there was nothing, by what later events make of it. */
export function goingOn(before: FoldedDocument | null, document: FoldedDocument): GuardedWrite<FoldedDocument> {
  if (!before) return { document, expected: null };
  const { repairs } = before;
  return { document: repairs === undefined ? document : { ...document, repairs }, expected: guardOf(before) };
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
