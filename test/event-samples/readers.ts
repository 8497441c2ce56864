/** All that gives events a meaning: the views, the look-ups, the states that commands are decided on, and what feeds leave out. */
import { deciders, type AnyDecider } from '@creator-dashboards/command-service/domain/deciders';
import { features } from '@creator-dashboards/command-service/features/features';
import { unfinishedReservations } from '@creator-dashboards/command-service/lookups/unfinished-reservations';
import { categoryOf, decode } from '@creator-dashboards/shared/events/index';
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

function deciderReader(decider: AnyDecider): Reader {
  const { category, snapshotVersion, initial, evolve } = decider;
  return {
    name: `decider.${category}`,
    version: snapshotVersion,
    initial,
    handles: [],
    keyOf: ({ stream }) => (deciders.get(categoryOf(stream)) === decider ? stream : undefined),
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
export const readers: readonly Reader[] = [
  ...Object.values(views).map(viewReader),
  ...lookups.map((lookup) => foldReader('lookup', lookup)),
  ...[...new Set(deciders.values())].map(deciderReader),
  discards,
];
