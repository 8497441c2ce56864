/** Parked keys by cause: the type of the event and what went wrong, without what differs from event to event. */
import { createHash } from 'node:crypto';
import { fromInstant, type Instant } from '@creator-dashboards/shared/time';
import type { ParkedKey } from './keys.js';

export interface Cause {
  /** Names it on the command line: the same here and on any other log. */
  readonly cause: string;
  readonly type: string | null;
  /** The error without ids, numbers and the event's place. */
  readonly error: string;
  /** How many keys of which consumers. */
  readonly keys: number;
  readonly consumers: Readonly<Record<string, number>>;
  /** Time of the oldest event that parked one; null where none is known. */
  readonly since: Instant | null;
  /** How many are to be tried again. */
  readonly retry: number;
}

/** The cause of one parked key. */
export function causeOf({ type, error }: Pick<ParkedKey, 'type' | 'error'>): Pick<Cause, 'cause' | 'type' | 'error'> {
  const plain = normalised(error);
  const cause = createHash('sha256')
    .update(JSON.stringify([type, plain]))
    .digest('hex')
    .slice(0, 8);
  return { cause, type, error: plain };
}

/** The one with the most keys first. */
export function causesOf(keys: readonly ParkedKey[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const key of keys) {
    const own = causeOf(key);
    const known = causes.get(own.cause) ?? { ...own, keys: 0, consumers: {}, since: null, retry: 0 };
    causes.set(own.cause, {
      ...known,
      keys: known.keys + 1,
      consumers: { ...known.consumers, [key.consumer]: (known.consumers[key.consumer] ?? 0) + 1 },
      since: earlier(known.since, key.since),
      retry: known.retry + (key.retry ? 1 : 0),
    });
  }
  return [...causes.values()].sort((one, other) => other.keys - one.keys || (one.cause < other.cause ? -1 : 1));
}

/** As `decode` and the folds name the place of an event. */
const PLACE = /\w+ at position \d+, revision \d+ of [^\s:]+(?:: )?/g;
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const HASH = /\b[0-9a-f]{16,}\b/gi;
const NUMBER = /-?\d+(?:\.\d+)?/g;

function normalised(error: string): string {
  return error.replace(PLACE, '').replace(ID, '…').replace(HASH, '…').replace(NUMBER, '…').trim();
}

function earlier(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other;
  return fromInstant(one) < fromInstant(other) ? one : other;
}
