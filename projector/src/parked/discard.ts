/** Takes events out of a consumer for good, by an event in its stream of discards. Its runners see that and go on without them. */
import { actorIdOf, metadataOf, type Accessor } from '@creator-dashboards/shared/access/record';
import { encode, hashOf } from '@creator-dashboards/shared/events/index';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { discardEvents, discardIn, discardsName, discardsStream } from '@creator-dashboards/shared/feed/discards';
import { eventIdOf } from '@creator-dashboards/shared/ids';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, NewEvent, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import type { WallClock } from '@creator-dashboards/shared/time';
import type { ConsumerCollection, ParkedKey } from './keys.js';

export interface DiscardPorts {
  readonly events: Pick<EventStore, 'append' | 'readStream' | 'readAt'>;
  readonly reads: Pick<ReadStore, 'get'>;
  readonly sealer: Pick<Sealer, 'seal'>;
  readonly clock: WallClock;
}

export interface Discarded {
  readonly consumer: string;
  readonly key: string;
  readonly event: string;
}

/** A parked key whose event is not discarded, and why. */
export type Refused = Pick<ParkedKey, 'consumer' | 'key' | 'event'> & { readonly why: string };

const ATTEMPTS = 10;
/** Events of one append. */
const AT_ONCE = 500;

/**
 * Discards the events that hold these keys, once each whoever else does the same. `consumers`: all there are. Left alone is an event
 * whose retry was asked for, since it may be applied at this moment, and one that another generation of the view has applied, which
 * cannot be undone there. Throws when a stream keeps changing.
 */
export async function discardParked(
  ports: DiscardPorts,
  keys: readonly ParkedKey[],
  consumers: readonly ConsumerCollection[],
  operator: Accessor,
): Promise<{
  readonly discarded: readonly Discarded[];
  readonly refused: readonly Refused[];
  /** Of the newest event that was appended; null where none was. */
  readonly position: Position | null;
}> {
  let position: Position | null = null;
  const refused: Refused[] = [];
  const discarded: Discarded[] = [];
  for (const name of new Set(keys.map(({ consumer }) => discardsName(consumer)))) {
    const known = new Set((await discardEvents(ports.events, name)).map((event) => discardIn(event).eventId));
    const generations = consumers.filter((one) => isView(one) && discardsName(one.name) === name);
    const wanted = new Map<string, Wanted>();
    for (const key of keys.filter(({ consumer }) => discardsName(consumer) === name)) {
      const found = await wantedOf(ports, key, known.has(key.event ?? '') ? [] : generations);
      if ('why' in found) refused.push(found);
      else wanted.set(found.event, found);
    }
    const all = [...wanted.values()].filter(({ event }) => !refused.some((one) => one.event === event));
    for (let at = 0; at < all.length; at += AT_ONCE)
      position = (await append(ports, all.slice(at, at + AT_ONCE), operator)) ?? position;
    discarded.push(...all);
  }
  return { discarded, refused, position };
}

interface Wanted extends Discarded {
  readonly type: string;
  readonly position: string;
}

async function wantedOf(
  { events, reads }: DiscardPorts,
  { consumer, key, event, type, parkedFrom: position, retry }: ParkedKey,
  generations: readonly ConsumerCollection[],
): Promise<Wanted | Refused> {
  if (retry) return { consumer, key, event, why: 'another try was asked for' };
  const there = await events.readAt(BigInt(position));
  if (event === null || type === null || there?.id !== event)
    return { consumer, key, event, why: 'the event that it is parked at is not known: retry it first' };
  for (const { name, collection } of generations) {
    const document = await reads.get<FoldedDocument>(collection, key);
    if (document && completeUpTo(document) >= there.position)
      return {
        consumer,
        key,
        event,
        why: `${name} has applied the event: mend the code that cannot, and retry`,
      };
  }
  return { consumer: discardsName(consumer), key, event, type, position };
}

const isView = ({ collection }: ConsumerCollection) => collection.startsWith('view.');

function completeUpTo({ position, parked, parkedFrom }: FoldedDocument): Position {
  return parked ? BigInt(parkedFrom ?? 0) - 1n : position;
}

/** Appends those of `wanted` that are not discarded yet. Resolves with the place of the last one; null where all were. */
async function append(
  { events, sealer, clock }: DiscardPorts,
  wanted: readonly Wanted[],
  operator: Accessor,
): Promise<Position | null> {
  const [{ consumer } = { consumer: '' }] = wanted;
  const stream = discardsStream(consumer);
  const metadata = { ...(await metadataOf({ sealer, clock }, operator)), keys: {} };
  const by = operator.by === null ? null : await sealer.seal(kinds.operator, actorIdOf(operator), operator.by);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await discardEvents(events, consumer);
    const known = new Set(before.map((event) => discardIn(event).eventId));
    const fresh = wanted.filter(({ event }) => !known.has(event));
    if (fresh.length === 0) return null;
    const last = before.at(-1);
    let [revision, prevHash] = [last ? last.revision : -1n, last ? hashOf(last) : null];
    const batch = fresh.map(({ key, event: eventId, type: eventType, position }): NewEvent => {
      const data = { consumer, eventId, eventType, key, position, by };
      // By what it discards: one command may append more than one batch.
      const id = eventIdOf(metadata.commandId, `${stream}/${eventId}`, 0);
      const event = encode({ type: 'ParkedEventDiscarded', data }, id, { ...metadata, prevHash });
      revision += 1n;
      prevHash = hashOf({ ...event, stream, revision });
      return event;
    });
    const result = await events.append(stream, last ? last.revision : 'no_stream', batch);
    if (result.ok) return result.position;
  }
  throw new Error(`${stream} keeps changing: try again`);
}
