/** Builders of valid events, for tests that do not care about their content. */
import { derivedId, newId } from '@creator-dashboards/shared/ids';
import type { EventMetadata, NewEvent } from '@creator-dashboards/shared/ports';

export function metadata(overrides: Partial<EventMetadata> = {}): EventMetadata {
  const commandId = newId();
  return {
    $correlationId: commandId,
    $causationId: commandId,
    commandId,
    actor: { userId: null, role: 'SYSTEM' },
    reason: null,
    occurredAt: '2026-04-29T10:00:00.000Z',
    schemaVersion: 1,
    prevHash: null,
    keys: {},
    ...overrides,
  };
}

export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  return { id: newId(), type: 'SomethingHappened', data: { n: 1 }, metadata: metadata(), ...overrides };
}

/** `count` events whose data is `{ n: 0 }`, `{ n: 1 }` … and whose ids follow from `seed`, so that they can be made again. */
export function newEvents(count: number, seed: string = newId()): NewEvent[] {
  return Array.from({ length: count }, (_, n) => newEvent({ id: derivedId(seed, String(n)), data: { n } }));
}

/** A stream name that nobody else uses: on a server the log is shared by all tests. */
export function newStream(category = 'thing'): string {
  return `${category}-${newId()}`;
}
