/**
 * For which positions of the log a document that was read while its feed runs is right. Two documents of different generations can be
 * compared where both are right for one position.
 */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Position } from '@creator-dashboards/shared/ports';

/** Both ends included. */
export interface Interval {
  readonly from: Position;
  readonly until: Position;
}

/**
 * A document that was read after the checkpoint: everything up to the checkpoint is in it. One that is further is right for its own
 * position only; where none was found there was none up to the checkpoint; a parked one has nothing from where it is parked.
 */
export function holdsFor(document: FoldedDocument | null, checkpoint: Position): Interval {
  const from = document?.position ?? 0n;
  const until = from > checkpoint ? from : checkpoint;
  const parkedFrom = document?.parked ? BigInt(document.parkedFrom ?? '0') : null;
  return { from, until: parkedFrom === null || parkedFrom > until ? until : atLeast(from, parkedFrom - 1n) };
}

/** The last position for which both are right; null if there is none. */
export function meetingOf(a: Interval, b: Interval): Position | null {
  const until = a.until < b.until ? a.until : b.until;
  return until >= a.from && until >= b.from ? until : null;
}

/** What was applied to a document: null also for one that only says from where its key is parked. */
export function filled(document: FoldedDocument | null): FoldedDocument | null {
  return document?.parked === true && document.position === 0n ? null : document;
}

function atLeast(least: Position, value: Position): Position {
  return value < least ? least : value;
}
