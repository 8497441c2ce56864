/** How much group commit gives: 64 concurrent callers against one durable append at a time, both through the port. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import type { EventStore, NewEvent } from '@creator-dashboards/shared/ports';
import { newEvent, newStream } from '@creator-dashboards/shared/testing/events';

const CALLERS = 64;
const SINGLE_APPENDS = 1_000;
const CONCURRENT_APPENDS = 8_000;
const TARGET = 4;

/** Prints events per second of both and returns their ratio. `folder` should be on the disk that will hold the data. */
export async function benchAppend(folder: string = tmpdir()): Promise<number> {
  const place = mkdtempSync(join(folder, 'bench-append-'));
  const store = openEventStore(join(place, 'events.db'));
  try {
    await appendsPerSecond(store, CALLERS, 1_000); // warm up
    const single = await appendsPerSecond(store, 1, SINGLE_APPENDS);
    const concurrent = await appendsPerSecond(store, CALLERS, CONCURRENT_APPENDS);
    const ratio = concurrent / single;
    console.log(
      `append   one at a time ${single.toFixed(0)}/s   ${CALLERS} callers ${concurrent.toFixed(0)}/s   ` +
        `ratio ${ratio.toFixed(1)} (target ${TARGET})`,
    );
    return ratio;
  } finally {
    await store.close();
    rmSync(place, { recursive: true });
  }
}

/** Durable single-event appends, each caller to a stream of its own, each after the one before was acknowledged. */
async function appendsPerSecond(store: EventStore, callers: number, appends: number): Promise<number> {
  const work = Array.from({ length: callers }, () => ({
    stream: newStream('message'),
    events: Array.from({ length: Math.floor(appends / callers) }, () => newEvent({ data: CONTENT })),
  }));
  const began = performance.now();
  await Promise.all(work.map(({ stream, events }) => appendInTurn(store, stream, events)));
  return (work.length * (work[0]?.events.length ?? 0) * 1_000) / (performance.now() - began);
}

async function appendInTurn(store: EventStore, stream: string, events: readonly NewEvent[]): Promise<void> {
  for (const [n, event] of events.entries()) {
    const result = await store.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event]);
    if (!result.ok) throw new Error(`an append to ${stream} met a conflict`);
  }
}

/** About the size of a MessageSent. */
const CONTENT = { messageId: 'm'.repeat(36), price: 1_500, body: 'x'.repeat(300) };
