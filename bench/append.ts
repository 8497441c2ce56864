/**
 * What group commit gives: 64 callers through the port, beside one caller, and beside a loop that puts the same 64 appends into one
 * transaction by hand, on the same file with the same statements, and acknowledges nobody.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch } from '@creator-dashboards/shared/adapters/encode-batch';
import { openDatabase, type SqlDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { prepareWrites } from '@creator-dashboards/shared/adapters/sqlite/event-log';
import { createEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { appending, callersOf } from './appends.js';
import { compare, measured, type Measured } from './pairs.js';

const CALLERS = 64;
const SINGLE_APPENDS = 500;
const TOGETHER = 4_000;

/** False where one of the ratios is under its floor. `folder` should be on the disk that will hold the data. */
export async function benchAppend(folder: string = tmpdir()): Promise<boolean> {
  const place = mkdtempSync(join(folder, 'bench-append-'));
  const database = openDatabase(join(place, 'events.db'), { synchronous: 'FULL' });
  const store = createEventStore(database);
  const [one, many] = [appending(store, 1, SINGLE_APPENDS), appending(store, CALLERS, TOGETHER)];
  const byHand = batching(database);
  try {
    for (const warmUp of [many, one, byHand]) await warmUp();
    return [
      await compare({
        ...{ name: `Durable append, ${CALLERS} callers, against one caller`, floor: 4, goal: 8 },
        ...{ base: one, ours: many },
      }),
      await compare({
        name: `Durable append, ${CALLERS} callers, against ${CALLERS} appends in one transaction by hand`,
        ...{ floor: 0.6, goal: 0.9, base: byHand, ours: many },
      }),
    ].every(Boolean);
  } finally {
    await store.close();
    rmSync(place, { recursive: true });
  }
}

/** One append of each caller in a transaction, then the next of each in another. */
function batching(database: SqlDatabase): () => Promise<Measured> {
  const write = prepareWrites(database);
  return () => {
    const work = callersOf(CALLERS, TOGETHER);
    const rounds = work[0]?.events.length ?? 0;
    return measured(async () => {
      for (let n = 0; n < rounds; n += 1)
        database.immediate(() => {
          for (const { stream, events } of work)
            if (!write(stream, BigInt(n - 1), encodeBatch(stream, events.slice(n, n + 1))).ok)
              throw new Error(`an append to ${stream} met a conflict`);
        });
      return { count: rounds * CALLERS, digest: '' };
    });
  };
}
