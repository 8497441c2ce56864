/** Differences of the money: what was found, and what became of it. The command service folds them as a look-up; auditors read them. */
import type { DifferenceKind } from '../events/money.js';
import type { Fold, FoldedDocument } from '../fold.js';
import type { Instant } from '../time.js';

/** What each kind says of its account. */
export const meaningOf: Readonly<Record<DifferenceKind, string>> = {
  CHAIN: 'a movement does not begin with the balance that the one before it left',
  SUM: 'a movement does not end with its beginning and its amount',
  SETTLEMENT: 'the gross is not the net and the commission',
  OVERDRAWN: 'more was taken than was there',
  OWED: 'it is not empty, though what it was for is over and the policy that owes the movement has passed it',
  UNKNOWN: 'an event of a type that this code does not know',
  PARKED: 'an event that cannot be read or acted upon holds it',
};

/** Key: the item. */
export interface MoneyDifference extends FoldedDocument {
  readonly open: boolean;
  readonly account: string;
  readonly eventId: string;
  readonly kind: DifferenceKind;
  readonly foundAt: Instant;
  readonly acknowledgedAt: Instant | null;
  readonly acknowledgedBy: string | null;
}

const PREFIX = 'moneyDifference-';
export const differenceStream = (item: string) => `${PREFIX}${item}`;

export const moneyDifferences: Fold<MoneyDifference> = {
  name: 'moneyDifferences',
  version: 1,
  categories: ['moneyDifference'],
  keyOf: ({ stream }) => stream.slice(PREFIX.length),
  initial: {
    ...{ open: false, account: '', eventId: '', kind: 'PARKED', foundAt: '' },
    ...{ acknowledgedAt: null, acknowledgedBy: null },
  },
  handlers: {
    MoneyDifferenceFound: (_, { data: { account, eventId, kind }, metadata }) => ({
      ...{ open: true, account, eventId, kind, foundAt: metadata.occurredAt },
      ...{ acknowledgedAt: null, acknowledgedBy: null },
    }),
    MoneyDifferenceAcknowledged: (difference, { data, metadata }) => ({
      ...difference,
      ...{ open: false, acknowledgedAt: metadata.occurredAt, acknowledgedBy: data.by },
    }),
  },
  indexes: ['open', 'foundAt'],
};

/** Where the command service keeps them. */
export const DIFFERENCES = 'lookup.moneyDifferences.v1';
