/**
 * Events that an operator has discarded, because they can never be applied. They hold for every generation of a view, whether it is
 * fed, rebuilt or folded to be compared, and for a policy or look-up alike: whoever folds reads all of them first, so that the same
 * events are left out from the beginning.
 */
import { decode, type EventNamed } from '../events/index.js';
import type { Fold } from '../fold.js';
import type { EventStore, RecordedEvent } from '../ports.js';

export type Discard = EventNamed<'ParkedEventDiscarded'>['data'];

const PAGE = 1_000;

/** The consumer without its generation: "message.v1-2" is "message", "lookup.users.v3" is "lookup.users". */
export function discardsName(consumer: string): string {
  return consumer.replace(/\.v\d+(-\d+)?$/, '');
}

/** The stream that names what is discarded for a consumer, in any of its generations. */
export function discardsStream(consumer: string): string {
  return `parkedDiscards-${discardsName(consumer)}`;
}

/** What is discarded for a consumer, from the beginning, as it is stored. Throws UnreadableEvent rather than leave one out. */
export async function discardEvents(
  events: Pick<EventStore, 'readStream'>,
  consumer: string,
): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for (;;) {
    const page = await events.readStream(discardsStream(consumer), { from: BigInt(all.length), limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** Ids of the events that are discarded for a consumer. */
async function discardedFor(events: Pick<EventStore, 'readStream'>, consumer: string): Promise<ReadonlySet<string>> {
  return new Set((await discardEvents(events, consumer)).map((event) => discardIn(event).eventId));
}

export function discardIn(event: RecordedEvent): Discard {
  const { type, data } = decode(event);
  if (type !== 'ParkedEventDiscarded') throw new Error(`${type} stands in ${event.stream}`);
  return data;
}

/** The fold of a view that passes over what is discarded for it. */
export async function withoutDiscarded<F extends Fold>(events: Pick<EventStore, 'readStream'>, fold: F): Promise<F> {
  const discarded = await discardedFor(events, fold.name);
  if (discarded.size === 0) return fold;
  return { ...fold, keyOf: (event: RecordedEvent) => (discarded.has(event.id) ? undefined : fold.keyOf(event)) };
}

/** What a running consumer knows to be discarded. */
export interface KnownDiscards {
  /** Reads all of them: before the consumer begins, whoever ran it before. */
  readonly load: () => Promise<void>;
  readonly has: (event: Pick<RecordedEvent, 'id'>) => boolean;
  /** Whether this event of the log discards another one for the consumer. */
  readonly isNamedBy: (event: Pick<RecordedEvent, 'stream'>) => boolean;
  /** Notes what these events of the log discard. Returns whether there was any. */
  readonly learn: (batch: readonly RecordedEvent[]) => boolean;
}

export function knownDiscards(events: Pick<EventStore, 'readStream'>, consumer: string): KnownDiscards {
  const stream = discardsStream(consumer);
  let discarded: ReadonlySet<string> = new Set();
  return {
    async load() {
      discarded = await discardedFor(events, consumer);
    },
    has: ({ id }) => discarded.has(id),
    isNamedBy: (event) => event.stream === stream,
    learn(batch) {
      const news = batch.filter((event) => event.stream === stream).map((event) => discardIn(event).eventId);
      if (news.length > 0) discarded = new Set([...discarded, ...news]);
      return news.length > 0;
    },
  };
}
