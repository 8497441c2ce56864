/**
 * The money that is under way for one message, payout or load, by the ledger; key: its id. Once that is over its accounts must be
 * empty, as soon as the policy that owes the movement has seen the end.
 */
import type { DifferenceKind } from '@creator-dashboards/shared/events/money';
import { categoryOf, type EventType, type Recorded } from '@creator-dashboards/shared/events/index';
import type { Content, Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import { postingsOf } from '@creator-dashboards/shared/ledger/postings';
import type { Cents } from '@creator-dashboards/shared/money';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { faultless, settles, sortable, withFaults, type Faulty } from './faults.js';

/** What is left of an account, with the event since which somebody owes its emptying. */
export interface MoneyFlow extends FoldedDocument, Faulty {
  /** By the kind of account; without those that are empty. */
  readonly balances: Readonly<Partial<Record<FlowKind, Cents>>>;
  /** Who owes what is left once this flow is over: a policy, or SENDER for a hold that came after its message was closed. */
  readonly closedBy: string | null;
  /** The same while something is left, to search by. */
  readonly owedBy: string | null;
  /** Position (as `sortable`), id and time of the event since which it is owed. */
  readonly owedFrom: string | null;
  readonly owedEvent: string | null;
  readonly owedAt: Instant | null;
}

type Flow = Content<MoneyFlow>;

const KINDS = ['escrow', 'released', 'load', 'payout', 'chargeback'] as const;
type FlowKind = (typeof KINDS)[number];

/** A send gives back what it holds for a message that was closed meanwhile; what died on the way is undone by the clock. */
export const SENDER = 'sender';

/** Which policy empties the accounts of a flow that ends with this event; null where the event itself does. */
export const owedAfter = {
  MessageReplied: 'complete-replied',
  MessageRejected: 'refund-unanswered',
  MessageExpired: 'refund-unanswered',
  QuarantineUpheld: 'refund-unanswered',
  QuarantineExpired: 'refund-unanswered',
  MessageAbandoned: 'give-back-abandoned',
  MessageChargedBack: 'chargeback-money',
  CheckoutCompleted: 'funds',
  CheckoutChargedBack: 'chargeback-money',
  PayoutFailed: 'payout-return',
  PayoutProcessed: null,
} as const satisfies Partial<Record<EventType, string | null>>;

const MOVEMENTS = [
  ...(['FundsLoaded', 'EscrowHeld', 'EscrowVoided', 'EscrowRefunded', 'EscrowReleased'] as const),
  ...(['EscrowChargedBack', 'ChargebackDebited', 'EarningsCredited', 'EarningsReversed'] as const),
  ...(['PayoutDebited', 'PayoutReturned', 'MessageCompleted'] as const),
] as const satisfies readonly EventType[];

export const moneyFlows: Fold<MoneyFlow> = {
  name: 'moneyFlows',
  version: 1,
  categories: ['fanWallet', 'creatorWallet', 'checkout', 'message', 'payoutBook'],
  takesUnknown: true,
  keyOf: (event) => event.metadata.keys.messageId ?? event.metadata.keys.payoutId ?? namedBy(event),
  initial: {
    ...{ balances: {}, closedBy: null, owedBy: null, owedFrom: null, owedEvent: null, owedAt: null },
    ...faultless,
  },
  handlers: {
    ...Object.fromEntries([...MOVEMENTS, ...Object.keys(owedAfter)].map((type) => [type, moved])),
    MessageReplyReverted: (flow) => ({ ...flow, closedBy: null, owedBy: null, owedFrom: null }),
  },
  indexes: ['fault', 'owedBy', 'owedFrom'],
};

/** Wallets name what they move for in their data alone. What cannot be read is parked by its stream. */
function namedBy(event: RecordedEvent): string {
  if (categoryOf(event.stream) === 'checkout') return event.stream.slice('checkout-'.length);
  try {
    const { messageId, payoutId, sessionId } = event.data;
    const id = [messageId, payoutId, sessionId].find((each) => typeof each === 'string');
    return typeof id === 'string' ? id : event.stream;
  } catch {
    return event.stream;
  }
}

function moved(flow: Flow, event: Recorded): Flow {
  const balances = { ...flow.balances };
  let next = flow;
  for (const { account, change } of postingsOf(event)) {
    const kind = KINDS.find((each) => account.startsWith(`${each}-`));
    if (!kind) continue;
    const balance = (balances[kind] ?? 0) + change;
    const isOverdrawn = kind === 'chargeback' ? balance > 0 : balance < 0;
    if (isOverdrawn) next = withFaults(next, event, account, ['OVERDRAWN']);
    if (balance === 0 || isOverdrawn) delete balances[kind];
    else balances[kind] = balance;
  }
  return withFaults(owing({ ...next, balances }, event), event, accountIn(event), kindsIn(event, balances));
}

/** Settlements of wallets are looked at in their wallets. */
function kindsIn(event: Recorded, balances: Flow['balances']): DifferenceKind[] {
  const isOfMessage = categoryOf(event.stream) === 'message';
  if (isOfMessage && !settles(event)) return ['SETTLEMENT'];
  return event.type === 'PayoutProcessed' && balances.payout !== undefined ? ['OWED'] : [];
}

const accountIn = (event: Recorded) =>
  event.type === 'PayoutProcessed' ? `payout-${event.data.payoutId}` : event.stream;

/** Who owes what is left, after this event. */
function owing(flow: Flow, event: Recorded): Flow {
  const ends = Object.hasOwn(owedAfter, event.type);
  const closedBy = ends ? owedAfter[event.type as keyof typeof owedAfter] : flow.closedBy;
  if (closedBy === null || Object.keys(flow.balances).length === 0)
    return { ...flow, closedBy, owedBy: null, owedFrom: null, owedEvent: null, owedAt: null };
  if (!ends && flow.owedBy !== null) return flow;
  const since = { owedFrom: sortable(event.position), owedEvent: event.id, owedAt: event.metadata.occurredAt };
  return { ...flow, closedBy, owedBy: ends ? closedBy : SENDER, ...since };
}

/** The accounts of a flow that are not empty. */
export function openAccountsOf({ _id, balances }: Pick<MoneyFlow, '_id' | 'balances'>): string[] {
  return Object.keys(balances).map((kind) => `${kind}-${_id}`);
}
