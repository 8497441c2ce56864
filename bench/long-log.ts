/** What a long log costs whoever appends to it, and the disk. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { createEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { appending } from './appends.js';
import { holds } from './figures.js';
import { fillLog } from './made-log.js';
import { compare } from './pairs.js';

const CALLERS = 64;
const APPENDS = 4_000;
const CREATORS = 1_000;

/** `events` of the long log, a platform's usual ones appended through the port. False where one of the figures is beyond its floor. */
export async function benchLongLog(events = 1_000_000): Promise<boolean> {
  const place = mkdtempSync(join(tmpdir(), 'bench-long-log-'));
  const file = join(place, 'long.db');
  const database = openDatabase(file, { synchronous: 'FULL' });
  const [empty, long] = [
    createEventStore(openDatabase(join(place, 'empty.db'), { synchronous: 'FULL' })),
    createEventStore(database),
  ];
  try {
    await fillLog(long, events, CREATORS);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const payload = database
      .prepare<{ bytes: number; count: number }>(
        'SELECT sum(octet_length(data) + octet_length(metadata) + octet_length(id)) AS bytes, count(*) AS count FROM events',
      )
      .get();
    const { bytes = NaN, count = NaN } = payload ?? {};
    const [base, ours] = [appending(empty, CALLERS, APPENDS), appending(long, CALLERS, APPENDS)];
    for (const warmUp of [base, ours]) await warmUp();
    return [
      holds({
        name: `Bytes on disk per event, of ${events} events, against data, metadata and id`,
        ...{ value: statSync(file).size / bytes, most: 2, goal: 1.2, unit: 'x' },
        beside: `${(statSync(file).size / count).toFixed(0)} of ${(bytes / count).toFixed(0)} bytes`,
      }),
      await compare({
        name: `Durable append, ${CALLERS} callers, after ${events} events, against an empty log`,
        ...{ floor: 0.3, goal: 0.7, base, ours },
      }),
    ].every(Boolean);
  } finally {
    await long.close();
    await empty.close();
    rmSync(place, { recursive: true });
  }
}
