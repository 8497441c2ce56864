/** What a fold of the ledger notices about an account, for the watch of the money to tell. */
import type { DifferenceKind } from '@creator-dashboards/shared/events/money';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import { toCents } from '@creator-dashboards/shared/money';
import type { Position } from '@creator-dashboards/shared/ports';

export interface Fault {
  readonly account: string;
  readonly eventId: string;
  readonly kind: DifferenceKind;
  /** Of that event, as `sortable`. */
  readonly position: string;
}

/** A document with faults; `fault` is the position of the newest one, to search by. */
export interface Faulty {
  readonly faults: readonly Fault[];
  readonly fault: string | null;
}

export const faultless: Faulty = { faults: [], fault: null };

/** Faults of one account that are kept: each is told within a second, and stands in the log from then on. */
const FAULTS_KEPT = 20;

/** A position as text that sorts like it. */
export const sortable = (position: Position) => position.toString().padStart(20, '0');

/** With these kinds of fault, shown by this event, on top. */
export function withFaults<F extends Faulty>(
  before: F,
  event: Recorded,
  account: string,
  kinds: readonly DifferenceKind[],
): F {
  if (kinds.length === 0) return before;
  const position = sortable(event.position);
  const found = kinds.map((kind) => ({ account, eventId: event.id, kind, position }));
  return { ...before, faults: [...before.faults, ...found].slice(-FAULTS_KEPT), fault: position };
}

/** Whether a settlement's gross is its net and its commission; true for an event without one. */
export function settles({ data }: Recorded): boolean {
  const settlement = 'settlement' in data ? data.settlement : 'gross' in data ? data : null;
  if (settlement === null) return true;
  const { gross, net, commission } = settlement;
  return toCents(gross) === toCents(net) + toCents(commission);
}
