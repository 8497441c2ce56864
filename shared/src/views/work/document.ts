import type { FoldedDocument } from '../../fold.js';
import type { Cents } from '../../money.js';
import type { Instant } from '../../time.js';

/** What waits, and in which states it may wait. */
export const workStatuses = {
  /** To approve, to process, to say how it ended. */
  payout: ['PENDING', 'APPROVED', 'PROCESSING'],
  quarantine: ['QUARANTINED'],
  /** A provider's report that does not fit what is known. */
  conflict: ['PAYOUT_RESULT', 'CHARGEBACK'],
  erasure: ['REQUESTED'],
  /** A difference of the ledger (domain 9.13). */
  money: ['OPEN'],
} as const;
export type WorkKind = keyof typeof workStatuses;
export type WorkStatus = (typeof workStatuses)[WorkKind][number];

/** A status is of one kind. */
export function kindOfStatus(status: WorkStatus): WorkKind {
  const kinds = Object.keys(workStatuses) as WorkKind[];
  const kind = kinds.find((one) => (workStatuses[one] as readonly WorkStatus[]).includes(status));
  if (!kind) throw new Error(`no kind of work has the status ${status}`);
  return kind;
}

/** GET /admin/work: something that may wait for the staff, of its subject and kind. */
export interface WorkDocument extends FoldedDocument {
  readonly kind: WorkKind;
  /** The newest in which it waited. */
  readonly status: WorkStatus;
  /** Of the payout, message, account or difference that it is about. */
  readonly subject: string;
  /** Whose: the creator who is paid, the fan who wrote, who is to be erased; null for a difference. */
  readonly userId: string | null;
  readonly creatorId: string | null;
  readonly amount: Cents | null;
  /** What else is to be known, by its name. */
  readonly details: Readonly<Record<string, string | null>>;
  /** From when on it waits: later than now while somebody else may still do it. */
  readonly since: Instant;
  /** Places in the lists (list.ts) of all that waits, of that of its kind, and in its status; null once it is settled. */
  readonly waiting: string | null;
  readonly waitingByKind: string | null;
  readonly waitingByStatus: string | null;
}
