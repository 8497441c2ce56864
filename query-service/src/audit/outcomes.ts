/** What became of an event with a consumer of the log, a view or a policy, as its checkpoint, its parked keys and its discards say. */
import { discardEvents, discardIn } from '@creator-dashboards/shared/feed/discards';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';

export interface Asked {
  /** Name of the consumer's checkpoint; null where there is no such consumer. */
  readonly consumer: string | null;
  /** Where its documents are, or those of its parked keys. */
  readonly collection: string;
  /** Keys that the event may have with it. */
  readonly keys: readonly string[];
  readonly event: RecordedEvent;
}

export interface Outcome {
  /** 'parked': this event parked its key, or is held behind the one that did. 'behind': the consumer has not come to it. */
  readonly state: 'done' | 'parked' | 'discarded' | 'behind' | 'not_started';
  /** Why, in words. */
  readonly detail: string | null;
}

export interface OutcomePorts {
  readonly events: Pick<EventStore, 'readStream'>;
  readonly reads: Pick<ReadStore, 'getMany'>;
}

/** In the order of what was asked. Each collection, and each stream of discards, is read once. */
export async function outcomesOf({ events, reads }: OutcomePorts, all: readonly Asked[]): Promise<Outcome[]> {
  const consumers = [...new Set(all.flatMap(({ consumer }) => consumer ?? []))];
  const checkpoints = await reads.getMany<Checkpoint>(CHECKPOINTS, consumers);
  const discarded = new Map<string, ReadonlySet<string>>();
  for (const consumer of consumers) {
    const discards = await discardEvents(events, consumer);
    discarded.set(consumer, new Set(discards.map((event) => discardIn(event).eventId)));
  }
  const documents = new Map<string, ReadonlyMap<string, FoldedDocument>>();
  for (const [collection, keys] of keysByCollection(all))
    documents.set(collection, await reads.getMany<FoldedDocument>(collection, [...keys]));

  return all.map(({ consumer, collection, keys, event }): Outcome => {
    const checkpoint = consumer === null ? undefined : checkpoints.get(consumer);
    if (consumer === null || !checkpoint) return { state: 'not_started', detail: 'it has no checkpoint' };
    if (discarded.get(consumer)?.has(event.id))
      return { state: 'discarded', detail: 'an operator discarded the event for it' };
    const its = keys.flatMap((key) => documents.get(collection)?.get(key) ?? []);
    const parked = its.find((one) => one.parked && BigInt(one.parkedFrom ?? '0') <= event.position);
    if (parked) return { state: 'parked', detail: whyParked(parked, event) };
    const isBeyond = (position: bigint) => position >= event.position;
    if (isBeyond(checkpoint.position) || its.some(({ position }) => isBeyond(position)))
      return { state: 'done', detail: null };
    return { state: 'behind', detail: `its checkpoint is at position ${checkpoint.position}` };
  });
}

function whyParked({ parkedEvent, parkedError = '' }: FoldedDocument, { id }: RecordedEvent): string {
  return parkedEvent === id
    ? parkedError
    : `held behind event ${parkedEvent ?? ''}, which parked the key: ${parkedError}`;
}

function keysByCollection(all: readonly Asked[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { consumer, collection, keys } of all) {
    if (consumer === null) continue;
    const known = found.get(collection) ?? new Set();
    for (const key of keys) known.add(key);
    found.set(collection, known);
  }
  return found;
}
