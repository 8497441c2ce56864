/** All that gives events a meaning: the views, the look-ups, the states that commands are decided on, and what feeds leave out. */
import { bioLinkClicks } from '@creator-dashboards/command-service/domain/bio-link-clicks';
import { bioPage } from '@creator-dashboards/command-service/domain/bio-page';
import { block } from '@creator-dashboards/command-service/domain/block';
import { checkout } from '@creator-dashboards/command-service/domain/checkout';
import { conversation } from '@creator-dashboards/command-service/domain/conversation';
import { creator } from '@creator-dashboards/command-service/domain/creator/creator';
import { creatorWallet } from '@creator-dashboards/command-service/domain/creator-wallet';
import { fanWallet } from '@creator-dashboards/command-service/domain/fan-wallet';
import { message } from '@creator-dashboards/command-service/domain/message';
import { moneyDifference } from '@creator-dashboards/command-service/domain/money-difference';
import { payoutBook } from '@creator-dashboards/command-service/domain/payout-book';
import { killSwitch, platformConfig } from '@creator-dashboards/command-service/domain/platform-config';
import { pointer } from '@creator-dashboards/command-service/domain/pointer';
import { referral } from '@creator-dashboards/command-service/domain/referral';
import { referralClicks } from '@creator-dashboards/command-service/domain/referral-clicks';
import { referralLink } from '@creator-dashboards/command-service/domain/referral-link';
import { referralReward } from '@creator-dashboards/command-service/domain/referral-reward';
import { reservation } from '@creator-dashboards/command-service/domain/reservation';
import { user } from '@creator-dashboards/command-service/domain/user';
import { features } from '@creator-dashboards/command-service/features/features';
import { unfinishedReservations } from '@creator-dashboards/command-service/lookups/unfinished-reservations';
import { categoryOf, decode, type Recorded } from '@creator-dashboards/shared/events/index';
import { discardIn } from '@creator-dashboards/shared/feed/discards';
import { applyTo, concerns, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { views } from '@creator-dashboards/shared/views/registry';
import type { View } from '@creator-dashboards/shared/views/view';

export interface Reader {
  /** "view.message", "lookup.vacations", "decider.user", "feed.discards". */
  readonly name: string;
  readonly version: number;
  /** What its documents or its state start as. */
  readonly initial: object;
  /** Event types that it has a handler for; not known of deciders. */
  readonly handles: readonly string[];
  /** Of which document or state the event is; undefined where it is of none. */
  keyOf(event: RecordedEvent): string | undefined;
  /** The document or state after one more event. */
  after(before: object, event: RecordedEvent): object;
}

function foldReader(kind: string, fold: Fold): Reader {
  return {
    name: `${kind}.${fold.name}`,
    version: fold.version,
    initial: fold.initial,
    handles: Object.keys(fold.handlers),
    keyOf: (event) => (concerns(fold, event) ? fold.keyOf(event) : undefined),
    after(before, event) {
      const document = applyTo(fold, 'any', before as FoldedDocument, event);
      const { _id, position: _position, lastEvent: _lastEvent, ...content } = document;
      return content;
    },
  };
}

export function viewReader(view: View): Reader {
  return foldReader('view', view);
}

/** Of a decider, whatever its commands and its state. */
interface Evolving {
  readonly category: string;
  readonly snapshotVersion: number;
  readonly initial: object;
  evolve(state: object, event: Recorded): object;
}

/** `categories`: of its streams, where these are others than its own. */
function deciderReader(decider: object, categories?: readonly string[]): Reader {
  const { category, snapshotVersion, initial, evolve } = decider as Evolving;
  return {
    name: `decider.${category}`,
    version: snapshotVersion,
    initial,
    handles: [],
    keyOf: ({ stream }) => ((categories ?? [category]).includes(categoryOf(stream)) ? stream : undefined),
    after: (before, event) => evolve(before, decode(event)),
  };
}

/** What every feed leaves out: ids of events, each with the key it held. */
const discards: Reader = {
  name: 'feed.discards',
  version: 1,
  initial: {},
  handles: [],
  keyOf: ({ stream }) => (categoryOf(stream) === 'parkedDiscards' ? stream : undefined),
  after(before, event) {
    const { eventId, key } = discardIn(event);
    return { ...before, [eventId]: key };
  },
};

const lookups = [unfinishedReservations, ...features.flatMap((feature) => feature.lookups)];
const deciders = [
  ...[bioLinkClicks, bioPage, block, checkout, conversation, creator, creatorWallet, fanWallet, killSwitch, message],
  ...[moneyDifference, payoutBook, platformConfig, referral, referralClicks, referralLink, referralReward, user],
];

export const readers: readonly Reader[] = [
  ...Object.values(views).map(viewReader),
  ...lookups.map((lookup) => foldReader('lookup', lookup)),
  ...deciders.map((decider) => deciderReader(decider)),
  deciderReader(pointer, ['kycSession', 'stripeAccount']),
  deciderReader(reservation, ['email', 'name', 'socialAccount']),
  discards,
];
