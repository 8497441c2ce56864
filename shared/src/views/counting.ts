/** What counts as a message and as earnings of a creator, wherever it is counted. */
import type { EventNamed } from '../events/index.js';
import { toCents, type Cents } from '../money.js';

/** A message counts from the moment it reaches the creator, for good (G4). */
export function withDelivered(messages: number): number {
  return messages + 1;
}

/** Earnings grow by the net of a paid message when it is completed (G5); a free one earns nothing. */
export function withCompleted(earnings: Cents, { settlement }: EventNamed<'MessageCompleted'>['data']): Cents {
  return settlement ? earnings + toCents(settlement.net) : earnings;
}

/** Only a chargeback lowers earnings (domain 9.5). Payouts do not. */
export function withReversed(earnings: Cents, { net }: EventNamed<'EarningsReversed'>['data']): Cents {
  return earnings - toCents(net);
}
