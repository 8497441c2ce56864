/** How a stored event is shown to an auditor: as it is in the log, readable or not, with every seal closed. */
import { decode, hashOf } from '@creator-dashboards/shared/events/index';
import { DamagedEvent } from '@creator-dashboards/shared/store-errors';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { z } from 'zod';

export interface ShownEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: string;
  readonly position: string;
  /** Whether our definitions can read it; a broken event is shown as it is. */
  readonly readable: boolean;
  readonly data: unknown;
  /** Without the snapshot, which is a cache, not history. */
  readonly metadata: unknown;
}

/** A shown event in an answer. */
export const shownEventSchema = z.strictObject({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.string(),
  position: z.string(),
  readable: z.boolean(),
  data: z.unknown(),
  metadata: z.unknown(),
});

/** A seal, or what is left of a damaged one. */
export type SealLike = Partial<Record<'subject', unknown>>;

/** What stands in place of a seal. */
export const closedSeal = ({ subject }: SealLike) => ({
  sealed: true,
  subject: typeof subject === 'string' ? subject : null,
});

/** `inData`, `inMetadata`: what to show in place of each seal there, in the order in which they are met. */
export function showEvent(
  event: RecordedEvent,
  inData: (seal: SealLike) => unknown = closedSeal,
  inMetadata: (seal: SealLike) => unknown = closedSeal,
): ShownEvent {
  const { snapshot: _, ...metadata } = ifReadable(() => event.metadata) ?? {};
  return {
    id: event.id,
    type: event.type,
    stream: event.stream,
    revision: event.revision.toString(),
    position: event.position.toString(),
    readable: isReadable(event),
    data: closed(
      ifReadable(() => event.data),
      inData,
    ),
    metadata: closed(metadata, inMetadata),
  };
}

/** Null for bytes that are no JSON any more. */
export function ifReadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DamagedEvent) return null;
    throw error;
  }
}

function isReadable(event: RecordedEvent): boolean {
  try {
    decode(event);
    return true;
  } catch {
    return false;
  }
}

const MAX_DEPTH = 32;

/** The value with `{ sealed: true, subject }`, or what `show` gives, in place of every seal, even a damaged one; cut off where it is nested too deeply. */
export function closed(value: unknown, show: (seal: SealLike) => unknown = closedSeal, depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (depth === MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => closed(item, show, depth + 1));
  if (isSealLike(value)) return show(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, closed(item, show, depth + 1)]));
}

function isSealLike(value: object): value is SealLike {
  return Object.hasOwn(value, 'ciphertext') || (Object.hasOwn(value, 'nonce') && Object.hasOwn(value, 'tag'));
}

/**
 * Revision of the first event that lacks the hash of the one before it, or that follows a gap; null if there is none. `before` is the
 * event before the first of `events`, null at the start of the stream.
 */
export function brokenLink(before: RecordedEvent | null, events: readonly RecordedEvent[]): string | null {
  let previous = before;
  for (const event of events) {
    if (!follows(previous, event)) return event.revision.toString();
    previous = event;
  }
  return null;
}

function follows(previous: RecordedEvent | null, event: RecordedEvent): boolean {
  const prevHash = (ifReadable(() => event.metadata) as Partial<RecordedEvent['metadata']> | null)?.prevHash;
  if (!previous) return event.revision === 0n && prevHash === null;
  try {
    return event.revision === previous.revision + 1n && prevHash === hashOf(previous);
  } catch {
    return false; // its metadata is too broken to be hashed
  }
}
