import { z } from 'zod';
import { event, id, type EventOf } from './define.js';

/** What is wrong with an account (`ledger/differences.ts` says what each means). */
export const differenceKind = z.enum(['CHAIN', 'SUM', 'SETTLEMENT', 'OVERDRAWN', 'OWED', 'UNKNOWN', 'PARKED']);
export type DifferenceKind = z.infer<typeof differenceKind>;

/** Stream moneyDifference-<item>, one for each difference between the ledger and what is in the log; no keys. */
export const moneyDifferenceEvents = {
  /** `account` as in the ledger, or consumer and key of what is parked; `eventId` is the event that shows it. */
  MoneyDifferenceFound: event({ item: id, account: z.string().max(300), eventId: id, kind: differenceKind }),
  /** Somebody has looked into it; why it may stand is in the metadata. */
  MoneyDifferenceAcknowledged: event({ item: id, by: id.nullable() }),
};
export type MoneyDifferenceEvent = EventOf<typeof moneyDifferenceEvents>;
