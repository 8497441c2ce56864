/**
 * Histories given event by event, for tests of folds:
 *
 *   const creator = onStream(`creator-${creatorId}`, { userId, creatorId });
 *   documentAfter(creatorDashboard, userId, [creator('CreatorUpgraded', { … }), creator('CreatorDeleted', { … })]);
 */
import {
  encode,
  hashOf,
  type DomainEvent,
  type EventNamed,
  type EventType,
} from '@creator-dashboards/shared/events/index';
import { foldAll, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import { derivedId } from '@creator-dashboards/shared/ids';
import type { Position, RecordedEvent, RoutingKeys, Sealed } from '@creator-dashboards/shared/ports';
import { plus, SECOND, type Instant } from '@creator-dashboards/shared/time';
import { metadata } from './events.js';

/** An event and the stream it belongs to; `history` makes it a recorded one. */
export interface GivenEvent {
  readonly stream: string;
  readonly keys: RoutingKeys;
  readonly event: DomainEvent;
  readonly at?: Instant;
}

/** A function that tells events of one stream. `at` is when it happened, by default a second after the event before. */
export function onStream(stream: string, keys: RoutingKeys) {
  return <T extends EventType>(type: T, data: EventNamed<T>['data'], at?: Instant): GivenEvent => ({
    stream,
    keys,
    event: { type, data } as DomainEvent, // The same union, member by member.
    at,
  });
}

const BEGINNING = '2026-01-01T00:00:00.000Z';
const STEP = 10n;

/** A log of these events: schema-checked, chained, positions 10, 20, 30 … (increasing and not dense, as the port says). */
export function history(given: readonly GivenEvent[], { after = 0n }: { after?: Position } = {}): RecordedEvent[] {
  const newest = new Map<string, RecordedEvent>();
  let at = plus(BEGINNING, (Number(after) * SECOND) / Number(STEP));
  return given.map((entry, index) => {
    at = entry.at ?? plus(at, SECOND);
    const position = after + STEP * BigInt(index + 1);
    const before = newest.get(entry.stream);
    const meta = metadata({ keys: entry.keys, occurredAt: at, prevHash: before ? hashOf(before) : null });
    const recorded: RecordedEvent = {
      ...encode(entry.event, derivedId('history', entry.stream, position.toString()), meta),
      stream: entry.stream,
      revision: before ? before.revision + 1n : 0n,
      position,
    };
    newest.set(entry.stream, recorded);
    return recorded;
  });
}

/** All documents a fold makes of these events, by key. */
export function documentsAfter<D extends FoldedDocument>(fold: Fold<D>, given: readonly GivenEvent[]): Map<string, D> {
  return foldAll(fold, history(given));
}

/** The one document a fold makes of these events. Throws when there is none. */
export function documentAfter<D extends FoldedDocument>(fold: Fold<D>, key: string, given: readonly GivenEvent[]): D {
  const document = documentsAfter(fold, given).get(key);
  if (!document) throw new Error(`${fold.name} made no document ${key}`);
  return document;
}

/** A value that looks sealed. No key opens it; equal values give equal seals. */
export function sealedValue<T>(subject: string, value: T): Sealed<T> {
  const ciphertext = Buffer.from(JSON.stringify(value)).toString('base64');
  return { subject, keyId: '0123456789abcdef', nonce: 'AAAAAAAAAAAAAAAA', ciphertext, tag: `${'A'.repeat(22)}==` };
}
