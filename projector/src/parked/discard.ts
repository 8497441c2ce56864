/** Takes events out of a consumer for good, by an event in its stream of discards. Its runners see that and go on without them. */
import { encode, hashOf } from '@creator-dashboards/shared/events/index';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { discardEvents, discardIn, discardsName, discardsStream } from '@creator-dashboards/shared/feed/discards';
import { eventIdOf, newId } from '@creator-dashboards/shared/ids';
import type { EventStore, NewEvent } from '@creator-dashboards/shared/ports';
import type { Sealer } from '@creator-dashboards/shared/seal';
import { toInstant, type WallClock } from '@creator-dashboards/shared/time';
import type { ParkedKey } from './keys.js';

export interface DiscardPorts {
  readonly events: Pick<EventStore, 'append' | 'readStream' | 'readAt'>;
  readonly sealer: Pick<Sealer, 'seal'>;
  readonly clock: WallClock;
}

export interface Discarded {
  readonly consumer: string;
  readonly key: string;
  readonly event: string;
}

/** A parked key whose event is not discarded, and why. */
export type Refused = Pick<ParkedKey, 'consumer' | 'key'> & { readonly why: string };

/** Subject of what is sealed for somebody who acts on the host, without an account. */
const HOST = 'cli';
const ATTEMPTS = 10;
/** Events of one append. */
const AT_ONCE = 500;

/**
 * Discards the events that hold these keys of one consumer, once each whoever else does the same. One whose retry was asked for is
 * left alone: it may be applied at this moment. Throws when the stream keeps changing.
 */
export async function discardParked(
  ports: DiscardPorts,
  keys: readonly ParkedKey[],
  { reason, by }: { readonly reason: string; readonly by: string | null },
): Promise<{ readonly discarded: Discarded[]; readonly refused: Refused[] }> {
  const refused: Refused[] = [];
  const discarded: Discarded[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const wanted: Wanted[] = [];
    for (const key of keys.slice(at, at + AT_ONCE)) {
      const found = await wantedOf(ports, key);
      if ('why' in found) refused.push(found);
      else wanted.push(found);
    }
    if (wanted.length > 0) discarded.push(...(await append(ports, wanted, { reason, by })));
  }
  return { discarded, refused };
}

interface Wanted extends Discarded {
  readonly type: string;
  readonly position: string;
}

async function wantedOf({ events }: DiscardPorts, parked: ParkedKey): Promise<Wanted | Refused> {
  const { consumer, key, event, type, parkedFrom: position, retry } = parked;
  if (retry) return { consumer, key, why: 'another try was asked for' };
  const there = await events.readAt(BigInt(position));
  if (event === null || type === null || there?.id !== event)
    return { consumer, key, why: 'the event that it is parked at is not known: retry it first' };
  return { consumer: discardsName(consumer), key, event, type, position };
}

/** Appends what is not discarded yet; answers all of `wanted`, which then is. */
async function append(
  { events, sealer, clock }: DiscardPorts,
  wanted: readonly Wanted[],
  { reason, by }: { readonly reason: string; readonly by: string | null },
): Promise<Discarded[]> {
  const [{ consumer } = { consumer: '' }] = wanted;
  const stream = discardsStream(consumer);
  const commandId = newId();
  const metadata = {
    $correlationId: commandId,
    $causationId: commandId,
    commandId,
    actor: { userId: HOST, role: 'SYSTEM' },
    reason: await sealer.seal(kinds.reason, HOST, reason),
    occurredAt: toInstant(clock.now()),
    keys: {},
  } as const;
  const operator = by === null ? null : await sealer.seal(kinds.operator, HOST, by);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await discardEvents(events, consumer);
    const known = new Set(before.map((event) => discardIn(event).eventId));
    const fresh = wanted.filter(({ event }) => !known.has(event));
    if (fresh.length === 0) return [...wanted];
    const last = before.at(-1);
    let [revision, prevHash] = [last ? last.revision : -1n, last ? hashOf(last) : null];
    const batch = fresh.map(({ key, event: eventId, type: eventType, position }, index): NewEvent => {
      const data = { consumer, eventId, eventType, key, position, by: operator };
      const id = eventIdOf(commandId, stream, index);
      const event = encode({ type: 'ParkedEventDiscarded', data }, id, { ...metadata, prevHash });
      revision += 1n;
      prevHash = hashOf({ ...event, stream, revision });
      return event;
    });
    const result = await events.append(stream, last ? last.revision : 'no_stream', batch);
    if (result.ok) return [...wanted];
  }
  throw new Error(`${stream} keeps changing: try again`);
}
