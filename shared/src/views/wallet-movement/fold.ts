/** Each movement of a wallet's balance, a fan's or a creator's. A hold that goes on to somebody else was debited before. */
import type { Content } from '../../fold.js';
import { toCents } from '../../money.js';
import type { EventMetadata, RecordedEvent } from '../../ports.js';
import { placeIn } from '../list.js';
import type { MovementType, Reference, WalletMovementDocument, WalletType } from './document.js';
import type { View } from '../view.js';

type Movement = Content<WalletMovementDocument>;

interface Moving {
  readonly id: string;
  readonly stream: string;
  readonly metadata: EventMetadata;
  readonly data: { readonly before: string; readonly after: string };
}

export const walletMovement: View<WalletMovementDocument> = {
  name: 'walletMovement',
  version: 1,
  partition: 'streamSuffix',
  categories: ['fanWallet', 'creatorWallet'],
  keyOf,
  indexes: ['moved', 'movedByType'],
  // Each document has one event, which sets all of it.
  initial: {
    eventId: '',
    wallet: '',
    type: 'CREDIT',
    before: 0,
    after: 0,
    reference: { type: 'ADJUSTMENT', id: null },
    createdAt: '',
    moved: null,
    movedByType: null,
  },
  handlers: {
    FundsLoaded: (_, event) => moved(event, 'CREDIT', { type: 'STRIPE_CHECKOUT', id: event.data.sessionId }),
    EscrowHeld: (_, event) => moved(event, 'DEBIT', ofMessage(event.data)),
    EscrowVoided: (_, event) => moved(event, 'CREDIT', ofMessage(event.data)),
    EscrowRefunded: (_, event) => moved(event, 'CREDIT', ofMessage(event.data)),
    ChargebackDebited: (_, event) => moved(event, 'CHARGEBACK', chargedBack(event.data)),
    EarningsCredited: (_, event) => moved(event, 'CREDIT', ofMessage(event.data)),
    EarningsReversed: (_, event) => moved(event, 'CHARGEBACK', ofMessage(event.data)),
    PayoutDebited: (_, event) => moved(event, 'PAYOUT', { type: 'PAYOUT', id: event.data.payoutId }),
    PayoutReturned: (_, event) => moved(event, 'CREDIT', { type: 'PAYOUT', id: event.data.payoutId }),
    WalletAdjusted: (_, event) => moved(event, event.data.direction, { type: 'ADJUSTMENT', id: null }),
    WalletForfeited: (_, event) => moved(event, 'EXPIRY', { type: 'ERASURE', id: null }),
    WalletWrittenOff: (_, event) => moved(event, 'EXPIRY', { type: 'ERASURE', id: null }),
  },
};

/** The list of a wallet's movements: all, or those of a type. */
export function listOfWallet(userId: string, wallet: WalletType, type?: MovementType): string {
  return [userId, wallet, ...(type === undefined ? [] : [type])].join('/');
}

/** By owner, wallet and revision: movements of one moment keep their order. It ends as its stream does (partition). */
function keyOf({ stream, revision, metadata: { keys } }: RecordedEvent): string | undefined {
  if (keys.userId === undefined) return undefined;
  return `${keys.userId}_${walletIn(stream)}-${String(revision).padStart(10, '0')}-${keys.userId.slice(-2)}`;
}

function walletIn(stream: string): WalletType {
  return stream.startsWith('creatorWallet-') ? 'CREATOR' : 'FAN';
}

function moved({ id, stream, metadata, data }: Moving, type: MovementType, reference: Reference): Movement {
  const { occurredAt: createdAt, keys } = metadata;
  const [before, after] = [toCents(data.before), toCents(data.after)];
  const place = (kind?: MovementType) =>
    before === after ? null : placeIn(listOfWallet(keys.userId ?? '', walletIn(stream), kind), createdAt);
  return {
    ...{ eventId: id, wallet: stream, type, before, after, reference, createdAt },
    ...{ moved: place(), movedByType: place(type) },
  };
}

function ofMessage({ messageId }: { readonly messageId: string }): Reference {
  return { type: 'MESSAGE', id: messageId };
}

/** One of the two is named. */
function chargedBack(of: { readonly messageId: string | null; readonly sessionId: string | null }): Reference {
  return of.messageId === null
    ? { type: 'STRIPE_CHECKOUT', id: of.sessionId ?? '' }
    : { type: 'MESSAGE', id: of.messageId };
}
