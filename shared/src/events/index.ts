/** Every event of the system: what it looks like now, how it is written, and how any stored form is read. */
import { createHash } from 'node:crypto';
import type { ZodError } from 'zod';
import { canonical } from '../canonical.js';
import type { EventMetadata, JsonObject, NewEvent, Position, RecordedEvent, Revision } from '../ports.js';
import { accessEvents, type AccessEvent } from './access.js';
import { configEvents, type ConfigEvent } from './config.js';
import {
  bioLinkClicksEvents,
  bioPageEvents,
  creatorEvents,
  type BioLinkClicksEvent,
  type BioPageEvent,
  type CreatorEvent,
} from './creator.js';
import type { EventDefinition } from './define.js';
import { integrityCheckEvents, integrityEvents, type IntegrityCheckEvent, type IntegrityEvent } from './integrity.js';
import { conversationEvents, messageEvents, type ConversationEvent, type MessageEvent } from './message.js';
import { moneyDifferenceEvents, type MoneyDifferenceEvent } from './money.js';
import { parkedEvents, type ParkedEvent } from './parked.js';
import { payoutEvents, type PayoutEvent } from './payout.js';
import {
  referralClicksEvents,
  referralEvents,
  referralLinkEvents,
  referralRewardEvents,
  type ReferralClicksEvent,
  type ReferralEvent,
  type ReferralLinkEvent,
  type ReferralRewardEvent,
} from './referral.js';
import {
  blockEvents,
  pointerEvents,
  reservationEvents,
  userEvents,
  type BlockEvent,
  type PointerEvent,
  type ReservationEvent,
  type UserEvent,
} from './user.js';
import {
  checkoutEvents,
  creatorWalletEvents,
  fanWalletEvents,
  type CheckoutEvent,
  type CreatorWalletEvent,
  type FanWalletEvent,
} from './wallet.js';

export type DomainEvent =
  | UserEvent
  | BlockEvent
  | ReservationEvent
  | PointerEvent
  | CreatorEvent
  | BioPageEvent
  | BioLinkClicksEvent
  | MessageEvent
  | ConversationEvent
  | FanWalletEvent
  | CreatorWalletEvent
  | CheckoutEvent
  | PayoutEvent
  | ReferralLinkEvent
  | ReferralRewardEvent
  | ReferralEvent
  | ReferralClicksEvent
  | ConfigEvent
  | ParkedEvent
  | AccessEvent
  | MoneyDifferenceEvent
  | IntegrityEvent
  | IntegrityCheckEvent;
export type EventType = DomainEvent['type'];
export type EventNamed<T extends EventType> = Extract<DomainEvent, { type: T }>;

/** An event read from the log: in its current form, with its place and metadata. */
export type Recorded<E extends DomainEvent = DomainEvent> = E & {
  readonly id: string;
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  readonly metadata: EventMetadata;
};

export const definitions: Readonly<Record<EventType, EventDefinition>> = {
  ...userEvents,
  ...blockEvents,
  ...reservationEvents,
  ...pointerEvents,
  ...creatorEvents,
  ...bioPageEvents,
  ...bioLinkClicksEvents,
  ...messageEvents,
  ...conversationEvents,
  ...fanWalletEvents,
  ...creatorWalletEvents,
  ...checkoutEvents,
  ...payoutEvents,
  ...referralLinkEvents,
  ...referralRewardEvents,
  ...referralEvents,
  ...referralClicksEvents,
  ...configEvents,
  ...parkedEvents,
  ...accessEvents,
  ...moneyDifferenceEvents,
  ...integrityEvents,
  ...integrityCheckEvents,
};

/** An event in the log that no definition can read. A consumer parks its key or stops; none may skip it. */
export class UnreadableEvent extends Error {}

/** An event ready to append. Throws UnreadableEvent on data that its schema rejects: a bug is caught before it becomes history. */
export function encode(event: DomainEvent, id: string, metadata: Omit<EventMetadata, 'schemaVersion'>): NewEvent {
  const definition = definitions[event.type];
  const parsed = definition.schema.safeParse(event.data);
  if (!parsed.success) throw new UnreadableEvent(`${event.type} does not fit its schema: ${parsed.error.message}`);
  return {
    id,
    type: event.type,
    data: event.data as JsonObject,
    metadata: { ...metadata, schemaVersion: definition.version },
  };
}

/** Upcasts and parses a stored event; seals stay closed. Throws UnreadableEvent. */
export function decode(stored: RecordedEvent): Recorded {
  const definition = Object.hasOwn(definitions, stored.type) ? definitions[stored.type as EventType] : undefined;
  if (!definition) throw new UnreadableEvent(`unknown event type ${placeOf(stored)}`);
  const { schemaVersion } = stored.metadata;
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > definition.version)
    throw new UnreadableEvent(`${placeOf(stored)} has unknown version ${schemaVersion}`);
  const data = definition.upcasters.slice(schemaVersion - 1).reduce((old, upcast) => upcast(old), stored.data);
  const parsed = definition.schema.safeParse(data);
  if (!parsed.success) throw new UnreadableEvent(`${placeOf(stored)}: ${faultOf(parsed.error)}`);
  return {
    type: stored.type,
    data: parsed.data,
    id: stored.id,
    stream: stored.stream,
    revision: stored.revision,
    position: stored.position,
    metadata: stored.metadata,
  } as Recorded;
}

function placeOf({ type, position, revision, stream }: RecordedEvent): string {
  return `${type} at position ${position}, revision ${revision} of ${stream}`;
}

/** The first fault, with its field. */
function faultOf({ issues: [first] }: ZodError): string {
  return first ? `${first.path.join('.') || 'data'}: ${first.message}` : 'unreadable';
}

/** The category of a stream: the part of its name before the first dash. */
export function categoryOf(stream: string): string {
  const dash = stream.indexOf('-');
  return dash < 0 ? stream : stream.slice(0, dash);
}

/** Hash of a stored event, the `prevHash` of the next one in its stream. */
export function hashOf(event: NewEvent & { stream: string; revision: Revision }): string {
  const { snapshot: _, ...metadata } = event.metadata; // a snapshot is a cache, not history
  const parts = [event.stream, event.revision.toString(), event.id, event.type, event.data, metadata];
  return createHash('sha256').update(canonical(parts)).digest('hex');
}
