/**
 * The ledger: what each event of the system means as double-entry postings. Every event type is in this table or in the list of
 * those that are not money, so that a new one that nobody has thought about does not compile.
 */
import type { EventNamed, EventType, Recorded } from '../events/index.js';
import { toCents, type Cents } from '../money.js';
import { notMoney } from './not-money.js';
import {
  ADJUSTMENTS,
  chargebackOf,
  clearingOf,
  COMMISSION,
  escrowOf,
  FORFEITS,
  loadOf,
  PROVIDER,
  releasedOf,
} from './accounts.js';

/** The change of one account's balance. */
export interface Posting {
  readonly account: string;
  readonly change: Cents;
}

type Booking<T extends EventType> = (event: Recorded<EventNamed<T>>) => readonly Posting[];

/** Of this amount from one account to another. */
function move(amount: string, from: string, to: string): readonly Posting[] {
  const change = toCents(amount);
  return [
    { account: from, change: -change },
    { account: to, change },
  ];
}

/** Every event type: how it is booked, or null where it moves nothing. */
const bookings: { readonly [T in EventType]: Booking<T> | null } = {
  ...nothingFor(notMoney),

  CheckoutCompleted: ({ data }) => move(data.amount, PROVIDER, loadOf(data.sessionId)),
  /** The card holder has the money; whoever has it here loses it by a later event. */
  CheckoutChargedBack: ({ data }) => move(data.amount, chargebackOf(data.sessionId), PROVIDER),
  FundsLoaded: ({ data, stream }) => move(data.amount, loadOf(data.sessionId), stream),

  EscrowHeld: ({ data, stream }) => move(data.amount, stream, escrowOf(data.messageId)),
  EscrowVoided: ({ data, stream }) => move(data.amount, escrowOf(data.messageId), stream),
  EscrowRefunded: ({ data, stream }) => move(data.amount, escrowOf(data.messageId), stream),
  EscrowReleased: ({ data }) => move(data.amount, escrowOf(data.messageId), releasedOf(data.messageId)),
  EscrowChargedBack: ({ data }) => move(data.amount, escrowOf(data.messageId), chargebackOf(data.messageId)),
  MessageChargedBack: ({ data, metadata }) => move(data.gross, chargebackOf(metadata.keys.messageId ?? ''), PROVIDER),
  ChargebackDebited: ({ data, stream }) =>
    move(data.amount, stream, chargebackOf(data.messageId ?? data.sessionId ?? '')),

  EarningsCredited: ({ data, stream }) => [
    { account: releasedOf(data.messageId), change: -toCents(data.gross) },
    { account: stream, change: toCents(data.net) },
    { account: COMMISSION, change: toCents(data.commission) },
  ],
  EarningsReversed: ({ data, stream }) => [
    { account: stream, change: -toCents(data.net) },
    { account: COMMISSION, change: -toCents(data.commission) },
    { account: chargebackOf(data.messageId), change: toCents(data.gross) },
  ],

  PayoutDebited: ({ data, stream }) => move(data.amount, stream, clearingOf(data.payoutId)),
  PayoutReturned: ({ data, stream }) => move(data.amount, clearingOf(data.payoutId), stream),
  PayoutProcessed: ({ data }) => move(data.amount, clearingOf(data.payoutId), PROVIDER),

  WalletAdjusted: ({ data: { amount, direction }, stream }) =>
    direction === 'CREDIT' ? move(amount, ADJUSTMENTS, stream) : move(amount, stream, ADJUSTMENTS),
  WalletForfeited: ({ data, stream }) => move(data.amount, stream, FORFEITS),
  WalletWrittenOff: ({ data, stream }) => move(data.amount, FORFEITS, stream),
};

function nothingFor<T extends EventType>(types: readonly T[]): Readonly<Record<T, null>> {
  return Object.fromEntries(types.map((type) => [type, null])) as Record<T, null>; // each of them
}

/**
 * The postings of one event, in cents; their sum is zero, except where a settlement's parts are not its gross. None for an event that
 * moves nothing. Throws RangeError on an amount that is none.
 */
export function postingsOf(event: Recorded): readonly Posting[] {
  const book = bookings[event.type] as Booking<EventType> | null; // the entry of this very type
  return book ? book(event).filter(({ change }) => change !== 0) : [];
}

/** Whether events of this type are booked. */
export function movesMoney(type: EventType): boolean {
  return bookings[type] !== null;
}

/** What an event does to one account. */
export function changeOf(account: string, event: Recorded): Cents {
  return postingsOf(event).reduce((sum, posting) => (posting.account === account ? sum + posting.change : sum), 0);
}

/** The balances after these events, by account; those that are zero are left out. */
export function balancesAfter(events: Iterable<Recorded>): Map<string, Cents> {
  const balances = new Map<string, Cents>();
  for (const event of events)
    for (const { account, change } of postingsOf(event)) {
      const balance = (balances.get(account) ?? 0) + change;
      if (balance === 0) balances.delete(account);
      else balances.set(account, balance);
    }
  return balances;
}
