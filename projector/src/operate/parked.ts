/** What operators decide about parked keys: another try, or to go on without the event. */
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { Refused } from '@creator-dashboards/shared/errors';
import type { EventStore, Position } from '@creator-dashboards/shared/ports';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { causeOf } from '../parked/causes.js';
import { discardParked, type Discarded, type Refused as Left } from '../parked/discard.js';
import { consumersIn, markForRetry, parkedKeys, type ConsumerCollection, type ParkedKey } from '../parked/keys.js';
import { recordAction, type OperatePorts } from './action.js';

/** The parked keys of one cause, one key, or all; of one consumer where it is named. */
export interface Choice {
  readonly consumer?: string | undefined;
  readonly key?: string | undefined;
  readonly cause?: string | undefined;
}

export interface ParkedPorts extends OperatePorts {
  readonly views: ViewRegistry;
}

export interface Chosen {
  readonly choice: Choice;
  readonly consumers: readonly ConsumerCollection[];
  readonly keys: readonly ParkedKey[];
}

/** Throws Refused (404) for a consumer that there is not. */
export async function chosenBy({ reads, views }: ParkedPorts, choice: Choice): Promise<Chosen> {
  const { consumer, key, cause } = choice;
  const consumers = await consumersIn(reads, views);
  const asked = consumer === undefined ? consumers : consumers.filter(({ name }) => name === consumer);
  if (consumer !== undefined && asked.length === 0) throw new Refused('admin.projection.unknown');
  const keys = (await parkedKeys(reads, asked)).filter(
    (parked) => (key === undefined || parked.key === key) && (cause === undefined || causeOf(parked).cause === cause),
  );
  return { choice, consumers, keys };
}

export interface Marked {
  readonly consumer: string;
  readonly key: string;
}

/** Asks their runners for another try. Throws Refused (404) where nothing is chosen. */
export async function retry(
  ports: ParkedPorts,
  { choice, consumers, keys }: Chosen,
  operator: Accessor,
): Promise<{ readonly position: Position; readonly marked: readonly Marked[] }> {
  const position = await recorded(ports, 'RETRY', choice, keys, operator);
  const marked: Marked[] = [];
  for (const consumer of consumers) {
    const only = new Set(keys.flatMap((one) => (one.consumer === consumer.name ? [one.key] : [])));
    const now = only.size > 0 ? await markForRetry(ports.reads, consumer, only) : [];
    marked.push(...now.map((key) => ({ consumer: consumer.name, key })));
  }
  return { position, marked };
}

/** Lets them go on without the event that each is parked at. Throws Refused (404) where nothing is chosen. */
export async function discard(
  ports: ParkedPorts & {
    readonly events: Pick<EventStore, 'append' | 'readStream' | 'readAt'>;
  },
  { choice, consumers, keys }: Chosen,
  operator: Accessor,
): Promise<{
  readonly position: Position;
  readonly discarded: readonly Discarded[];
  readonly refused: readonly Left[];
}> {
  const recordedAt = await recorded(ports, 'DISCARD', choice, keys, operator);
  const { position, ...done } = await discardParked(ports, keys, consumers, operator);
  return { position: position ?? recordedAt, ...done };
}

async function recorded(
  ports: OperatePorts,
  action: 'RETRY' | 'DISCARD',
  { consumer, key, cause }: Choice,
  keys: readonly ParkedKey[],
  operator: Accessor,
): Promise<Position> {
  if (keys.length === 0) throw new Refused('admin.projection.not_parked');
  const details = { ...(key !== undefined && { key }), ...(cause !== undefined && { cause }), keys: keys.length };
  return (await recordAction(ports, operator, { action, target: consumer ?? null, details })).position;
}
