/** What waits for the staff. Each is a document of its subject and kind, so that a payout and a conflict about it are two. */
import type { EventType } from '../../events/index.js';
import { RESULT_ASKED_FOR_MS } from '../../events/payout-result.js';
import type { Content } from '../../fold.js';
import { toCents } from '../../money.js';
import type { RecordedEvent } from '../../ports.js';
import { plus, type Instant } from '../../time.js';
import { placeIn } from '../list.js';
import type { WorkDocument, WorkKind, WorkStatus } from './document.js';
import type { View } from '../view.js';

type Work = Content<WorkDocument>;

export const work: View<WorkDocument> = {
  name: 'work',
  version: 1,
  partition: 'key', // subjects of several kinds, some of nobody
  categories: ['payoutBook', 'message', 'user', 'moneyDifference'],
  keyOf,
  indexes: ['waiting', 'waitingByKind', 'waitingByStatus'],
  initial: {
    ...{ kind: 'payout', status: 'PENDING', subject: '', userId: null, creatorId: null, amount: null, details: {} },
    ...{ since: '', waiting: null, waitingByKind: null, waitingByStatus: null },
  },
  handlers: {
    PayoutRequested: (work, { data: { amount, method, requestedAt }, ...event }) =>
      waits({ ...begun(work, event), amount: toCents(amount), details: { method } }, 'PENDING', requestedAt),
    PayoutApproved: (work, { metadata }) => waits(work, 'APPROVED', metadata.occurredAt),
    PayoutProcessingStarted: (work, { metadata }) =>
      waits(work, 'PROCESSING', plus(metadata.occurredAt, RESULT_ASKED_FOR_MS)),
    PayoutProcessed: settled,
    PayoutFailed: settled,
    PayoutRejected: settled,
    PayoutCancelled: settled,

    PayoutResultConflict: (work, { data: { from, result }, ...event }) =>
      waits({ ...begun(work, event), details: { from, result } }, 'PAYOUT_RESULT', event.metadata.occurredAt),
    PayoutConflictAcknowledged: settled,
    ChargebackMismatch: (work, { data: { amount, expected, status }, ...event }) =>
      waits(
        { ...begun(work, event), amount: toCents(amount), details: { expected, status } },
        'CHARGEBACK',
        event.metadata.occurredAt,
      ),
    ChargebackMismatchAcknowledged: settled,

    MessageQuarantined: (work, { data: { rule, expiresAt }, ...event }) =>
      waits({ ...begun(work, event), details: { rule, expiresAt } }, 'QUARANTINED', event.metadata.occurredAt),
    QuarantineReleased: settled,
    QuarantineUpheld: settled,
    QuarantineExpired: settled,
    /** Any other was in quarantine no more. */
    MessageChargedBack: settled,

    UserErasureRequested: (work, event) => waits(begun(work, event), 'REQUESTED', event.metadata.occurredAt),
    UserErased: settled,

    MoneyDifferenceFound: (work, { data: { account, kind, eventId }, ...event }) =>
      waits({ ...begun(work, event), details: { account, kind, eventId } }, 'OPEN', event.metadata.occurredAt),
    MoneyDifferenceAcknowledged: settled,
  },
};

/** The list of all that waits. */
export const ALL_WORK = 'all';

/** The list of what waits in a status. */
export function listOfWork(kind: WorkKind, status: WorkStatus): string {
  return `${kind}/${status}`;
}

const CONFLICTS: readonly EventType[] = [
  ...(['PayoutResultConflict', 'PayoutConflictAcknowledged'] as const),
  ...(['ChargebackMismatch', 'ChargebackMismatchAcknowledged'] as const),
];

function keyOf(event: RecordedEvent): string | undefined {
  const subject = subjectOf(event);
  return subject && `${subject}_${kindOf(event)}`;
}

function kindOf({ type, stream }: Pick<RecordedEvent, 'type' | 'stream'>): WorkKind {
  if (CONFLICTS.some((conflict) => conflict === type)) return 'conflict';
  if (stream.startsWith('payoutBook-')) return 'payout';
  if (stream.startsWith('message-')) return 'quarantine';
  return stream.startsWith('user-') ? 'erasure' : 'money';
}

const MONEY = 'moneyDifference-';

/** A message's and a payout's events name the people, too. */
function subjectOf({ stream, metadata: { keys } }: Pick<RecordedEvent, 'stream' | 'metadata'>): string | undefined {
  if (stream.startsWith(MONEY)) return stream.slice(MONEY.length);
  return keys.payoutId ?? keys.messageId ?? keys.userId;
}

function begun(work: Work, event: Pick<RecordedEvent, 'type' | 'stream' | 'metadata'>): Work {
  const { keys } = event.metadata;
  return {
    ...work,
    ...{ kind: kindOf(event), subject: subjectOf(event) ?? '' },
    ...{ userId: keys.fanId ?? keys.userId ?? null, creatorId: keys.creatorId ?? null },
  };
}

function waits(work: Work, status: WorkStatus, since: Instant): Work {
  return {
    ...work,
    ...{ status, since, waiting: placeIn(ALL_WORK, since), waitingByKind: placeIn(work.kind, since) },
    waitingByStatus: placeIn(listOfWork(work.kind, status), since),
  };
}

function settled(work: Work): Work {
  return { ...work, waiting: null, waitingByKind: null, waitingByStatus: null };
}
