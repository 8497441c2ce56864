/** Durable appends of one event, as many callers at a time as told, each after the one before was acknowledged. */
import type { EventStore, NewEvent } from '@creator-dashboards/shared/ports';
import { newEvent, newStream } from '@creator-dashboards/shared/testing/events';
import { measured, type Measured } from './pairs.js';

/** About the size of a MessageSent. */
export const CONTENT = { messageId: 'm'.repeat(36), price: 1_500, body: 'x'.repeat(300) };

/** A caller appends to a stream of its own, which begins with its first event. */
export interface Caller {
  readonly stream: string;
  readonly events: readonly NewEvent[];
}

/** So many appends, for so many callers; made before anything is measured. */
export function callersOf(callers: number, appends: number): Caller[] {
  return Array.from({ length: callers }, () => ({
    stream: newStream('message'),
    events: Array.from({ length: Math.ceil(appends / callers) }, () => newEvent({ data: CONTENT })),
  }));
}

/** Measures `appends` appends by so many callers. */
export function appending(store: EventStore, callers: number, appends: number): () => Promise<Measured> {
  return () => {
    const work = callersOf(callers, appends);
    return measured(async () => {
      await Promise.all(work.map((caller) => appendInTurn(store, caller)));
      return { count: work.reduce((sum, { events }) => sum + events.length, 0), digest: '' };
    });
  };
}

async function appendInTurn(store: EventStore, { stream, events }: Caller): Promise<void> {
  for (const [n, event] of events.entries()) {
    const result = await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event]);
    if (!result.ok) throw new Error(`an append to ${stream} met a conflict`);
  }
}
